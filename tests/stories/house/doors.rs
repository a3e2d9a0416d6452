//! Holds which outside part comes in by which door.

use super::manifest;
use super::paths::{Named, Root, named};
use super::source::Source;

/// The only crates that the ground stands on: none of them reads, waits or asks the time unasked.
const GROUND: [&str; 10] = [
    "hex",
    "jiff",
    "schemars",
    "semver",
    "serde",
    "serde_json",
    "shell_words",
    "strsim",
    "thiserror",
    "ulid",
];

/// Rooms that touch the outside themselves.
const OUTER: [&str; 4] = ["adapters", "cli", "main", "wire"];

/// Rooms that ask the time: whoever calls the library's two passes none in.
const TIMED: [&str; 6] = ["adapters", "blue_green", "cli", "main", "rollback", "wire"];

/// Parts with one door each: what is named, and the rooms or files that may.
const DOORS: [(&str, &[&str]); 22] = [
    ("std::env", &OUTER),
    ("std::fs", &["adapters", "cli", "config::load", "main", "wire"]),
    ("std::io", &["adapters", "cli", "config", "main", "report", "wire"]),
    ("std::net", &OUTER),
    ("std::os", &OUTER),
    ("std::process", &OUTER),
    ("std::thread", &["adapters", "cli", "config", "main", "rollback::ask", "wire"]),
    ("std::time::Instant", &TIMED),
    ("std::time::SystemTime", &TIMED),
    ("tokio::fs", &OUTER),
    ("tokio::net", &OUTER),
    ("tokio::time", &OUTER),
    ("std::process::Command", &["adapters::process"]),
    // The demo's own service outlives the call that starts it.
    ("tokio::process", &["adapters::process", "cli::demo"]),
    ("process_wrap", &["adapters::process"]),
    ("reqwest", &["adapters"]),
    ("reqwest::Client", &["adapters::http"]),
    ("git2", &["adapters::git"]),
    ("secrecy", &["adapters::secret"]),
    ("serde_saphyr", &["config"]),
    ("clap", &["cli"]),
    ("fastrand", &OUTER),
];

/// Returns each use of an outside part by someone who has no business with it.
pub(super) fn broken(source: &Source) -> Vec<String> {
    let own = declared(source);
    let outside = |found: &Named| found.root == Root::Outside && !own.contains(&found.path[0]);
    let all = named(source).into_iter().filter(outside);
    let wrong = all.filter(|found| {
        DOORS
            .iter()
            .any(|(part, who)| !who.iter().any(|who| is_at(source, who)) && uses(found, part))
            || source.room() == "domain" && is_foreign_to_the_ground(found)
    });
    wrong.map(|found| source.complain(found.line, &found.path.join("::"))).collect()
}

fn uses(found: &Named, part: &str) -> bool {
    found.is_in(part) || found.may_hide(part)
}

fn is_at(source: &Source, place: &str) -> bool {
    let parts: Vec<&str> = place.split("::").collect();
    let room = [source.room()];
    let module: Vec<&str> = source.module.iter().map(String::as_str).collect();
    if module.is_empty() { parts == room } else { module.starts_with(&parts) }
}

fn is_foreign_to_the_ground(found: &Named) -> bool {
    let first = found.path[0].as_str();
    manifest::crates().iter().any(|name| name == first) && !GROUND.contains(&first)
}

/// The modules that a file declares: a path may begin with one of them.
fn declared(source: &Source) -> Vec<String> {
    let pairs = source.tokens.windows(2).filter(|pair| pair[0].is("mod"));
    pairs.map(|pair| pair[1].text.clone()).collect()
}

/// Returns each place inside that reads a clock or draws a chance.
pub(super) fn clocks(source: &Source) -> Vec<String> {
    const ASKED: [(&str, &str); 6] = [
        ("Timestamp", "now"),
        ("Zoned", "now"),
        ("SystemTime", "now"),
        ("Instant", "now"),
        ("Ulid", "new"),
        ("Ulid", "generate"),
    ];
    if TIMED.contains(&source.room()) {
        return Vec::new();
    }
    let calls = source.tokens.windows(3).filter(|call| call[1].is("::"));
    let asks =
        calls.filter(|call| ASKED.iter().any(|(who, what)| call[0].is(who) && call[2].is(what)));
    asks.map(|call| source.complain(call[0].line, &call[0].text)).collect()
}

/// Returns each place of the ground that waits.
pub(super) fn waits(source: &Source) -> Vec<String> {
    if !matches!(source.room(), "domain" | "error") {
        return Vec::new();
    }
    let waits = source.tokens.iter().filter(|token| token.is("async") || token.is("await"));
    waits.map(|token| source.complain(token.line, &token.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_door(path: &str, text: &str) -> bool {
        !broken(&Source::new(path, text)).is_empty()
    }

    #[test]
    fn an_outside_part_by_the_wrong_door_is_refused() {
        for (path, text) in [
            ("src/domain/a.rs", "use tokio::sync::Mutex;"),
            ("src/domain/a.rs", "use std::{env, fmt};"),
            ("src/flow/a.rs", "use std::*;"),
            ("src/flow/a.rs", "fn f() { std::fs::read(\"x\"); }"),
            ("src/flow/a.rs", "use std::time::{Duration, Instant};"),
            ("src/config/a.rs", "use tokio::{fs, sync};"),
            ("src/adapters/driver/a.rs", "use tokio::process::Command;"),
            ("src/adapters/driver/a.rs", "use git2::Repository;"),
            ("src/adapters/probe/a.rs", "fn f() { reqwest::Client::new(); }"),
            ("src/wire.rs", "use clap::Parser;"),
            ("src/rollback/carry.rs", "fn f() { std::thread::spawn(g); }"),
            ("src/blue_green/act.rs", "use std::fs;"),
        ] {
            assert!(no_door(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn an_outside_part_by_its_own_door_is_let_in() {
        for (path, text) in [
            ("src/adapters/process.rs", "use tokio::process::Command;"),
            ("src/adapters/git/store.rs", "use git2::Repository;"),
            ("src/adapters/probe/a.rs", "use tokio::net::TcpStream; use std::process::Stdio;"),
            ("src/flow/observe.rs", "use tokio::sync::watch; fn f() { tokio::select! {} }"),
            ("src/domain/a.rs", "mod tokio; use std::fmt; use serde::Serialize;"),
            ("src/main.rs", "use std::process::ExitCode;"),
            ("src/rollback/ask.rs", "use std::thread; use std::time::Instant;"),
            ("src/blue_green/slot.rs", "use std::time::SystemTime;"),
        ] {
            assert!(!no_door(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn a_clock_or_a_wait_on_the_ground_is_refused() {
        let bad = Source::new("src/domain/a.rs", "async fn f() { jiff::Timestamp::now(); }");
        assert_eq!(clocks(&bad).len(), 1);
        assert_eq!(waits(&bad).len(), 1);
        let good = Source::new("src/adapters/clock.rs", "async fn f() { Timestamp::now(); }");
        assert_eq!((clocks(&good).len(), waits(&good).len()), (0, 0));
    }
}
