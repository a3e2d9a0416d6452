//! A Prometheus behind TLS.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::adapters::tls::tests::{Authority, serve};

const BODY: &str =
    r#"{"status": "success", "data": {"resultType": "scalar", "result": [1.5, "7"]}}"#;

#[tokio::test]
async fn an_instrument_is_believed_by_the_settings_of_tls() {
    use Outcome::{Error, Pass};
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let file = authority.file(&folder);
    let acceptor = authority.sign(&["localhost"], -1, 1).acceptor(&[]);
    let port = serve(acceptor, |mut stream| async move {
        // A request of these tests comes in one piece.
        let _ = stream.read(&mut [0; 4096]).await;
        let length = BODY.len();
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
        let _ = stream.write_all(format!("{head}: {length}\r\n\r\n{BODY}").as_bytes()).await;
        let _ = stream.shutdown().await;
    })
    .await;
    let url = format!("https://localhost:{port}");
    for (tls, expected) in
        [(json!({"ca_file": file}), Pass), (json!({"insecure": true}), Pass), (json!({}), Error)]
    {
        let more = json!({"query": "up", "success": "result == 7", "tls": tls});
        let measurement = measure(&settings(&url, &more), TIME).await;
        assert_eq!(measurement.outcome, expected, "{tls}: {}", measurement.message);
    }
    let named = json!({"query": "up", "success": "true", "tls": {"server_name": "other"}});
    let found = settings(&url, &named).mistakes();
    let why = "`tls.server_name` is not known to this kind of check; ask by that name in `url`";
    assert_eq!(found, [why]);
}
