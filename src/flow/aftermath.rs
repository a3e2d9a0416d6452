//! What the ledger says once a step is over.

use super::desk::Desk;
use super::halt::Step;
use super::read::{Detail, lines};
use crate::domain::outcome::DeploymentTold;

/// What the steps and the people that come after want to know.
#[derive(Debug, Clone, Default)]
pub struct Aftermath {
    /// The number of the last stable deployment.
    pub last_stable: Option<u64>,
    /// The deployments that the step was about, with their events.
    pub chapters: Vec<DeploymentTold>,
}

impl Desk {
    /// Reads what became of deployments, and which is the last stable one.
    pub async fn aftermath(&self, numbers: &[u64]) -> Step<Aftermath> {
        let page = self.read().await?;
        let whole = self.whole_for_last_stable(&page).await?;
        let state = self.with(&page, &whole);
        let lines = lines(&page, &whole);
        let told = state.operations.iter().filter(|operation| numbers.contains(&operation.n));
        let told = told.map(|operation| self.told_with(&state, operation, Detail::Events, &lines));
        Ok(Aftermath {
            last_stable: state.last_stable().map(|operation| operation.n),
            chapters: told.collect(),
        })
    }
}
