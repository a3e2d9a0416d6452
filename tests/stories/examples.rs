//! The examples of drivers and routers, whole, with their real parts.

mod balancers;
mod compose;
mod helm;
mod kubernetes;
mod systemd;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::world::{At, World, skipped};

/// What all of them say when they go back.
const BACK: &str = "rollback --reason \"the basket is empty\"";

/// A team's repository with the files of an example at its top, unchanged.
fn taken(example: &str) -> World {
    let world = World::new();
    copy(&place(example), &world.path("ci"));
    world.git("ci", "add .");
    world.git("ci", "commit -q -m example");
    world.git("ci", "push -q origin main");
    world
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let file = entry.unwrap().path();
        let copied = to.join(file.file_name().unwrap());
        if file.is_dir() {
            std::fs::create_dir(&copied).unwrap();
            copy(&file, &copied);
        } else {
            std::fs::copy(&file, copied).unwrap();
        }
    }
}

/// Returns where an example lies, or a file of it.
fn place(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)
}

/// Goes as a user does whose service is replaced where it runs; `runs` looks at the real part.
fn walk_in_place(ci: &At<'_>, runs: impl Fn(&str)) {
    ci.run("config check").ends(0, "done");
    ci.run("deploy --version 1.0").ends(0, "healthy");
    as_the_ledger_says(ci, "1.0");
    runs("1.0");
    ci.run("deploy --version 1.1").ends(0, "healthy");
    runs("1.1");
    let told = ci.run("deploy --version 1.2").ends(4, "rolled_back");
    let back = &told.json["rollback"];
    assert_eq!((&back["from"], &back["to"]), (&3.into(), &2.into()), "{told}");
    as_the_ledger_says(ci, "1.1");
    runs("1.1");
    ci.run(BACK).ends(0, "returned");
    as_the_ledger_says(ci, "1.0");
    runs("1.0");
    let story = ci.story();
    assert_eq!(story[..2], ["1 deploy stable", "2 deploy stable"]);
    // One that crashes is seen by the driver, or by the gate after it.
    assert!(["3 deploy failed", "3 deploy rolled_back"].contains(&story[2].as_str()), "{story:?}");
    assert_eq!(story[3..], ["4 rollback rolled_back", "5 rollback stable"]);
}

/// Goes as a user does who has two slots, of which blue serves at first; `serves` looks at the real part.
fn walk_in_slots(ci: &At<'_>, sick: &str, serves: impl Fn(&str, &str), in_between: impl Fn()) {
    let serves = |slot: &str, version: &str| {
        let status = as_the_ledger_says(ci, version);
        let slots = status["slots"].as_array().unwrap();
        let live: Vec<_> = slots.iter().filter(|told| told["state"] == "live").collect();
        assert_eq!(live.len(), 1, "{slots:?}");
        assert_eq!((&live[0]["slot"], &live[0]["traffic"]), (&slot.into(), &100.into()));
        serves(slot, version);
    };
    ci.run("config check").ends(0, "done");
    ci.run("deploy --version 1.0").ends(0, "healthy");
    serves("green", "1.0");
    ci.run("deploy --version 1.1").ends(0, "healthy");
    serves("blue", "1.1");
    in_between();
    serves("blue", "1.1");
    let told = ci.run(&format!("deploy --version {sick}")).ends(3, "not_switched");
    assert_eq!(told.json["verdict"], "unhealthy");
    serves("blue", "1.1");
    ci.run(BACK).ends(0, "returned");
    serves("green", "1.0");
    let story = ["1 deploy stable", "2 deploy rolled_back", "3 deploy failed", "4 rollback stable"];
    assert_eq!(ci.story(), story);
}

/// Makes sure of the version that `status` tells, and that what runs is no other.
fn as_the_ledger_says(ci: &At<'_>, version: &str) -> Value {
    let status = ci.status();
    let versions = status["current"]["versions"].as_object().unwrap();
    let told: Vec<_> = versions.values().map(|told| &told["version"]).collect();
    assert_eq!(told, [version]);
    assert_eq!(status["drift"], Value::Null);
    assert_eq!(status["in_progress"], Value::Null);
    status
}

/// Returns whether this is a machine that is thrown away after the tests, so that its folders and ports are theirs.
fn machine_is_ours() -> bool {
    let ours = std::env::var_os("LASTGOOD_OWN_MACHINE").is_some();
    if !ours {
        skipped("systemd does not run here for examples alone; `scripts/test-systemd` boots one");
    }
    ours
}

/// A unit of that machine that is stopped with its story.
struct Unit(&'static str);

impl Unit {
    fn start(name: &'static str) -> Self {
        let unit = Self(name);
        done("systemctl", &["restart", name]);
        unit
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        let _ = Command::new("systemctl").args(["stop", self.0]).status();
    }
}

/// Runs a program, which must succeed, and returns what it wrote.
fn done(program: &str, args: &[&str]) -> String {
    told(Command::new(program).args(args))
}

fn told(command: &mut Command) -> String {
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command:?}: {said}");
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}
