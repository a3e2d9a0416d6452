//! Checkouts have the commit's files, and no repository notices.

use std::path::Path;

use super::world::*;
use crate::adapters::git::{GitLedger, RemoteChoice, Settings, UserRepository, is_in_repository};
use crate::domain::names::Commit;
use crate::error::Kind;
use crate::ports::Checkouts;

/// A remote whose first commit has all that a tree can have, and whose second has none of it.
fn world() -> (World, Commit) {
    let world = World::new();
    world.script("seed/bin/run", "true");
    std::fs::write(world.path("seed/dos.txt"), "a\n").unwrap();
    std::fs::write(world.path("seed/big"), "pointer\n").unwrap();
    let attributes = "dos.txt text eol=crlf\nbig filter=lfs\none export-ignore\n";
    std::fs::write(world.path("seed/.gitattributes"), attributes).unwrap();
    std::os::unix::fs::symlink("bin/run", world.path("seed/link")).unwrap();
    let module = format!("160000,{},sub", world.id("seed", "HEAD"));
    world.git("seed", &["update-index", "--add", "--cacheinfo", &module]);
    std::fs::create_dir(world.path("seed/sub")).unwrap();
    let rich = world.commit("seed", "rich");
    world.git("seed", &["read-tree", "--empty"]);
    world.git("seed", &["clean", "-ffdxq"]);
    world.commit("seed", "poor");
    world.git("seed", &["push", "-q", "origin", "main"]);
    (world, rich)
}

/// Lists a folder's files with what each is; only the short ones with their content.
fn listed(folder: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let kind = std::fs::symlink_metadata(&path).unwrap();
        if kind.is_symlink() {
            found.push(format!("{name} -> {}", std::fs::read_link(&path).unwrap().display()));
        } else if kind.is_dir() {
            found.push(format!("{name}/"));
            found.extend(listed(&path).iter().map(|below| format!("{name}/{below}")));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let mark = if kind.permissions().mode() & 0o100 == 0 { "" } else { "*" };
            let text = if text.len() < 20 { text } else { String::new() };
            found.push(format!("{name}{mark} {text:?}"));
        }
    }
    found.sort();
    found
}

/// Large files are as in the commit, line ends as it asks for, and nothing is left out.
const RICH: [&str; 10] = [
    ".gitattributes \"\"",
    "big \"pointer\\n\"",
    "bin/",
    "bin/run* \"#!/bin/sh\\ntrue\\n\"",
    "dos.txt \"a\\r\\n\"",
    "link -> bin/run",
    "one \"\"",
    "rich \"\"",
    "sub/",
    "two \"\"",
];

