//! The configuration as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::adapters::decider;
use crate::domain::duration::Span;
use crate::domain::policy::{Keep, Policy, RateLimit, Reactions};

mod check;
mod permission;
mod safety;
mod service;
mod traffic;
mod words;

pub(super) use check::{Check, Control};
pub(super) use permission::{Demand, Permissions};
pub(super) use safety::Safety;
pub(super) use service::{Driver, Service};
pub(super) use traffic::{Deploy, Router, Slots, Stage};
pub(super) use words::{FileVersion, Phase, Purpose, Reaction, Strategy, Switching, Tolerance};

/// What a team has decided beforehand about its deployments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "lastgood configuration")]
pub(super) struct File {
    /// The version of this format: `1`.
    #[schemars(required)]
    pub version: Option<FileVersion>,
    /// Where versions run, by name: `production`, `staging`, `review-12`.
    #[schemars(required, extend("minProperties" = 1))]
    pub environments: Option<BTreeMap<String, Environment>>,
    /// How lastgood's tags are named.
    #[serde(default)]
    pub tags: Tags,
    /// How commands in comments are written.
    #[serde(default)]
    pub comments: Comments,
}

/// A gate of its own, for `lastgood check FILE`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GateFile {
    #[serde(default, rename = "version")]
    _version: Option<FileVersion>,
    pub checks: Vec<Check>,
    #[serde(default)]
    pub weighted: Option<Weighted>,
}

/// How lastgood's tags are named.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tags {
    /// What stands before `deploy/…` and `stable/…`, where another tag or branch is in the way.
    #[serde(default)]
    #[schemars(example = &"lastgood/")]
    pub prefix: Option<String>,
}

/// How commands in comments are written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Comments {
    /// What they begin with, where other programs listen too; without a word here it is `/`.
    #[serde(default)]
    #[schemars(example = &"/lastgood ")]
    pub prefix: Option<String>,
}

/// One environment.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Environment {
    /// Where people see it; shown in summaries and on the forge.
    #[serde(default)]
    #[schemars(example = &"https://shop.example")]
    pub url: Option<String>,
    /// Whom it is there for, as GitHub shows it; without a word here `production` and `prod` are for everybody, and all others are internal.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// Its deployable units, by name; without any there is one, `app`.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// What decides whether a deployment is good.
    #[serde(default)]
    pub verify: Verify,
    /// How traffic is shared between two slots, which then take turns in serving.
    #[serde(default)]
    pub router: Option<Router>,
    /// What `${slot:KEY}` stands for in this environment, by slot: addresses, folders, projects.
    #[serde(default)]
    #[expect(dead_code, reason = "they are read from the tree, before it is typed")]
    pub slots: Slots,
    /// What binds a deployment that lastgood drives.
    #[serde(default)]
    pub deploy: Deploy,
    /// What binds a rollback.
    #[serde(default)]
    pub rollback: Rollback,
    /// What must hold before a rollback.
    #[serde(default)]
    pub safety: Safety,
    /// How much stays in the live ledger and among the tags.
    #[serde(default)]
    pub keep: Retention,
    /// Who may ask for what in comments; without a word here it takes the role `write`.
    #[serde(default)]
    pub permissions: Permissions,
}

/// What decides whether a deployment is good.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Verify {
    /// The longest that the whole gate may look.
    pub timeout: Span,
    /// How old a healthy deployment must be before it is marked stable.
    pub stable_after: Span,
    /// What each verdict leads to.
    pub on: On,
    /// Whether the checks are also asked of what runs before a deployment; what fails then is alone no reason to go back.
    pub rehearse: bool,
    /// Counts points instead of taking the worst check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Weighted>,
    /// A policy of your own that has the last word on each verdict.
    #[serde(skip_serializing)]
    pub decide: Option<Decide>,
    /// Checks of the whole environment, beside those of its services.
    #[serde(skip_serializing)]
    pub checks: Vec<Check>,
    /// A probe of something that is always there: where it fails too, the runner's own connection is in doubt.
    #[serde(skip_serializing)]
    pub control: Option<Control>,
}

/// A gate that counts points: a pass earns a check's `weight`, a marginal one half of it, a fail nothing.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Weighted {
    /// The share of all points, in percent, from which on it is healthy.
    #[schemars(range(min = 1, max = 100))]
    pub pass: u32,
    /// The share, in percent, from which on it could not tell; below it is unhealthy. As `pass` unless given.
    #[serde(default)]
    #[schemars(range(max = 100))]
    pub warning: Option<u32>,
}

/// A policy of your own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decide {
    /// It reads the verdict as JSON and answers `rollback`, `hold` or `pass`; no answer is `hold`.
    pub command: decider::Settings,
}

/// What each verdict that is not healthy leads to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct On {
    /// The gate found the deployment unhealthy.
    pub fail: Reaction,
    /// The gate's instruments are broken.
    pub error: Reaction,
    /// The gate looked, and could not tell.
    pub inconclusive: Reaction,
}

/// What binds a rollback.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rollback {
    /// How the services go back.
    pub strategy: Strategy,
    /// The stages of `gradual`; what follows the last is all of the traffic.
    pub stages: Vec<Stage>,
    /// Automatic only: how long the trouble must last before it starts.
    pub confirm_for: Span,
    /// Automatic only: never of a deployment older than this.
    pub within: Span,
    /// Automatic only: so many per time.
    pub limit: Limit,
    /// Automatic only: the least time between two.
    pub cooldown: Span,
}

/// So many per time.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limit {
    /// How many.
    #[schemars(range(min = 1))]
    pub count: u32,
    /// Per what time.
    pub per: Span,
}

/// How much stays in the live ledger and among the tags.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Retention {
    /// Deployments in the live ledger; older ones move to the archive and stay targets.
    #[schemars(range(min = 1))]
    pub deployments: u32,
    /// Deployments that keep their tags.
    #[schemars(range(min = 1))]
    pub tags: u32,
}

impl Default for Verify {
    fn default() -> Self {
        let policy = Policy::default().verify;
        Self {
            timeout: policy.timeout.into(),
            stable_after: policy.stable_after.into(),
            on: On::default(),
            rehearse: true,
            weighted: None,
            decide: None,
            checks: Vec::new(),
            control: None,
        }
    }
}

impl Default for On {
    fn default() -> Self {
        let Reactions { fail, error, inconclusive } = Reactions::default();
        Self { fail: fail.into(), error: error.into(), inconclusive: inconclusive.into() }
    }
}

impl Default for Rollback {
    fn default() -> Self {
        let policy = Policy::default().rollback;
        Self {
            strategy: policy.strategy.into(),
            stages: Vec::new(),
            confirm_for: policy.confirm_for.into(),
            within: policy.within.into(),
            limit: Limit::default(),
            cooldown: policy.cooldown.into(),
        }
    }
}

impl Default for Limit {
    fn default() -> Self {
        let RateLimit { count, per } = Policy::default().rollback.limit;
        Self { count, per: per.into() }
    }
}

impl Default for Retention {
    fn default() -> Self {
        let Keep { deployments, tags } = Keep::default();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { deployments: count(deployments), tags: count(tags) }
    }
}
