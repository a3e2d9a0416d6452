//! Outcomes for the tests of the report.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::text::{Detail, PLAIN, Screen};
use crate::domain::check::{Answered, Weight};
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{CheckNote, Kind, LockScope, Quarantine, Trigger};
use crate::domain::gate::{CheckResult, Ending as CheckEnding, Worth};
use crate::domain::ids::OperationId;
use crate::domain::names::{Commit, Environment, PointName, Service};
use crate::domain::operation::Status;
use crate::domain::outcome::{
    Context, DeploymentTold, Difference, GateTold, LockTold, More, Outcome, PlanLine,
    RequestStanding, RequestTold, RollbackStatus, RollbackTold, Safety, SafetyRule, Severity,
    StatusTold, Verification,
};
use crate::domain::verdict::Verdict;
use crate::domain::version::{Version, Versions};

pub(super) fn context(command: &'static str) -> Context {
    Context { command: command.into(), environment: Some(Environment::new("production").unwrap()) }
}

pub(super) fn at(text: &str) -> Timestamp {
    format!("2026-03-01T{text}Z").parse().unwrap()
}

pub(super) fn screen() -> Screen<'static> {
    Screen { palette: &PLAIN, width: 100, now: at("12:00:00"), detail: Detail::Short }
}

pub(super) fn service(name: &str) -> Service {
    Service::new(name).unwrap()
}

fn id(n: u64) -> OperationId {
    OperationId(ulid::Ulid::from_parts(1_772_355_600_000 + n, u128::from(n)))
}

pub(super) fn version(text: &str) -> Version {
    let digit = text.bytes().next().map_or('0', char::from);
    let commit = if digit.is_ascii_hexdigit() { digit } else { 'f' }.to_string().repeat(40);
    Version::named(text).at(Commit::new(commit).unwrap())
}

fn versions(text: &str) -> Versions {
    [("api", text), ("web", "1.0")].map(|(name, text)| (service(name), version(text))).into()
}

pub(super) fn deployment(n: u64, text: &str, status: Status) -> DeploymentTold {
    let change = Difference { from: Some(version("1.1")), to: Some(version(text)) };
    DeploymentTold {
        n,
        id: id(n),
        tag: format!("deploy/production/{n}"),
        tag_result: None,
        kind: Kind::Deploy,
        empties: false,
        commit: version(text).commit,
        at: at(&format!("1{}:30:00", n % 2)),
        actor: "ada".to_owned(),
        status,
        versions: versions(text),
        changed: [(service("api"), change)].into(),
        reason: None,
        target: None,
        points: Vec::new(),
        verdict: None,
        evidence: Vec::new(),
        events: None,
    }
}

pub(super) fn recorded() -> Outcome {
    let made = deployment(3, "2.0", Status::Deployed);
    let ending = Ending::new(Reason::Recorded, "recorded deployment 3 of `production`");
    Outcome::ended(ending).about(DeploymentTold { tag_result: Some("created".to_owned()), ..made })
}

pub(super) fn check(name: &str, outcome: CheckEnding, found: &str) -> CheckResult {
    let passed = outcome == CheckEnding::Pass;
    CheckResult {
        name: name.to_owned(),
        service: Some(service("api")),
        kind: "http".to_owned(),
        outcome,
        message: found.to_owned(),
        value: Some(if passed { "200" } else { "500" }.to_owned()),
        limit: Some("200".to_owned()),
        attempts: 3,
        passes: if passed { 3 } else { 0 },
        fails: if passed { 0 } else { 3 },
        inconclusives: 0,
        errors: 0,
        duration_ms: 4_012,
        timings: Vec::new(),
        series: Vec::new(),
        worth: Worth::default(),
        weight: Weight::Required,
        answered: Answered::Expected,
    }
}

fn healthy_check() -> CheckResult {
    check("api answers", CheckEnding::Pass, "answered with 200")
}

fn sick_check() -> CheckResult {
    check("api answers", CheckEnding::Fail, "answered with 500, not 200")
}

fn advice() -> CheckResult {
    CheckResult {
        weight: Weight::Advisory,
        service: None,
        value: None,
        limit: None,
        ..check("front page", CheckEnding::Pass, "connected")
    }
}

pub(super) fn healthy() -> Outcome {
    let made = deployment(2, "1.1", Status::Stable);
    let checks = vec![healthy_check(), advice()];
    let gate = GateTold { marked_stable: true, ..GateTold::of(Verdict::Healthy, checks) };
    let ending = Ending::new(Reason::Healthy, "deployment 2 is healthy and marked stable");
    Outcome { gate: Some(gate), ..Outcome::ended(ending).about(made) }
}

pub(super) fn sick() -> Outcome {
    let made = deployment(3, "2.0", Status::Unhealthy);
    let checks = vec![sick_check(), advice()];
    let gate = GateTold::of(Verdict::Unhealthy, checks);
    let ending =
        Ending::new(Reason::NotAsked, "deployment 3 is unhealthy; nobody asked to go back");
    Outcome { gate: Some(gate), ..Outcome::ended(ending).about(made) }
}

