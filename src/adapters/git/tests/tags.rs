//! Tags are made once, never moved, removed only as meant.

use super::world::*;
use crate::domain::names::Commit;
use crate::ports::{Batch, Ledger, TagOrder, TagResult};

const NAME: &str = "stable/production/1";

fn results(tags: &[(String, TagResult)]) -> Vec<&TagResult> {
    tags.iter().map(|(_, result)| result).collect()
}

#[tokio::test]
async fn the_same_order_makes_the_same_object_wherever_it_is_made() {
    let world = World::new();
    world.clone_full("clone");
    world.clone_shallow("shallow");
    let order = create(NAME, &world.id("clone", "HEAD"));
    let (first, second) = (world.ledger("clone").await, world.ledger("shallow").await);
    assert_eq!(
        results(&first.tag(std::slice::from_ref(&order)).await.unwrap()),
        [&TagResult::Created]
    );
    assert_eq!(
        results(&first.tag(std::slice::from_ref(&order)).await.unwrap()),
        [&TagResult::Exists]
    );
    assert_eq!(
        results(&second.tag(std::slice::from_ref(&order)).await.unwrap()),
        [&TagResult::Exists]
    );
    let with_ledger = Batch { tags: vec![order], ..on_anchor("a") };
    assert_eq!(results(&write(&second, &with_ledger).await), [&TagResult::Exists]);
    let tag = world.git("remote.git", &["cat-file", "tag", NAME]);
    let head = world.id("clone", "HEAD");
    let expected = format!(
        "object {head}\ntype commit\ntag {NAME}\n\
         tagger lastgood <lastgood@localhost> 1767323045 +0000\n\n\
         deployed app 1.0\n\n{{\"n\":1}}"
    );
    assert_eq!(tag, expected);
    world.git("remote.git", &["fsck", "--strict"]);
}

#[tokio::test]
async fn a_name_that_is_taken_is_never_moved() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    world.git("remote.git", &["tag", NAME, "main~1"]);
    let there = world.id("remote.git", NAME);
    let order = create(NAME, &world.id("clone", "HEAD"));
    let batch = Batch { tags: vec![order.clone()], ..on_anchor("a") };
    assert_eq!(results(&write(&ledger, &batch).await), [&TagResult::Conflict]);
    assert_eq!(results(&ledger.tag(&[order]).await.unwrap()), [&TagResult::Conflict]);
    assert_eq!(world.id("remote.git", NAME), there);
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}

#[tokio::test]
async fn no_such_commit_gives_no_tag_and_holds_up_nothing() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    let foreign = Commit::new("1234567890123456789012345678901234567890").unwrap();
    let orders = vec![create("a", &foreign), create("b", &world.id("clone", "HEAD"))];
    let batch = Batch { tags: orders, ..on_anchor("a") };
    let tags = write(&ledger, &batch).await;
    assert_eq!(results(&tags), [&TagResult::None, &TagResult::Created]);
}

#[tokio::test]
async fn a_tag_is_removed_only_while_it_is_the_object_that_was_meant() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    let head = world.id("clone", "HEAD");
    ledger.tag(&[create(NAME, &head), create("other", &head)]).await.unwrap();
    let found = ledger.tags("stable/").await.unwrap();
    let [tag] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((tag.name.as_str(), tag.target.as_deref()), (NAME, Some(head.as_str())));
    let remove = |object: &str| TagOrder::Remove { name: NAME.into(), object: object.into() };
    let wrong = ledger.tag(&[remove(head.as_str())]).await.unwrap();
    assert_eq!(results(&wrong), [&TagResult::Conflict]);
    let orders = vec![remove(&tag.object), create("new", &head)];
    let batch = Batch { tags: orders.clone(), ..on_anchor("a") };
    assert_eq!(results(&write(&ledger, &batch).await), [&TagResult::Removed, &TagResult::Created]);
    assert_eq!(ledger.tags(NAME).await.unwrap(), []);
    let again = Batch { tags: orders, ..on_anchor("b") };
    assert_eq!(results(&write(&ledger, &again).await), [&TagResult::Removed, &TagResult::Exists]);
}

#[tokio::test]
async fn tags_are_listed_by_their_very_prefix() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    for name in ["deploy/a/1", "deploy/a/2", "deploy/ab/1", "x/deploy/a/3"] {
        world.git("remote.git", &["tag", name, "main"]);
    }
    let found = ledger.tags("deploy/a/").await.unwrap();
    let names: Vec<&str> = found.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["deploy/a/1", "deploy/a/2"]);
    assert_eq!(found[0].target.as_deref(), Some(world.id("seed", "main").as_str()));
    assert_eq!(ledger.tags("deploy/*/").await.unwrap(), []);
}

#[tokio::test]
async fn a_tag_drags_neither_tree_nor_history_along_when_the_branch_has_gone_on() {
    let world = World::new();
    world.clone_shallow("shallow");
    world.clone_full("full");
    world.commit("seed", "three");
    world.git("seed", &["push", "-q", "origin", "main"]);
    write(&world.ledger("full").await, &on_anchor("first")).await;
    // A server that keeps the packs it gets shows what was sent, also what it had before.
    world.git("remote.git", &["config", "receive.unpackLimit", "1"]);
    for repo in ["shallow", "full"] {
        let before = packed(&world);
        let head = world.id(repo, "HEAD");
        let name = format!("deploy/production/{repo}");
        let batch = Batch { tags: vec![create(&name, &head)], ..on_commit(&head, repo) };
        assert_eq!(results(&write(&world.ledger(repo).await, &batch).await), [&TagResult::Created]);
        let new = packed(&world) - before;
        // The note, its tree, the ledger's commit and the tag; and the tree that the new one is
        // kept as a difference to.
        assert!(new <= 5, "{repo}: {new} objects were sent");
    }
}

fn packed(world: &World) -> usize {
    let told = world.git("remote.git", &["count-objects", "-v"]);
    let count = told.lines().find_map(|line| line.strip_prefix("in-pack: "));
    count.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_commit_that_was_not_pushed_yet_goes_with_its_tag() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    write(&ledger, &on_anchor("a")).await;
    let new = world.commit("clone", "unpushed");
    let batch = Batch { tags: vec![create(NAME, &new)], ..on_commit(&new, "b") };
    assert_eq!(results(&write(&ledger, &batch).await), [&TagResult::Created]);
    assert_eq!(world.id("remote.git", &format!("{NAME}^{{commit}}")), new);
    world.git("remote.git", &["fsck", "--strict"]);
}
