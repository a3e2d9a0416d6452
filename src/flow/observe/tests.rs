//! A whole gate, on a clock that jumps.

use crate::domain::check::Rehearsal;
use crate::domain::gate::{GateRule, Worth};
use std::sync::{Arc, Mutex};

use crate::domain::check::{Answered, Phase, Reach, Weight};
use crate::domain::duration::Span;
use crate::domain::gate::Ending;
use crate::domain::limits::Limits;
use crate::domain::names::Service;
use crate::domain::verdict::Verdict;
use crate::domain::version::Version;

use super::fake::{Act, FakeClock, FakeProbe};
use super::*;

mod lasting;
mod stopped;
mod vectors;

/// Checks on a fake clock, and all that happened, in order.
struct World {
    clock: Arc<FakeClock>,
    checks: Vec<BoundCheck>,
    probes: Vec<Arc<FakeProbe>>,
    expected: Versions,
    control: Option<BoundCheck>,
    time: Duration,
    aim: Aim,
    halt: Halt,
}

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn passes() -> Act {
    Act::Say(secs(0), Measurement::pass("200"))
}

fn fails() -> Act {
    Act::Say(secs(0), Measurement::fail("500"))
}

fn refused() -> Act {
    Act::Say(secs(0), Measurement::unreached(Reach::Direct, "refused"))
}

impl World {
    fn new() -> Self {
        Self {
            clock: Arc::default(),
            checks: vec![],
            probes: vec![],
            expected: Versions::new(),
            control: None,
            time: secs(600),
            aim: Aim::Decide,
            halt: Halt::default(),
        }
    }

    fn bound(
        &mut self,
        name: &str,
        phase: Phase,
        acts: impl IntoIterator<Item = Act>,
    ) -> BoundCheck {
        let probe = Arc::new(FakeProbe {
            clock: self.clock.clone(),
            reach: Reach::Direct,
            acts: Mutex::new(acts.into_iter().collect()),
            asked: Mutex::default(),
        });
        self.probes.push(probe.clone());
        let usual = Limits::defaults(phase, Reach::Direct);
        let limits = Limits {
            success_streak: usual.success_streak.map(|_| 1),
            count: Some(3),
            deadline: secs(10),
            ..usual
        };
        let (name, weight) = (name.to_owned(), Weight::Required);
        BoundCheck {
            check: Check {
                name,
                service: None,
                phase,
                weight,
                worth: Worth::default(),
                rehearsal: Rehearsal::default(),
                limits,
            },
            probe,
        }
    }

    fn check(mut self, phase: Phase, name: &str, acts: impl IntoIterator<Item = Act>) -> Self {
        let bound = self.bound(name, phase, acts);
        self.checks.push(bound);
        self
    }

    fn settle(self, name: &str, acts: impl IntoIterator<Item = Act>) -> Self {
        self.check(Phase::Settle, name, acts)
    }

    fn watch(self, name: &str, acts: impl IntoIterator<Item = Act>) -> Self {
        self.check(Phase::Watch, name, acts)
    }

    fn control(mut self, act: Act) -> Self {
        self.control = Some(self.bound("gateway", Phase::Settle, [act]));
        self
    }

    fn last(&mut self) -> &mut Check {
        &mut self.checks.last_mut().unwrap().check
    }

    fn advisory(mut self) -> Self {
        self.last().weight = Weight::Advisory;
        self
    }

    fn of(mut self, service: &str) -> Self {
        self.last().service = Some(Service::new(service).unwrap());
        self
    }

    fn observe(&self) -> (GateReport, Vec<String>) {
        let mut transcript = vec![];
        let clock = self.clock.clone();
        let mut listener = |progress: Progress<'_>| {
            let now = Span::from(clock.monotonic());
            transcript.push(match progress {
                Progress::Measured { check, measurement, .. } => {
                    format!("{now} {} measured {}", check.name, measurement.message)
                }
                Progress::Controlled { check, measurement } => {
                    format!("{now} {} controlled {}", check.name, measurement.message)
                }
                Progress::Ended(result) => {
                    format!("{now} {} ended {:?}", result.name, result.outcome)
                }
            });
        };
        let gate = Gate {
            checks: &self.checks,
            expected: &self.expected,
            control: self.control.as_ref(),
            time: self.time,
            rule: GateRule::Worst,
            aim: self.aim,
        };
        let observing = observe(self.clock.as_ref(), gate, &self.halt, &mut listener);
        let report = self.clock.run(observing);
        (report, transcript)
    }
}

fn endings(report: &GateReport) -> Vec<Ending> {
    report.checks.iter().map(|check| check.outcome).collect()
}

