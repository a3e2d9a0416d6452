//! Brings a service to a version by Docker Compose.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::error::{Error, Result};
use crate::ports::{Drive, Driven, Driver};

/// By Docker Compose.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ComposeDriver")]
pub struct Settings {
    /// The service in the compose file; the service's own name unless given.
    #[serde(default)]
    pub service: Option<String>,
}

/// Brings a service to a version by Docker Compose.
pub struct ComposeDriver {
    settings: Settings,
    around: Surroundings,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> ComposeDriver {
    ComposeDriver { settings, around }
}

#[async_trait]
impl Driver for ComposeDriver {
    fn plan(&self, _drive: &Drive) -> Vec<String> {
        vec![format!("{:?} in {}", self.settings, self.around.folder.display())]
    }

    async fn apply(&self, _drive: &Drive) -> Result<Driven> {
        Err(Error::failed("cannot drive yet"))
    }
}
