//! What each verdict leads to, rule by rule.

use std::time::Duration;

use super::super::event::{FinishOutcome, Kind, LockScope, StepOutcome};
use super::super::history::{History, minute, op, production, service, versions};
use super::super::policy::Reactions;
use super::*;

/// `1.0` stable at minute 1, `2.0` deployed at minute 100.
fn two() -> History {
    History::new().deployed(1, "1.0").stable(1).at(100).deployed(2, "2.0")
}

struct Case {
    history: History,
    policy: Policy,
    recovery: Recovery,
    means: Means,
    seen: Seen,
    now: i64,
}

impl Case {
    /// The newest deployment of a history is found so, at minute 200.
    fn new(history: History, verdict: Verdict) -> Self {
        let versions = history.state().versions();
        let failed = BTreeSet::new();
        let common_failure = CommonFailure::Some;
        let fails = BTreeSet::new();
        let (drift, decided) = (None, None);
        let seen = Seen { verdict, versions, fails, failed, common_failure, drift, decided };
        let (recovery, means) = (Recovery::Automatic, Means::Driver);
        Self { history, policy: Policy::default(), recovery, means, seen, now: 200 }
    }

    fn sick(history: History) -> Self {
        Self::new(history, Verdict::Unhealthy)
    }

    fn decided(&self) -> Decision {
        let state = self.history.state();
        let subject = state.current().unwrap();
        let tags = TagNames::new("", &production());
        let rules = Rules {
            policy: &self.policy,
            recovery: self.recovery,
            means: self.means,
            tags: &tags,
            now: minute(self.now),
        };
        weigh(&state, subject, &self.seen, &rules)
    }

    #[track_caller]
    fn ends(&self, reason: Reason, stability: StabilityChange) {
        let decision = self.decided();
        match decision.next {
            Next::End(ending) => assert_eq!(ending.reason, reason, "{}", ending.message),
            Next::RollBack => panic!("it is rolled back"),
        }
        assert_eq!(decision.stability, stability);
    }

    #[track_caller]
    fn holds(&self, reason: Reason) {
        self.ends(reason, StabilityChange::None);
    }

    #[track_caller]
    fn goes_back(&self) {
        assert_eq!(self.decided().next, Next::RollBack);
    }
}

#[test]
fn a_healthy_deployment_is_marked_and_a_stable_one_stays() {
    Case::new(two(), Verdict::Healthy).ends(Reason::Healthy, StabilityChange::Mark);
    Case::new(two().stable(2), Verdict::Healthy).holds(Reason::Healthy);
}

#[test]
fn a_healthy_deployment_soaks_until_exactly_its_age() {
    let mut case = Case::new(two(), Verdict::Healthy);
    case.policy.verify.stable_after = Duration::from_secs(100 * 60);
    case.ends(Reason::Healthy, StabilityChange::Mark);
    case.now = 199;
    case.holds(Reason::Soaking);
}

#[test]
fn a_deployment_from_the_future_of_a_slow_clock_is_new() {
    let mut case = Case::new(two(), Verdict::Healthy);
    case.now = 50;
    case.ends(Reason::Healthy, StabilityChange::Mark);
}

#[test]
fn what_bars_a_healthy_deployment_from_being_marked() {
    let barred = |what: &mut super::super::event::Deployed| what.barred = Some("locked".into());
    let held = two().fled(3, 2, "1.0", "2.0").deployed(4, "2.0");
    let twins = two().twin().deployed(2, "2.1");
    for history in [
        History::new().deployed_with(1, "1.0", barred),
        two().bad(2),
        two().strayed(1, "app"),
        held,
        twins,
    ] {
        Case::new(history, Verdict::Healthy).holds(Reason::NotMarked);
    }
    Case::new(two().strayed(1, "web"), Verdict::Healthy)
        .ends(Reason::Healthy, StabilityChange::Mark);
}

#[test]
fn a_sick_deployment_is_fled() {
    Case::sick(two()).goes_back();
}

#[test]
fn what_no_longer_runs_is_superseded_and_what_is_open_is_busy_or_interrupted() {
    let mut case = Case::sick(two());
    case.seen.versions = versions("1.9");
    case.holds(Reason::Superseded);
    let mut open = Case::sick(two().started(3, "3.0"));
    open.now = 110;
    open.holds(Reason::Busy);
    open.now = 200;
    open.holds(Reason::Interrupted);
}

