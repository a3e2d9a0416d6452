//! Every line is read wherever it lies; foreign ones survive.

use super::world::*;
use crate::adapters::git::{GitLedger, RemoteChoice, Settings, UserRepository};
use crate::ports::{Ledger, Shelf, Source};

const NOTE: &str = "abcdef0123456789abcdef0123456789abcdef01";

/// Makes a ledger on the remote from paths and contents, with no tool of ours.
fn plant(world: &World, files: &[(&str, &[u8])]) {
    for (path, bytes) in files {
        std::fs::write(world.path("planted"), bytes).unwrap();
        let blob = world.git("remote.git", &["hash-object", "-w", "../planted"]);
        let entry = format!("100644,{blob},{path}");
        world.git("remote.git", &["update-index", "--add", "--cacheinfo", &entry]);
    }
    let tree = world.git("remote.git", &["write-tree"]);
    let commit = world.git("remote.git", &["commit-tree", "-m", "planted", &tree]);
    world.git("remote.git", &["update-ref", "refs/notes/lastgood/production", &commit]);
}

#[tokio::test]
async fn notes_are_read_flat_fanned_out_and_in_both_at_once() {
    let world = World::new();
    let fanned = format!("{}/{}/{}", &NOTE[..2], &NOTE[2..4], &NOTE[4..]);
    let once = format!("{}/{}", &NOTE[..2], &NOTE[2..]);
    let files: [(&str, &[u8]); 5] = [
        (NOTE, b"a\r\n\n \nb"),
        (&once, b"c\n"),
        (&fanned, b"\xff d\n"),
        ("README", b"no note\n"),
        ("ab/README", b"no note either\n"),
    ];
    plant(&world, &files);
    let ledger = world.ledger("seed").await;
    let image = read(&ledger).await;
    assert!(image.lines.iter().all(|line| line.note == NOTE));
    assert_eq!(texts(&image), ["a", "b", "c", "\u{fffd} d"]);
    let note = crate::ports::Place::Note(NOTE.into());
    let batch = crate::ports::Batch { add: vec![(note, "e".into())], ..Default::default() };
    write(&ledger, &batch).await;
    assert_eq!(texts(&read(&ledger).await), ["a", "b", "c", "e", "\u{fffd} d"]);
    let show = |path: &str| {
        let name = format!("refs/notes/lastgood/production:{path}");
        let mut git = std::process::Command::new("git");
        git.args(["cat-file", "blob", &name]).current_dir(world.path("remote.git"));
        git.output().unwrap().stdout
    };
    assert_eq!(show(NOTE), b"\xff d\nc\na\r\nb\ne\n", "one note, each line as it was");
    assert_eq!(show("README"), b"no note\n");
    assert_eq!(show("ab/README"), b"no note either\n");
}

#[tokio::test]
async fn an_environment_may_have_any_name() {
    let world = World::new();
    let ledger = world.ledger("seed").await;
    for name in ["review/12", "Größe 100%", "a.lock"] {
        let environment = env(name);
        let image = ledger.read(&environment, Shelf::Live).await.unwrap();
        assert_eq!(image.revision, None);
        let batch = on_anchor(name);
        ledger.write(&environment, Shelf::Live, &image, &batch).await.unwrap();
        let image = ledger.read(&environment, Shelf::Live).await.unwrap();
        assert_eq!(texts(&image), [name]);
    }
    let mut all = ledger.environments().await.unwrap();
    all.sort();
    assert_eq!(all, [env("Größe 100%"), env("a.lock"), env("review/12")]);
    let refs = world.git("remote.git", &["for-each-ref", "--format=%(refname)", "refs/notes"]);
    assert!(refs.contains("refs/notes/lastgood/review%2F12"), "{refs}");
}

#[tokio::test]
async fn worktrees_submodules_bare_clones_and_subfolders_are_found() {
    let world = World::new();
    world.clone_full("clone");
    world.git("clone", &["worktree", "add", "-q", "../tree"]);
    world.git(
        "clone",
        &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &world.url(), "sub"],
    );
    world.git(".", &["clone", "-q", "--bare", &world.url(), "bare.git"]);
    std::fs::create_dir(world.path("clone/deep")).unwrap();
    let mut lines = Vec::new();
    for repo in ["clone/deep", "tree", "clone/sub", "bare.git"] {
        let ledger = world.ledger(repo).await;
        let head = world.id(repo, "HEAD");
        let name = format!("deploy/{repo}");
        let batch =
            crate::ports::Batch { tags: vec![create(&name, &head)], ..on_commit(&head, repo) };
        let tags = write(&ledger, &batch).await;
        assert_eq!(tags, [(name, crate::ports::TagResult::Created)]);
        lines.push(repo);
    }
    lines.sort_unstable();
    assert_eq!(texts(&read(&world.ledger("seed").await).await), lines);
}

#[tokio::test]
async fn a_path_is_a_remote_too_and_is_taken_from_where_it_was_written() {
    let world = World::new();
    world.clone_full("clone");
    std::fs::create_dir(world.path("clone/deep")).unwrap();
    world.git("clone", &["remote", "set-url", "origin", "../remote.git"]);
    write(&world.ledger("clone/deep").await, &on_anchor("a")).await;
    let remote = RemoteChoice::Given("../../remote.git".into());
    let given = Settings { remote, ..world.settings("clone/deep") };
    let given = GitLedger::connect(given).await.unwrap();
    assert_eq!(texts(&read(&given).await), ["a"]);
}

#[tokio::test]
async fn the_users_repository_names_commits() {
    let world = World::new();
    world.git("seed", &["tag", "-a", "-m", "x", "v1", "HEAD~1"]);
    let source = UserRepository::new(&world.settings("seed"));
    let head = world.id("seed", "HEAD");
    let first = world.id("seed", "HEAD~1");
    let cases = [
        ("HEAD", Some(head.clone())),
        ("v1", Some(first)),
        (&head.as_str()[..10], Some(head.clone())),
        ("no-such", None),
        ("--all", None),
        ("1234567890123456789012345678901234567890", None),
        ("HEAD^{tree}", None),
    ];
    for (revision, commit) in cases {
        assert_eq!(source.commit(revision).await.unwrap(), commit, "{revision}");
    }
    let nowhere = UserRepository::new(&world.settings_without_clone());
    assert_eq!(nowhere.commit("HEAD").await.unwrap(), None);
}

#[tokio::test]
async fn nothing_is_left_behind() {
    let world = World::new();
    let ledger = world.ledger("seed").await;
    write(&ledger, &on_anchor("a")).await;
    let folder = ledger.store.ledgers();
    assert!(folder.is_dir());
    drop(ledger);
    assert!(!folder.parent().unwrap().exists());
}