async fn check(settings: Settings, commit: &Commit) {
    let folder = UserRepository::new(&settings).checkout(commit).await.unwrap();
    assert_eq!(listed(folder.path()), RICH, "{:?}", settings.repository);
    let path = folder.path().to_owned();
    drop(folder);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_checkout_has_the_commits_files_wherever_it_is_made_from() {
    let (world, rich) = world();
    world.clone_full("full");
    world.clone_shallow("shallow");
    world.git(".", &["clone", "-q", "--bare", &world.url(), "bare.git"]);
    world.git(".", &["clone", "-q", "--filter=tree:0", &world.url(), "partial"]);
    world.git("full", &["worktree", "add", "-q", "../tree"]);
    std::fs::create_dir(world.path("full/deep")).unwrap();
    for repo in ["full", "full/deep", "tree", "shallow", "bare.git", "partial"] {
        check(world.settings(repo), &rich).await;
    }
    check(world.settings_without_clone(), &rich).await;
}

#[tokio::test]
async fn no_filter_or_line_end_of_the_machine_has_a_say_in_a_checkout() {
    let (world, rich) = world();
    world.clone_full("clone");
    for repo in ["clone", "home"] {
        if repo == "home" {
            world.git(repo, &["init", "-q"]);
        }
        world.git(repo, &["config", "filter.lfs.smudge", "echo smudged"]);
        world.git(repo, &["config", "core.autocrlf", "true"]);
    }
    std::fs::rename(world.path("home/.git/config"), world.path("home/.gitconfig")).unwrap();
    world.script("clone/.git/hooks/post-checkout", "touch hooked");
    check(world.settings("clone"), &rich).await;
    check(world.settings_without_clone(), &rich).await;
}

#[tokio::test]
async fn a_checkout_leaves_the_clone_as_it_was() {
    let (world, rich) = world();
    world.clone_full("full");
    world.clone_shallow("shallow");
    for repo in ["full", "shallow"] {
        let before = (world.untouched(repo), world.git(repo, &["worktree", "list"]));
        check(world.settings(repo), &rich).await;
        assert_eq!((world.untouched(repo), world.git(repo, &["worktree", "list"])), before);
    }
}

#[tokio::test]
async fn a_commit_that_only_the_clone_has_is_checked_out_without_the_remote() {
    let (world, rich) = world();
    world.clone_full("clone");
    std::fs::remove_dir_all(world.path("remote.git")).unwrap();
    check(world.settings("clone"), &rich).await;
}

#[tokio::test]
async fn a_commit_that_nobody_has_is_gone_and_a_remote_that_is_away_is_not_guessed_about() {
    let world = World::new();
    world.clone_shallow("clone");
    let source = UserRepository::new(&world.settings("clone"));
    let none = Commit::new("12".repeat(20)).unwrap();
    let error = source.checkout(&none).await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (Kind::Failed, "commit_gone"));
    let message = format!("commit `1212121212` is neither here nor at `{}`", world.url());
    assert_eq!(error.message(), message);
    assert!(error.hints()[1].contains("`--to`"), "{:?}", error.hints());
    std::fs::remove_dir_all(world.path("remote.git")).unwrap();
    let error = source.checkout(&none).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
}

#[tokio::test]
async fn the_user_is_the_one_that_the_repository_names() {
    let world = World::new();
    let user = async |repo: &str| {
        let url = RemoteChoice::Given(world.url());
        let settings = Settings { remote: url, ..world.settings(repo) };
        GitLedger::connect(settings).await.unwrap().user()
    };
    assert_eq!(user("seed").await, None);
    world.git("seed", &["config", "user.name", "Ann\u{1b} Other"]);
    assert_eq!(user("seed").await.as_deref(), Some("Ann\u{fffd} Other"));
    std::fs::write(world.path("home/.gitconfig"), "[user]\nname = Home\n").unwrap();
    assert_eq!(user("remote.git").await.as_deref(), Some("Home"));
    assert_eq!(user("home").await, None, "which is in no repository");
    let apart = GitLedger::connect(world.settings_without_clone()).await.unwrap();
    assert_eq!(apart.user(), None);
}

#[tokio::test]
async fn a_repository_is_found_from_its_folders_and_where_it_is_bare() {
    let world = World::new();
    world.clone_full("clone");
    world.git("clone", &["worktree", "add", "-q", "../tree"]);
    std::fs::create_dir(world.path("clone/deep")).unwrap();
    for repo in ["clone", "clone/deep", "tree", "remote.git"] {
        assert!(is_in_repository(&world.path(repo)), "{repo}");
        assert!(UserRepository::new(&world.settings(repo)).is_there(), "{repo}");
    }
    for folder in ["home", "nowhere"] {
        assert!(!is_in_repository(&world.path(folder)), "{folder}");
    }
    assert!(!UserRepository::new(&world.settings_without_clone()).is_there());
}

#[tokio::test]
async fn the_private_folder_is_shared_by_all_worktrees() {
    let world = World::new();
    world.clone_full("clone");
    world.git("clone", &["worktree", "add", "-q", "../tree"]);
    let wanted = world.path("clone").canonicalize().unwrap().join(".git/lastgood");
    for repo in ["clone", "tree"] {
        assert_eq!(world.ledger(repo).await.private_folder(), Some(wanted.clone()));
    }
    let apart = GitLedger::connect(world.settings_without_clone()).await.unwrap();
    assert_eq!(apart.private_folder(), None);
}
