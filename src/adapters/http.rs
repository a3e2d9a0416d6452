//! The one HTTP client.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderValue;
use reqwest::{Client, ClientBuilder, redirect};
use url::{Host, Url};

use super::tls;
use crate::error::{Error, Result};

/// What we say we are.
pub const AGENT: &str = concat!("lastgood/", env!("CARGO_PKG_VERSION"));

/// An unused connection is closed at once: one kept open would hide a server that is gone.
const IDLE_CONNECTIONS: usize = 0;

/// What may be spoken above TLS, the best first.
const PROTOCOLS: &[&[u8]] = &[b"h2", b"http/1.1"];

/// How often a silent connection is asked whether it still lives.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Chooses the cryptography of all TLS in this process; further calls change nothing.
pub fn install_crypto() {
    // An error means that it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Makes requests: each on a connection of its own, following no redirect by itself.
#[derive(Debug, Clone)]
pub struct Http {
    through_proxy: Client,
    direct: Client,
}

impl Http {
    /// Makes the client; once a process.
    pub fn new() -> Result<Self> {
        Self::over(&tls::Settings::default().client(Path::new("."))?)
    }

    /// Makes a client that trusts and proves what these settings say, `server_name` aside.
    pub fn over(tls: &tls::Client) -> Result<Self> {
        install_crypto();
        let direct = build(Client::builder().no_proxy(), tls)?;
        Ok(Self { through_proxy: build(Client::builder(), tls)?, direct })
    }

    /// Returns the client for an address: this machine is never asked for through a proxy.
    pub fn client(&self, url: &Url) -> &Client {
        if is_this_machine(url) { &self.direct } else { &self.through_proxy }
    }
}

fn build(begin: ClientBuilder, tls: &tls::Client) -> Result<Client> {
    let client = begin
        .user_agent(AGENT)
        .redirect(redirect::Policy::none())
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .tcp_keepalive(KEEPALIVE)
        .tls_backend_preconfigured(tls.config(PROTOCOLS));
    client.build().map_err(|cause| Error::failed("could not set up the HTTP client").because(cause))
}

/// A proxy, and how we are known to it.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Its address.
    pub url: Url,
    /// What it is told of us.
    pub authorization: Option<HeaderValue>,
}

/// Returns the proxy that the environment names for an address; none for this machine.
pub fn proxy_of(url: &Url) -> Option<Proxy> {
    static ENVIRONMENT: OnceLock<Matcher> = OnceLock::new();
    proxy_by(ENVIRONMENT.get_or_init(Matcher::from_system), url)
}

fn proxy_by(matcher: &Matcher, url: &Url) -> Option<Proxy> {
    if is_this_machine(url) {
        return None;
    }
    let found = matcher.intercept(&url.as_str().parse().ok()?)?;
    let authorization = found.basic_auth().cloned();
    Some(Proxy { url: Url::parse(&found.uri().to_string()).ok()?, authorization })
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns an address as people may see it: neither who asks nor the query, which hold secrets.
pub fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

/// Returns why a request failed, in the words of its deepest cause, without the address.
pub fn cause_of(error: &reqwest::Error) -> String {
    match (error.is_timeout(), std::error::Error::source(error)) {
        (true, _) => "no answer in time".to_owned(),
        (false, None) => "the request could not be made".to_owned(),
        (false, Some(cause)) => deepest(cause),
    }
}

/// Returns the words of an error's deepest cause.
pub fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    let outer = deepest.downcast_ref::<std::io::Error>();
    let refused = outer.filter(|error| tls::refusal(error).is_some());
    refused.map_or_else(|| deepest.to_string(), tls::why)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::adapters::tls::tests::{Authority, serve};

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        let url = Url::parse("https://user:hunter2@shop.example:8443/health?key=hunter2#x");
        assert_eq!(shown(&url.unwrap()), "https://shop.example:8443/health");
        assert_eq!(shown(&Url::parse("http://[::1]/").unwrap()), "http://[::1]/");
    }

    #[test]
    fn this_machine_is_known_by_name_and_number() {
        for (url, expected) in [
            ("http://localhost:80/", true),
            ("http://shop.localhost/", true),
            ("http://127.0.0.2/", true),
            ("http://[::1]/", true),
            ("http://shop.example/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(is_this_machine(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn a_proxy_is_for_other_machines_that_are_not_excepted() {
        let matcher = Matcher::builder();
        let matcher = matcher.all("http://me:pw@proxy.example:3128").no("plain.example").build();
        let of = |url: &str| proxy_by(&matcher, &Url::parse(url).unwrap());
        let proxy = of("https://shop.example/?q=[x]").unwrap();
        assert_eq!(proxy.url.as_str(), "http://proxy.example:3128/");
        assert_eq!(proxy.authorization.unwrap(), "Basic bWU6cHc=");
        for url in ["http://plain.example/", "http://localhost/", "http://127.0.0.1:80/"] {
            assert!(of(url).is_none(), "{url}");
        }
    }

    #[test]
    fn the_cryptography_can_be_chosen_twice() {
        install_crypto();
        install_crypto();
        assert!(Http::new().is_ok());
    }

    #[tokio::test]
    async fn who_answers_over_tls_must_be_trusted() {
        let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
        let acceptor = ours.sign(&["localhost"], -1, 9).acceptor(&[b"http/1.1"]);
        let port = serve(acceptor, |mut stream| async move {
            let mut heard = [0; 4096];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(b"HTTP/1.1 204 Fine\r\n\r\n").await;
        })
        .await;
        let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
        let settings = tls::Settings { ca_file: Some(ours.file(&folder)), ..Default::default() };
        let http = Http::over(&settings.client(folder.path()).unwrap()).unwrap();
        let answer = http.client(&url).get(url.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        let theirs = Authority::new("theirs").file(&folder);
        let settings = tls::Settings { ca_file: Some(theirs), ..Default::default() };
        let http = Http::over(&settings.client(folder.path()).unwrap()).unwrap();
        let error = http.client(&url).get(url).send().await.unwrap_err();
        let why = "its certificate is signed by `CN=ours`, which leads to nobody we trust";
        assert_eq!(cause_of(&error), why);
    }
}
