//! What stands against a change, in its order.

use super::super::event::FinishOutcome;
use super::super::history::{History, ci, minute, op, versions};
use super::*;

struct Asked {
    history: History,
    versions: Versions,
    actor: &'static str,
    ci: Option<CiRun>,
    own: Option<OperationId>,
    insistence: Insistence,
    now: i64,
}

impl Asked {
    fn of(history: History) -> Self {
        Self {
            history,
            versions: versions("9.0"),
            actor: "bob",
            ci: None,
            own: None,
            insistence: Insistence::None,
            now: 10,
        }
    }

    fn endings(&self) -> Vec<Ending> {
        let request = Request {
            versions: &self.versions,
            actor: self.actor,
            ci: self.ci.as_ref(),
            own: self.own,
            insistence: self.insistence,
        };
        objections(&self.history.state(), &request, minute(self.now))
    }

    fn reasons(&self) -> Vec<Reason> {
        self.endings().into_iter().map(|ending| ending.reason).collect()
    }
}

fn two() -> History {
    History::new().deployed(1, "1.0").deployed(2, "2.0")
}

#[test]
fn nothing_stands_against_a_plain_change() {
    assert_eq!(Asked::of(two()).reasons(), []);
}

#[test]
fn anothers_lock_stands_against_it_and_ones_own_does_not() {
    let mut asked = Asked::of(two().locked(2, LockScope::All, Some(20)));
    let endings = asked.endings();
    assert_eq!(endings[0].reason, Reason::Locked);
    assert_eq!(
        endings[0].message,
        "`ann` locked `production` until 2026-03-02 08:20:00 UTC: a sale"
    );
    asked.actor = "ann";
    assert_eq!(asked.reasons(), []);
    asked.actor = "bob";
    asked.now = 20;
    assert_eq!(asked.reasons(), []);
    assert_eq!(Asked::of(two().locked(2, LockScope::Rollback, None)).reasons(), []);
}

#[test]
fn an_open_operation_stands_against_it_and_ones_own_does_not() {
    let mut asked = Asked::of(two().started(3, "3.0"));
    assert_eq!(asked.reasons(), [Reason::RefusedBusy]);
    assert_eq!(asked.endings()[0].message, "`ann`'s deployment 3 of `production` is under way");
    asked.own = Some(op(3));
    assert_eq!(asked.reasons(), []);
    asked.own = None;
    asked.now = 17;
    assert_eq!(asked.reasons(), [Reason::RefusedBusy]);
    asked.now = 18;
    let left = &asked.endings()[0];
    assert_eq!(left.reason, Reason::RefusedInterrupted);
    assert_eq!(left.next, "lastgood resume -e production");
}

#[test]
fn each_kind_of_operation_has_its_word() {
    for (kind, word) in [
        (Kind::Deploy, "`ann`'s deployment"),
        (Kind::Rollback, "`ann`'s rollback"),
        (Kind::RollForward, "`ann`'s roll-forward"),
        (Kind::Switch, "`ann`'s switch"),
    ] {
        let state = History::new().started_with(1, "1.0", |started| started.kind = kind).state();
        assert_eq!(describe(state.operation(op(1)).unwrap()), word);
    }
    let cleanup = History::new().started_with(1, "1.0", |started| {
        started.kind = Kind::Switch;
        started.empties = true;
    });
    assert_eq!(describe(cleanup.state().operation(op(1)).unwrap()), "`ann`'s cleanup");
}

#[test]
fn a_version_that_was_fled_is_refused_unless_it_runs_or_a_person_insists() {
    let mut asked = Asked::of(two().fled(3, 2, "1.0", "2.0"));
    asked.versions = versions("2.0");
    assert_eq!(asked.reasons(), [Reason::Quarantined]);
    let told = "version `2.0` of `app` was rolled back from in `production` by 3";
    assert_eq!(asked.endings()[0].message, told);
    asked.insistence = Insistence::Forced;
    assert_eq!(asked.reasons(), []);
    asked.insistence = Insistence::None;
    asked.history = asked.history.deployed(4, "2.0");
    assert_eq!(asked.reasons(), [], "what runs is not being deployed");
}

#[test]
fn insistence_overrides_neither_a_lock_nor_an_open_operation() {
    let history = two().locked(2, LockScope::All, None).started(3, "3.0");
    let mut asked = Asked::of(history);
    asked.insistence = Insistence::Forced;
    assert_eq!(asked.reasons(), [Reason::Locked, Reason::RefusedBusy]);
}

#[test]
fn a_re_run_of_an_old_pipeline_is_superseded_by_anothers_newer_deployment() {
    let history = History::new().ci("7").deployed(1, "1.0").ci("8").deployed(2, "2.0");
    let mut asked = Asked::of(history.clone());
    asked.ci = Some(ci("7"));
    assert_eq!(asked.reasons(), [Reason::RefusedSuperseded]);
    let told = "this run deployed 1 of `production` before, and `ann`'s deployment 2 is newer";
    assert_eq!(asked.endings()[0].message, told);
    asked.own = Some(op(2));
    assert_eq!(asked.reasons(), []);
    asked.own = None;
    asked.insistence = Insistence::Forced;
    assert_eq!(asked.reasons(), []);
    for id in ["8", "9"] {
        let mut other = Asked::of(history.clone());
        other.ci = Some(ci(id));
        assert_eq!(other.reasons(), [], "{id}");
    }
}

#[test]
fn a_run_is_not_superseded_by_itself_or_by_hand_work() {
    let own = History::new().ci("7").deployed(1, "1.0").deployed(2, "2.0");
    let mut asked = Asked::of(own);
    asked.ci = Some(ci("7"));
    assert_eq!(asked.reasons(), []);
    let mut other_provider =
        Asked::of(History::new().ci("7").deployed(1, "1.0").ci("8").deployed(2, "2.0"));
    other_provider.ci = Some(CiRun { provider: "elsewhere".into(), ..ci("7") });
    assert_eq!(other_provider.reasons(), []);
}

#[test]
fn what_another_run_emptied_supersedes_nothing() {
    let deployed = History::new().ci("7").deployed(1, "1.0");
    let emptied = deployed.ci("8").started_with(2, "0.9", |started| {
        started.kind = Kind::Switch;
        started.empties = true;
    });
    let emptied = emptied.finished(2, FinishOutcome::Completed);
    for (id, attempt) in [("7", None), ("6", Some(2))] {
        let ci = CiRun { attempt, ..ci(id) };
        let mut asked = Asked::of(emptied.clone());
        asked.ci = Some(ci);
        let expected = if id == "6" { vec![Reason::RefusedSuperseded] } else { vec![] };
        assert_eq!(asked.reasons(), expected, "{id}: 7 deployed, 8 only emptied");
    }
}

#[test]
fn a_re_run_that_never_came_to_deploy_is_superseded_by_a_run_with_a_greater_number() {
    let history = History::new().ci("7").deployed(1, "1.0").ci("10").deployed(2, "2.0");
    let again = |id: &str, attempt: Option<u64>| {
        let ci = CiRun { attempt, ..ci(id) };
        Asked { ci: Some(ci), ..Asked::of(history.clone()) }.reasons()
    };
    assert_eq!(again("9", Some(2)), [Reason::RefusedSuperseded], "as numbers, not as texts");
    assert_eq!(again("9", Some(1)), [], "it is only late");
    assert_eq!(again("9", None), []);
    assert_eq!(again("11", Some(3)), []);
    assert_eq!(again("pipeline-9", Some(2)), []);
    assert_eq!(again("10", Some(2)), [], "it is the newest itself");
}
