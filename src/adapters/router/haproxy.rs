//! Shares traffic by HAProxy.

use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

/// By HAProxy.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HaproxyRouter")]
pub struct Settings {
    /// The slot that serves before anything was ever switched.
    pub stable: String,
    /// The other one.
    pub candidate: String,
}

/// Shares traffic by HAProxy.
pub struct HaproxyRouter {
    pair: Pair,
    around: Surroundings,
}

/// Makes the router.
pub fn connect(settings: &Settings, pair: Pair, around: Surroundings) -> HaproxyRouter {
    let _ = settings;
    HaproxyRouter { pair, around }
}

#[async_trait]
impl Router for HaproxyRouter {
    fn kind(&self) -> &'static str {
        "haproxy"
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
