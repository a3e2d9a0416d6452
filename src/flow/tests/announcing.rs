//! What people see follows the ledger, and holds nothing up.

use std::sync::Arc;
use std::time::Duration;

use super::super::announce::{News, Pace};
use super::super::fakes::{FakeShowcase, Mood, Stage, Writer, commit, reason, run, versions};
use super::super::halt::Step;
use super::recording::begin_order;
use super::verifying::{guard, look};
use crate::domain::archive::Extent;
use crate::domain::ending::Reason;
use crate::domain::outcome::Outcome;
use crate::ports::Progress;

const HOUR: Duration = Duration::from_secs(3600);

/// A stage whose deployments are shown.
struct Street {
    stage: Stage,
    showcase: Arc<FakeShowcase>,
}

struct Notes(super::super::fakes::Transcript);

impl Progress for Notes {
    fn tell(&self, line: &str) {
        self.0.tell(format!("said: {line}"));
    }
}

impl Street {
    fn new() -> Self {
        let stage = Stage::default();
        let showcase = Arc::new(FakeShowcase::on(&stage));
        Self { stage, showcase }
    }

    /// One stable deployment `1.0`, shown as such.
    fn good() -> Self {
        let street = Self::new();
        street.records("1.0", 'a');
        assert_eq!(reason(street.verifies()), Reason::Healthy);
        street.stage.later(HOUR);
        street.stage.told();
        street
    }

    fn is(&self, mood: Mood) {
        *self.showcase.mood.lock().unwrap() = mood;
    }

    fn desk(&self) -> Writer {
        let notes = Arc::new(Notes(self.stage.transcript.clone()));
        self.stage.desk_with("bob", Duration::ZERO, 1, |desk| {
            desk.ports.showcase = Some(self.showcase.clone());
            desk.ports.progress = notes;
        })
    }

    fn does<T>(&self, act: impl AsyncFnOnce(Writer) -> T) -> T {
        let desk = self.desk();
        let shown = desk.desk.clone();
        run(shown.announcing(act(desk)))
    }

    fn records(&self, version: &str, digit: char) {
        self.stage.ship(version);
        self.does(async |desk| {
            let order = desk.record_order(versions(version), Some(commit(digit)));
            desk.record(&order).await
        })
        .unwrap();
    }

    fn verifies(&self) -> Step<Outcome> {
        self.does(async |desk| desk.verify(&guard()).await)
    }

    /// What was shown, and what was said of it.
    fn shown(&self) -> Vec<String> {
        let told = self.stage.told().into_iter();
        told.filter_map(|line| {
            let said = line.strip_prefix("said: ").filter(|said| said.contains("platform"));
            line.strip_prefix("shown: ").or(said).map(ToOwned::to_owned)
        })
        .collect()
    }
}

#[test]
fn a_recorded_deployment_is_shown_and_proven() {
    let street = Street::new();
    street.records("1.0", 'a');
    let recorded = [
        "list",
        "make deployment 1: app 1.0",
        "commit aaaaaaaaaa Pending",
        "InProgress, lastgood 1: deployed; the gate has not judged it yet",
    ];
    assert_eq!(street.shown(), recorded);
    assert_eq!(reason(street.verifies()), Reason::Healthy);
    let proven = [
        "list",
        "look at 1",
        "commit aaaaaaaaaa Success",
        "Success, lastgood 1: stable; 1 of 1 checks passed",
    ];
    assert_eq!(street.shown(), proven);
}

#[test]
fn a_look_at_what_is_shown_rightly_shows_nothing() {
    let street = Street::good();
    assert_eq!(reason(street.verifies()), Reason::Healthy);
    let told = street.stage.told();
    assert_eq!(told, ["said: it answers: it answers", "shown: list", "shown: look at 1"]);
}

#[test]
fn a_sick_deployment_is_shown_as_failed_and_the_way_back_as_its_own() {
    let street = Street::good();
    street.records("2.0", 'b');
    street.stage.sicken("2.0");
    assert_eq!(reason(street.verifies()), Reason::RolledBack);
    let all = ["1 InProgress Success Inactive", "2 InProgress Failure", "3 Success"];
    assert_eq!(street.showcase.shows(), all);
    let shown = street.shown();
    assert!(
        shown.iter().any(|line| line.starts_with("make rollback 3 to 1: app 1.0")),
        "{shown:?}"
    );
    assert!(shown.iter().any(|line| line == "commit bbbbbbbbbb Failure"), "{shown:?}");
    assert!(shown.len() <= 15, "{shown:?}");
}

