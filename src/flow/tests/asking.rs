//! What is asked for: approved, done once, at its time, or never.

use std::time::Duration;

use jiff::SignedDuration;

use super::super::fakes::{Fault, Stage, Writer, morning, reason, run};
use super::rolling_back::back;
use super::verifying::{guard, look, sick};
use crate::domain::ending::Reason;
use crate::domain::event::{LockScope, Locked, Trigger};
use crate::domain::ids::OperationId;
use crate::domain::outcome::{More, RequestStanding, RequestTold};
use crate::domain::permission::{Deed, Demand, Role};
use crate::flow::order::RollbackOrder;

const HOUR: Duration = Duration::from_secs(3600);

/// Asks for a rollback that one other must approve, as somebody who comes by a comment.
fn ask(writer: &Writer) -> OperationId {
    let order = RollbackOrder { trigger: Trigger::Comment, ..back() };
    let outcome = run(writer.request(&order, 1, None)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NeedsApproval);
    let id = told(&outcome.more).id;
    assert_eq!(outcome.ending.next, format!("/approve {id}"));
    id
}

/// Asks for a rollback in so many hours from the beginning of the story.
fn ask_for(writer: &Writer, hours: i64) -> OperationId {
    let at = morning() + SignedDuration::from_hours(hours);
    let outcome = run(writer.request(&back(), 0, Some(at))).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Scheduled);
    told(&outcome.more).id
}

fn told(more: &More) -> &RequestTold {
    let More::Requested { request } = more else { panic!("no request is told: {more:?}") };
    request
}

fn pending(stage: &Stage) -> Vec<RequestTold> {
    let More::Status(status) = run(stage.desk("reader").status()).unwrap().more else { panic!() };
    status.requests
}

#[test]
fn what_needs_an_approval_is_written_down_and_nothing_is_driven() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    assert_eq!(
        (stage.runs(), stage.told()),
        ("app=2.0".to_owned(), vec!["bob: requested 2".into()])
    );
    let [request] = &pending(&stage)[..] else { panic!() };
    assert_eq!((request.id, request.standing), (id, RequestStanding::NeedsApproval));
    assert_eq!((request.from, request.to, request.approvals), (Some(2), Some(1), 1));
    assert_eq!(request.plan[0].commands, ["./deploy app 1.0"]);
}

#[test]
fn the_last_approval_and_the_intent_are_one_push_and_then_it_is_carried_out() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    stage.told();
    let outcome = run(stage.desk("eve").approve(id)).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    assert_eq!(
        stage.told(),
        [
            "eve: approved 2, started 3",
            "eve: rollback app 1.0",
            "eve: service_done 3",
            "eve: deployed 3, finished 3, +deploy/production/3",
            "eve: verified 3, stable 3",
        ]
    );
    assert_eq!(stage.state().operations[2].started.as_ref().unwrap().request, Some(id));
    assert!(pending(&stage).is_empty());
}

#[test]
fn who_asked_cannot_approve_whatever_the_case_of_the_name() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    stage.told();
    for name in ["bob", "Bob", "BOB"] {
        assert_eq!(reason(run(stage.desk(name).approve(id))), Reason::NotPermitted);
    }
    assert_eq!(stage.told(), [""; 0]);
}

#[test]
fn one_person_is_one_approval() {
    let stage = sick();
    let outcome = run(stage.desk("bob").request(&back(), 2, None)).unwrap();
    let id = told(&outcome.more).id;
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::Approved);
    assert_eq!(reason(run(stage.desk("Eve").approve(id))), Reason::Approved);
    assert_eq!(stage.told(), ["eve: approved 2"], "what is there already is not written again");
    assert_eq!(reason(run(stage.desk("ida").approve(id))), Reason::Returned);
}

