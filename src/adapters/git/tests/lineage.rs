//! What a clone knows of a branch, and what not.

use super::world::*;
use crate::adapters::git::UserRepository;
use crate::domain::names::Commit;
use crate::domain::vouch::Descent;
use crate::ports::{Branch, Lineage as _};

fn named(name: &str) -> Branch {
    Branch::Named(name.to_owned())
}

fn unknown(why: &str) -> Descent {
    Descent::Unknown(why.to_owned())
}

/// A remote with a side branch that `main` does not hold; returns the side's commit.
fn forked() -> (World, Commit) {
    let world = World::new();
    world.git("seed", &["switch", "-q", "-c", "side", "main~1"]);
    let side = world.commit("seed", "three");
    world.git("seed", &["push", "-q", "origin", "side"]);
    (world, side)
}

async fn asked(world: &World, clone: &str, commit: &Commit, branch: &Branch) -> Descent {
    UserRepository::new(&world.settings(clone)).descent(commit, branch).await
}

#[tokio::test]
async fn a_full_clone_can_tell() {
    let (world, side) = forked();
    world.clone_full("clone");
    let old = world.id("seed", "main~1");
    for (commit, branch, expected) in [
        (&old, Branch::Default, Descent::Part),
        (&side, Branch::Default, Descent::Apart),
        (&side, named("side"), Descent::Part),
        (&side, named("main"), Descent::Apart),
        (&old, named("nowhere"), unknown("the clone does not have the branch")),
    ] {
        assert_eq!(asked(&world, "clone", commit, &branch).await, expected, "{branch:?}");
    }
    let strange = Commit::new("d".repeat(40)).unwrap();
    let told = asked(&world, "clone", &strange, &Branch::Default).await;
    assert_eq!(told, unknown("the clone does not have the commit"));
}

#[tokio::test]
async fn a_clone_that_does_not_know_the_default_branch_says_how_it_learns_it() {
    let (world, side) = forked();
    world.clone_full("clone");
    world.git("clone", &["remote", "set-head", "origin", "--delete"]);
    let told = asked(&world, "clone", &side, &Branch::Default).await;
    let way = "the clone does not know which one that is; `git remote set-head origin --auto` asks";
    assert_eq!(told, unknown(way));
    world.git("clone", &["remote", "set-head", "origin", "--auto"]);
    assert_eq!(asked(&world, "clone", &side, &Branch::Default).await, Descent::Apart);
}

#[tokio::test]
async fn a_shallow_clone_can_only_say_yes() {
    let (world, _) = forked();
    world.clone_shallow("clone");
    let tip = world.id("seed", "main");
    assert_eq!(asked(&world, "clone", &tip, &named("main")).await, Descent::Part);
    let other = world.commit("clone", "local");
    let told = asked(&world, "clone", &other, &named("main")).await;
    assert_eq!(told, unknown("the clone is shallow"));
    let old = world.id("seed", "main~1");
    let told = asked(&world, "clone", &old, &named("main")).await;
    assert_eq!(told, unknown("the clone does not have the commit"));
}

#[tokio::test]
async fn a_repository_without_a_remote_is_asked_for_its_own_branches() {
    let (world, side) = forked();
    world.git("seed", &["remote", "remove", "origin"]);
    world.git("seed", &["switch", "-q", "main"]);
    assert_eq!(asked(&world, "seed", &side, &Branch::Default).await, Descent::Apart);
    assert_eq!(asked(&world, "seed", &side, &named("side")).await, Descent::Part);
}

#[tokio::test]
async fn a_branch_that_is_named_like_an_option_is_none() {
    let (world, side) = forked();
    world.clone_full("clone");
    let told = asked(&world, "clone", &side, &named("--all")).await;
    assert_eq!(told, unknown("the clone does not have the branch"));
}
