//! Servers that only pretend to be databases.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const SHORT: Duration = Duration::from_millis(300);

/// Says this to every visitor, over and over where there is no end to it.
async fn saying(words: &'static [u8], times: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut hears, mut says) = stream.into_split();
                let speaking = async {
                    for _ in 0..times {
                        if says.write_all(words).await.is_err() {
                            return;
                        }
                    }
                    std::future::pending::<()>().await;
                };
                let hearing = async {
                    let mut heard = [0; 1024];
                    while hears.read(&mut heard).await.is_ok_and(|read| read > 0) {}
                };
                tokio::select! { () = speaking => {}, () = hearing => {} }
            });
        }
    });
    port
}

async fn measured(scheme: &str, port: u16) -> Measurement {
    let json = format!(r#"{{"url": "{scheme}://u:hunter2hunter2@127.0.0.1:{port}"}}"#);
    probe(&json, Path::new(".")).measure(None, SHORT).await
}

#[tokio::test]
async fn a_database_that_never_answers_is_late() {
    let port = saying(b"", 1).await;
    for scheme in ["postgres", "redis"] {
        let measurement = measured(scheme, port).await;
        assert_told(&measurement, Outcome::Fail, "gave no answer within `300ms`");
        assert_eq!(measurement.answered, Answered::Nobody);
    }
}

#[tokio::test]
async fn what_is_no_database_is_a_fail_in_time() {
    for words in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n<html></html>"[..],
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"R\0\0\0\x04",
        b"R\x7f\xff\xff\xff\0\0\0\0",
        b"E\0\0\0\x20Snoterminator",
        b"*2000000000\r\n",
        b"$2000000000\r\n",
        b"*-5\r\n",
        b"-ERR no\r\n",
    ] {
        for scheme in ["postgres", "redis"] {
            let measurement = measured(scheme, saying(words, 1).await).await;
            assert_eq!(
                measurement.outcome,
                Outcome::Fail,
                "{scheme} {words:?}: {}",
                measurement.message
            );
            assert!(!measurement.message.contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn a_flood_is_a_fail_and_not_held() {
    for (scheme, words) in [
        ("redis", &b"*1\r\n"[..]),
        ("redis", b"$2000000000\r\nxxxxxxxxxxxxxxxx"),
        ("redis", b"+PONG"),
        ("postgres", b"N\0\0\0\x05\0"),
        ("postgres", b"S\0\0\0\x08a\0b\0"),
        ("postgres", b"R\0\0\0\x08\0\0\0\0S\0\0\0\x08a\0b\0"),
        ("postgres", b"x"),
    ] {
        let many: &'static [u8] = words.repeat(4096).leak();
        let port = saying(many, 10_000).await;
        for query in ["", r#", "query": "get a""#] {
            let json = format!(r#"{{"url": "{scheme}://u@127.0.0.1:{port}"{query}}}"#);
            let measurement = probe(&json, Path::new(".")).measure(None, PATIENCE).await;
            let told = format!("{scheme} {words:?}: {}", measurement.message);
            assert_eq!(measurement.outcome, Outcome::Fail, "{told}");
            assert!(!measurement.message.contains("no answer within"), "{told}");
        }
    }
}
