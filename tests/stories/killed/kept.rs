//! What must hold after a call died while writing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::{Told, World};

const LEDGERS: [&str; 2] =
    ["refs/notes/lastgood/production", "refs/notes/lastgood-archive/production"];

/// Returns all lines, live and archived, each once.
pub fn all_lines(world: &World) -> BTreeSet<String> {
    LEDGERS.iter().flat_map(|notes| world.lines(notes)).collect()
}

/// Makes sure that every line is whole, that none was lost, and that git and the ledger agree.
#[track_caller]
pub fn is_whole(world: &World, before: &BTreeSet<String>, point: &str) {
    let lines = all_lines(world);
    let lost: Vec<_> = before.difference(&lines).collect();
    assert!(lost.is_empty(), "{point}: {lost:#?}");
    let mut written = BTreeSet::new();
    for line in &lines {
        let event: Value = serde_json::from_str(line).expect(line);
        let ev = event["ev"].as_str().expect(line).to_owned();
        assert!(written.insert(ev), "{point}: twice: {line}");
    }
    numbers_are_given_once(world, point);
    agrees_with_its_events(world, point);
    // Among other things, it finds the tags that no line speaks of.
    assert_eq!(world.at("ci").run("doctor").code, Some(0), "{point}");
}

/// Makes sure that no two deployments bear one number.
#[track_caller]
pub fn numbers_are_given_once(world: &World, point: &str) {
    let history = world.at("ci").history();
    let numbers: Vec<u64> = history.iter().filter_map(|told| told["n"].as_u64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "{point}: {numbers:?}");
}

/// Makes sure that `status` and `history` tell what was written, no more and no less.
fn agrees_with_its_events(world: &World, point: &str) {
    let status = world.at("ci").status();
    if status["message"].as_str().is_some_and(|message| message.contains("retired")) {
        return;
    }
    let events = world.events();
    let newest = |of: &str| events.iter().rfind(|event| event["type"] == of);
    let made = newest("deployed").map_or(&Value::Null, |event| &event["n"]);
    assert_eq!(&status["current"]["n"], made, "{point}");
    let closed = |op: &Value| {
        let ends = |event: &&Value| event["type"] == "finished" || event["type"] == "deployed";
        events.iter().filter(ends).any(|event| event["op"] == *op)
    };
    let open = newest("started").filter(|event| !closed(&event["op"]));
    let open = open.map_or(&Value::Null, |event| &event["n"]);
    assert_eq!(&status["in_progress"]["n"], open, "{point}");
    let held = newest("locked").is_some_and(|locked| {
        let after = |event: &&Value| event["id"].as_str() > locked["id"].as_str();
        !events.iter().filter(after).any(|event| event["type"] == "unlocked")
    });
    assert_eq!(status["locks"].as_array().map(Vec::len), Some(usize::from(held)), "{point}");
}

/// Resumes where nothing can be open, and is told so.
#[track_caller]
pub fn nothing_is_open(world: &World, point: &str) -> Told {
    let before = world.refs();
    let told = world.at("ci").with("--actor operator").resume();
    assert_eq!((told.code, told.reason()), (Some(0), "nothing_to_resume"), "{point}: {told}");
    assert_eq!(world.refs(), before, "{point}");
    told
}

/// Returns how many events of a type there are.
pub fn events(world: &World, of: &str) -> usize {
    world.events().iter().filter(|event| event["type"] == of).count()
}

/// Makes sure that what was recorded last is the current one and can be found good.
#[track_caller]
pub fn is_good_in_the_end(world: &World, n: u64, point: &str) {
    let told = world.at("ci").verify().ends(0, "healthy");
    assert_eq!(told.n(), n, "{point}");
    let status = world.at("ci").status();
    assert_eq!(status["current"]["n"], n, "{point}");
    assert_eq!(world.newest_stable("ci"), format!("refs/tags/stable/production/{n}"), "{point}");
    world.holds_true(point);
    numbers_are_given_once(world, point);
}
