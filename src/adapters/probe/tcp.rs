//! Connects to a port, and talks to what listens there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::adapters::tls;
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod address;
mod bytes;
pub(crate) mod dial;
pub(crate) mod dialogue;
pub(crate) mod template;
pub(crate) mod turn;

pub use address::{Address, Place};
pub use bytes::Bytes;
pub use dial::{Fallback, Ip};
pub use turn::Turn;

use dialogue::{Dialogue, Sick};

/// Connects to a port; without a dialogue, being let in is enough.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TcpCheck")]
pub struct Settings {
    /// The host and port: `db.example:5432`, `[::1]:5432`; or a socket of this machine: `unix:/run/app.sock`.
    pub address: Address,
    /// What is sent and expected, in this order.
    #[serde(default)]
    pub dialogue: Vec<Turn>,
    /// Speaks TLS: from the start, or from the turn that says `starttls`.
    #[serde(default)]
    pub tls: Option<tls::Settings>,
    /// Which addresses of the host are used: `any`, `ip4` or `ip6`.
    #[serde(default)]
    pub ip: Ip,
    /// Whether the other family is used where the host has no address of the one wanted; `true` unless given.
    #[serde(default)]
    pub ip_fallback: Fallback,
}

impl Settings {
    /// Returns the settings of a check that just connects.
    pub fn new(address: Address) -> Self {
        let (ip, ip_fallback) = (Ip::default(), Fallback::default());
        Self { address, dialogue: Vec::new(), tls: None, ip, ip_fallback }
    }

    fn begins_with_tls(&self) -> bool {
        self.tls.is_some() && !self.dialogue.iter().any(|turn| turn.starttls)
    }
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "tcp"
    }

    fn mistakes(&self) -> Vec<String> {
        let tls = self.tls.iter().flat_map(tls::Settings::mistakes);
        tls.map(|mistake| format!("in `tls`: {mistake}"))
            .chain(turn::mistakes(&self.dialogue))
            .collect()
    }

    fn subject(&self) -> Subject {
        Subject::written("address")
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), &around.folder)?))
    }
}

/// Connects to a port.
#[derive(Debug)]
pub struct TcpProbe {
    settings: Settings,
    tls: tls::Client,
}

/// Makes the probe; a file of `tls` that cannot be read is refused.
pub fn connect(settings: Settings, folder: &std::path::Path) -> Result<TcpProbe> {
    let tls = settings.tls.clone().unwrap_or_default().client(folder)?;
    Ok(TcpProbe { settings, tls })
}

#[async_trait]
impl Probe for TcpProbe {
    fn kind(&self) -> &'static str {
        "tcp"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let address = &self.settings.address;
        match tokio::time::timeout(timeout, self.ask()).await {
            Ok(Ok(timings)) => Measurement::pass(self.summary(began.elapsed())).timed(timings),
            Ok(Err(Sick::Unreached(why))) => unreached(&format!("`{address}` {why}")),
            Ok(Err(Sick::Wrong(why))) => Measurement::fail(format!("`{address}` {why}")),
            Err(_) => {
                let time = Span::from(timeout);
                unreached(&format!("`{address}` gave no answer within `{time}`"))
            }
        }
    }
}

impl TcpProbe {
    async fn ask(&self) -> Result<Vec<Timing>, Sick> {
        let Settings { address, dialogue, ip, ip_fallback, .. } = &self.settings;
        let unreached = |why| Sick::Unreached(format!("could not be reached: {why}"));
        let line = dial::dial(&address.place(), *ip, *ip_fallback).await.map_err(unreached)?;
        let mut timings = line.timings;
        let mut talk = Dialogue::new(line.stream, &self.tls, address.host());
        if self.settings.begins_with_tls() {
            let began = Instant::now();
            talk.secure().await?;
            timings.push(Timing::new("tls", began.elapsed()));
        }
        let began = Instant::now();
        talk.hold(dialogue).await?;
        if !dialogue.is_empty() {
            timings.push(Timing::new("processing", began.elapsed()));
        }
        Ok(timings)
    }

    fn summary(&self, took: Duration) -> String {
        let took = Span::millis(took.as_millis().max(1).try_into().unwrap_or(u64::MAX));
        let did = if self.settings.dialogue.is_empty() { "connected" } else { "answered" };
        format!("{did} in {took}")
    }
}

fn unreached(message: &str) -> Measurement {
    Measurement::unreached(Reach::Direct, message)
}

#[cfg(test)]
mod tests;
