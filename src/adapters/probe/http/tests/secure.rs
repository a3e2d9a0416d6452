//! The probe over TLS: who is believed, and which HTTP is spoken.

use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;

use super::*;
use crate::adapters::tls::tests::{Authority, serve};

/// A server over TLS that always answers so, and tells which name it was asked by.
async fn server(
    authority: &Authority,
    name: &str,
    answer: Vec<u8>,
) -> (u16, tokio::sync::mpsc::UnboundedReceiver<Option<String>>) {
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let acceptor = authority.sign(&[name], -1, 9).acceptor(&[b"http/1.1"]);
    let port = serve(acceptor, move |mut stream| {
        let _ = tell.send(stream.get_ref().1.server_name().map(str::to_owned));
        let answer = answer.clone();
        async move {
            let mut heard = [0; 4096];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    (port, told)
}

async fn measured(settings: serde_json::Value) -> Measurement {
    probe(settings).measure(None, Duration::from_secs(5)).await
}

#[tokio::test]
async fn only_who_is_trusted_is_asked() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let (port, _told) = server(&ours, "localhost", ok("")).await;
    let ca = ours.file(&folder);
    let of = |host: &str, tls: serde_json::Value| {
        measured(json!({ "url": format!("https://{host}:{port}/"), "tls": tls }))
    };
    let good = of("localhost", json!({ "ca_file": ca })).await;
    assert_eq!(good.outcome, Outcome::Pass, "{}", good.message);
    let parts: Vec<_> = good.timings.iter().map(|time| time.name).collect();
    assert_eq!(parts, ["resolve", "connect", "tls", "processing", "transfer"]);
    let wrong = of("127.0.0.1", json!({ "ca_file": ca })).await;
    let why = "its certificate is not for `127.0.0.1`, it is for `localhost`";
    let message = format!("`https://127.0.0.1:{port}/` could not be reached: {why}");
    assert_eq!((wrong.message, wrong.answered), (message, Answered::Nobody));
    let named = json!({ "ca_file": ca, "server_name": "localhost" });
    assert_eq!(of("127.0.0.1", named).await.outcome, Outcome::Pass);
    assert_eq!(of("127.0.0.1", json!({ "insecure": true })).await.outcome, Outcome::Pass);
    assert_eq!(of("localhost", json!({})).await.outcome, Outcome::Fail);
}

#[tokio::test]
async fn each_hop_is_asked_by_its_own_name() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let (last, mut last_told) = server(&ours, "localhost", ok("")).await;
    let to = redirect(302, &format!("https://localhost:{last}/b"));
    let (first, mut first_told) = server(&ours, "shop.example", to).await;
    let tls = json!({ "ca_file": ours.file(&folder), "server_name": "shop.example" });
    let url = format!("https://127.0.0.1:{first}/");
    let measurement = measured(json!({ "url": url, "tls": tls })).await;
    assert!(
        measurement.message.starts_with("status 200 after a redirect"),
        "{}",
        measurement.message
    );
    assert_eq!(first_told.recv().await.unwrap().as_deref(), Some("shop.example"));
    assert_eq!(last_told.recv().await.unwrap().as_deref(), Some("localhost"));
}

#[tokio::test]
async fn a_host_header_names_the_server() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let (port, mut told) = server(&ours, "shop.example", ok("")).await;
    let settings = json!({
        "url": format!("https://127.0.0.1:{port}/"),
        "headers": { "Host": "shop.example:8443" },
        "tls": { "ca_file": ours.file(&folder) },
    });
    let measurement = measured(settings).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    assert_eq!(told.recv().await.unwrap().as_deref(), Some("shop.example"));
}

