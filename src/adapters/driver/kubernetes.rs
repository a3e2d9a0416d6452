//! Brings a service to a version by Kubernetes.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::surroundings::Surroundings;
use crate::error::{Error, Result};
use crate::ports::{Drive, Driven, Driver};

/// By Kubernetes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KubernetesDriver")]
pub struct Settings {
    /// The workload: `deployment/shop`.
    pub resource: String,
}

/// Brings a service to a version by Kubernetes.
pub struct KubernetesDriver {
    settings: Settings,
    around: Surroundings,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> KubernetesDriver {
    KubernetesDriver { settings, around }
}

#[async_trait]
impl Driver for KubernetesDriver {
    fn plan(&self, _drive: &Drive) -> Vec<String> {
        vec![format!("{:?} in {}", self.settings, self.around.folder.display())]
    }

    async fn apply(&self, _drive: &Drive) -> Result<Driven> {
        Err(Error::failed("cannot drive yet"))
    }
}
