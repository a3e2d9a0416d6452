//! Lines arrive on the remote, each once, whoever else writes.

use super::world::*;
use crate::domain::names::Commit;
use crate::ports::{Batch, Ledger, Place, Shelf, Written};

const ANCHOR: &str = "the blob that `lastgood production` and a line end make";

fn anchor(world: &World) -> String {
    std::fs::write(world.path("anchor"), "lastgood production\n").unwrap();
    world.git(".", &["hash-object", "anchor"])
}

#[tokio::test]
async fn a_written_line_is_a_note_that_plain_git_shows() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    let head = world.id("clone", "HEAD");
    assert!(write(&ledger, &on_commit(&head, "{\"id\":1}")).await.is_empty());
    write(&ledger, &on_commit(&head, "{\"id\":2}")).await;
    assert_eq!(world.plain_note("production", head.as_str()), "{\"id\":1}\n{\"id\":2}");
    let log = world.git("remote.git", &["log", "--notes=lastgood/*", "-1", "main"]);
    assert!(log.contains("Notes (lastgood/production):\n    {\"id\":1}\n    {\"id\":2}"), "{log}");
    let author = world
        .git("remote.git", &["log", "-1", "--format=%an %ce %s", "refs/notes/lastgood/production"]);
    assert_eq!(author, "lastgood lastgood@localhost a line");
    assert_eq!(
        world.git("remote.git", &["rev-list", "--count", "refs/notes/lastgood/production"]),
        "2"
    );
}

#[tokio::test]
async fn a_line_about_no_commit_of_the_repository_lies_on_the_anchor() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    write(&ledger, &on_anchor("a")).await;
    let foreign = Commit::new("1234567890123456789012345678901234567890").unwrap();
    write(&ledger, &on_commit(&foreign, "b")).await;
    let image = read(&ledger).await;
    assert!(image.lines.iter().all(|line| line.note == anchor(&world)), "{ANCHOR}: {image:?}");
    assert_eq!(texts(&image), ["a", "b"]);
}

#[tokio::test]
async fn a_commit_that_only_the_remote_has_gets_its_note_and_its_tag() {
    let world = World::new();
    let old = world.id("seed", "HEAD~1");
    for shallow in ["first", "second"] {
        world.clone_shallow(shallow);
        let ledger = world.ledger(shallow).await;
        let name = format!("deploy/production/{shallow}");
        let batch = Batch { tags: vec![create(&name, &old)], ..on_commit(&old, shallow) };
        let tags = write(&ledger, &batch).await;
        assert_eq!(tags, [(name.clone(), crate::ports::TagResult::Created)]);
        assert_eq!(world.id("remote.git", &format!("{name}^{{commit}}")), old);
    }
    assert_eq!(world.plain_note("production", old.as_str()), "first\nsecond");
}

#[tokio::test]
async fn lines_stay_on_the_note_they_are_told_to_when_they_are_archived() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    let head = world.id("clone", "HEAD");
    write(&ledger, &on_commit(&head, "old")).await;
    write(&ledger, &on_commit(&head, "new")).await;
    let live = read(&ledger).await;
    let old = live.lines.iter().find(|line| line.text == "old").unwrap().clone();
    let archive = ledger.read(&production(), Shelf::Archive).await.unwrap();
    let add = vec![(Place::Note(old.note.clone()), old.text.clone())];
    for _ in 0..2 {
        let archiving = Batch { add: add.clone(), ..Batch::default() };
        let archive = ledger.read(&production(), Shelf::Archive).await.unwrap();
        let written = ledger.write(&production(), Shelf::Archive, &archive, &archiving).await;
        assert!(matches!(written.unwrap(), Written::Accepted(_)));
    }
    assert_eq!(archive.revision, None);
    let archive = ledger.read(&production(), Shelf::Archive).await.unwrap();
    assert_eq!(archive.lines, std::slice::from_ref(&old), "a repeated archiving adds nothing");
    let pruned = Batch { remove: vec![old], ..on_anchor("pruned") };
    write(&ledger, &pruned).await;
    assert_eq!(texts(&read(&ledger).await), ["new", "pruned"]);
    assert_eq!(ledger.environments().await.unwrap(), [production()]);
}

