//! Random histories, and what holds in all of them.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Record(u8, u8),
    Point,
    Mark(u8),
    Back(u8),
    Stable,
    One(u8, u8),
    Auto(u8),
    Cancel,
    Clean,
    Crash(u8),
    TakeUp,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_u8, 0..4_u8).prop_map(|(service, version)| Step::Record(service, version)),
        3 => Just(Step::Point),
        2 => any::<u8>().prop_map(Step::Mark),
        3 => any::<u8>().prop_map(Step::Back),
        2 => Just(Step::Stable),
        1 => (0..3_u8, any::<u8>()).prop_map(|(service, point)| Step::One(service, point)),
        1 => (0..3_u8).prop_map(Step::Auto),
        3 => Just(Step::Cancel),
        1 => Just(Step::Clean),
        2 => any::<u8>().prop_map(Step::Crash),
        1 => Just(Step::TakeUp),
    ]
}

type Told = Result<RollbackResult, RollbackError>;

/// The manager, and what must be true of it.
struct Walk {
    stage: Stage,
    manager: Manager,
    /// What ran at some time, whole.
    were: BTreeSet<String>,
    marked: BTreeSet<String>,
    /// What a cancel would bring back; none where the last change is no rollback.
    before: Option<String>,
}

const SERVICES: [&str; 3] = ["api", "db", "web"];

impl Walk {
    fn new() -> Self {
        let stage = Stage::default();
        let manager = stage.manager(RollbackStrategy::ServiceByService);
        let (were, marked) = ([String::new()].into(), BTreeSet::new());
        Self { stage, manager, were, marked, before: None }
    }

    fn point(&self, at: u8) -> Option<String> {
        let all = self.manager.history();
        let at = usize::from(at).checked_rem(all.len())?;
        Some(all[at].id.clone())
    }

    fn take(&mut self, step: &Step) {
        let (ran, was_open) = (runs(&self.manager), self.manager.is_interrupted());
        match step {
            Step::Record(service, version) => {
                self.record(SERVICES[usize::from(*service)], *version);
            }
            Step::Point => {
                let id = self.manager.create_restore_point("a point");
                assert_eq!(self.manager.history().last().unwrap().id, id);
            }
            Step::Mark(at) => {
                if let Some(id) = self.point(*at) {
                    self.manager.mark_stable(&id).unwrap();
                    self.marked.insert(id);
                }
            }
            Step::Back(at) => {
                if let Some(id) = self.point(*at) {
                    let meant = self.after(|point| point.id == id, |_| true);
                    let result = self.manager.rollback_to(&id);
                    self.went_back(&ran, was_open, &meant, result);
                }
            }
            Step::Stable => {
                let meant = self.after(|point| point.is_stable, |_| true);
                let result = self.manager.rollback_to_stable();
                self.went_back(&ran, was_open, &meant, result);
            }
            Step::One(service, at) => {
                if let Some(id) = self.point(*at) {
                    let only = SERVICES[usize::from(*service)];
                    let meant = self.after(|point| point.id == id, |name| name == only);
                    let result = self.manager.rollback_service(only, &id);
                    self.went_back(&ran, was_open, &meant, result);
                }
            }
            Step::Auto(service) => {
                let meant = self.after(|point| point.is_stable, |_| true);
                self.stage.sicken(SERVICES[usize::from(*service)]);
                let result = self.manager.check_and_auto_rollback();
                self.stage.heal();
                if let Some(result) = result {
                    self.went_back(&ran, was_open, &meant, Ok(result));
                }
            }
            Step::Cancel => self.cancel(&ran, was_open),
            Step::Clean => {
                let (had, gone) = (self.manager.history().len(), self.manager.cleanup_history());
                assert_eq!(self.manager.history().len(), had - gone);
            }
            Step::Crash(at) => self.crash(*at),
            Step::TakeUp => self.take_up(),
        }
        self.hold(&ran, was_open, step);
    }

