//! What is left after each kind of end.

use super::super::event::StepOutcome;
use super::super::history::{History, op, versions};
use super::*;

/// Four services at 1.0, stable, then at 2.0.
fn shop() -> History {
    let all = |version| format!("api={version} db={version} mail={version} web={version}");
    History::new().deployed(1, &all("1.0")).stable(1).deployed(2, &all("2.0"))
}

/// Drives services and moves some of them; a rollback where it has a target.
fn driven(history: History, n: u64, plan: &str, moved: &str, target: Option<u64>) -> History {
    let kind = if target.is_some() { Kind::Rollback } else { Kind::Deploy };
    let target = target.map(op);
    let mut history = history.started_with(n, plan, |started| {
        started.kind = kind;
        started.target = target;
    });
    let moved = versions(moved);
    for service in versions(plan).keys() {
        let done = moved.contains_key(service);
        let outcome = if done { StepOutcome::Done } else { StepOutcome::Failed };
        history = history.done(n, service.as_str(), outcome);
    }
    let outcome = match moved.len() {
        0 => FinishOutcome::Failed,
        some if some < versions(plan).len() => FinishOutcome::Partial,
        _ => FinishOutcome::Completed,
    };
    let text: Vec<String> =
        moved.iter().map(|(service, version)| format!("{service}={}", version.version)).collect();
    let deployed = history.deployed_with(n, &text.join(" "), |what| {
        what.kind = kind;
        what.target = target;
    });
    deployed.finished(n, outcome)
}

/// A rollback to 1 that left `mail` and `web`.
fn partial() -> History {
    driven(shop(), 3, "api=1.0 mail=1.0 web=1.0", "api=1.0", Some(1))
}

/// Tells the operation and what is left of it.
fn left(history: &History) -> Option<String> {
    let state = history.state();
    let remainder = remainder(&state)?;
    let steps = remainder.steps.values();
    let steps: Vec<String> =
        steps.map(|step| format!("{}={}", step.service, step.to.version)).collect();
    Some(format!("{}: {}", remainder.course.n, steps.join(" ")))
}

#[test]
fn what_was_not_moved_is_left_until_it_is() {
    let table = [
        (partial(), Some("3: mail=1.0 web=1.0")),
        (driven(partial(), 4, "mail=1.0 web=1.0", "", Some(1)), Some("3: mail=1.0 web=1.0")),
        (driven(partial(), 4, "mail=1.0 web=1.0", "web=1.0", Some(1)), Some("3: mail=1.0")),
        (driven(partial(), 4, "mail=1.0", "mail=1.0", Some(1)), Some("3: web=1.0")),
        (driven(partial(), 4, "mail=1.0 web=1.0", "mail=1.0 web=1.0", Some(1)), None),
    ];
    for (history, expected) in table {
        assert_eq!(left(&history).as_deref(), expected);
    }
    let tried =
        (4..9).fold(partial(), |history, n| driven(history, n, "mail=1.0 web=1.0", "", Some(1)));
    assert_eq!(left(&tried).as_deref(), Some("3: mail=1.0 web=1.0"));
    let there = driven(tried, 9, "mail=1.0 web=1.0", "mail=1.0 web=1.0", Some(1));
    assert_eq!(left(&there), None);
}

#[test]
fn what_is_done_since_to_another_end_leaves_nothing_of_it() {
    let table = [
        driven(partial(), 4, "mail=1.0 web=1.0", "", None),
        driven(partial(), 4, "mail=1.5", "", Some(1)),
        driven(partial(), 4, "db=1.0 mail=1.0", "", Some(1)),
        driven(partial(), 4, "mail=1.0", "mail=1.0", Some(2)),
        driven(partial(), 4, "mail=1.0", "mail=1.0", Some(1)).stable(4),
        partial().deployed(4, "web=3.0"),
    ];
    for (at, history) in table.iter().enumerate() {
        assert_eq!(left(history), None, "{at}");
    }
    let other = driven(partial(), 4, "api=1.0 db=1.0", "db=1.0", Some(2));
    assert_eq!(left(&other).as_deref(), Some("4: api=1.0"));
}

#[test]
fn a_deployment_that_moved_nothing_leaves_nothing_and_a_partial_one_its_rest() {
    assert_eq!(left(&driven(shop(), 3, "api=3.0 web=3.0", "", None)), None);
    let some = driven(shop(), 3, "api=3.0 web=3.0", "web=3.0", None);
    assert_eq!(left(&some).as_deref(), Some("3: api=3.0"));
    let again = driven(some, 4, "api=3.0", "", None);
    assert_eq!(left(&again).as_deref(), Some("3: api=3.0"));
}

#[test]
fn what_other_steps_carry_out_cannot_be_gone_on_with() {
    let handed = shop().started_with(3, "api=3.0 web=3.0", |started| {
        started.act = Act::HandedOver;
    });
    let handed = handed.deployed(3, "api=3.0").finished(3, FinishOutcome::Partial);
    assert_eq!(left(&handed), None);
}
