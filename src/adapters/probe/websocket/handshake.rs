//! Opens the connection and asks for the upgrade.

use std::time::Instant;

use http::header::{CONNECTION, HOST, HeaderMap, HeaderValue, UPGRADE};
use http::{Request, StatusCode};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::super::tcp::dial::{self, Stream};
use super::super::tcp::dialogue::{HEARD, Sick};
use super::{Settings, WebsocketProbe};
use crate::domain::check::Timing;

/// A connection that speaks in messages.
pub(super) type Socket = WebSocketStream<Box<dyn Stream>>;

/// Little is said in a check, so little is kept ready for it.
const BUFFER: usize = 8 * 1024;

/// An open connection, and what was said while it was opened.
pub(super) struct Opened {
    pub(super) socket: Socket,
    pub(super) headers: HeaderMap,
    pub(super) timings: Vec<Timing>,
}

/// Why there is no open connection, or no good one.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Something speaks against the subject.
    Sick(Sick),
    /// It answered with this status in place of the upgrade.
    Status(StatusCode),
}

impl From<Sick> for Refusal {
    fn from(sick: Sick) -> Self {
        Self::Sick(sick)
    }
}

/// Connects, shakes hands in TLS where the address says so, and upgrades.
pub(super) async fn open(probe: &WebsocketProbe) -> Result<Opened, Refusal> {
    let Settings { url, ip, ip_fallback, .. } = &probe.settings;
    let unreached = |why| Sick::Unreached(format!("could not be reached: {why}"));
    let line = dial::dial(&url.place(), *ip, *ip_fallback).await.map_err(unreached)?;
    let (mut stream, mut timings) = (line.stream, line.timings);
    if url.is_secure() {
        let began = Instant::now();
        let session = probe.tls.shake(stream, &url.host(), &[b"http/1.1"]).await;
        stream = Box::new(session.map_err(unreached)?.stream);
        timings.push(Timing::new("tls", began.elapsed()));
    }
    let began = Instant::now();
    let request =
        request(probe).map_err(|why| Sick::Wrong(format!("could not be asked: {why}")))?;
    let (socket, answer) = client_async_with_config(request, stream, Some(bounded()))
        .await
        .map_err(|error| refusal(&probe.settings, error))?;
    timings.push(Timing::new("upgrade", began.elapsed()));
    Ok(Opened { socket, headers: answer.into_parts().0.headers, timings })
}

fn bounded() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(HEARD))
        .max_frame_size(Some(HEARD))
}

fn request(probe: &WebsocketProbe) -> Result<Request<()>, http::Error> {
    let url = probe.settings.url.url();
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut request = Request::builder().uri(url.as_str()).header(HOST, host).body(())?;
    let headers = request.headers_mut();
    headers.extend(probe.headers.clone());
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
    headers.insert("sec-websocket-key", HeaderValue::from_str(&generate_key())?);
    let offered: Vec<_> =
        probe.settings.subprotocols.iter().map(super::Subprotocol::as_str).collect();
    if !offered.is_empty() {
        headers.insert("sec-websocket-protocol", HeaderValue::from_str(&offered.join(", "))?);
    }
    Ok(request)
}

fn refusal(settings: &Settings, error: Error) -> Refusal {
    let why = match error {
        Error::Http(answer) => return Refusal::Status(answer.status()),
        Error::Io(cause) => return Sick::Unreached(format!("broke off: {cause}")).into(),
        Error::Protocol(ProtocolError::HandshakeIncomplete) => {
            return Sick::Unreached("closed before it answered".to_owned()).into();
        }
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(
            SubProtocolError::NoSubProtocol | SubProtocolError::InvalidSubProtocol,
        )) => {
            let offered = settings.subprotocols.iter().map(|name| format!("`{}`", name.as_str()));
            format!("took none of the subprotocols {}", offered.collect::<Vec<_>>().join(", "))
        }
        other => format!("did not upgrade: {other}"),
    };
    Sick::Wrong(why).into()
}
