//! The page of the ledger shows lines that the code would write.

use std::collections::BTreeSet;

use lastgood::domain::event::{Body, Event};
use lastgood::domain::fold::{Reading, fold};
use lastgood::domain::line;
use lastgood::domain::names::Environment;

use super::page;

fn environment() -> Environment {
    Environment::new("production").unwrap()
}

/// Every line of the page that begins as an event does.
fn lines() -> Vec<String> {
    let page = page("ledger.md");
    page.lines().filter(|line| line.starts_with("{\"id\"")).map(ToOwned::to_owned).collect()
}

fn events() -> Vec<Event> {
    let read = |text: &String| line::read(text, &environment()).unwrap_or_else(|f| panic!("{f:?}"));
    lines().iter().map(read).collect()
}

/// The word of a type; a new one does not build before it has its line on the page.
fn word(body: &Body) -> &'static str {
    match body {
        Body::Deployed(_) => "deployed",
        Body::Started(_) => "started",
        Body::ServiceDone(_) => "service_done",
        Body::Finished(_) => "finished",
        Body::Resumed { .. } => "resumed",
        Body::Strayed { .. } => "strayed",
        Body::Cancelled { .. } => "cancelled",
        Body::Verified(_) => "verified",
        Body::Stable(_) => "stable",
        Body::Unstable(_) => "unstable",
        Body::Point { .. } => "point",
        Body::Requested(_) => "requested",
        Body::Approved { .. } => "approved",
        Body::Withdrawn { .. } => "withdrawn",
        Body::Locked(_) => "locked",
        Body::Unlocked { .. } => "unlocked",
        Body::Snapshot(_) => "snapshot",
        Body::Restored(_) => "restored",
        Body::Pruned(_) => "pruned",
    }
}

/// The types that no verb writes yet; the page names them without a line.
const RESERVED: [&str; 2] = ["snapshot", "restored"];

#[test]
fn every_line_on_the_page_is_one_that_the_code_would_write() {
    for (text, event) in lines().iter().zip(events()) {
        assert_eq!(*text, line::write(&event));
    }
}

#[test]
fn the_page_shows_a_line_of_each_type_and_names_the_reserved_ones() {
    let shown: BTreeSet<&str> = events().iter().map(|event| word(&event.body)).collect();
    let all = [
        "deployed",
        "started",
        "service_done",
        "finished",
        "resumed",
        "strayed",
        "cancelled",
        "verified",
        "stable",
        "unstable",
        "point",
        "requested",
        "approved",
        "withdrawn",
        "locked",
        "unlocked",
        "pruned",
    ];
    assert_eq!(shown, BTreeSet::from(all));
    for reserved in RESERVED {
        assert!(page("ledger.md").contains(&format!("`{reserved}`")), "{reserved}");
    }
}

#[test]
fn the_lines_on_the_page_tell_one_story_in_any_order() {
    let mut lines = lines();
    let told =
        |lines: &[String]| fold(&environment(), lines.iter().map(String::as_str), Reading::Whole);
    let state = told(&lines);
    assert_eq!((state.foreign.len(), state.orphans.len(), state.disowned.len()), (0, 0, 0));
    lines.reverse();
    assert_eq!(told(&lines), state);
}
