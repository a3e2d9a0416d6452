//! What a tag of the remote says, without dragging anything along.

use super::world::*;
use crate::ports::{Ledger, TagThere};

const NAME: &str = "deploy/production/1";

#[tokio::test]
async fn the_very_same_object_is_told_without_being_fetched() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    let order = create(NAME, &world.id("clone", "HEAD"));
    let orders = [order, create("deploy/production/12", &world.id("clone", "HEAD"))];
    assert_eq!(ledger.compare(&orders).await.unwrap(), [TagThere::Absent, TagThere::Absent]);
    ledger.tag(&orders[1..]).await.unwrap();
    assert_eq!(ledger.compare(&orders).await.unwrap(), [TagThere::Absent, TagThere::Same]);
    ledger.tag(&orders).await.unwrap();
    assert_eq!(ledger.compare(&orders).await.unwrap(), [TagThere::Same, TagThere::Same]);
    assert!(ledger.compare(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn another_tag_is_read_and_one_that_is_no_annotated_one_says_nothing() {
    let world = World::new();
    world.clone_shallow("clone");
    let head = world.id("seed", "main");
    let order = create(NAME, &head);
    let ledger = world.ledger("clone").await;
    world.git("remote.git", &["tag", "-a", "-m", "deploy\n\n{\"n\":2}", NAME, "main~1"]);
    let target = Some(world.id("remote.git", "main~1").to_string());
    let message = Some("deploy\n\n{\"n\":2}\n".to_owned());
    let there = ledger.compare(std::slice::from_ref(&order)).await.unwrap();
    assert_eq!(there, [TagThere::Other { target, message }]);
    world.git("remote.git", &["tag", "-f", NAME, "main"]);
    let there = ledger.compare(&[order]).await.unwrap();
    let target = Some(head.to_string());
    assert_eq!(there, [TagThere::Other { target, message: None }]);
}
