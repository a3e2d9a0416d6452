//! What a team has decided beforehand about verdicts, rollbacks and retention.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::Rehearsal;
use super::gate::GateRule;
use super::permission::Permissions;
use super::vouch::TargetPolicy;

/// What a verdict leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Go back to the last stable deployment.
    Rollback,
    /// Mark nothing, undo nothing.
    Hold,
    /// Go on as if healthy, and mark nothing.
    Pass,
}

impl std::fmt::Display for Reaction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Rollback => "roll back",
            Self::Hold => "hold",
            Self::Pass => "pass",
        })
    }
}

/// What each verdict that is not healthy leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reactions {
    /// On `unhealthy`.
    pub fail: Reaction,
    /// On `error`.
    pub error: Reaction,
    /// On `inconclusive`.
    pub inconclusive: Reaction,
}

impl Default for Reactions {
    fn default() -> Self {
        Self { fail: Reaction::Rollback, error: Reaction::Hold, inconclusive: Reaction::Hold }
    }
}

/// What binds the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyPolicy {
    /// The longest that the whole gate may look.
    pub timeout: Duration,
    /// How old a healthy deployment must be before it is marked stable.
    pub stable_after: Duration,
    /// What each verdict leads to.
    pub on: Reactions,
    /// How the checks make one verdict.
    pub rule: GateRule,
    /// Whether the checks are asked before a deployment too.
    pub rehearsal: Rehearsal,
}

impl Default for VerifyPolicy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(600),
            stable_after: Duration::ZERO,
            on: Reactions::default(),
            rule: GateRule::default(),
            rehearsal: Rehearsal::default(),
        }
    }
}

/// So many automatic rollbacks per time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub count: u32,
    /// Per what time.
    pub per: Duration,
}

/// How the services of an environment are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Level by level of what depends on what, those of one level at the same time.
    #[default]
    Immediate,
    /// Traffic in stages, from one slot to the other.
    Gradual,
    /// In the order of what they depend on, one at a time, each one's checks before the next.
    ServiceByService,
}

impl Strategy {
    /// Returns the word that configuration and JSON have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Gradual => "gradual",
            Self::ServiceByService => "service-by-service",
        }
    }
}

/// One stage of a gradual move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The share of the traffic that goes to where it is moved, in percent.
    pub traffic: u8,
    /// How long it is held before it is judged.
    pub hold: Duration,
    /// The longest that holding and judging may take together.
    pub max: Duration,
}

/// The time a stage has when nobody says.
const STAGE: Duration = Duration::from_secs(300);

impl Stage {
    /// Returns the last stage: all of the traffic, held for no time.
    pub fn last() -> Self {
        Self { traffic: 100, hold: Duration::ZERO, max: STAGE }
    }
}

/// What binds a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeployPolicy {
    /// How the services are brought to it.
    pub strategy: Strategy,
    /// The stages, where it is gradual.
    pub stages: Vec<Stage>,
    /// Whether the traffic is moved once the gate has passed, where there are slots.
    pub switch: Switching,
}

/// Whether a passed gate moves the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Switching {
    /// It does.
    #[default]
    Automatic,
    /// A person does, by `switch`.
    Manual,
}

/// What binds a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackPolicy {
    /// How the services go back.
    pub strategy: Strategy,
    /// The stages, where it is gradual.
    pub stages: Vec<Stage>,
    /// How long the trouble must last before an automatic one starts.
    pub confirm_for: Duration,
    /// Never of a deployment older than this.
    pub within: Duration,
    /// So many per time.
    pub limit: RateLimit,
    /// The least time between two.
    pub cooldown: Duration,
}

impl Default for RollbackPolicy {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            strategy: Strategy::default(),
            stages: Vec::new(),
            confirm_for: Duration::ZERO,
            within: Duration::from_secs(24 * HOUR),
            limit: RateLimit { count: 3, per: Duration::from_secs(24 * HOUR) },
            cooldown: Duration::from_secs(600),
        }
    }
}

/// How much stays in the live ledger and among the tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Deployments in the live ledger.
    pub deployments: usize,
    /// Deployments that keep their tags.
    pub tags: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self { deployments: 500, tags: 100 }
    }
}

/// All that is decided beforehand for one environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// What binds the gate.
    pub verify: VerifyPolicy,
    /// What binds a deployment.
    pub deploy: DeployPolicy,
    /// What binds a rollback.
    pub rollback: RollbackPolicy,
    /// What stays.
    pub keep: Keep,
    /// Who may ask for what in comments.
    pub permissions: Permissions,
    /// What a target must show besides being stable.
    pub target: TargetPolicy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_strategy_has_the_configurations_word() {
        let all = [Strategy::Immediate, Strategy::Gradual, Strategy::ServiceByService];
        assert_eq!(all.map(Strategy::as_str), ["immediate", "gradual", "service-by-service"]);
        for strategy in all {
            assert_eq!(serde_json::to_value(strategy).unwrap(), strategy.as_str());
        }
    }
}