#[test]
fn two_approvals_that_race_carry_it_out_once() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    let (eve, ida) = (stage.desk("eve"), stage.desk("ida"));
    stage.told();
    let other = std::sync::Arc::new(std::sync::Mutex::new(None));
    let seen = other.clone();
    eve.ledger.before_write(0, move || {
        *seen.lock().unwrap() = Some(reason(run(ida.approve(id))));
    });
    assert_eq!(reason(run(eve.approve(id))), Reason::RequestOver);
    assert_eq!(*other.lock().unwrap(), Some(Reason::Returned));
    let driven = stage.told().iter().filter(|line| line.contains("rollback app")).count();
    assert_eq!(driven, 1);
}

#[test]
fn an_approval_whose_answer_is_lost_carries_it_out_once() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    let eve = stage.desk("eve");
    eve.ledger.faults(&[Fault::LostAfter]);
    assert_eq!(reason(run(eve.approve(id))), Reason::Returned);
    assert_eq!(stage.state().operations.len(), 3);
    assert_eq!(reason(run(stage.desk("ida").approve(id))), Reason::RequestOver);
}

#[test]
fn once_the_environment_has_moved_the_request_is_void() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    stage.desk("ann").records(&stage, "3.0", 'c').unwrap();
    assert!(pending(&stage).is_empty());
    stage.told();
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::RequestVoid);
    assert_eq!((stage.told(), stage.runs()), (Vec::new(), "app=3.0".to_owned()));
}

#[test]
fn while_an_operation_is_open_nothing_is_approved_into_it() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    run(stage.desk("ann").begin(&super::recording::begin_order("3.0"))).unwrap();
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::RefusedBusy);
    assert_eq!(stage.state().requests[&id].approved_by.len(), 0);
}

#[test]
fn another_plan_than_the_approved_one_is_not_carried_out() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    let mut lines = stage.remote.lock().unwrap();
    let asked = lines.live.lines.iter_mut().find(|l| l.text.contains("\"requested\"")).unwrap();
    asked.text = asked.text.replace(r#""to":{"version":"1.0"}"#, r#""to":{"version":"0.9"}"#);
    drop(lines);
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::RequestVoid);
    assert_eq!(stage.runs(), "app=2.0");
}

#[test]
fn it_is_good_for_a_day() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    stage.later(24 * HOUR);
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::RequestOver);
    assert!(pending(&stage).is_empty());
}

#[test]
fn it_is_good_as_long_as_the_team_says() {
    let stage = sick();
    let hasty =
        |name: &str| stage.desk_under(name, |policy| policy.permissions.expire_after(4 * HOUR));
    let [early, late] = ["bob", "ada"].map(|name| ask(&hasty(name)));
    let asked = pending(&stage);
    assert!(asked.iter().all(|one| one.expires == one.at + SignedDuration::from_hours(4)));
    let at = morning() + SignedDuration::from_hours(3);
    let later = run(hasty("bob").request(&back(), 0, Some(at))).unwrap();
    assert_eq!(told(&later.more).expires, at + SignedDuration::from_hours(4));
    stage.later(3 * HOUR + Duration::from_secs(3599));
    // What was asked for is good as long as it was then, whatever the policy says by now.
    assert_eq!(reason(run(stage.desk("eve").plan_approve(early))), Reason::Planned);
    stage.later(Duration::from_secs(1));
    assert_eq!(reason(run(hasty("eve").approve(late))), Reason::RequestOver);
}

#[test]
fn what_was_withdrawn_is_over() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    assert_eq!(reason(run(stage.desk("bob").withdraw(id, None))), Reason::Withdrawn);
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::RequestOver);
    assert_eq!(reason(run(stage.desk("eve").withdraw(id, None))), Reason::RequestOver);
    let unknown = OperationId(ulid::Ulid::from_parts(1, 1));
    assert_eq!(reason(run(stage.desk("eve").approve(unknown))), Reason::RequestUnknown);
}

