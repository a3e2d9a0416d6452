//! Writes down what a rollback has come to.

use std::collections::HashMap;

use super::RollbackManager;
use super::book::Draft;
use super::carry::{Course, Progress};
use super::health::HealthChecker;
use super::point::{DeployedVersion, RestorePoint};
use super::store::Contents;
use super::told::RollbackError;
use crate::domain::event::{
    Body, Deployed, FinishOutcome, Finished, Judge, Judged, PlannedStep, StepOutcome,
};
use crate::domain::ids::OperationId;
use crate::domain::plan::changes;
use crate::domain::version::Versions;

impl<H: HealthChecker> RollbackManager<H> {
    /// Writes what runs now and that it is over, in one go; it is a restore point of its own.
    pub(super) fn settle(
        &mut self,
        course: &Course,
        progress: &Progress,
    ) -> Result<(), RollbackError> {
        let steps = done(&course.started.plan, progress);
        if steps.is_empty() {
            return self.tell(course, vec![finished(FinishOutcome::Failed)]);
        }
        let versions = self.after(course, &steps);
        let deployed = deployed(course, &steps, progress, &versions);
        let whole = steps.len() == course.started.plan.len();
        let outcome = if whole { FinishOutcome::Completed } else { FinishOutcome::Partial };
        let mut drafts =
            vec![draft(course, Body::Deployed(deployed)), draft(course, finished(outcome))];
        let description = Some(course.description.clone());
        let contents = Contents { description, versions: versions.clone(), ..Contents::default() };
        drafts[0].contents = Some(contents);
        drafts.extend(
            course
                .cancelled
                .map(|rollback| draft(course, Body::Cancelled { rollback, reason: None })),
        );
        drafts.extend(course.confirmed.and_then(|op| self.confirmation(op)));
        let created_at = self.book.append(drafts)?;
        self.current.clone_from(&versions);
        self.history.push(RestorePoint {
            id: course.op.to_string(),
            created_at,
            description: course.description.clone(),
            versions,
            is_stable: false,
        });
        self.tidy();
        Ok(())
    }

    fn after(&self, course: &Course, steps: &[PlannedStep]) -> HashMap<String, DeployedVersion> {
        let mut versions = self.current.clone();
        for step in steps {
            let service = step.service.to_string();
            if let Some(to) = course.to.get(&service) {
                versions.insert(service, to.clone());
            }
        }
        versions
    }

    /// Going to a stable point by its name, or back to it by a cancel, is a person's word for it.
    fn confirmation(&self, op: OperationId) -> Option<Draft> {
        let n = self.book.contents(op)?.n;
        Some(Draft { op, n, body: Body::Stable(by_person()), contents: None })
    }

    /// Returns the operation where it is a restore point that was marked stable.
    pub(super) fn marked(&self, op: OperationId) -> Option<OperationId> {
        self.book.contents(op).is_some_and(|contents| contents.is_stable).then_some(op)
    }
}

/// The word of who called.
pub(super) fn by_person() -> Judged {
    Judged { by: Judge::Person, reason: None }
}

/// Says that an operation is over.
pub(super) fn finished(outcome: FinishOutcome) -> Body {
    Body::Finished(Finished::plain(outcome))
}

/// Returns versions as the domain knows them; each was checked when it came.
pub(super) fn meant(versions: &HashMap<String, DeployedVersion>) -> Versions {
    versions.values().filter_map(|version| version.meant().ok()).collect()
}

fn draft(course: &Course, body: Body) -> Draft {
    Draft { op: course.op, n: course.n, body, contents: None }
}

fn done(plan: &[PlannedStep], progress: &Progress) -> Vec<PlannedStep> {
    let is_done =
        |step: &&PlannedStep| progress.outcomes.get(&step.service) == Some(&StepOutcome::Done);
    plan.iter().filter(is_done).cloned().collect()
}

fn deployed(
    course: &Course,
    steps: &[PlannedStep],
    progress: &Progress,
    versions: &HashMap<String, DeployedVersion>,
) -> Deployed {
    let changed = changes(steps);
    let failed = progress.outcomes.iter().filter(|(_, how)| **how == StepOutcome::Failed);
    let held =
        course.started.quarantine.iter().filter(|(service, _)| changed.contains_key(*service));
    Deployed {
        kind: course.started.kind,
        commit: None,
        versions: meant(versions),
        unknown: failed.map(|(service, _)| service.clone()).collect(),
        live: None,
        quarantined: held.map(|(service, version)| (service.clone(), version.clone())).collect(),
        changed,
        barred: None,
        target: course.started.target,
        reason: None,
        ci: None,
    }
}
