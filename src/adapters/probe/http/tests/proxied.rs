//! The probe through a proxy.

use serde_json::json;

use super::*;
use crate::adapters::tls::tests::{Authority, serve};

/// A proxy that opens a tunnel to one port whatever it is asked for, and tells what it was asked.
async fn tunnel(to: u16) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tell.send(request(&mut stream).await);
            let mut target = tokio::net::TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut target).await;
            });
        }
    });
    (port, told)
}

async fn through(port: u16, url: &str, tls: serde_json::Value) -> Measurement {
    let proxy = format!("http://me:hunter%202@127.0.0.1:{port}");
    let probe = probe(json!({ "url": url, "proxy": proxy, "tls": tls }));
    probe.measure(None, Duration::from_secs(5)).await
}

#[tokio::test]
async fn a_proxy_that_is_named_gets_the_request_itself() {
    let proxy = Server::always(ok("")).await;
    let found = through(proxy.port, "http://shop.example:8080/health?a=b#c", json!({})).await;
    assert_eq!(found.outcome, Outcome::Pass, "{}", found.message);
    let asked = proxy.asked().remove(0);
    assert!(asked.starts_with("GET http://shop.example:8080/health?a=b HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("host: shop.example:8080\r\n"), "{asked}");
    assert!(asked.contains("proxy-authorization: Basic bWU6aHVudGVyIDI=\r\n"), "{asked}");
    let parts: Vec<_> = found.timings.iter().map(|time| time.name).collect();
    assert_eq!(parts, ["connect", "processing", "transfer"], "nothing is resolved here");
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_host_itself() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let acceptor = ours.sign(&["shop.example"], -1, 9).acceptor(&[b"http/1.1"]);
    let server = serve(acceptor, |mut stream| async move {
        let mut heard = [0; 4096];
        let read = stream.read(&mut heard).await.unwrap();
        let heard = String::from_utf8_lossy(&heard[..read]).into_owned();
        assert!(heard.starts_with("GET /a HTTP/1.1\r\n") && !heard.contains("proxy-"), "{heard}");
        let _ = stream.write_all(&ok("")).await;
        let _ = stream.shutdown().await;
    })
    .await;
    let (port, mut told) = tunnel(server).await;
    let tls = json!({ "ca_file": ours.file(&folder) });
    let found = through(port, "https://shop.example/a", tls).await;
    assert_eq!(found.outcome, Outcome::Pass, "{}", found.message);
    let asked = told.recv().await.unwrap();
    assert!(asked.starts_with("CONNECT shop.example:443 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("proxy-authorization: Basic bWU6aHVudGVyIDI=\r\n"), "{asked}");
}

#[tokio::test]
async fn a_proxy_that_is_broken_is_no_proof_against_the_service() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in ["http://shop.example/", "https://shop.example/"] {
        let found = through(gone, url, json!({})).await;
        assert_eq!(found.outcome, Outcome::Error, "{}", found.message);
        let start = format!("the proxy `http://127.0.0.1:{gone}/` could not be reached: ");
        assert!(found.message.starts_with(&start), "{}", found.message);
    }
    let refusing = Server::always(answer(407, &[], "")).await;
    let found = through(refusing.port, "https://shop.example/", json!({})).await;
    assert_eq!(found.outcome, Outcome::Error);
    assert!(found.message.ends_with("refused: status 407"), "{}", found.message);
    let helpless = Server::always(answer(502, &[], "")).await;
    let found = through(helpless.port, "https://shop.example/", json!({})).await;
    assert_eq!((found.outcome, found.answered), (Outcome::Fail, Answered::Nobody));
    assert!(!found.message.contains("hunter"), "{}", found.message);
}
