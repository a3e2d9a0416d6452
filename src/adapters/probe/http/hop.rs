//! One request on a connection of its own.

use std::time::Instant;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderMap, HeaderValue, USER_AGENT,
};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;
use url::{Position, Url};

use super::super::tcp::Place;
use super::super::tcp::dial::{self, Stream};
use super::clock::Clock;
use super::cookies::Cookies;
use super::exchange::{NoAnswer, Question};
use super::settings::HttpVersion;
use super::{HttpProbe, proxy};
use crate::adapters::http::{AGENT, Proxy, deepest, shown};

/// An answer whose body is still to come, and the connection that brings it.
pub(super) struct Reply {
    pub(super) response: Response<Incoming>,
    _line: Line,
}

/// The task of a connection, which ends with the one who asks.
pub(super) struct Line(pub(super) JoinHandle<()>);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A way to the host, with the version that is spoken on it.
struct Way {
    stream: Box<dyn Stream>,
    is_http2: bool,
    /// A proxy that reads the request itself.
    reads: Option<Proxy>,
}

/// Connects, asks, and waits for the head of the answer.
pub(super) async fn send(
    probe: &HttpProbe,
    question: &Question,
    cookies: &Cookies,
    clock: &Clock,
) -> Result<Reply, NoAnswer> {
    let way = reach(probe, question, clock).await?;
    let mut request = request(probe, question, &way)?;
    cookies.bring(&question.url, request.headers_mut());
    let began = Instant::now();
    let asked = if way.is_http2 {
        over_http2(way.stream, request).await
    } else {
        over_http1(way.stream, request).await
    };
    let (response, line) = asked.map_err(|error| unreached(question, &deepest(&error)))?;
    clock.since("processing", began);
    Ok(Reply { response, _line: line })
}

fn unreached(question: &Question, why: &str) -> NoAnswer {
    NoAnswer::Unreached(format!("`{}` could not be reached: {why}", shown(&question.url)))
}

async fn reach(probe: &HttpProbe, question: &Question, clock: &Clock) -> Result<Way, NoAnswer> {
    let secure = question.url.scheme() == "https";
    let through = probe.proxy_of(&question.url);
    let stream = match &through {
        None => direct(probe, question, clock).await?,
        Some(proxy) => proxy::reach(probe, proxy, &question.url, clock).await?,
    };
    if !secure {
        return Ok(Way { stream, is_http2: false, reads: through });
    }
    let began = Instant::now();
    let tls = if question.is_at_home { probe.tls.clone() } else { probe.tls.elsewhere() };
    let host = name(question);
    let session = tls.shake(stream, &host, protocols(&probe.settings.http_versions)).await;
    let session = session.map_err(|why| unreached(question, &why))?;
    clock.since("tls", began);
    let is_http2 = session.protocol.as_deref() == Some(b"h2");
    Ok(Way { stream: Box::new(session.stream), is_http2, reads: None })
}

async fn direct(
    probe: &HttpProbe,
    question: &Question,
    clock: &Clock,
) -> Result<Box<dyn Stream>, NoAnswer> {
    let (ip, fallback) = (probe.settings.ip, probe.settings.ip_fallback);
    let line = dial::dial(&place(&question.url), ip, fallback).await;
    let line = line.map_err(|why| unreached(question, &why))?;
    line.timings.into_iter().for_each(|time| clock.add(time));
    Ok(line.stream)
}

/// Returns where the host of an address listens.
pub(super) fn place(url: &Url) -> Place {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Place::Net(host, url.port_or_known_default().unwrap_or(80))
}

/// Returns the name that the certificate must be for: what we call the host, as far as we say so.
fn name(question: &Question) -> String {
    let called = question.headers.get(HOST).and_then(|host| host.to_str().ok());
    let called = called.and_then(|host| Url::parse(&format!("https://{host}/")).ok());
    let url = called.as_ref().unwrap_or(&question.url);
    url.host_str().unwrap_or_default().to_owned()
}

/// Where only an older HTTP is wanted, the newer one is not offered.
fn protocols(versions: &[HttpVersion]) -> &'static [&'static [u8]] {
    const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
    let wanted = versions.is_empty() || versions.contains(&HttpVersion::Http2);
    if wanted { BOTH } else { &BOTH[1..] }
}

fn request(
    probe: &HttpProbe,
    question: &Question,
    way: &Way,
) -> Result<Request<Full<Bytes>>, NoAnswer> {
    let odd = || NoAnswer::broken(format!("`{}` cannot be asked for", shown(&question.url)));
    let mut headers = headers(probe, question);
    let host = headers.remove(HOST);
    let target = &question.url[Position::BeforePath..Position::AfterQuery];
    let authority = host.as_ref().and_then(|host| host.to_str().ok());
    let authority =
        authority.unwrap_or(&question.url[Position::BeforeHost..Position::AfterPort]).to_owned();
    let whole = format!("{}://{authority}{target}", question.url.scheme());
    let uri = if way.is_http2 || way.reads.is_some() { &whole } else { target };
    if !way.is_http2 {
        headers.insert(HOST, HeaderValue::from_str(&authority).map_err(|_| odd())?);
    }
    if let Some(Proxy { authorization: Some(value), .. }) = &way.reads {
        headers.insert(http::header::PROXY_AUTHORIZATION, value.clone());
    }
    let mut request = Request::new(Full::new(question.body.clone()));
    *request.method_mut() = question.verb.clone();
    *request.uri_mut() = uri.parse::<Uri>().map_err(|_| odd())?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Returns our headers, with those that we send when nobody says.
fn headers(probe: &HttpProbe, question: &Question) -> HeaderMap {
    let mut headers = question.headers.clone();
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    if let Some(compression) = probe.settings.compression {
        let name = HeaderValue::from_static(compression.name());
        headers.entry(ACCEPT_ENCODING).or_insert(name);
    }
    if let Some(value) = proxy::basic(&question.url) {
        headers.entry(AUTHORIZATION).or_insert(value);
    }
    headers
}

type Asked = Result<(Response<Incoming>, Line), hyper::Error>;

async fn over_http1(stream: Box<dyn Stream>, request: Request<Full<Bytes>>) -> Asked {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // What goes wrong on it is told by the answer or its body.
    let line = Line(tokio::spawn(async { drop(connection.await) }));
    Ok((sender.send_request(request).await?, line))
}

async fn over_http2(stream: Box<dyn Stream>, request: Request<Full<Bytes>>) -> Asked {
    let io = TokioIo::new(stream);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
    let line = Line(tokio::spawn(async { drop(connection.await) }));
    Ok((sender.send_request(request).await?, line))
}
