//! Shares traffic by a command of the user's own.

use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

/// By a command of the user's own.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CommandRouter")]
pub struct Settings {
    /// The slot that serves before anything was ever switched.
    pub stable: String,
    /// The other one.
    pub candidate: String,
}

/// Shares traffic by a command of the user's own.
pub struct CommandRouter {
    pair: Pair,
    around: Surroundings,
}

/// Makes the router.
pub fn connect(settings: &Settings, pair: Pair, around: Surroundings) -> CommandRouter {
    let _ = settings;
    CommandRouter { pair, around }
}

#[async_trait]
impl Router for CommandRouter {
    fn kind(&self) -> &'static str {
        "command"
    }

    fn pair(&self) -> &Pair {
        &self.pair
    }

    fn plan(&self, shares: &Shares) -> Vec<String> {
        vec![format!("{shares} in {}", self.around.folder.display())]
    }

    async fn read(&self) -> Result<Shares> {
        Err(Error::failed("cannot route yet"))
    }

    async fn share(&self, _shares: &Shares) -> Result<Shares> {
        Err(Error::failed("cannot route yet"))
    }

    async fn drain(&self, _slot: &Slot, _limit: Duration) -> Result<Drained> {
        Err(Error::failed("cannot route yet"))
    }
}
