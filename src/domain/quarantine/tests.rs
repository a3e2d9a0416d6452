//! What is held back, by whom, and what lets it go.

use super::super::history::{History, op, service, versions};
use super::*;

fn held(set: &Quarantined) -> Vec<(String, u64)> {
    set.iter().map(|entry| (entry.version.version.clone(), entry.n)).collect()
}

#[test]
fn what_is_held_already_stays_with_whoever_held_it_first() {
    let mut set = Quarantined::new();
    hold(&mut set, op(3), 3, &versions("2.0"));
    hold(&mut set, op(5), 5, &versions("2.0 web=2.0"));
    hold(&mut set, op(6), 6, &versions("2.1"));
    let by: Vec<_> = set.iter().map(|entry| (entry.service.to_string(), entry.n)).collect();
    assert_eq!(by, [("app".to_owned(), 3), ("app".to_owned(), 6), ("web".to_owned(), 5)]);
}

#[test]
fn only_the_very_versions_are_let_go() {
    let mut set = Quarantined::new();
    hold(&mut set, op(3), 3, &versions("2.0 web=2.0"));
    lift(&mut set, &versions("2.1 web=2.0"));
    assert_eq!(held(&set), [("2.0".to_owned(), 3)]);
}

#[test]
fn a_deployment_brought_what_it_changed_or_else_everything() {
    let state =
        History::new().deployed(1, "1.0 web=1.0").deployed(2, "2.0").deployed(3, "").state();
    let brought = |n| super::brought(state.operation(op(n)).unwrap());
    assert_eq!(brought(2), versions("2.0"));
    assert_eq!(brought(3), versions("2.0 web=1.0"));
    let open = History::new().started(1, "1.0").state();
    assert!(super::brought(open.operation(op(1)).unwrap()).is_empty());
    assert!(!brought(1).contains_key(&service("db")));
}