    fn record(&mut self, service: &str, version: u8) {
        let version = DeployedVersion::new(service, version.to_string(), "");
        if self.manager.record_deployment(version).is_ok() {
            self.before = None;
            self.were.insert(runs(&self.manager));
        }
    }

    /// Returns what may run after going back to one of these points with these services.
    fn after(&self, to: impl Fn(&RestorePoint) -> bool, of: impl Fn(&str) -> bool) -> Vec<String> {
        let points = self.manager.history().iter().filter(|point| to(point));
        let overlaid = points.map(|point| {
            let mut versions = self.manager.current_versions().clone();
            let own = point.versions.iter().filter(|(name, _)| of(name));
            versions.extend(own.map(|(name, version)| (name.clone(), version.clone())));
            words(&versions)
        });
        overlaid.collect()
    }

    fn went_back(&mut self, ran: &str, was_open: bool, meant: &[String], result: Told) {
        let now = runs(&self.manager);
        if was_open {
            assert_eq!(result, Err(RollbackError::RollbackInProgress));
        } else if result.is_ok_and(|result| !result.new_versions.is_empty()) {
            assert!(meant.contains(&now), "{now} is none of {meant:?}");
            self.before = Some(ran.to_owned());
            // What no point holds stays, so that this can be a mixture.
            self.were.insert(now);
        } else {
            assert_eq!(now, ran);
        }
    }

    fn cancel(&mut self, ran: &str, was_open: bool) {
        let result = self.manager.cancel_rollback();
        assert!(!self.manager.is_interrupted());
        if was_open {
            assert!(result.unwrap().success);
            assert_eq!(runs(&self.manager), ran, "a crash is put back to where it began");
        } else if let Some(before) = self.before.take() {
            assert!(result.unwrap().success);
            assert_eq!(runs(&self.manager), before, "exactly one rollback is undone");
        } else {
            assert!(matches!(result, Err(RollbackError::InvalidState(_))));
        }
    }

    fn crash(&mut self, at: u8) {
        let Some(id) = self.point(at) else { return };
        if self.manager.is_interrupted() {
            return;
        }
        self.stage.with(|world| world.panics = true);
        let meant = self.after(|point| point.id == id, |_| true);
        let (ran, manager) = (runs(&self.manager), &mut self.manager);
        let ended = catch_unwind(AssertUnwindSafe(|| manager.rollback_to(&id)));
        self.stage.with(|world| world.panics = false);
        if let Ok(result) = ended {
            self.went_back(&ran, false, &meant, result);
        }
    }

    fn take_up(&mut self) {
        let (saved, config) = (self.manager.saved().clone(), self.manager.config().clone());
        let again = Manager::restore(self.stage.clone(), config, saved).unwrap();
        assert_eq!(again.history(), self.manager.history());
        assert_eq!(again.current_versions(), self.manager.current_versions());
        assert_eq!(again.is_interrupted(), self.manager.is_interrupted());
        self.manager = again.with_driver(self.stage.clone());
    }

    fn hold(&self, ran: &str, was_open: bool, step: &Step) {
        let now = runs(&self.manager);
        assert!(self.were.contains(&now), "{now} never was");
        if was_open && !matches!(step, Step::Cancel) {
            assert_eq!(now, ran, "nothing moves while it is in the middle");
        }
        let stable: BTreeSet<String> =
            self.manager.history().iter().filter(|p| p.is_stable).map(|p| p.id.clone()).collect();
        assert_eq!(stable, self.marked, "stable is what a person marked, and it stays");
        let ids: BTreeSet<&String> = self.manager.history().iter().map(|point| &point.id).collect();
        assert_eq!(ids.len(), self.manager.history().len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_account_is_true(steps in prop::collection::vec(step(), 1..40)) {
        let mut walk = Walk::new();
        for step in &steps {
            walk.take(step);
        }
    }
}
