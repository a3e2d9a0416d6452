//! Small literal histories for tests, line by line.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use super::event::{
    Body, Change, CiRun, Deployed, Event, FORMAT, FinishOutcome, Finished, Judge, Judged, Kind,
    LockScope, Locked, PlannedStep, Pruned, Requested, ServiceDone, Started, StepOutcome, Trigger,
    Verified,
};
use super::fold::{Reading, fold};
use super::ids::{EventId, LineId, OperationId, RunId};
use super::line;
use super::names::{Commit, Environment, PointName, Service};
use super::state::State;
use super::verdict::Verdict;
use super::version::{Version, Versions};

/// The run that writes what nobody else is said to write.
pub(crate) const OURS: u128 = 1;

pub(crate) fn production() -> Environment {
    Environment::new("production").unwrap()
}

pub(crate) fn service(name: &str) -> Service {
    Service::new(name).unwrap()
}

/// Reads `api=1.0 web=2.0`; a word without `=` is the version of `app`.
pub(crate) fn versions(text: &str) -> Versions {
    text.split_whitespace()
        .map(|word| word.split_once('=').unwrap_or(("app", word)))
        .map(|(name, version)| (service(name), Version::named(version)))
        .collect()
}

/// The identity of the operation that opened with this number.
pub(crate) fn op(n: u64) -> OperationId {
    OperationId(Ulid::from_parts(n, 7))
}

/// The identity of a request.
pub(crate) fn request(number: u64) -> OperationId {
    OperationId(Ulid::from_parts(number, 99))
}

pub(crate) fn ci(id: &str) -> CiRun {
    CiRun { provider: "ci".into(), id: id.into(), attempt: None, url: None }
}

/// The moment so many minutes after every history begins.
pub(crate) fn minute(minutes: i64) -> Timestamp {
    let begin: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    begin + SignedDuration::from_mins(minutes)
}

/// A history, one line a minute unless told otherwise.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    now: i64,
    runs: Versions,
    run: u128,
    twin: u128,
    actor: String,
    ci: Option<CiRun>,
}

impl History {
    pub(crate) fn new() -> Self {
        let (events, runs) = (Vec::new(), Versions::new());
        Self { events, now: 0, runs, run: OURS, twin: 7, actor: "ann".into(), ci: None }
    }

    /// Sets the minute of the next line.
    pub(crate) fn at(mut self, minute: i64) -> Self {
        self.now = minute;
        self
    }

    /// Lets another run write from here on.
    pub(crate) fn run(mut self, run: u128) -> Self {
        self.run = run;
        self
    }

    /// Lets operations from here on be others than those that bear their numbers.
    pub(crate) fn twin(mut self) -> Self {
        self.twin += 1;
        self
    }

    pub(crate) fn ci(mut self, id: &str) -> Self {
        self.ci = Some(ci(id));
        self
    }

    pub(crate) fn event(mut self, n: u64, body: Body) -> Self {
        let at = minute(self.now);
        let ms = u64::try_from(at.as_millisecond()).unwrap();
        let count = self.events.len() as u128 + 1;
        self.events.push(Event {
            id: LineId(Ulid::from_parts(ms, count)),
            v: FORMAT,
            ev: EventId(Ulid::from_parts(ms, count << 40)),
            op: OperationId(Ulid::from_parts(n, self.twin)),
            run: RunId(Ulid::from(self.run)),
            at,
            env: production(),
            n,
            actor: self.actor.clone(),
            comment: None,
            body,
        });
        self.now += 1;
        self
    }

    fn made(&self, kind: Kind, text: &str) -> Deployed {
        let mut all = self.runs.clone();
        let change = |(service, to): (&Service, &Version)| {
            let from = self.runs.get(service).cloned();
            (service.clone(), Change { from, to: to.clone() })
        };
        let changed: BTreeMap<_, _> = versions(text).iter().map(change).collect();
        all.extend(versions(text));
        Deployed {
            kind,
            commit: Some(Commit::new("a".repeat(40)).unwrap()),
            versions: all,
            changed,
            unknown: Vec::new(),
            live: None,
            quarantined: Versions::new(),
            barred: None,
            target: None,
            reason: None,
            ci: self.ci.clone(),
        }
    }

    /// A deployment as `record` writes it.
    pub(crate) fn deployed(self, n: u64, text: &str) -> Self {
        self.deployed_with(n, text, |_| ())
    }

    pub(crate) fn deployed_with(
        mut self,
        n: u64,
        text: &str,
        change: impl FnOnce(&mut Deployed),
    ) -> Self {
        let mut what = self.made(Kind::Deploy, text);
        change(&mut what);
        self.runs.clone_from(&what.versions);
        self.event(n, Body::Deployed(what))
    }

    /// An intent to bring services to versions, driven.
    pub(crate) fn started(self, n: u64, text: &str) -> Self {
        self.started_with(n, text, |_| ())
    }

    pub(crate) fn started_with(
        self,
        n: u64,
        text: &str,
        change: impl FnOnce(&mut Started),
    ) -> Self {
        let step = |(service, to): (Service, Version)| {
            let from = self.runs.get(&service).cloned();
            PlannedStep { service, from, to }
        };
        let plan = versions(text).into_iter().map(step).collect();
        let mut what = Started { ci: self.ci.clone(), ..Started::new(Kind::Deploy, plan) };
        change(&mut what);
        self.event(n, Body::Started(what))
    }

