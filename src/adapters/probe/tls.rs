//! Asks a server for its certificate and judges it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::pattern::Pattern;
use super::question::{Around, Question, Subject};
use super::tcp::dial;
use super::tcp::dialogue::{Dialogue, Sick};
use super::tcp::{Address, Fallback, Ip};
use crate::adapters::tls::{self, Session, Version as TlsVersion};
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod judgement;
mod starttls;

pub use starttls::Starttls;

/// Asks a server for its certificate.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TlsCheck")]
pub struct Settings {
    /// The host and port: `shop.example:443`.
    pub address: Address,
    /// What is said before TLS begins: `smtp`, `imap`, `pop3`, `ftp` or `postgres`.
    #[serde(default)]
    pub starttls: Option<Starttls>,
    /// The days for which the certificate must hold; `0` unless given: it must hold now.
    #[serde(default)]
    pub min_days_left: u32,
    /// Whose end counts: `verified`, `presented` or `leaf`; `verified` unless given.
    #[serde(default)]
    pub chain: Option<Chain>,
    /// Names that the certificate must be for, besides the server's.
    #[serde(default)]
    pub names: Vec<String>,
    /// A regular expression that the issuer of the certificate must match: `O=Let's Encrypt`.
    #[serde(default)]
    pub issuer: Option<Pattern>,
    /// The oldest version that may be spoken: `1.2` unless given.
    #[serde(default)]
    pub min_version: TlsVersion,
    /// The name that is asked for and that the certificate must be for, where it is not the address's.
    #[serde(default)]
    pub server_name: Option<String>,
    /// Certificates, in PEM, that are trusted in place of the machine's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Whether it does not matter who signed the certificate and for whom.
    #[serde(default)]
    pub insecure: bool,
    /// Our own certificate, in PEM, for servers that ask for one.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
    /// The key of that certificate, in PEM.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Which addresses of the host are used: `any`, `ip4` or `ip6`.
    #[serde(default)]
    pub ip: Ip,
    /// Whether the other family is used where the host has no address of the one wanted; `true` unless given.
    #[serde(default)]
    pub ip_fallback: Fallback,
}

/// Which certificates' end counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Chain {
    /// The first to end of the chain that holds longest, from the server's to a trusted root.
    Verified,
    /// The first to end of all that the server shows.
    Presented,
    /// The server's own.
    Leaf,
}

impl Settings {
    fn chain(&self) -> Chain {
        let usual = if self.insecure { Chain::Presented } else { Chain::Verified };
        self.chain.unwrap_or(usual)
    }

    fn tls(&self) -> tls::Settings {
        tls::Settings {
            ca_file: self.ca_file.clone(),
            server_name: self.server_name.clone(),
            insecure: self.insecure,
            certificate_file: self.certificate_file.clone(),
            key_file: self.key_file.clone(),
            // An older version is told by its number, which a refused handshake would not say.
            min_version: TlsVersion::default(),
        }
    }
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "tls"
    }

    fn mistakes(&self) -> Vec<String> {
        let mut mistakes = self.tls().mistakes();
        if self.insecure && self.chain == Some(Chain::Verified) {
            mistakes.push("`insecure` verifies no chain; write `chain: presented`".to_owned());
        }
        let wrong = self.names.iter().filter_map(|name| judgement::wanted(name).err());
        mistakes.extend(wrong.map(|why| format!("in `names`: {why}")));
        mistakes
    }

    fn subject(&self) -> Subject {
        Subject::written("address")
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), &around.folder)?))
    }
}

/// Asks a server for its certificate.
#[derive(Debug)]
pub struct TlsProbe {
    settings: Settings,
    client: tls::Client,
}

/// Makes the probe; a file that cannot be read is refused.
pub fn connect(settings: Settings, folder: &std::path::Path) -> Result<TlsProbe> {
    let client = settings.tls().client(folder)?;
    Ok(TlsProbe { settings, client })
}

#[async_trait]
impl Probe for TlsProbe {
    fn kind(&self) -> &'static str {
        "tls"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let address = &self.settings.address;
        let unreached = |why| Measurement::unreached(Reach::Direct, format!("`{address}` {why}"));
        match tokio::time::timeout(timeout, self.shake()).await {
            Ok(Ok((session, timings))) => {
                judgement::of(&self.settings, &self.client, &session).timed(timings)
            }
            Ok(Err(Sick::Unreached(why))) => unreached(why),
            Ok(Err(Sick::Wrong(why))) => Measurement::fail(format!("`{address}` {why}")),
            Err(_) => unreached(format!("gave no answer within `{}`", Span::from(timeout))),
        }
    }
}

impl TlsProbe {
    async fn shake(
        &self,
    ) -> std::result::Result<(Session<Box<dyn dial::Stream>>, Vec<Timing>), Sick> {
        let Settings { address, starttls, ip, ip_fallback, .. } = &self.settings;
        let unreached = |why| Sick::Unreached(format!("could not be reached: {why}"));
        let line = dial::dial(&address.place(), *ip, *ip_fallback).await.map_err(unreached)?;
        let mut timings = line.timings;
        let mut talk = Dialogue::new(line.stream, &self.client, address.host());
        if let Some(starttls) = starttls {
            starttls.ask(&mut talk).await?;
        }
        let began = Instant::now();
        let client = self.client.credulous();
        let session = client.shake(talk.done()?, &address.host(), &[]).await.map_err(unreached)?;
        timings.push(Timing::new("tls", began.elapsed()));
        Ok((session, timings))
    }
}

#[cfg(test)]
mod tests;