#[test]
fn an_intent_is_shown_while_it_is_under_way() {
    let street = Street::good();
    street.does(async |desk| {
        let order = begin_order("2.0");
        desk.begin(&order).await.unwrap();
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(street.showcase.shows(), ["1 InProgress Success", "2 InProgress"]);
    });
}

#[test]
fn a_platform_that_never_answers_holds_nothing_up_but_the_end_for_a_moment() {
    let street = Street::good();
    street.stage.ship("2.0");
    street.stage.sicken("2.0");
    street.is(Mood::Silent);
    street.records("2.0", 'b');
    let before = *street.stage.time.lock().unwrap();
    let desk = street.desk();
    let act = async {
        let outcome = desk.verify(&guard()).await;
        (outcome, *street.stage.time.lock().unwrap())
    };
    let (outcome, after_the_act) = run(desk.announcing(act));
    assert_eq!(reason(outcome), Reason::RolledBack);
    let after = *street.stage.time.lock().unwrap();
    assert_eq!(after, after_the_act + Duration::from_secs(3));
    assert!(after_the_act > before, "the gate took its own time");
    let said = "the platform was too slow to be told all; the next command tells it";
    assert_eq!(street.shown(), [said; 2]);
}

#[test]
fn a_platform_that_was_waited_for_in_vain_is_not_waited_for_again_in_the_same_step() {
    let street = Street::good();
    street.is(Mood::Silent);
    street.stage.ship("2.0");
    let (pace, start) = (Pace::default(), *street.stage.time.lock().unwrap());
    let at_pace = || {
        let mut desk = street.desk();
        desk.desk.news = News::at(&pace);
        desk
    };
    let desk = at_pace();
    let order = desk.record_order(versions("2.0"), Some(commit('b')));
    run(desk.announcing(desk.record(&order))).unwrap();
    let recorded = *street.stage.time.lock().unwrap();
    assert_eq!(recorded, start + Duration::from_secs(3));
    let desk = at_pace();
    let looked = async {
        let outcome = desk.verify(&look()).await;
        (outcome, *street.stage.time.lock().unwrap())
    };
    let (outcome, after_the_look) = run(desk.announcing(looked));
    assert_eq!(reason(outcome), Reason::Healthy);
    assert_eq!(*street.stage.time.lock().unwrap(), after_the_look);
    let said = "the platform was too slow to be told all; the next command tells it";
    assert_eq!(street.shown(), [said], "it is said once");
}

#[test]
fn what_could_not_be_told_is_told_by_the_next_command() {
    let street = Street::good();
    street.is(Mood::Away);
    street.records("2.0", 'b');
    street.stage.sicken("2.0");
    assert_eq!(reason(street.verifies()), Reason::RolledBack);
    assert_eq!(street.shown(), ["could not reach the platform"; 2]);
    assert_eq!(street.showcase.shows(), ["1 InProgress Success"]);
    street.is(Mood::Well);
    assert_eq!(reason(street.verifies()), Reason::Healthy);
    let all = ["1 InProgress Success Inactive", "2 Failure", "3 Success"];
    assert_eq!(street.showcase.shows(), all);
}

#[test]
fn without_leave_to_set_commit_statuses_deployments_are_shown_all_the_same() {
    let street = Street::new();
    street.is(Mood::NoCommitStatuses);
    street.records("1.0", 'a');
    assert_eq!(reason(street.verifies()), Reason::Healthy);
    assert_eq!(street.showcase.shows(), ["1 InProgress Success"]);
}

#[test]
fn an_environment_that_is_closed_shows_nothing_live() {
    let street = Street::good();
    street.does(async |desk| desk.prune(Extent::Retire).await).unwrap();
    assert_eq!(street.showcase.shows(), ["1 InProgress Success Inactive"]);
}

#[test]
fn reading_asks_the_platform_nothing() {
    let street = Street::good();
    street.does(async |desk| desk.status().await).unwrap();
    street.does(async |desk| desk.plan_verify(&look()).await).unwrap();
    assert_eq!(street.shown(), [""; 0]);
}