#[test]
fn checks_that_watch_begin_when_those_that_settle_have_passed() {
    let world = World::new()
        .watch("error rate", [passes()])
        .settle("api answers", [fails(), passes()])
        .settle("web answers", [passes()]);
    let (report, transcript) = world.observe();
    assert_eq!(report.verdict(), Verdict::Healthy);
    assert_eq!(
        transcript,
        [
            "0s api answers measured 500",
            "0s web answers measured 200",
            "0s web answers ended Pass",
            "2s api answers measured 200",
            "2s api answers ended Pass",
            "2s error rate measured 200",
            "12s error rate measured 200",
            "22s error rate measured 200",
            "22s error rate ended Pass",
        ]
    );
}

#[test]
fn fifty_checks_of_a_second_take_a_second() {
    let slow = || Act::Say(secs(1), Measurement::pass("200"));
    let world = (0..50).fold(World::new(), |world, at| world.settle(&format!("{at}"), [slow()]));
    let (report, _) = world.observe();
    assert_eq!((report.duration_ms, report.verdict()), (1_000, Verdict::Healthy));
    assert!(report.checks.iter().enumerate().all(|(at, check)| check.name == at.to_string()));
}

#[test]
fn a_required_fail_stops_the_others_early() {
    let world = World::new()
        .settle("web answers", [Act::Hang])
        .watch("error rate", [passes()])
        .settle("api answers", [fails()]);
    let (report, transcript) = world.observe();
    assert_eq!(endings(&report), [Ending::Stopped, Ending::Stopped, Ending::Fail]);
    assert_eq!(report.verdict(), Verdict::Unhealthy);
    assert_eq!(report.checks[1].message, "stopped: `api answers` failed");
    assert_eq!(
        transcript[transcript.len() - 4..],
        [
            "8s api answers measured 500",
            "10s api answers ended Fail",
            "10s web answers ended Stopped",
            "10s error rate ended Stopped",
        ]
    );
}

#[test]
fn an_advisory_fail_stops_nobody_and_holds_nobody_up() {
    let world = World::new().settle("speed", [fails()]).advisory().watch("error rate", [passes()]);
    let (report, transcript) = world.observe();
    assert_eq!(endings(&report), [Ending::Fail, Ending::Pass]);
    assert_eq!(report.verdict(), Verdict::Healthy);
    assert_eq!(transcript[1], "0s error rate measured 200");
}

#[test]
fn checks_that_watch_never_begin_where_one_that_settles_could_not_tell() {
    let unclear = Act::Say(secs(0), Measurement::inconclusive("no data"));
    let world = World::new().settle("api answers", [unclear]).watch("error rate", [fails()]);
    let (report, _) = world.observe();
    assert_eq!(endings(&report), [Ending::Inconclusive, Ending::Stopped]);
    assert_eq!(report.checks[1].message, "stopped: `api answers` did not pass");
    assert!(world.probes[1].asked.lock().unwrap().is_empty());
    assert_eq!(report.verdict(), Verdict::Inconclusive);
}

#[test]
fn an_unreached_service_is_a_fail_when_the_control_answers() {
    let world = World::new().settle("api answers", [refused()]).control(passes());
    let (report, transcript) = world.observe();
    assert_eq!(report.verdict(), Verdict::Unhealthy);
    assert_eq!(transcript[transcript.len() - 2], "10s api answers controlled 200");
}

#[test]
fn an_unreached_service_is_an_error_when_the_control_is_unreached_too() {
    let world = World::new()
        .settle("api answers", [refused()])
        .settle("web answers", [refused()])
        .control(refused());
    let (report, _) = world.observe();
    assert_eq!(endings(&report), [Ending::Error, Ending::Error]);
    assert_eq!(report.failed().services.len(), 0);
    assert!(report.checks[0].message.starts_with("the control `gateway` was not reached either"));
}

#[test]
fn a_service_that_answers_badly_needs_no_control() {
    let world = World::new().settle("api answers", [fails()]).control(refused());
    let (report, transcript) = world.observe();
    assert_eq!(report.verdict(), Verdict::Unhealthy);
    assert!(transcript.iter().all(|line| !line.contains("controlled")));
}

#[test]
fn every_check_is_asked_for_the_version_of_its_service() {
    let mut world = World::new()
        .settle("api answers", [passes()])
        .of("api")
        .settle("web answers", [passes()])
        .of("web")
        .settle("all answer", [passes()]);
    let api = Service::new("api").unwrap();
    world.expected = [(api, Version::named("2.0"))].into();
    let asked = |world: &World| {
        world.observe();
        let asked = world.probes.iter().map(|probe| probe.asked.lock().unwrap().pop().unwrap());
        asked.map(|version| version.map(|version| version.version)).collect::<Vec<_>>()
    };
    let two = || Some("2.0".to_owned());
    assert_eq!(asked(&world), [two(), None, two()], "the only version is the whole's");
    world.expected.insert(Service::new("db").unwrap(), Version::named("9"));
    assert_eq!(asked(&world), [two(), None, None]);
}
