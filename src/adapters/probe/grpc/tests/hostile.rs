//! Servers that speak something else, too much, or nothing.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const SHORT: Duration = Duration::from_millis(300);

/// The beginning of a message of 4 MiB.
const HUGE: &[u8] = &[0, 0, 0x40, 0, 0, 8, 1];

/// Lets a visitor in and does with him what the test wants.
async fn answering<R>(answer: impl Fn(TcpStream) -> R + Send + 'static) -> u16
where
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    port
}

#[tokio::test]
async fn a_page_of_html_is_no_answer() {
    let port = answering(|mut stream| async move {
        let page = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no</html>";
        stream.write_all(page.as_bytes()).await.unwrap();
    })
    .await;
    let measurement = asked(port, "").await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Unknown));
    assert!(measurement.message.contains("did not answer in gRPC: "), "{}", measurement.message);
}

#[tokio::test]
async fn who_hangs_up_gave_no_answer() {
    let port = answering(|stream| async move { drop(stream) }).await;
    let measurement = asked(port, "").await;
    assert_eq!(measurement.outcome, Outcome::Fail, "{}", measurement.message);
}

#[tokio::test]
async fn a_closed_port_is_a_fail_and_nobody_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let measurement = asked(port, "").await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert!(measurement.message.contains("could not be reached: "), "{}", measurement.message);
}

#[tokio::test]
async fn who_says_nothing_or_drips_is_late() {
    let silent =
        answering(|mut stream| async move { while stream.read_u8().await.is_ok() {} }).await;
    let dripping = answering(|mut stream| async move {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        // The beginning of a frame of settings, which never comes to its end.
        let _ = stream.write_all(&[0, 64, 0, 4, 0, 0, 0, 0, 0]).await;
        while stream.write_all(&[0]).await.is_ok() {
            pause.tick().await;
        }
    })
    .await;
    for port in [silent, dripping] {
        let measurement = probe(port, "").measure(None, SHORT).await;
        assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
        let told = "gave no answer within ";
        assert!(measurement.message.contains(told), "{}", measurement.message);
    }
}

#[tokio::test]
async fn headers_and_answers_that_are_too_large_are_no_answer() {
    let large = "x".repeat(1024 * 1024);
    for (name, outcome) in [("x-small", Outcome::Pass), ("x-large", Outcome::Fail)] {
        let value = if name == "x-large" { large.as_str() } else { "x" };
        let headers = [("grpc-status", "0"), ("content-type", "application/grpc"), (name, value)];
        let serving = with(&headers).saying(&[0, 0, 0, 0, 2, 8, 1]);
        let measurement = asked(serve(serving).await, "").await;
        assert_eq!(measurement.outcome, outcome, "{name}: {}", measurement.message);
    }

    let answer = with(&[("grpc-status", "0"), ("content-type", "application/grpc")]).saying(HUGE);
    let measurement = asked(serve(answer).await, "").await;
    assert_eq!(measurement.outcome, Outcome::Fail);
    assert!(measurement.message.contains("OutOfRange"), "{}", measurement.message);
}

#[tokio::test]
async fn an_answer_that_is_none_of_the_protocol_is_a_fail() {
    let grpc = || with(&[("grpc-status", "0"), ("content-type", "application/grpc")]);
    for (body, told) in [
        (&[0, 0, 0, 0, 2, 8, 9][..], "answered status 9"),
        (&[0, 0, 0, 0, 0], "answered UNKNOWN"),
        (&[], "answered"),
        (&[0, 0, 0, 0, 2, 8], "answered"),
        (&[1, 0, 0, 0, 2, 8, 1], "answered"),
        (&[0, 0, 0, 0, 2, 0xff, 0xff], "answered"),
    ] {
        let measurement = asked(serve(grpc().saying(body)).await, "").await;
        assert_eq!(measurement.outcome, Outcome::Fail, "{body:?}");
        assert!(measurement.message.contains(told), "{body:?}: {}", measurement.message);
    }
}
