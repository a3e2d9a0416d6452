//! Targets that the ledger calls good and others do not.

use super::super::fakes::{Stage, commit, reason, run};
use super::rolling_back::back;
use super::verifying::{guard, look};
use crate::domain::admission::Insistence;
use crate::domain::ending::Reason;
use crate::domain::names::Commit;
use crate::domain::outcome::{Safety, SafetyRule, Severity};
use crate::domain::version::Versions;
use crate::domain::vouch::{Branches, TagDemand};
use crate::flow::cancel::CancelOrder;
use crate::flow::fakes::{Writer, versions};
use crate::flow::order::RollbackOrder;
use crate::ports::FoundTag;

/// `1.0` of commit `a` is stable, `2.0` of commit `b` runs and is sick.
fn stage() -> Stage {
    let stage = Stage::default();
    let ship = |text: &str, digit: char| {
        stage.ship(text);
        let ann = stage.desk("ann");
        run(ann.record(&ann.record_order(of(text, digit), Some(commit(digit))))).unwrap();
    };
    ship("1.0", 'a');
    run(stage.desk("ann").verify(&look())).unwrap();
    ship("2.0", 'b');
    stage.sicken("2.0");
    stage.told();
    stage
}

fn of(text: &str, digit: char) -> Versions {
    let built = |(service, version): (_, crate::domain::version::Version)| {
        (service, version.at(commit(digit)))
    };
    versions(text).into_iter().map(built).collect()
}

fn forced() -> RollbackOrder {
    RollbackOrder { insistence: Insistence::Forced, ..back() }
}

/// Somebody who demands a branch and a tag.
fn strict(stage: &Stage) -> Writer {
    stage.desk_under("bob", |policy| {
        policy.target.reachable_from = Branches::Named(vec!["main".to_owned()]);
        policy.target.tag = TagDemand::Required;
    })
}

fn apart(stage: &Stage, commit: &Commit) {
    stage.lineage.apart.lock().unwrap().insert(commit.to_string());
}

fn away(stage: &Stage) {
    *stage.lineage.away.lock().unwrap() = true;
}

fn said(safety: &[Safety], name: SafetyRule) -> (bool, Severity) {
    let safety = safety.iter().find(|safety| safety.name == name).unwrap();
    (safety.passed, safety.severity)
}

/// Moves the tag of deployment 1 to another object.
fn retag(stage: &Stage, message: &str) {
    let mut remote = stage.remote.lock().unwrap();
    let tag = remote.tags.get_mut("deploy/production/1").unwrap();
    *tag = FoundTag { object: message.to_owned(), ..tag.clone() };
}

