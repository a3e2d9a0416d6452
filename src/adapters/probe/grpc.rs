//! Asks a service over gRPC's health protocol.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use tonic::transport::Endpoint;

use super::question::{Around, Question, Subject};
use super::tcp::Address;
use crate::adapters::secret::Secret;
use crate::adapters::tls;
use crate::domain::check::{Measurement, Reach};
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::Probe;

mod answer;
mod exchange;
mod metadata;

pub use metadata::MetadataKey;

use exchange::Line;

/// Asks a service over the health protocol of gRPC whether it serves.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GrpcCheck")]
pub struct Settings {
    /// The host and port: `api.example:443`, `[::1]:50051`.
    pub address: Address,
    /// The service that is asked for; the whole server unless given.
    #[serde(default)]
    pub service: String,
    /// Metadata to send; the values are never shown.
    #[serde(default)]
    pub metadata: BTreeMap<MetadataKey, Secret>,
    /// Speaks TLS, with these settings; `{}` for the usual ones. Without it nothing is encrypted.
    #[serde(default)]
    pub tls: Option<tls::Settings>,
    /// Where the answer names the version that gave it; it must be the one under test, or its commit.
    #[serde(default)]
    pub expect_version: Option<ExpectVersion>,
}

/// Where an answer over gRPC names the version that gave it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExpectVersionInMetadata")]
pub enum ExpectVersion {
    /// In its metadata: `{metadata: x-version}`.
    Metadata(MetadataKey),
}

/// Asks a service over gRPC.
#[derive(Debug)]
pub struct GrpcProbe {
    settings: Settings,
    line: Line,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "grpc"
    }

    fn mistakes(&self) -> Vec<String> {
        let unsendable = self.metadata.iter().find_map(|(key, value)| key.unsendable(value));
        let tls = self.tls.iter().flat_map(tls::Settings::mistakes);
        endpoint(self).err().into_iter().chain(unsendable).chain(tls).collect()
    }

    fn subject(&self) -> Subject {
        Subject::written("address")
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        let tls = self.tls.as_ref().map(|tls| tls.client(&around.folder)).transpose()?;
        Ok(Arc::new(connect(self.clone(), tls)?))
    }
}

/// Makes the probe; an address that cannot be asked is refused.
pub fn connect(settings: Settings, tls: Option<tls::Client>) -> Result<GrpcProbe> {
    let endpoint = endpoint(&settings).map_err(Error::invalid)?;
    let address = settings.address.to_string();
    Ok(GrpcProbe { settings, line: Line { address, endpoint, tls } })
}

fn endpoint(settings: &Settings) -> std::result::Result<Endpoint, String> {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let address = settings.address.to_string();
    let endpoint = Endpoint::from_shared(format!("{scheme}://{address}"));
    endpoint.map_err(|_| format!("`{address}` is no host and port that can be asked"))
}

#[async_trait]
impl Probe for GrpcProbe {
    fn kind(&self) -> &'static str {
        "grpc"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        match tokio::time::timeout(timeout, self.line.ask(&self.settings, timeout)).await {
            Ok(Ok(answer)) => answer::judge(&self.settings, answer, began.elapsed(), expected),
            Ok(Err(unreached)) => Measurement::unreached(Reach::Direct, unreached),
            Err(_) => answer::late(&self.line.address, timeout),
        }
    }
}

#[cfg(test)]
mod tests;
