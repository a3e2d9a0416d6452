//! Opens a WebSocket, and talks to what answers there.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::header::HeaderMap;

use super::question::{Around, Question, Subject};
use super::tcp::dialogue::Sick;
use crate::adapters::tls;
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod answer;
mod dialogue;
mod handshake;
mod settings;
mod target;
mod turn;

pub use settings::{ExpectVersion, Settings, Subprotocol};
pub use target::Target;
pub use turn::Turn;

use dialogue::Dialogue;
use handshake::Refusal;

/// Opens a WebSocket.
#[derive(Debug)]
pub struct WebsocketProbe {
    settings: Settings,
    headers: HeaderMap,
    tls: tls::Client,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "websocket"
    }

    fn mistakes(&self) -> Vec<String> {
        self.mistakes()
    }

    fn subject(&self) -> Subject {
        Subject::shown("url", self.url.to_string())
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), &around.folder)?))
    }
}

/// Makes the probe; a header that cannot be sent and a file that cannot be read are refused.
pub fn connect(settings: Settings, folder: &Path) -> Result<WebsocketProbe> {
    let headers = settings.credentials().headers(folder)?;
    let tls = settings.tls.client(folder)?;
    Ok(WebsocketProbe { settings, headers, tls })
}

#[async_trait]
impl Probe for WebsocketProbe {
    fn kind(&self) -> &'static str {
        "websocket"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let url = &self.settings.url;
        match tokio::time::timeout(timeout, self.ask(expected)).await {
            Ok(Ok(passed)) => passed,
            Ok(Err(Refusal::Sick(Sick::Unreached(why)))) => unreached(&format!("`{url}` {why}")),
            Ok(Err(Refusal::Sick(Sick::Wrong(why)))) => Measurement::fail(format!("`{url}` {why}")),
            Ok(Err(Refusal::Status(status))) => answer::not_upgraded(url, status),
            Err(_) => {
                let time = Span::from(timeout);
                unreached(&format!("`{url}` gave no answer within `{time}`"))
            }
        }
    }
}

impl WebsocketProbe {
    async fn ask(&self, expected: Option<&Version>) -> Result<Measurement, Refusal> {
        let began = Instant::now();
        let opened = handshake::open(self).await?;
        let mut timings = opened.timings;
        let identity = answer::identity(&self.settings, &opened.headers, expected);
        if identity.complaint.is_none() {
            let talking = Instant::now();
            let mut dialogue = Dialogue::new(opened.socket);
            dialogue.hold(&self.settings.dialogue).await.map_err(Sick::Wrong)?;
            dialogue.leave().await;
            if !self.settings.dialogue.is_empty() {
                timings.push(Timing::new("processing", talking.elapsed()));
            }
        }
        let did = if self.settings.dialogue.is_empty() { "upgraded" } else { "answered" };
        Ok(answer::upgraded(did, began.elapsed(), identity).timed(timings))
    }
}

fn unreached(message: &str) -> Measurement {
    Measurement::unreached(Reach::Direct, message)
}

#[cfg(test)]
mod tests;
