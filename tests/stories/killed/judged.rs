//! What must hold once a call died and another finished it.

use std::collections::BTreeMap;

use super::points::SERVICES;
use crate::world::{At, World};

/// Before anybody resumes: an open operation is told, and a closed one says what runs.
pub fn is_told_truly(world: &World, point: &str) {
    let status = world.at("ci").status();
    let newest = world.at("ci").history().first().cloned().unwrap_or_default();
    if status["in_progress"].is_null() {
        world.holds_true(point);
        assert_ne!(newest["status"], "started", "{point}");
    } else {
        assert_eq!(newest["status"], "started", "{point}");
        assert_eq!(newest["n"], status["in_progress"]["n"], "{point}");
    }
}

/// Resumes from another clone, and judges where the run died before its own last look.
pub fn resumed<'a>(world: &'a World, point: &str) -> At<'a> {
    world.clone_shallow("other");
    let other = world.at("other").with("--actor operator");
    let told = other.resume();
    assert!(matches!(told.code, Some(0 | 4)), "{point}: {told}");
    other
}

/// Makes sure that a service was driven twice at most, and none to elsewhere: those of one level are in
/// flight together, and whoever takes over drives each of them again.
pub fn drove_none_more_than_twice(world: &World, expected: &[&str], point: &str) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in world.calls() {
        *counts.entry(call).or_default() += 1;
    }
    let more = counts.values().filter(|count| **count > 2).count();
    assert!(more == 0, "{point}: {counts:?}");
    for call in counts.keys() {
        assert!(expected.contains(&call.as_str()), "{point}: {call}");
    }
}

/// Makes sure that the newest operation of a kind was carried out once and judged.
pub fn ended_once(world: &World, kind: &str, n: u64, point: &str) {
    let history = world.at("ci").history();
    let of_kind: Vec<_> = history.iter().filter(|told| told["n"] == n).collect();
    assert_eq!(of_kind.len(), 1, "{point}: {history:#?}");
    let made = of_kind[0];
    assert_eq!((&made["kind"], &made["status"]), (&kind.into(), &"stable".into()), "{point}");
    assert_eq!(made["verdict"], "healthy", "{point}");
    let op = made["id"].as_str().unwrap();
    for of in ["started", "deployed", "finished"] {
        assert_eq!(world.count(of, op), 1, "{point}: {of}");
    }
    assert!(world.at("ci").status()["in_progress"].is_null(), "{point}");
    world.holds_true(point);
}

pub fn runs(world: &World, version: &str, point: &str) {
    for service in SERVICES {
        assert_eq!(world.running(service).as_deref(), Some(version), "{point}: {service}");
    }
}

/// Where the intent had not reached the remote, nothing was begun; who wants it asks again.
pub fn was_begun(world: &World) -> bool {
    world.events().iter().any(|event| event["type"] == "started" && event["actor"] == "deployer")
}
