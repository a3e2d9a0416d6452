//! What stands against a write is told as what it is.

use super::world::*;
use crate::adapters::git::{GitLedger, RemoteChoice, Settings};
use crate::error::{Error, Kind};
use crate::ports::{Batch, Ledger, Shelf, TagResult, Written};

const NAME: &str = "deploy/production/1";

async fn refusal(settings: Settings) -> Error {
    match GitLedger::connect(settings).await {
        Ok(ledger) => panic!("connected to {}", ledger.location()),
        Err(error) => error,
    }
}

fn tagged(world: &World) -> Batch {
    let head = world.id("clone", "HEAD");
    Batch { tags: vec![create(NAME, &head)], ..on_commit(&head, "a") }
}

#[tokio::test]
async fn where_only_the_tag_is_refused_the_ledger_arrives_and_the_cause_is_told() {
    let world = World::new();
    world.clone_shallow("clone");
    world.hook("update", "case $1 in refs/tags/*) echo 'no tags on Fridays' >&2; exit 1;; esac");
    let ledger = world.ledger("clone").await;
    let tags = write(&ledger, &tagged(&world)).await;
    let [(name, TagResult::Refused(why))] = tags.as_slice() else { panic!("{tags:?}") };
    assert_eq!(name, NAME);
    assert!(why.contains("hook declined") && why.contains("no tags on Fridays"), "{why}");
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}

#[tokio::test]
async fn where_the_ledger_is_refused_nothing_arrives_and_it_is_said_who_may_help() {
    let world = World::new();
    world.clone_full("clone");
    world.hook(
        "pre-receive",
        "while read o n r; do case $r in refs/notes/*) echo no >&2; exit 1;; esac; done",
    );
    let ledger = world.ledger("clone").await;
    let Written::Refused(error) = write_once(&ledger, &tagged(&world)).await else { panic!() };
    assert_eq!((error.kind(), error.reason()), (Kind::Refused, "not_permitted"));
    assert!(error.message().ends_with("refuses to take the ledger of `production`"), "{error}");
    assert!(error.causes()[0].contains("pre-receive hook declined"), "{:?}", error.causes());
    assert!(error.hints()[0].contains("refs/notes/lastgood/production"));
    assert!(read(&ledger).await.lines.is_empty());
    assert_eq!(world.git("remote.git", &["tag", "-l"]), "");
}

