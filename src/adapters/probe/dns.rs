//! Asks a name server and judges its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::domain::check::{Measurement, Reach};
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod answer;
mod exchange;
mod record;
mod rules;
mod words;

pub use rules::Rules;
pub use words::{Class, Kind, Name, Rcode, Server, Transport};

/// Asks a name server, and judges what it answers.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DnsCheck")]
pub struct Settings {
    /// The name to ask for.
    pub name: Name,
    /// The type of record to ask for: `A` unless given.
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// The class to ask in: `IN` unless given.
    #[serde(default)]
    pub class: Class,
    /// The name server, with port 53 unless it says another; the first of this machine's unless given.
    #[serde(default)]
    pub server: Option<Server>,
    /// How it is asked: by `udp` unless given. What does not fit into a datagram is asked again by `tcp`.
    #[serde(default)]
    pub transport: Transport,
    /// Whether the server is asked to ask others: `true` unless given.
    #[serde(default = "yes")]
    pub recursion_desired: bool,
    /// The response codes that are healthy; `[NOERROR]` unless given.
    #[serde(default = "no_error")]
    #[schemars(length(min = 1))]
    pub rcodes: Vec<Rcode>,
    /// What holds of the records that answer.
    #[serde(default)]
    pub answer: Rules,
    /// What holds of the records that name the servers in charge.
    #[serde(default)]
    pub authority: Rules,
    /// What holds of the records that come along.
    #[serde(default)]
    pub additional: Rules,
}

fn yes() -> bool {
    true
}

fn no_error() -> Vec<Rcode> {
    vec![Rcode::NoError]
}

/// Asks a name server.
#[derive(Debug)]
pub struct DnsProbe {
    settings: Settings,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "dns"
    }

    fn mistakes(&self) -> Vec<String> {
        let never = "`rcodes` is empty, so the check could never pass";
        let never = self.rcodes.is_empty().then(|| never.to_owned());
        let sections = [
            ("answer", &self.answer),
            ("authority", &self.authority),
            ("additional", &self.additional),
        ];
        let clashes = sections.into_iter().filter_map(|(name, rules)| rules.mistake(name));
        never.into_iter().chain(clashes).collect()
    }

    fn subject(&self) -> Subject {
        Subject::written("name")
    }

    fn connect(&self, _: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone())))
    }
}

/// Makes the probe.
pub fn connect(settings: Settings) -> DnsProbe {
    DnsProbe { settings }
}

#[async_trait]
impl Probe for DnsProbe {
    fn kind(&self) -> &'static str {
        "dns"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        match exchange::ask(&self.settings, timeout).await {
            Ok(answer) => answer::judge(&self.settings, &answer, began.elapsed()),
            Err(refusal) => refusal.measurement(),
        }
    }
}

#[cfg(test)]
mod tests;
