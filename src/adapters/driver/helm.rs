//! Brings a service to a version by Helm.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::error::{Error, Result};
use crate::ports::{Drive, Driven, Driver};

/// By Helm.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HelmDriver")]
pub struct Settings {
    /// The release.
    pub release: String,
}

/// Brings a service to a version by Helm.
pub struct HelmDriver {
    settings: Settings,
    around: Surroundings,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> HelmDriver {
    HelmDriver { settings, around }
}

#[async_trait]
impl Driver for HelmDriver {
    fn plan(&self, _drive: &Drive) -> Vec<String> {
        vec![format!("{:?} in {}", self.settings, self.around.folder.display())]
    }

    async fn apply(&self, _drive: &Drive) -> Result<Driven> {
        Err(Error::failed("cannot drive yet"))
    }
}
