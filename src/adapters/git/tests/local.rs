//! Without a remote the ledger lies in the repository itself.

use super::world::*;
use crate::ports::{Batch, Ledger, TagResult};

async fn alone() -> World {
    let world = World::new();
    world.clone_full("clone");
    world.git("clone", &["remote", "remove", "origin"]);
    let ledger = world.ledger("clone").await;
    let head = world.id("clone", "HEAD");
    let order = create("deploy/production/1", &head);
    let batch = Batch { tags: vec![order], ..on_commit(&head, "one") };
    let tags = write(&ledger, &batch).await;
    assert_eq!(tags, [("deploy/production/1".to_owned(), TagResult::Created)]);
    write(&ledger, &on_commit(&head, "two")).await;
    world
}

#[tokio::test]
async fn without_a_remote_notes_and_tags_are_in_the_repository() {
    let world = alone().await;
    let notes = world.git("clone", &["notes", "--ref=lastgood/production", "show", "HEAD"]);
    assert_eq!(notes, "one\ntwo");
    assert_eq!(world.git("clone", &["tag", "-l"]), "deploy/production/1");
    let ledger = world.ledger("clone").await;
    assert!(ledger.location().starts_with("the repository itself, `"), "{}", ledger.location());
    assert_eq!(texts(&read(&ledger).await), ["one", "two"]);
    assert_eq!(ledger.environments().await.unwrap(), [production()]);
    assert_eq!(world.git("clone", &["status", "--porcelain"]), "");
}

#[tokio::test]
async fn two_that_write_without_a_remote_meet_in_the_repository() {
    let world = alone().await;
    let (first, second) = (world.ledger("clone").await, world.ledger("clone").await);
    let image = read(&first).await;
    write(&second, &on_anchor("theirs")).await;
    let shelf = crate::ports::Shelf::Live;
    let moved = first.write(&production(), shelf, &image, &on_anchor("ours")).await.unwrap();
    assert!(matches!(moved, crate::ports::Written::Moved));
    assert_eq!(texts(&read(&first).await), ["one", "theirs", "two"]);
}

#[tokio::test]
async fn the_first_write_to_a_remote_joins_what_was_written_without_one() {
    let world = alone().await;
    write(&world.ledger("seed").await, &on_anchor("remote")).await;
    world.git("clone", &["remote", "add", "origin", &world.url()]);
    let ledger = world.ledger("clone").await;
    assert_eq!(texts(&read(&ledger).await), ["one", "remote", "two"]);
    assert_eq!(texts(&read(&world.ledger("seed").await).await), ["remote"], "not by reading");
    write(&ledger, &on_anchor("three")).await;
    let all = ["one", "remote", "three", "two"];
    assert_eq!(texts(&read(&world.ledger("seed").await).await), all);
    assert_eq!(world.git("clone", &["for-each-ref", "refs/lastgood"]), "");
    let again = world.ledger("clone").await;
    assert_eq!(texts(&read(&again).await), all);
    assert_eq!(texts(&read(&ledger).await), all, "nor twice in one process");
    let head = world.id("clone", "HEAD");
    assert_eq!(world.plain_note("production", head.as_str()), "one\ntwo");
}

#[tokio::test]
async fn a_repository_with_its_refs_in_tables_serves_as_well() {
    let world = World::new();
    let init = ["init", "-q", "-b", "main", "--ref-format=reftable", "tables"];
    // A git that knows no such repositories cannot be given one either.
    if !std::process::Command::new("git")
        .args(init)
        .current_dir(world.folder.path())
        .status()
        .unwrap()
        .success()
    {
        return;
    }
    let head = world.commit("tables", "one");
    let ledger = world.ledger("tables").await;
    let order = create("deploy/production/1", &head);
    let tags = write(&ledger, &Batch { tags: vec![order], ..on_commit(&head, "a") }).await;
    assert_eq!(tags, [("deploy/production/1".to_owned(), TagResult::Created)]);
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}
