//! Who may ask for what in comments, as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::duration::Span;
use crate::domain::permission;

/// Who may ask for what in comments.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Permissions {
    /// To be told: `/status`, `/history`.
    pub look: Option<Demand>,
    /// `/verify`.
    pub verify: Option<Demand>,
    /// `/rollback`.
    pub rollback: Option<Demand>,
    /// `/cancel`.
    pub cancel: Option<Demand>,
    /// `/lock` and `/unlock`.
    pub lock: Option<Demand>,
    /// `/approve`.
    pub approve: Option<Demand>,
    /// To go on where a rule stands against it; without a word here it takes `admin`.
    pub force: Option<Demand>,
}

/// What it takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Demand {
    /// The least role in the repository.
    pub role: Role,
    /// How many other people must approve.
    #[schemars(range(max = 5))]
    pub approvals: u32,
    /// How long a request for a rollback can be approved, or carried out once its time has come: from `1m` to `30d`.
    pub expires: Span,
    /// Teams as `org/team`, of which the person must be in one; they are asked with the `team-token`.
    #[schemars(example = ["octo/release"])]
    pub teams: Vec<String>,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            role: Role::Write,
            approvals: 0,
            expires: permission::VALID_FOR.into(),
            teams: Vec::new(),
        }
    }
}

/// A role in the repository, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Role {
    /// May see it; in a public repository that is everybody.
    Read,
    /// May sort its issues.
    Triage,
    /// May push to it.
    Write,
    /// Looks after it.
    Maintain,
    /// May do everything.
    Admin,
}

impl From<Role> for permission::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Read => Self::Read,
            Role::Triage => Self::Triage,
            Role::Write => Self::Write,
            Role::Maintain => Self::Maintain,
            Role::Admin => Self::Admin,
        }
    }
}
