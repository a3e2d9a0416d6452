//! Asks drivers beforehand whether what a plan brings is there.

use futures_util::future::join_all;

use super::desk::Desk;
use crate::domain::event::PlannedStep;
use crate::domain::operation::Operation;
use crate::domain::outcome::{Safety, SafetyRule, Severity};
use crate::domain::slots::Slot;
use crate::domain::text;
use crate::ports::{Action, Availability, Drive};

impl Desk {
    /// Returns the drivers' word on what a plan brings; none where none of them can tell.
    pub(super) async fn stock(
        &self,
        operation: &Operation,
        slot: Option<&Slot>,
        action: Action,
        steps: &[PlannedStep],
    ) -> Option<Safety> {
        let asked = join_all(steps.iter().map(async |step| {
            let driver = self.ports.driver_at(&step.service, slot)?;
            let drive = Drive { slot: slot.cloned(), ..self.drive(operation, action, step) };
            let version = text::clean(&step.to.version, 60);
            let missing = |why: &dyn std::fmt::Display| {
                text::message(&format!("{version} of `{}`: {why}", step.service))
            };
            match driver.available(&drive).await {
                Ok(Availability::There) => Some(Ok(())),
                Ok(Availability::Missing(why)) => Some(Err((Severity::Error, missing(&why)))),
                Ok(Availability::Untold) => None,
                Err(error) => Some(Err((Severity::Warning, missing(&error)))),
            }
        }));
        let said: Vec<_> = asked.await.into_iter().flatten().collect();
        if said.is_empty() {
            return None;
        }
        let wrong: Vec<(Severity, String)> = said.into_iter().filter_map(Result::err).collect();
        let is_missing = wrong.iter().any(|(severity, _)| *severity == Severity::Error);
        let messages: Vec<String> = wrong.into_iter().map(|(_, message)| message).collect();
        Some(Safety {
            name: SafetyRule::ArtifactsThere,
            passed: messages.is_empty(),
            severity: if is_missing { Severity::Error } else { Severity::Warning },
            message: match messages.join("; ") {
                none if none.is_empty() => "what would be brought is there".to_owned(),
                messages => messages,
            },
        })
    }
}