#[test]
fn the_configuration_says_what_each_verdict_leads_to() {
    use Reaction::{Hold, Pass, Rollback};
    let decided = |verdict, reaction| {
        let mut case = Case::new(two(), verdict);
        case.policy.verify.on =
            Reactions { fail: reaction, error: reaction, inconclusive: reaction };
        match case.decided().next {
            Next::End(ending) => Some(ending.reason),
            Next::RollBack => None,
        }
    };
    for (verdict, held) in [
        (Verdict::Unhealthy, Reason::Held),
        (Verdict::Error, Reason::ChecksBroken),
        (Verdict::Inconclusive, Reason::NoData),
    ] {
        assert_eq!(decided(verdict, Hold), Some(held));
        assert_eq!(decided(verdict, Pass), Some(Reason::NotMarked));
        assert_eq!(decided(verdict, Rollback), None);
    }
}

#[test]
fn each_instrument_verdict_has_its_own_reaction() {
    let mut case = Case::new(two(), Verdict::Error);
    case.policy.verify.on.error = Reaction::Rollback;
    case.goes_back();
    case.seen.verdict = Verdict::Inconclusive;
    case.holds(Reason::NoData);
    case.policy.verify.on.inconclusive = Reaction::Rollback;
    case.goes_back();
}

#[test]
fn without_being_asked_nothing_is_undone_and_a_stable_one_is_demoted() {
    let mut case = Case::sick(two().stable(2));
    case.recovery = Recovery::Report;
    case.ends(Reason::NotAsked, StabilityChange::Demote);
    let mut fresh = Case::sick(two());
    fresh.recovery = Recovery::Report;
    fresh.holds(Reason::NotAsked);
}

#[test]
fn a_stable_deployment_is_demoted_and_fled_up_to_exactly_the_window() {
    let mut case = Case::sick(two().stable(2));
    case.policy.rollback.within = Duration::from_secs(100 * 60);
    assert_eq!(case.decided().stability, StabilityChange::Demote);
    case.goes_back();
    case.now = 201;
    case.holds(Reason::OutsideWindow);
}

#[test]
fn another_version_is_drift_only_once_the_deployment_was_stable() {
    let mut case = Case::sick(two().stable(2));
    case.seen.drift = Some("9.9".into());
    case.holds(Reason::Drift);
    let mut fresh = Case::sick(two());
    fresh.seen.drift = Some("9.9".into());
    fresh.goes_back();
}

#[test]
fn neither_a_rollback_nor_a_roll_forward_is_rolled_back() {
    Case::sick(two().fled(3, 2, "1.0", "2.0")).holds(Reason::RolledBackSick);
    let forward = two().deployed_with(3, "3.0", |what| what.kind = Kind::RollForward);
    Case::sick(forward).holds(Reason::RollForwardSick);
    let switch = two().deployed_with(3, "3.0", |what| what.kind = Kind::Switch);
    Case::sick(switch).goes_back();
}

#[test]
fn a_deployment_that_changed_nothing_after_a_stable_one_is_not_what_broke() {
    Case::sick(two().stable(2).deployed(3, "2.0")).holds(Reason::Unchanged);
    Case::sick(two().deployed(3, "2.0")).goes_back();
    Case::sick(two().stable(2).deployed(3, "2.0 web=1.0")).goes_back();
    Case::sick(two().stable(2).deployed_with(3, "", |_| ())).holds(Reason::Unchanged);
}

#[test]
fn a_deployment_whose_driver_failed_changed_something() {
    let history = two()
        .stable(2)
        .started(3, "3.0")
        .done(3, "app", StepOutcome::Failed)
        .deployed_with(3, "", |what| what.unknown = vec![service("app")])
        .finished(3, FinishOutcome::Failed);
    Case::sick(history).goes_back();
}

#[test]
fn a_lock_of_either_kind_keeps_the_gate_from_acting_until_it_ends() {
    for scope in [LockScope::All, LockScope::Rollback] {
        let mut case = Case::sick(two().locked(2, scope, Some(200)));
        case.goes_back();
        case.now = 199;
        case.holds(Reason::LockedRollback);
        Case::sick(two().locked(2, scope, None).unlocked(2, scope)).goes_back();
    }
}

