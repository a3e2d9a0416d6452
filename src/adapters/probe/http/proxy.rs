//! The way through a proxy.

use bytes::Bytes;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::{Request, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use url::{Position, Url};

use super::super::tcp::dial::{self, Stream};
use super::HttpProbe;
use super::clock::Clock;
use super::exchange::NoAnswer;
use super::hop::{Line, place};
use crate::adapters::http::{AGENT, Proxy, deepest, shown};
use crate::domain::check::Timing;

/// Connects to a proxy, and for TLS through it to the host.
pub(super) async fn reach(
    probe: &HttpProbe,
    proxy: &Proxy,
    url: &Url,
    clock: &Clock,
) -> Result<Box<dyn Stream>, NoAnswer> {
    let stream = connect(probe, proxy, clock).await?;
    if url.scheme() == "https" { tunnel(stream, proxy, url).await } else { Ok(stream) }
}

async fn connect(
    probe: &HttpProbe,
    proxy: &Proxy,
    clock: &Clock,
) -> Result<Box<dyn Stream>, NoAnswer> {
    let refused = |why: String| {
        NoAnswer::Proxy(format!("the proxy `{}` could not be reached: {why}", shown(&proxy.url)))
    };
    if !matches!(proxy.url.scheme(), "http" | "https") {
        return Err(refused(format!("`{}` is not spoken", proxy.url.scheme())));
    }
    let (ip, fallback) = (probe.settings.ip, probe.settings.ip_fallback);
    let line = dial::dial(&place(&proxy.url), ip, fallback).await.map_err(refused)?;
    // The name that was resolved was the proxy's: all of it is the way there.
    line.timings.iter().for_each(|time| clock.add(Timing { name: "connect", ..*time }));
    if proxy.url.scheme() == "http" {
        return Ok(line.stream);
    }
    let host = proxy.url.host_str().unwrap_or_default();
    let session = probe.tls.elsewhere().shake(line.stream, host, &[b"http/1.1"]).await;
    Ok(Box::new(session.map_err(refused)?.stream))
}

async fn tunnel(
    stream: Box<dyn Stream>,
    proxy: &Proxy,
    url: &Url,
) -> Result<Box<dyn Stream>, NoAnswer> {
    let named = shown(&proxy.url);
    let broken =
        |error| NoAnswer::Proxy(format!("the proxy `{named}` broke off: {}", deepest(&error)));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let _line = Line(tokio::spawn(async { drop(connection.with_upgrades().await) }));
    let request = ask(proxy, url).ok_or_else(|| {
        NoAnswer::broken(format!("`{}` cannot be asked for through a proxy", shown(url)))
    })?;
    let response = sender.send_request(request).await.map_err(broken)?;
    match response.status().as_u16() {
        200..=299 => {
            let upgraded = hyper::upgrade::on(response).await.map_err(broken)?;
            Ok(Box::new(TokioIo::new(upgraded)))
        }
        status @ 502..=504 => {
            let url = shown(url);
            let why = format!("`{url}` could not be reached: the proxy `{named}` says {status}");
            Err(NoAnswer::Unreached(why))
        }
        status => Err(NoAnswer::Proxy(format!("the proxy `{named}` refused: status {status}"))),
    }
}

fn ask(proxy: &Proxy, url: &Url) -> Option<Request<Empty<Bytes>>> {
    let host = &url[Position::BeforeHost..Position::AfterHost];
    let authority = format!("{host}:{}", url.port_or_known_default()?);
    let mut request = Request::connect(authority.parse::<Uri>().ok()?).body(Empty::new()).ok()?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&authority).ok()?);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(value) = &proxy.authorization {
        headers.insert(PROXY_AUTHORIZATION, value.clone());
    }
    Some(request)
}

/// Returns a proxy as the settings name it.
pub(super) fn named(url: &Url) -> Proxy {
    Proxy { url: url.clone(), authorization: basic(url) }
}

/// Returns the authorization that an address holds.
pub(super) fn basic(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_decoded(text);
    let pair = format!("{}:{}", plain(url.username()), plain(url.password().unwrap_or_default()));
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns a piece of an address with its `%20` and the like read.
fn percent_decoded(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