#[test]
fn what_is_part_of_the_branch_and_tagged_is_gone_back_to() {
    let stage = stage();
    let outcome = run(stage.desk("bob").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    let safety = outcome.rollback.unwrap().safety;
    assert!(safety.iter().all(|safety| safety.passed), "{safety:?}");
    assert_eq!(*stage.lineage.asked.lock().unwrap(), ["a Default"]);
}

#[test]
fn a_commit_that_is_not_part_of_the_branch_is_refused_unless_a_person_insists() {
    let stage = stage();
    apart(&stage, &commit('a'));
    assert_eq!(reason(run(stage.desk("bob").rollback(&back()))), Reason::TargetNotReachable);
    assert_eq!((stage.told(), stage.runs()), (Vec::new(), "app=2.0".to_owned()));
    assert_eq!(reason(run(stage.desk("bob").rollback(&forced()))), Reason::Returned);
}

#[test]
fn lastgood_does_not_go_back_to_it_by_itself_either() {
    let stage = stage();
    apart(&stage, &commit('a'));
    let ended = reason(run(stage.desk("bob").verify(&guard())));
    assert_eq!(ended, Reason::UnreachableTarget);
    assert_eq!((ended.outcome().exit_code(), stage.runs()), (3, "app=2.0".to_owned()));
}

#[test]
fn a_deploy_whose_driver_fails_and_that_may_not_go_back_needs_help() {
    let stage = stage();
    stage.heal();
    run(stage.desk("ann").verify(&look())).unwrap();
    apart(&stage, &commit('b'));
    apart(&stage, &commit('a'));
    let bob = stage.desk("bob");
    bob.driver.fail("app");
    let ended = reason(run(bob.deploy(&super::recording::begin_order("3.0"))));
    assert_eq!(ended, Reason::DeployFailed);
}

#[test]
fn what_nobody_can_tell_is_a_warning_and_refused_where_a_branch_was_named() {
    let stage = stage();
    away(&stage);
    assert_eq!(reason(run(strict(&stage).rollback(&back()))), Reason::TargetNotReachable);
    let outcome = run(stage.desk("bob").rollback(&back())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Returned);
    let safety = outcome.rollback.unwrap().safety;
    assert_eq!(said(&safety, SafetyRule::TargetReachable), (false, Severity::Warning));
}

#[test]
fn a_version_without_a_commit_cannot_be_part_of_anything() {
    let stage = super::verifying::sick();
    assert_eq!(reason(run(strict(&stage).rollback(&back()))), Reason::TargetNotReachable);
    assert_eq!(reason(run(stage.desk("bob").rollback(&back()))), Reason::Returned);
}

#[test]
fn a_missing_tag_is_a_warning_and_refused_where_it_is_required() {
    let stage = stage();
    stage.remote.lock().unwrap().tags.remove("deploy/production/1");
    assert_eq!(reason(run(strict(&stage).rollback(&back()))), Reason::TargetNotTagged);
    let outcome = run(stage.desk("bob").rollback(&back())).unwrap();
    let safety = outcome.rollback.unwrap().safety;
    assert_eq!(said(&safety, SafetyRule::TargetTagged), (false, Severity::Warning));
}

#[test]
fn a_tag_that_says_something_else_is_refused_in_any_case() {
    for message in ["by hand", r#"deploy {"operation":"01JD0000000000000000000002","versions":{}}"#]
    {
        let stage = stage();
        retag(&stage, message);
        assert_eq!(reason(run(stage.desk("bob").rollback(&back()))), Reason::TargetNotTagged);
        assert_eq!(reason(run(stage.desk("bob").verify(&guard()))), Reason::UntaggedTarget);
        assert_eq!(stage.runs(), "app=2.0");
        assert_eq!(reason(run(stage.desk("bob").rollback(&forced()))), Reason::Returned);
    }
}

#[test]
fn a_dry_run_shows_what_stands_against_it() {
    let stage = stage();
    away(&stage);
    let outcome = run(stage.desk("bob").plan_rollback(&back())).unwrap();
    let names: Vec<SafetyRule> =
        outcome.rollback.unwrap().safety.iter().map(|safety| safety.name).collect();
    assert_eq!(
        names,
        [
            SafetyRule::TargetStable,
            SafetyRule::TargetNotQuarantined,
            SafetyRule::TargetReachable,
            SafetyRule::TargetTagged,
        ]
    );
}

#[test]
fn where_another_target_is_chosen_meanwhile_it_is_asked_after_too() {
    let stage = stage();
    stage.ship("3.0");
    let ann = stage.desk("ann");
    run(ann.record(&ann.record_order(of("3.0", 'c'), Some(commit('c'))))).unwrap();
    apart(&stage, &commit('b'));
    let (bob, ida) = (stage.desk("bob"), stage.desk("ida"));
    bob.ledger.before_write(0, move || {
        run(ida.mark(2, &crate::flow::mark::Mark::Good, None)).unwrap();
    });
    assert_eq!(reason(run(bob.rollback(&back()))), Reason::TargetNotReachable);
    assert_eq!(*stage.lineage.asked.lock().unwrap(), ["a Default", "b Default"]);
}

#[test]
fn what_was_asked_for_is_held_to_it_when_it_is_carried_out() {
    let stage = stage();
    let outcome = run(stage.desk("bob").request(&back(), 1, None)).unwrap();
    let crate::domain::outcome::More::Requested { request } = outcome.more else { panic!() };
    apart(&stage, &commit('a'));
    assert_eq!(reason(run(stage.desk("eve").approve(request.id))), Reason::TargetNotReachable);
    assert_eq!(stage.runs(), "app=2.0");
}

#[test]
fn a_line_that_insists_does_not_overrule_a_branch_when_nobody_is_there() {
    let stage = stage();
    let time = stage.desk("bob").now() + jiff::SignedDuration::from_hours(1);
    let insists =
        RollbackOrder { wanted: crate::domain::target::Wanted::Named("1".to_owned()), ..forced() };
    for apart_by_then in [true, false] {
        run(stage.desk("bob").request(&insists, 0, Some(time))).unwrap();
        if apart_by_then {
            apart(&stage, &commit('a'));
        } else {
            stage.lineage.apart.lock().unwrap().clear();
        }
        stage.told();
        stage.later(std::time::Duration::from_secs(3601).saturating_mul(u32::from(apart_by_then)));
        let _ = run(stage.desk("ci").verify(&look()));
        let told = stage.told();
        let withdrawn = told.iter().any(|line| line.contains("withdrawn"));
        assert_eq!(withdrawn, apart_by_then, "{told:?}");
        assert_eq!(stage.runs(), if apart_by_then { "app=2.0" } else { "app=1.0" });
    }
}

/// `2.0` of commit `b` was rolled back from, and answers well by now.
fn returned() -> Stage {
    let stage = stage();
    run(stage.desk("bob").rollback(&back())).unwrap();
    stage.heal();
    stage.lineage.asked.lock().unwrap().clear();
    stage.told();
    stage
}

fn insisting() -> CancelOrder {
    CancelOrder { reason: Some("it is mine".to_owned()), insistence: Insistence::Forced }
}

#[test]
fn a_cancel_goes_forward_to_what_the_branch_holds_and_the_tag_says() {
    let stage = returned();
    let outcome = run(stage.desk("ann").cancel(&CancelOrder::default())).unwrap();
    assert_eq!(outcome.ending.reason, Reason::Done);
    let safety = outcome.rollback.unwrap().safety;
    assert!(safety.len() == 2 && safety.iter().all(|one| one.passed), "{safety:?}");
    assert_eq!(*stage.lineage.asked.lock().unwrap(), ["b Default"]);
}

#[test]
fn a_cancel_to_what_no_branch_holds_is_refused_unless_a_person_insists() {
    let stage = returned();
    apart(&stage, &commit('b'));
    let ann = stage.desk("ann");
    let plain = CancelOrder::default();
    assert_eq!(reason(run(ann.plan_cancel(&plain))), Reason::TargetNotReachable);
    assert_eq!(reason(run(ann.cancel(&plain))), Reason::TargetNotReachable);
    assert_eq!((stage.told(), stage.runs()), (Vec::new(), "app=1.0".to_owned()));
    assert_eq!(reason(run(ann.cancel(&insisting()))), Reason::Done);
}

#[test]
fn a_cancel_is_held_to_a_branch_and_a_tag_that_must_be_there() {
    let stage = returned();
    away(&stage);
    assert_eq!(
        reason(run(strict(&stage).cancel(&CancelOrder::default()))),
        Reason::TargetNotReachable
    );
    *stage.lineage.away.lock().unwrap() = false;
    let tag = stage.remote.lock().unwrap().tags.remove("deploy/production/2").unwrap();
    assert_eq!(
        reason(run(strict(&stage).cancel(&CancelOrder::default()))),
        Reason::TargetNotTagged
    );
    stage.remote.lock().unwrap().tags.insert("deploy/production/2".to_owned(), tag);
    assert_eq!(reason(run(strict(&stage).cancel(&CancelOrder::default()))), Reason::Done);
}

#[test]
fn a_rollback_that_says_it_fled_another_version_than_was_deployed_cannot_be_cancelled() {
    let stage = returned();
    let forge =
        |line: &mut String| *line = line.replace(r#""version":"2.0""#, r#""version":"6.6""#);
    let mut remote = stage.remote.lock().unwrap();
    let of_rollback = |text: &str| text.contains(r#""n":3,"#);
    let lines = remote.live.lines.iter_mut().filter(|line| of_rollback(&line.text));
    lines.for_each(|line| forge(&mut line.text));
    drop(remote);
    let refused = reason(run(stage.desk("ann").cancel(&CancelOrder::default())));
    assert_eq!((refused, stage.runs()), (Reason::TargetNotTagged, "app=1.0".to_owned()));
}