#[tokio::test]
async fn a_ref_that_moved_since_it_was_read_takes_nothing() {
    let world = World::new();
    world.clone_full("clone");
    let (ledger, other) = (world.ledger("clone").await, world.ledger("clone").await);
    let nothing = read(&ledger).await;
    write(&other, &on_anchor("theirs")).await;
    let first = ledger.write(&production(), Shelf::Live, &nothing, &on_anchor("ours")).await;
    assert!(matches!(first.unwrap(), Written::Moved));
    let image = read(&ledger).await;
    write(&other, &on_anchor("theirs too")).await;
    let second = ledger.write(&production(), Shelf::Live, &image, &on_anchor("ours")).await;
    assert!(matches!(second.unwrap(), Written::Moved));
    assert_eq!(texts(&read(&ledger).await), ["theirs", "theirs too"]);
    write(&ledger, &on_anchor("ours")).await;
    assert_eq!(texts(&read(&other).await), ["ours", "theirs", "theirs too"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_that_write_at_once_every_line_survives() {
    let world = std::sync::Arc::new(World::new());
    world.clone_shallow("clone");
    let writers = (0..8).map(|number| {
        let world = std::sync::Arc::clone(&world);
        tokio::spawn(async move {
            let ledger = world.ledger("clone").await;
            let head = world.id("clone", "HEAD");
            let mine = format!("line {number}");
            for _ in 0..100 {
                let name = format!("deploy/production/{number}");
                let batch = Batch { tags: vec![create(&name, &head)], ..on_commit(&head, &mine) };
                match write_once(&ledger, &batch).await {
                    Written::Accepted(_) => return,
                    Written::Moved => {}
                    Written::Lost(why) | Written::Refused(why) => {
                        panic!("{why} {:?}", why.causes())
                    }
                }
            }
            panic!("too many were in the way");
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let image = read(&world.ledger("clone").await).await;
    let all: Vec<String> = (0..8).map(|number| format!("line {number}")).collect();
    assert_eq!(texts(&image), all);
    assert_eq!(world.git("remote.git", &["tag", "-l", "deploy/*"]).lines().count(), 8);
    world.git("remote.git", &["fsck", "--strict"]);
}

#[tokio::test]
async fn a_clone_is_left_as_it_was() {
    let world = World::new();
    world.clone_full("full");
    world.clone_shallow("shallow");
    let mut number = 0;
    for repo in ["full", "shallow"] {
        world.git(repo, &["notes", "--ref=lastgood/production", "add", "-m", "foreign"]);
        world.git(repo, &["status"]);
        let before = world.untouched(repo);
        let ledger = world.ledger(repo).await;
        for _ in 0..2 {
            number += 1;
            let head = world.id(repo, "HEAD");
            let name = format!("deploy/production/{number}");
            let tags = vec![create(&name, &head)];
            write(&ledger, &Batch { tags, ..on_commit(&head, &number.to_string()) }).await;
        }
        assert_eq!(world.untouched(repo), before, "{repo}");
        assert_eq!(read(&ledger).await.lines.len(), number, "foreign notes are not read");
    }
    assert_eq!(world.git("shallow", &["rev-list", "--count", "HEAD"]), "1");
    assert!(world.path("shallow/.git/shallow").exists());
    assert!(!world.path("full/.git/shallow").exists());
}

#[tokio::test]
async fn without_any_clone_a_url_is_enough() {
    let world = World::new();
    let ledger =
        crate::adapters::git::GitLedger::connect(world.settings_without_clone()).await.unwrap();
    let head = world.id("seed", "HEAD");
    let batch = Batch { tags: vec![create("deploy/production/1", &head)], ..on_commit(&head, "a") };
    let tags = write(&ledger, &batch).await;
    assert_eq!(tags, [("deploy/production/1".to_owned(), crate::ports::TagResult::Created)]);
    assert_eq!(world.plain_note("production", head.as_str()), "a");
}
