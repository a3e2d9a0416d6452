//! A deployment's events, each in one sentence.

use jiff::Timestamp;
use serde_json::Value;

use super::words;
use crate::domain::event::{
    ALIVE, Body, Deployed, Event, FinishOutcome, Finished, GOING_BACK, Judge, Judged, ServiceDone,
    Started, StepOutcome,
};
use crate::domain::outcome::DeploymentTold;
use crate::domain::slots::Slot;

/// One event as people read it; nothing in it can steer a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When, by the writer's clock.
    pub at: Option<Timestamp>,
    /// Who.
    pub actor: String,
    /// What happened.
    pub what: String,
}

/// Returns events of an operation in the order of writing, told.
pub fn moments(events: &[Value], of: &DeploymentTold) -> Vec<Moment> {
    events.iter().map(|event| moment(event, of)).collect()
}

fn moment(value: &Value, of: &DeploymentTold) -> Moment {
    match serde_json::from_value::<Event>(value.clone()) {
        Ok(event) => Moment {
            at: Some(event.at),
            actor: words::shown(&event.actor),
            what: words::shown(&sentence(&event.body, of)),
        },
        Err(_) => unknown(value),
    }
}

/// A newer program may have written what this one cannot read.
fn unknown(value: &Value) -> Moment {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    Moment {
        at: text("at").parse().ok(),
        actor: words::shown(text("actor")),
        what: words::shown(&format!("wrote `{}`", text("type"))),
    }
}

fn sentence(body: &Body, of: &DeploymentTold) -> String {
    match body {
        Body::Deployed(deployed) => made(deployed),
        Body::Started(started) => begun(started),
        Body::ServiceDone(done) if of.empties => stopped(done),
        Body::ServiceDone(done) => driven(done),
        Body::Finished(finished) => ended(finished),
        Body::Resumed { why } if why == ALIVE => "was still at work".to_owned(),
        Body::Resumed { why } => format!("took it over: {why}"),
        Body::Strayed { service } => {
            format!("had driven {service} after it was overtaken; what runs is unknown")
        }
        Body::Cancelled { reason, .. } => because("cancelled the rollback", reason.as_deref()),
        Body::Verified(verified) => {
            let passed = |note: &&crate::domain::event::CheckNote| {
                note.outcome == crate::domain::verdict::Outcome::Pass
            };
            let count = verified.checks.iter().filter(passed).count();
            let share = words::share(count, verified.checks.len(), "check");
            format!("found it {}: {share} passed", words::verdict(verified.verdict).0)
        }
        Body::Stable(judged) => judge(judged, "marked it stable", "marked it good"),
        Body::Unstable(judged) => judge(judged, "took stable away", "marked it bad"),
        Body::Point { name } => format!("named its restore point {name}"),
        Body::Requested(asked) => because("asked for a rollback", asked.reason.as_deref()),
        Body::Approved { .. } => "approved a request".to_owned(),
        Body::Withdrawn { reason, .. } => because("withdrew a request", reason.as_deref()),
        Body::Locked(locked) => {
            let what = format!("locked out {}", words::scope(locked.scope));
            because(&what, locked.reason.as_deref())
        }
        Body::Unlocked { reason, .. } => because("unlocked", reason.as_deref()),
        Body::Snapshot(_) => "took a snapshot".to_owned(),
        Body::Restored(_) => "restored a snapshot".to_owned(),
        Body::Pruned(pruned) => format!("archived what came up to {}", pruned.through),
    }
}

fn made(deployed: &Deployed) -> String {
    let changed = deployed.changed.iter().map(|(s, change)| (s.clone(), change.to.clone()));
    let now = words::versions(&changed.collect());
    let what = match deployed.kind {
        crate::domain::event::Kind::Deploy => format!("deployed {now}"),
        crate::domain::event::Kind::Rollback => format!("rolled back to {now}"),
        crate::domain::event::Kind::RollForward => format!("rolled forward to {now}"),
        crate::domain::event::Kind::Switch => format!("switched to {now}"),
    };
    because(&what, deployed.reason.as_deref())
}

fn begun(started: &Started) -> String {
    let steps = started.plan.iter().map(|step| (step.service.clone(), step.to.clone()));
    let kind = words::kind(started.kind);
    let what = if started.empties {
        let slot = started.slot.as_ref().map_or("a slot", Slot::as_str);
        format!("began to empty {slot}: {}", words::versions(&steps.collect()))
    } else if started.plan.is_empty() {
        format!("began a {kind}")
    } else {
        format!("began a {kind} to {}", words::versions(&steps.collect()))
    };
    because(&what, started.reason.as_deref())
}

fn driven(done: &ServiceDone) -> String {
    let (service, took) = (&done.service, words::took(done.duration_ms));
    let what = match done.outcome {
        StepOutcome::Done => format!("moved {service} in {took}"),
        StepOutcome::Failed if done.message == GOING_BACK => {
            return format!("began to put {service} back");
        }
        StepOutcome::Failed => format!("failed to move {service} after {took}"),
        // One that was never touched has no line.
        StepOutcome::Skipped => format!("put {service} back in {took}"),
    };
    because(&what, Some(done.message.as_str()).filter(|message| !message.is_empty()))
}

fn stopped(done: &ServiceDone) -> String {
    let (service, took) = (&done.service, words::took(done.duration_ms));
    let what = match done.outcome {
        StepOutcome::Done => format!("stopped {service} in {took}"),
        StepOutcome::Failed => format!("failed to stop {service} after {took}"),
        StepOutcome::Skipped => format!("did not touch {service}"),
    };
    because(&what, Some(done.message.as_str()).filter(|message| !message.is_empty()))
}

fn ended(finished: &Finished) -> String {
    let what = match finished.outcome {
        FinishOutcome::Completed => "finished",
        FinishOutcome::Partial => "finished in part",
        FinishOutcome::Failed => "failed",
        FinishOutcome::Undone => "was undone",
    };
    because(what, Some(finished.message.as_str()).filter(|message| !message.is_empty()))
}

fn judge(judged: &Judged, by_gate: &str, by_person: &str) -> String {
    let what = match judged.by {
        Judge::Gate => by_gate,
        Judge::Person => by_person,
    };
    because(what, judged.reason.as_deref())
}

fn because(what: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::ALIVE;
    use crate::domain::names::Service;

    fn told(outcome: StepOutcome, message: &str, duration_ms: u64) -> String {
        let (service, message) = (Service::new("db").unwrap(), message.to_owned());
        driven(&ServiceDone { service, outcome, message, duration_ms })
    }

    #[test]
    fn what_was_put_back_is_not_told_as_never_touched() {
        assert_eq!(told(StepOutcome::Done, "", 9), "moved db in 9 ms");
        assert_eq!(told(StepOutcome::Failed, GOING_BACK, 0), "began to put db back");
        assert_eq!(told(StepOutcome::Skipped, "", 9), "put db back in 9 ms");
        assert_eq!(
            told(StepOutcome::Failed, "it broke", 9),
            "failed to move db after 9 ms: it broke"
        );
    }

    #[test]
    fn who_is_at_work_has_taken_nothing_over() {
        let resumed = |why: &str| {
            let told = crate::report::samples::healthy().deployment.unwrap();
            sentence(&Body::Resumed { why: why.to_owned() }, &told)
        };
        assert_eq!(resumed(ALIVE), "was still at work");
        assert_eq!(resumed("its run is over"), "took it over: its run is over");
    }
}
