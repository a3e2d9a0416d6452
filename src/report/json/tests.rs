//! Holds the documents to the examples of the documentation.

use super::super::samples;
use super::*;
use crate::domain::ending::{Ending, Reason};

const PAGE: &str = include_str!("../../../docs/output.md");

fn example(title: &str) -> Value {
    let section =
        PAGE.split("\n### ").find(|section| section.lines().next() == Some(title)).unwrap();
    let block = section.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    serde_json::from_str(block).unwrap()
}

#[test]
fn every_example_of_the_documentation_is_what_a_verb_prints() {
    let cases = [
        ("record", "record", samples::recorded()),
        ("verify", "verify", samples::healthy()),
        ("verify --auto-rollback", "verify", samples::fled()),
        ("rollback", "rollback", samples::partial()),
        ("status", "status", samples::status()),
        ("history", "history", samples::history()),
        ("show N M", "show", samples::between()),
    ];
    for (title, command, outcome) in cases {
        let printed = document(&samples::context(command), &outcome);
        assert_eq!(printed, example(&format!("`{title}`")), "{title}");
    }
}

#[test]
fn an_error_has_the_same_envelope_with_its_causes_and_hints() {
    let error = Error::unreachable("could not read the ledger of `production`")
        .because(Error::failed("connection refused"))
        .hint("git ls-remote origin")
        .hint("lastgood doctor");
    let printed = error_document(&samples::context("status"), &error);
    assert_eq!(printed, example("an error"));
}

#[test]
fn a_verb_promises_its_fields_also_where_it_had_nothing_to_say() {
    let busy = Outcome::ended(Ending::new(Reason::Busy, "deployment 3 is open"));
    let told = document(&samples::context("verify"), &busy);
    for (name, value) in [
        ("deployment", Value::Null),
        ("verdict", Value::Null),
        ("rollback", Value::Null),
        ("checks", json!([])),
        ("marked_stable", json!(false)),
        ("next", json!("Run it again when that is over.")),
    ] {
        assert_eq!(told.get(name), Some(&value), "{name}");
    }
}

#[test]
fn a_refused_rollback_says_so_where_rollbacks_are_told() {
    let refused = Outcome::ended(Ending::new(Reason::Locked, "`grace` holds the lock"));
    let told = document(&samples::context("rollback"), &refused);
    assert_eq!(told["rollback"]["status"], "refused");
    assert_eq!(told["rollback"]["rolled_back_services"], json!([]));
    let gone = Outcome::ended(Ending::new(Reason::AlreadyThere, "it runs that"));
    assert_eq!(document(&samples::context("rollback"), &gone)["rollback"], Value::Null);
}

#[test]
fn nothing_to_do_next_is_null() {
    let told = document(&samples::context("verify"), &samples::healthy());
    assert_eq!(told["next"], Value::Null);
}

#[test]
fn field_names_are_snake_case() {
    fn names(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                out.push(name.clone());
                names(value, out);
            }),
            Value::Array(items) => items.iter().for_each(|item| names(item, out)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut all = Vec::new();
    for outcome in [samples::fled(), samples::status(), samples::history(), samples::shown()] {
        names(&document(&samples::context("verify"), &outcome), &mut all);
    }
    let snake = |name: &String| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    assert_eq!(all.iter().find(|name| !snake(name)), None);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_printed_reads_back_and_steers_nothing(foreign in ".{0,30}[\u{1b}\u{9b}\u{202e}\u{e0041}\n].{0,10}") {
        for outcome in samples::poisoned(&foreign) {
            let told = document(&samples::context("verify"), &outcome);
            let printed = render(&told);
            proptest::prop_assert!(!printed.chars().any(|c| c != '\n' && is_unprintable(c)));
            let read: Value = serde_json::from_str(&printed).unwrap();
            proptest::prop_assert_eq!(read, told);
        }
    }
}
