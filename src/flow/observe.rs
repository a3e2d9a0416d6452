//! Obeys the checks of a gate until they have decided.

use std::time::Duration;

use futures_util::future::join_all;

use crate::domain::check::{Check, Measurement};
use crate::domain::gate::{CheckResult, GateReport, GateRule};
use crate::domain::version::Versions;
use crate::domain::watch::{Aim, CheckVerdict, Next, Tally, Watch};
use crate::ports::{BoundCheck, Clock};

mod crew;
mod halt;
mod measure;

pub use halt::Halt;

use crew::Crew;

/// The checks that decide, and what they are held against.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The checks.
    pub checks: &'a [BoundCheck],
    /// The versions that should answer.
    pub expected: &'a Versions,
    /// A look that tells whether this machine reaches anything at all.
    pub control: Option<&'a BoundCheck>,
    /// How long all of it may take; with `Aim::Keep`, how long it takes.
    pub time: Duration,
    /// How the checks make one verdict.
    pub rule: GateRule,
    /// Whether the gate ends when it can tell.
    pub aim: Aim,
}

/// What happens while a gate looks.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A check has looked once more.
    Measured {
        /// The check.
        check: &'a Check,
        /// What it found.
        measurement: &'a Measurement,
        /// How many looks there were so far.
        tally: Tally,
    },
    /// The control probe has looked.
    Controlled {
        /// The check that could not reach its subject.
        check: &'a Check,
        /// What the control found.
        measurement: &'a Measurement,
    },
    /// A check has ended.
    Ended(&'a CheckResult),
}

/// Told what happens while a gate looks.
pub type Listener<'a> = &'a mut (dyn FnMut(Progress<'_>) + Send);

/// Puts all checks of a gate at once and returns what each found.
///
/// Checks that watch begin when all required checks that settle have passed. A required check
/// that fails stops the others; `halt` stops all.
pub async fn observe(
    clock: &dyn Clock,
    gate: Gate<'_>,
    halt: &Halt,
    listener: Listener<'_>,
) -> GateReport {
    let crew = Crew::new(clock, gate, halt, listener);
    let checks = join_all(gate.checks.iter().map(|bound| look(&crew, bound))).await;
    GateReport { checks, duration_ms: crew.millis_since(crew.began), rule: gate.rule }
}

async fn look(crew: &Crew<'_>, bound: &BoundCheck) -> CheckResult {
    let began = crew.now();
    let verdict = decide(crew, bound).await;
    let verdict = confirm(crew, bound, verdict).await;
    let millis = crew.millis_since(began);
    let result = CheckResult::new(&bound.check, bound.probe.kind(), &verdict, millis);
    crew.ended(&bound.check, &result);
    result
}

async fn decide(crew: &Crew<'_>, bound: &BoundCheck) -> CheckVerdict {
    if let Err(stop) = crew.turn(bound.check.phase).await {
        return Watch::new(&bound.check, crew.window()).stop(stop);
    }
    let mut watch = Watch::new(&bound.check, crew.window());
    tokio::select! {
        biased;
        stop = crew.stopped() => watch.stop(stop),
        verdict = follow(crew, bound, &mut watch) => verdict,
    }
}

async fn follow(crew: &Crew<'_>, bound: &BoundCheck, watch: &mut Watch) -> CheckVerdict {
    loop {
        match watch.next(crew.now()) {
            Next::Wait(time) => crew.clock.sleep(time).await,
            Next::Sample(within) => sample(crew, bound, watch, within).await,
            Next::Done(verdict) => return *verdict,
        }
    }
}

async fn sample(crew: &Crew<'_>, bound: &BoundCheck, watch: &mut Watch, within: Duration) {
    let check = &bound.check;
    let expected = crew.expected(check);
    let measurement = measure::measure(crew.clock, bound, expected, within).await;
    watch.tell(crew.now(), &measurement);
    crew.tell(Progress::Measured { check, measurement: &measurement, tally: watch.tally() });
    if watch.is_healthy() {
        crew.settled(check);
    }
}

/// Holds a fail for want of any answer against the control: where that does not answer either,
/// it is this machine that reaches nothing, and the check could prove nothing.
async fn confirm(crew: &Crew<'_>, bound: &BoundCheck, verdict: CheckVerdict) -> CheckVerdict {
    let Some(control) = crew.gate.control.filter(|_| verdict.is_unreached()) else {
        return verdict;
    };
    let within = control.check.limits.timeout;
    let measurement = measure::measure(crew.clock, control, None, within).await;
    crew.tell(Progress::Controlled { check: &bound.check, measurement: &measurement });
    verdict.held_against(&control.check.name, &measurement)
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