#[test]
fn what_is_asked_for_later_is_carried_out_by_the_first_verify_after_that_time() {
    let stage = sick();
    ask_for(&stage.desk("bob"), 3);
    assert_eq!(pending(&stage)[0].standing, RequestStanding::Waiting);
    assert_eq!(reason(run(stage.desk("ci").verify(&look()))), Reason::NotAsked);
    assert_eq!(stage.runs(), "app=2.0");
    stage.later(2 * HOUR);
    assert_eq!(pending(&stage)[0].standing, RequestStanding::Due);
    assert_eq!(reason(run(stage.desk("ci").verify(&look()))), Reason::Returned);
    assert_eq!(stage.runs(), "app=1.0");
    assert_eq!(reason(run(stage.desk("ci").verify(&look()))), Reason::Healthy);
}

#[test]
fn what_can_no_longer_be_done_at_its_time_is_withdrawn_and_told_once() {
    let stage = sick();
    ask_for(&stage.desk("bob"), 3);
    stage.desk("ann").records(&stage, "3.0", 'c').unwrap();
    stage.later(2 * HOUR);
    stage.told();
    assert_eq!(reason(run(stage.desk("ci").verify(&look()))), Reason::Healthy);
    assert_eq!(stage.told()[0], "ci: withdrawn 3");
    assert_eq!(reason(run(stage.desk("ci").verify(&look()))), Reason::Healthy);
    assert_eq!((stage.told(), stage.runs()), (Vec::new(), "app=3.0".to_owned()));
}

#[test]
fn a_lock_keeps_it_back_and_does_not_end_it() {
    for scope in [LockScope::All, LockScope::Rollback] {
        let stage = sick();
        ask_for(&stage.desk("bob"), 3);
        let locked = Locked { scope, reason: None, until: None };
        run(stage.desk("ann").lock(locked)).unwrap();
        stage.later(2 * HOUR);
        run(stage.desk("ci").verify(&look())).unwrap();
        assert_eq!(stage.runs(), "app=2.0");
        run(stage.desk("ann").unlock(scope, None)).unwrap();
        assert_eq!(reason(run(stage.desk("ci").verify(&look()))), Reason::Returned);
    }
}

#[test]
fn two_rounds_at_one_time_carry_it_out_once() {
    let stage = sick();
    ask_for(&stage.desk("bob"), 3);
    stage.later(2 * HOUR);
    let (one, other) = (stage.desk("one"), stage.desk("other"));
    one.ledger
        .before_write(0, move || assert_eq!(reason(run(other.verify(&look()))), Reason::Returned));
    run(one.verify(&guard())).unwrap();
    let driven = stage.told().iter().filter(|line| line.contains("rollback app")).count();
    assert_eq!((driven, stage.runs()), (1, "app=1.0".to_owned()));
}

#[test]
fn what_is_for_later_needs_the_approvals_that_the_team_demands_too() {
    let stage = sick();
    let strict = |name: &str| {
        stage.desk_under(name, |policy| {
            let demand = Demand { role: Role::Write, approvals: 1, teams: Vec::new() };
            policy.permissions.demand(Deed::Rollback, demand);
        })
    };
    let at = morning() + SignedDuration::from_hours(3);
    let outcome = run(strict("bob").request(&back(), 0, Some(at))).unwrap();
    assert_eq!(outcome.ending.reason, Reason::NeedsApproval);
    let id = told(&outcome.more).id;
    stage.later(2 * HOUR);
    assert_eq!(reason(run(strict("ci").verify(&look()))), Reason::NotAsked);
    assert_eq!(reason(run(strict("eve").approve(id))), Reason::Returned);
}

#[test]
fn a_request_that_waits_is_not_lost_to_the_archive() {
    let stage = sick();
    let id = ask(&stage.desk("bob"));
    let extent = crate::domain::archive::Extent::Keep(1);
    run(stage.desk("ann").prune(extent)).unwrap();
    assert!(stage.state().pruned.is_some());
    assert_eq!(reason(run(stage.desk("eve").approve(id))), Reason::Returned);
}