pub(super) fn moved() -> RollbackTold {
    RollbackTold {
        id: Some(id(4)),
        status: RollbackStatus::Completed,
        from: Some(3),
        to: Some(2),
        deployment: Some(4),
        trigger: Trigger::Automatic,
        rolled_back_services: vec![service("api")],
        unchanged_services: vec![service("web")],
        previous_versions: [(service("api"), Some(version("2.0")))].into(),
        new_versions: [(service("api"), version("1.1"))].into(),
        started_at: Some(at("11:31:00")),
        completed_at: Some(at("11:31:09")),
        duration_ms: Some(9_000),
        safety: vec![Safety {
            name: SafetyRule::TargetStable,
            passed: true,
            severity: Severity::Error,
            message: "deployment 2 is stable".to_owned(),
        }],
        verification: Some(Verification {
            passed: 1,
            total: 1,
            marked_stable: true,
            checks: vec![healthy_check()],
        }),
        plan: vec![PlanLine {
            service: service("api"),
            from: Some(version("2.0")),
            to: Some(version("1.1")),
            commands: vec!["./deploy.sh".to_owned()],
        }],
        ..RollbackTold::refused(Trigger::Automatic)
    }
}

/// A sick deployment that was fled.
pub(super) fn fled() -> Outcome {
    let message = "rolled back `production` from 3 to 2; the gate found it healthy";
    let sick = sick();
    let deployment =
        sick.deployment.map(|told| DeploymentTold { status: Status::RolledBack, ..told });
    Outcome {
        ending: Ending::new(Reason::RolledBack, message),
        rollback: Some(moved()),
        deployment,
        ..sick
    }
}

/// A person's rollback of which one service failed.
pub(super) fn partial() -> Outcome {
    let message = "rolled back `api` of `production` from 3 to 2; `web` failed";
    let mut told = moved();
    told.trigger = Trigger::Manual;
    told.status = RollbackStatus::Partial;
    told.failed_services = vec![service("web")];
    told.unchanged_services = vec![service("db")];
    told.warnings = vec!["`mail` is not in deployment 2 and stays as it is".to_owned()];
    told.plan.push(PlanLine {
        service: service("web"),
        from: Some(version("2.0")),
        to: Some(version("1.0")),
        commands: vec!["./deploy.sh".to_owned()],
    });
    told.verification = Some(Verification {
        passed: 0,
        total: 1,
        marked_stable: false,
        checks: vec![sick_check()],
    });
    Outcome {
        rollback: Some(told),
        ..Outcome::ended(Ending::new(Reason::RollbackPartial, message))
    }
}

/// A rollback that is only shown.
pub(super) fn planned() -> Outcome {
    let message = "rollback of `production` from 3 to 2 would move `api` to 1.1";
    let told = RollbackTold {
        id: None,
        status: RollbackStatus::Planned,
        deployment: None,
        rolled_back_services: Vec::new(),
        started_at: None,
        completed_at: None,
        duration_ms: None,
        verification: None,
        trigger: Trigger::Manual,
        ..moved()
    };
    Outcome { rollback: Some(told), ..Outcome::ended(Ending::new(Reason::Planned, message)) }
}

pub(super) fn note(found: &str) -> CheckNote {
    sick_check().note_with(found)
}

impl CheckResult {
    fn note_with(&self, found: &str) -> CheckNote {
        CheckNote { message: found.to_owned(), ..self.note() }
    }
}

fn asked() -> RequestTold {
    RequestTold {
        id: id(9),
        standing: RequestStanding::NeedsApproval,
        by: "grace".to_owned(),
        at: at("11:50:00"),
        from: Some(3),
        to: Some(2),
        services: Vec::new(),
        approvals: 1,
        approved_by: Vec::new(),
        not_before: None,
        expires: at("23:50:00"),
        reason: Some("it is slow".to_owned()),
        plan: Vec::new(),
    }
}

pub(super) fn status() -> Outcome {
    let current = DeploymentTold {
        verdict: Some(Verdict::Unhealthy),
        evidence: vec![note("answered with 500, not 200")],
        ..deployment(3, "2.0", Status::Unhealthy)
    };
    let told = StatusTold {
        current: Some(current),
        last_stable: Some(deployment(2, "1.1", Status::Stable)),
        stable_behind: Some(1),
        in_progress: None,
        locks: vec![LockTold {
            scope: LockScope::Rollback,
            by: "grace".to_owned(),
            at: at("11:40:00"),
            until: Some(at("13:00:00")),
            reason: Some("looking at it".to_owned()),
        }],
        requests: vec![asked()],
        quarantined: vec![Quarantine {
            service: service("api"),
            version: version("0.9"),
            by: id(1),
            n: 1,
        }],
        unknown: Vec::new(),
        ambiguous: None,
        slots: Vec::new(),
        drift: Vec::new(),
        ledger: "https://git.example/shop.git".to_owned(),
    };
    let message = "`production` runs deployment 3; the last stable one is 2, 1 back";
    let ending = Ending::new(Reason::Done, message);
    Outcome { more: More::Status(Box::new(told)), ..Outcome::ended(ending) }
}

