//! Servers that mean no good, and a verdict in time.

use super::*;

/// How a hostile server goes on after its first words.
#[derive(Clone, Copy)]
enum Then {
    Stays,
    Repeats(&'static [u8]),
    Drips(&'static [u8]),
}

async fn hostile(first: &'static [u8], then: Then) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                request(&mut stream).await;
                let mut going = stream.write_all(first).await;
                while going.is_ok() {
                    going = match then {
                        Then::Stays => std::future::pending().await,
                        Then::Repeats(words) => stream.write_all(words).await,
                        Then::Drips(words) => {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                            stream.write_all(words).await
                        }
                    };
                }
            });
        }
    });
    port
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n";

#[tokio::test]
async fn a_hostile_server_gets_a_fail_within_the_timeout() {
    let endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (name, first, then) in [
        ("silence", &b""[..], Then::Stays),
        ("half a head", b"HTTP/1.1 200 OK\r\nX: ", Then::Stays),
        ("a head that drips", HEAD, Then::Drips(b"X: 1\r\n")),
        (
            "a head without end",
            HEAD,
            Then::Repeats(b"X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        ),
        ("one line without end", HEAD, Then::Repeats(&[b'a'; 4096])),
        ("interim answers for ever", b"", Then::Repeats(b"HTTP/1.1 100 Continue\r\n\r\n")),
        ("HTTP/0.9", b"<html>hello</html>", Then::Stays),
        ("NUL bytes", b"", Then::Repeats(&[0; 4096])),
        ("NUL in a head", b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", Then::Stays),
        ("a body that drips", b"HTTP/1.1 200 OK\r\n\r\n", Then::Drips(b"a")),
        ("a length of nonsense", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Then::Stays),
        (
            "a length beyond all",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            Then::Stays,
        ),
        (
            "a chunk of nonsense",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            Then::Stays,
        ),
        ("a chunk beyond all", endless, Then::Repeats(b"ffffffffffffffff\r\n")),
        (
            "chunks of nothing but names",
            endless,
            Then::Repeats(b"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\na\r\n"),
        ),
        (
            "a place beyond all",
            b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
            Then::Stays,
        ),
    ] {
        let url = format!("http://127.0.0.1:{}/", hostile(first, then).await);
        let probe = probe(serde_json::json!({ "url": url, "body_lacks": ["nothing"] }));
        let mut was_reached = false;
        for short in SHORT {
            let measuring = tokio::time::timeout(PATIENCE, probe.measure(None, short));
            let measurement = measuring.await.unwrap_or_else(|_| panic!("{name} never ends"));
            assert_eq!(measurement.outcome, Outcome::Fail, "{name}: {}", measurement.message);
            was_reached = measurement.timings.iter().any(|time| time.name == "connect");
            if was_reached {
                break;
            }
        }
        assert!(was_reached, "{name}");
    }
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let server = Server::new([("/", redirect(307, "/a")), ("/a", redirect(308, "/"))]).await;
    let measurement = server.measure(r#"{"method": "POST", "body": "x"}"#, None).await;
    assert_eq!(measurement.message, "more than 10 redirects");
    assert_eq!(server.asked().len(), 11);
}

#[tokio::test]
async fn a_bomb_is_told_and_not_unpacked() {
    use std::io::Write;
    let level = flate2::Compression::best();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(&vec![b' '; 16 * 1024 * 1024]).unwrap();
    let bomb = encoder.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let server = Server::always([head.into_bytes(), bomb].concat()).await;
    let settings = r#"{"compression": "gzip", "json": {".a": 1}}"#;
    let message = server.measure(settings, None).await.message;
    assert!(message.starts_with("the body has more than 1048576 bytes"), "{message}");
}

#[tokio::test]
async fn a_body_of_more_values_than_are_held_is_a_fail() {
    let body = format!("[{}]", vec!["1"; 200_001].join(","));
    let server = Server::always(ok(&body)).await;
    for settings in [r#"{"json": {".a": 1}}"#, r#"{"body_json": {"success": "true"}}"#] {
        let measurement = server.measure(settings, None).await;
        assert_eq!(measurement.outcome, Outcome::Fail);
        assert_eq!(measurement.message, "the body has more than 200000 values in JSON");
    }
}

#[tokio::test]
async fn a_condition_that_takes_for_ever_is_left_in_time() {
    let body = serde_json::to_string(&vec![1; 800]).unwrap();
    let server = Server::always(ok(&body)).await;
    let slow = "body.all(a, body.all(b, body.all(c, a + b + c > 0.0)))";
    let url = format!("http://127.0.0.1:{}/", server.port);
    let probe = probe(serde_json::json!({ "url": url, "body_json": { "success": slow } }));
    let why = "the conditions of an earlier answer are still being computed";
    let mut left = 0;
    // The last one finds the conditions at work, which one before began and left.
    for time in SHORT.into_iter().chain([PATIENCE]) {
        let measurement = probe.measure(None, time).await;
        if measurement.outcome == Outcome::Error && left > 0 {
            assert_eq!(measurement.message, why);
            return;
        }
        let late = format!("`{url}` gave no answer within `{}`", Span::from(time));
        assert_eq!(measurement.message, late);
        left += 1;
    }
    panic!("it was left {left} times, and nobody found the conditions at work");
}