#[tokio::test]
async fn tls_can_be_required_or_refused_of_the_last_answer() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let (port, _told) = server(&ours, "localhost", ok("")).await;
    let secure = format!("https://localhost:{port}/");
    let plain = Server::new([("/", ok("")), ("/up", redirect(301, &secure))]).await;
    let at = |path: &str| format!("http://127.0.0.1:{}{path}", plain.port);
    for (url, require, expected) in [
        (at("/"), true, "it answered without TLS"),
        (at("/"), false, ""),
        (at("/up"), true, ""),
        (at("/up"), false, "it answered over TLS"),
        (secure.clone(), true, ""),
    ] {
        let tls = json!({ "ca_file": ours.file(&folder) });
        let found = measured(json!({ "url": url, "require_tls": require, "tls": tls })).await;
        let told = if found.outcome == Outcome::Pass { "" } else { found.message.as_str() };
        assert_eq!(told, expected, "{url}");
    }
}

/// Answers each request over the HTTP that was agreed on, with the host that was asked for.
async fn modern(authority: &Authority, protocols: &[&[u8]]) -> u16 {
    let acceptor = authority.sign(&["localhost"], -1, 9).acceptor(protocols);
    serve(acceptor, |stream| async move {
        let answer = hyper::service::service_fn(|asked: http::Request<Incoming>| async move {
            let host = asked.uri().authority().map(ToString::to_string).unwrap_or_default();
            Ok::<_, std::convert::Infallible>(http::Response::new(Full::new(Bytes::from(host))))
        });
        let is_new = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let io = TokioIo::new(stream);
        if is_new {
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(io, answer).await;
        } else {
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, answer).await;
        }
    })
    .await
}

#[tokio::test]
async fn the_version_of_http_is_agreed_on_and_judged() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let new = modern(&ours, &[b"h2", b"http/1.1"]).await;
    let old = modern(&ours, &[b"http/1.1"]).await;
    let of = async |port: u16, versions: serde_json::Value| {
        let found = measured(json!({
            "url": format!("https://localhost:{port}/"),
            "http_versions": versions,
            "body_matches": if port == new && versions != json!(["HTTP/1.1"]) { format!("^localhost:{port}$") } else { String::new() },
            "tls": { "ca_file": ours.file(&folder) },
        }))
        .await;
        if found.outcome == Outcome::Pass { String::new() } else { found.message }
    };
    assert_eq!(of(new, json!([])).await, "");
    assert_eq!(of(new, json!(["HTTP/2"])).await, "");
    assert_eq!(of(new, json!(["HTTP/1.1"])).await, "");
    assert_eq!(of(old, json!(["HTTP/1.1", "HTTP/2"])).await, "");
    assert_eq!(of(old, json!(["HTTP/2"])).await, "it speaks HTTP/1.1, not HTTP/2");
}

#[tokio::test]
async fn nothing_is_left_of_a_question_whose_time_is_over() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    for protocol in [&b"h2"[..], b"http/1.1"] {
        let mut was_asked = false;
        for short in SHORT {
            let (port, mut told) = silent(&ours, protocol).await;
            let url = format!("https://localhost:{port}/");
            let tls = json!({ "ca_file": ours.file(&folder) });
            let measurement = probe(json!({ "url": url, "tls": tls })).measure(None, short).await;
            let late = format!("gave no answer within `{}`", Span::from(short));
            assert!(measurement.message.ends_with(&late), "{measurement:?}");
            was_asked = told.try_recv() == Ok("asked");
            if was_asked {
                let gone = tokio::time::timeout(PATIENCE, told.recv()).await;
                assert_eq!(gone, Ok(Some("gone")), "{:?}", String::from_utf8_lossy(protocol));
                break;
            }
        }
        assert!(was_asked, "{:?}", String::from_utf8_lossy(protocol));
    }
}

/// A server that answers nothing, and tells when it was asked and when who asked is gone.
async fn silent(
    authority: &Authority,
    protocol: &[u8],
) -> (u16, tokio::sync::mpsc::UnboundedReceiver<&'static str>) {
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let acceptor = authority.sign(&["localhost"], -1, 9).acceptor(&[protocol]);
    let port = serve(acceptor, move |mut stream| {
        let tell = tell.clone();
        async move {
            let mut heard = [0; 4096];
            let Ok(1..) = stream.read(&mut heard).await else { return };
            let _ = tell.send("asked");
            while let Ok(1..) = stream.read(&mut heard).await {}
            let _ = tell.send("gone");
        }
    })
    .await;
    (port, told)
}