pub(super) fn history() -> Outcome {
    let back = DeploymentTold {
        kind: Kind::Rollback,
        target: Some(2),
        reason: Some("api answers: answered with 500, not 200".to_owned()),
        ..deployment(4, "1.1", Status::Stable)
    };
    let named = DeploymentTold {
        points: vec![PointName::new("before the sale").unwrap()],
        ..deployment(2, "1.1", Status::Stable)
    };
    let deployments = vec![back, deployment(3, "2.0", Status::RolledBack), named];
    let ending = Ending::new(Reason::Done, "3 deployments of `production`");
    Outcome { more: More::History { deployments }, ..Outcome::ended(ending) }
}

fn event(n: u64, body: &serde_json::Value) -> serde_json::Value {
    let mut event = json!({
        "id": id(n).to_string(), "v": 1, "ev": id(n).to_string(), "op": id(3).to_string(),
        "run": id(9).to_string(), "at": format!("2026-03-01T11:30:0{n}Z"), "env": "production",
        "n": 3, "actor": "ada",
    });
    let fields = event.as_object_mut().unwrap();
    fields.extend(body.as_object().unwrap().clone());
    event
}

pub(super) fn shown() -> Outcome {
    let events = vec![
        event(
            1,
            &json!({
                "type": "deployed", "kind": "deploy", "versions": {"api": {"version": "2.0"}},
                "changed": {"api": {"to": {"version": "2.0"}}}, "reason": "the sale begins",
            }),
        ),
        event(
            2,
            &json!({
                "type": "verified", "verdict": "unhealthy", "versions": {"api": {"version": "2.0"}},
                "checks": [{"name": "api answers", "outcome": "fail"}],
            }),
        ),
        event(3, &json!({"type": "unstable", "by": "person", "reason": "orders were lost"})),
        event(4, &json!({"type": "celebrated"})),
    ];
    let told = DeploymentTold {
        verdict: Some(Verdict::Unhealthy),
        evidence: vec![note("answered with 500, not 200")],
        reason: Some("the sale begins".to_owned()),
        events: Some(events),
        ..deployment(3, "2.0", Status::Unhealthy)
    };
    Outcome::ended(Ending::new(Reason::Done, "deployment 3 of `production`")).about(told)
}

pub(super) fn between() -> Outcome {
    let one = Version { replicas: Some(2), ..version("1.0") };
    let other = Version { replicas: Some(3), ..version("1.0") };
    let differences: BTreeMap<_, _> = [
        (service("api"), Difference { from: Some(version("1.1")), to: Some(version("2.0")) }),
        (service("mail"), Difference { from: None, to: Some(version("1.0")) }),
        (service("web"), Difference { from: Some(one), to: Some(other) }),
    ]
    .into();
    let more =
        More::Between { other: Box::new(deployment(3, "2.0", Status::Unhealthy)), differences };
    let ending = Ending::new(Reason::Done, "from 2 to 3 of `production`, 3 changed");
    let outcome = Outcome::ended(ending).about(deployment(2, "1.1", Status::Stable));
    Outcome { more, ..outcome }
}

/// Every outcome with a foreign text in every place that takes one.
pub(super) fn poisoned(foreign: &str) -> Vec<Outcome> {
    let text = || foreign.to_owned();
    let lie = |told: DeploymentTold| DeploymentTold {
        actor: text(),
        reason: Some(text()),
        tag_result: Some(text()),
        versions: [(service("api"), version(foreign))].into(),
        evidence: vec![CheckNote { name: text(), value: Some(text()), ..note(foreign) }],
        ..told
    };
    let bad_check = || CheckResult {
        value: Some(text()),
        limit: Some(text()),
        ..check(foreign, CheckEnding::Fail, foreign)
    };
    let mut all = vec![sick(), fled(), partial(), planned(), status(), history(), shown()];
    for outcome in &mut all {
        outcome.ending.message = text();
        outcome.ending.next = text();
        outcome.deployment = outcome.deployment.take().map(lie);
        if let Some(gate) = &mut outcome.gate {
            gate.checks = vec![bad_check(), bad_check(), bad_check(), bad_check()];
        }
        if let Some(told) = &mut outcome.rollback {
            told.warnings = vec![text()];
            told.safety[0].message = text();
            told.plan[0].to = Some(version(foreign));
            told.plan[0].commands = vec![text()];
            told.new_versions = [(service("api"), version(foreign))].into();
        }
        match &mut outcome.more {
            More::Status(status) => {
                status.current = status.current.take().map(lie);
                status.locks[0].by = text();
                status.locks[0].reason = Some(text());
                status.ledger = text();
            }
            More::History { deployments } => {
                *deployments = std::mem::take(deployments).into_iter().map(lie).collect();
            }
            More::Nothing {}
            | More::Between { .. }
            | More::Planned { .. }
            | More::Requested { .. }
            | More::Matrix { .. }
            | More::Examined { .. }
            | More::Pruned { .. } => {}
        }
    }
    all
}
