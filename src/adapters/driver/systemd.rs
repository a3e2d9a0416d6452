//! Brings a service to a version by systemd.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::error::{Error, Result};
use crate::ports::{Drive, Driven, Driver};

/// By systemd.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SystemdDriver")]
pub struct Settings {
    /// The unit: `shop.service`.
    pub unit: String,
}

/// Brings a service to a version by systemd.
pub struct SystemdDriver {
    settings: Settings,
    around: Surroundings,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> SystemdDriver {
    SystemdDriver { settings, around }
}

#[async_trait]
impl Driver for SystemdDriver {
    fn plan(&self, _drive: &Drive) -> Vec<String> {
        vec![format!("{:?} in {}", self.settings, self.around.folder.display())]
    }

    async fn apply(&self, _drive: &Drive) -> Result<Driven> {
        Err(Error::failed("cannot drive yet"))
    }
}