#[test]
fn while_two_histories_meet_or_something_is_unknown_nothing_is_undone() {
    Case::sick(two().twin().deployed(2, "2.1")).holds(Reason::Unsettled);
    Case::sick(two().strayed(1, "web")).holds(Reason::Unsettled);
    let greater = two().twin().deployed(2, "2.1").deployed(3, "3.0");
    Case::sick(greater).goes_back();
}

#[test]
fn so_many_automatic_rollbacks_in_exactly_the_time_are_enough() {
    let history = two().fled(3, 2, "1.0", "2.0").at(150).deployed(4, "4.0");
    let mut case = Case::sick(history);
    case.policy.rollback.limit.count = 1;
    case.policy.rollback.limit.per = Duration::from_secs(99 * 60);
    case.policy.rollback.cooldown = Duration::ZERO;
    case.holds(Reason::Flapping);
    case.now = 201;
    case.goes_back();
    case.now = 200;
    case.policy.rollback.limit.count = 2;
    case.goes_back();
}

#[test]
fn right_after_an_automatic_rollback_the_gate_waits_for_exactly_the_cooldown() {
    let mut case = Case::sick(two().fled(3, 2, "1.0", "2.0").deployed(4, "4.0"));
    case.policy.rollback.cooldown = Duration::from_secs(99 * 60);
    case.holds(Reason::Cooldown);
    case.now = 201;
    case.goes_back();
}

#[test]
fn without_a_target_or_a_driver_nothing_is_undone() {
    Case::sick(History::new().at(100).deployed(1, "1.0")).holds(Reason::NoTarget);
    let held = two().bad(1).good(1).bad(2).deployed(3, "3.0");
    Case::sick(held).goes_back();
    let only_held = History::new()
        .deployed(1, "1.0")
        .deployed(2, "1.0 web=1.0")
        .stable(1)
        .bad(2)
        .at(100)
        .deployed(3, "3.0");
    Case::sick(only_held).holds(Reason::QuarantinedTarget);
    let mut driverless = Case::sick(two());
    driverless.means = Means::Missing;
    driverless.holds(Reason::NoDriver);
}

#[test]
fn what_moved_on_is_told_with_both_versions() {
    let state = two().state();
    let told = moved_on(&state, &versions("1.0")).unwrap();
    assert_eq!(told.message, "`app` was judged at `1.0` and runs `2.0` now");
    let gone = moved_on(&state, &versions("web=1.0")).unwrap();
    assert_eq!(gone.message, "`web` was judged at `1.0` and runs `nothing` now");
    assert_eq!(moved_on(&state, &versions("2.0")), None);
    assert_eq!(state.operation(op(2)).unwrap().n, 2);
}

#[test]
fn a_policy_has_the_last_word_but_over_drift_and_stability() {
    let with = |answer, history: History| {
        let mut case = Case::sick(history);
        case.seen.decided = Some(answer);
        case
    };
    with(Reaction::Rollback, two()).goes_back();
    with(Reaction::Hold, two()).holds(Reason::Held);
    with(Reaction::Pass, two()).holds(Reason::NotMarked);
    with(Reaction::Hold, two().stable(2)).ends(Reason::Held, StabilityChange::Demote);
    with(Reaction::Pass, two().stable(2)).holds(Reason::NotMarked);
    let mut drifted = with(Reaction::Rollback, two().stable(2));
    drifted.seen.drift = Some("1.9".to_owned());
    drifted.holds(Reason::Drift);
    let mut locked = with(Reaction::Rollback, two());
    locked.recovery = Recovery::Report;
    locked.holds(Reason::NotAsked);
}

#[test]
fn what_failed_before_the_deployment_is_no_reason_to_flee_it() {
    let before = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let history = History::new().deployed(1, "1.0").stable(1).at(100);
        history.started_with(2, "2.0", |what| what.failed_before = names).deployed(2, "2.0")
    };
    let fails = |history: History, names: &[&str]| {
        let mut case = Case::sick(history);
        case.seen.fails = names.iter().map(|name| (*name).to_owned()).collect();
        case
    };
    fails(before(&["a", "b"]), &["a"]).holds(Reason::FailedBefore);
    fails(before(&["a"]), &["a", "b"]).goes_back();
    fails(before(&[]), &["a"]).goes_back();
}