    /// A whole rollback from one number to another, set off by the gate.
    pub(crate) fn fled(self, n: u64, from: u64, text: &str, held: &str) -> Self {
        let mut history = self.started_with(n, text, |started| {
            started.kind = Kind::Rollback;
            started.trigger = Trigger::Automatic;
            started.from = Some(op(from));
        });
        let mut what = history.made(Kind::Rollback, text);
        what.quarantined = versions(held);
        history.runs.clone_from(&what.versions);
        history.event(n, Body::Deployed(what)).finished(n, FinishOutcome::Completed)
    }

    pub(crate) fn done(self, n: u64, name: &str, outcome: StepOutcome) -> Self {
        let (service, message) = (service(name), String::new());
        self.event(n, Body::ServiceDone(ServiceDone { service, outcome, message, duration_ms: 0 }))
    }

    pub(crate) fn finished(self, n: u64, outcome: FinishOutcome) -> Self {
        self.event(n, Body::Finished(Finished::plain(outcome)))
    }

    pub(crate) fn resumed(self, n: u64) -> Self {
        self.event(n, Body::Resumed { why: "it was time".into() })
    }

    pub(crate) fn strayed(self, n: u64, name: &str) -> Self {
        self.event(n, Body::Strayed { service: service(name) })
    }

    pub(crate) fn cancelled(self, n: u64, rollback: u64) -> Self {
        self.event(n, Body::Cancelled { rollback: op(rollback), reason: None })
    }

    pub(crate) fn verified(self, n: u64, verdict: Verdict) -> Self {
        let versions = self.runs.clone();
        self.event(
            n,
            Body::Verified(Verified {
                verdict,
                versions,
                checks: Vec::new(),
                decided: None,
                traffic: None,
            }),
        )
    }

    pub(crate) fn stable(self, n: u64) -> Self {
        self.event(n, Body::Stable(Judged { by: Judge::Gate, reason: None }))
    }

    pub(crate) fn good(self, n: u64) -> Self {
        self.event(n, Body::Stable(Judged { by: Judge::Person, reason: None }))
    }

    pub(crate) fn demoted(self, n: u64) -> Self {
        self.event(n, Body::Unstable(Judged { by: Judge::Gate, reason: None }))
    }

    pub(crate) fn bad(self, n: u64) -> Self {
        self.event(n, Body::Unstable(Judged { by: Judge::Person, reason: None }))
    }

    pub(crate) fn point(self, n: u64, name: &str) -> Self {
        self.event(n, Body::Point { name: PointName::new(name).unwrap() })
    }

    pub(crate) fn locked(self, n: u64, scope: LockScope, until: Option<i64>) -> Self {
        let until = until.map(minute);
        self.event(n, Body::Locked(Locked { scope, reason: Some("a sale".into()), until }))
    }

    pub(crate) fn unlocked(self, n: u64, scope: LockScope) -> Self {
        self.event(n, Body::Unlocked { scope, reason: None })
    }

    /// Lets another person write from here on.
    pub(crate) fn by(mut self, actor: &str) -> Self {
        actor.clone_into(&mut self.actor);
        self
    }

    /// A rollback from one number to another that one other person must approve.
    pub(crate) fn requested(self, number: u64, from: u64, to: u64) -> Self {
        self.requested_with(number, from, to, |_| ())
    }

    pub(crate) fn requested_with(
        self,
        number: u64,
        from: u64,
        to: u64,
        change: impl FnOnce(&mut Requested),
    ) -> Self {
        let mut what = Requested {
            kind: Kind::Rollback,
            from: Some(op(from)),
            target: op(to),
            services: Vec::new(),
            plan: Vec::new(),
            approvals: 1,
            not_before: None,
            expires: minute(self.now + 24 * 60),
            forced: false,
            trigger: Trigger::Comment,
            reason: None,
            ci: None,
        };
        change(&mut what);
        self.about(number, Body::Requested(what))
    }

    pub(crate) fn approved(self, number: u64) -> Self {
        self.about(number, Body::Approved { request: request(number) })
    }

    pub(crate) fn withdrawn(self, number: u64) -> Self {
        self.about(number, Body::Withdrawn { request: request(number), reason: None })
    }

    /// An event about a request, with the greatest number then given.
    fn about(self, number: u64, body: Body) -> Self {
        let top = self.events.iter().map(|event| event.n).max().unwrap_or(0);
        let mut history = self.event(top, body);
        if let Some(event) = history.events.last_mut() {
            event.op = request(number);
        }
        history
    }

    pub(crate) fn pruned(self, n: u64, change: impl FnOnce(&mut Pruned)) -> Self {
        let mut pruned = Pruned { top: n, ..Pruned::default() };
        change(&mut pruned);
        // About no operation, so of an identity of its own.
        self.twin().event(n, Body::Pruned(pruned)).back()
    }

    fn back(mut self) -> Self {
        self.twin = 7;
        self
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.events.iter().map(line::write).collect()
    }

    pub(crate) fn state(&self) -> State {
        self.read(Reading::Live)
    }

    pub(crate) fn read(&self, reading: Reading) -> State {
        fold(&production(), self.lines().iter().map(String::as_str), reading)
    }
}