#[tokio::test]
async fn a_server_without_atomic_push_gets_the_ledger_first_and_then_the_tag() {
    let world = World::new();
    world.clone_full("clone");
    world.git("remote.git", &["config", "receive.advertiseAtomic", "false"]);
    world.hook("post-receive", "cat >> order");
    let ledger = world.ledger("clone").await;
    let tags = write(&ledger, &tagged(&world)).await;
    assert_eq!(tags, [(NAME.to_owned(), TagResult::Created)]);
    let order = std::fs::read_to_string(world.path("remote.git/order")).unwrap();
    let order: Vec<&str> = order.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(order, ["refs/notes/lastgood/production", "refs/tags/deploy/production/1"]);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_after_the_write_is_found_to_be_a_yes() {
    let world = World::new();
    world.clone_full("clone");
    world.hook("reference-transaction", "[ $1 = committed ] && kill -9 $PPID; cat > /dev/null");
    let ledger = world.ledger("clone").await;
    let tags = write(&ledger, &tagged(&world)).await;
    assert_eq!(tags, [(NAME.to_owned(), TagResult::Exists)]);
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_before_the_write_is_lost() {
    let world = World::new();
    world.clone_full("clone");
    world.hook("pre-receive", "kill -9 $PPID");
    let ledger = world.ledger("clone").await;
    let Written::Lost(error) = write_once(&ledger, &tagged(&world)).await else { panic!() };
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(read(&ledger).await.lines.is_empty());
}

#[tokio::test]
async fn a_write_whose_fate_cannot_be_found_out_is_lost() {
    let world = World::new();
    world.clone_full("clone");
    let away = world.path("away.git");
    let remote = world.path("remote.git");
    let go = format!("mv {} {}; kill -9 $PPID", remote.display(), away.display());
    world.hook(
        "reference-transaction",
        &format!("[ $1 = committed ] && {{ {go}; }}; cat > /dev/null"),
    );
    let ledger = world.ledger("clone").await;
    let Written::Lost(error) = write_once(&ledger, &on_anchor("a")).await else { panic!() };
    assert_eq!(error.kind(), Kind::Unreachable);
    std::fs::rename(away, remote).unwrap();
    assert_eq!(texts(&read(&ledger).await), ["a"], "it had arrived all the same");
}

#[tokio::test]
async fn a_remote_that_is_away_is_unreachable_and_absence_is_not_guessed() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    let image = read(&ledger).await;
    std::fs::rename(world.path("remote.git"), world.path("away.git")).unwrap();
    let error = ledger.read(&production(), Shelf::Live).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    let write = ledger.write(&production(), Shelf::Live, &image, &on_anchor("a")).await;
    assert_eq!(write.unwrap_err().kind(), Kind::Unreachable, "nothing was done");
    assert_eq!(ledger.environments().await.unwrap_err().kind(), Kind::Unreachable);
    assert_eq!(ledger.tags("stable/").await.unwrap_err().kind(), Kind::Unreachable);
}

#[tokio::test]
async fn an_environment_that_differs_only_by_case_is_refused() {
    let world = World::new();
    world.clone_full("clone");
    let ledger = world.ledger("clone").await;
    write(&ledger, &on_anchor("a")).await;
    let other = env("Production");
    let image = ledger.read(&other, Shelf::Live).await.unwrap();
    let written = ledger.write(&other, Shelf::Live, &image, &on_anchor("b")).await.unwrap();
    let Written::Refused(error) = written else { panic!("{written:?}") };
    assert_eq!(error.kind(), Kind::Invalid);
    assert_eq!(error.hints(), ["write it `production`"]);
}

#[tokio::test]
async fn a_ref_that_stands_in_the_way_is_named() {
    let world = World::new();
    world.clone_full("clone");
    world.git("remote.git", &["update-ref", "refs/notes/lastgood", "main"]);
    let written = write_once(&world.ledger("clone").await, &on_anchor("a")).await;
    let Written::Refused(error) = written else { panic!("{written:?}") };
    assert!(error.message().starts_with("`refs/notes/lastgood` stands in the way"), "{error}");
}

#[tokio::test]
async fn no_repository_is_a_usage_mistake_that_names_the_ways_out() {
    let world = World::new();
    std::fs::create_dir(world.path("empty")).unwrap();
    let error = refusal(world.settings("empty")).await;
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.message().ends_with("is not in a git repository"), "{error}");
    let given = Settings { remote: RemoteChoice::Given(world.url()), ..world.settings("empty") };
    assert!(GitLedger::connect(given).await.is_ok());
}

#[tokio::test]
async fn an_unknown_remote_is_answered_with_those_there_are() {
    let world = World::new();
    world.clone_full("clone");
    let remote = RemoteChoice::Given("orgin".into());
    let error = refusal(Settings { remote, ..world.settings("clone") }).await;
    assert_eq!(error.kind(), Kind::Invalid);
    assert_eq!(error.hints(), ["remotes here: `origin`"]);
    world.git("clone", &["remote", "rename", "origin", "a"]);
    assert!(GitLedger::connect(world.settings("clone")).await.is_ok(), "it is the only one");
    world.git("clone", &["remote", "add", "b", "/b"]);
    let error = refusal(world.settings("clone")).await;
    assert!(error.message().contains("not clear which remote"), "{error}");
}

#[tokio::test]
async fn a_missing_git_and_an_old_one_are_told_apart() {
    let world = World::new();
    world.clone_full("clone");
    let missing = Settings { program: "lastgood-no-git".into(), ..world.settings("clone") };
    let error = refusal(missing).await;
    assert!(error.message().contains("could not be run"), "{error}");
    world.script(
        "old/git",
        "[ $1 = version ] && { echo git version 2.33.9; exit; }; exec git \"$@\"",
    );
    let old = Settings { program: world.path("old/git").into(), ..world.settings("clone") };
    let error = refusal(old).await;
    assert_eq!(error.message(), "git 2.33 is too old");
    assert_eq!(error.hints(), ["install git 2.34 or newer"]);
}

#[tokio::test]
async fn a_repository_of_the_other_object_format_is_refused() {
    let world = World::new();
    world.git(".", &["init", "-q", "--object-format=sha256", "new"]);
    let error = refusal(world.settings("new")).await;
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.message().ends_with("names its objects by sha256"), "{error}");
}
