//! Servers that speak in messages, and do what a test wants.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use http::HeaderMap;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::adapters::tls;
use crate::adapters::tls::tests::Authority;

/// What a server does with a visitor after the upgrade.
#[derive(Debug, Clone)]
pub(super) enum Does {
    Say(&'static str),
    Bytes(&'static [u8]),
    Much(usize),
    Ping,
    Hear(&'static str),
    HearBytes(&'static [u8]),
    Close(u16, &'static str),
    Drop,
    Stay,
}

/// How a server answers a handshake.
#[derive(Clone, Copy)]
pub(super) enum Upgrade {
    Plain,
    Status(u16),
    Taking(&'static str),
    Version(&'static str),
}

/// The path and the headers of the last handshake.
pub(super) type Heard = Arc<Mutex<Option<(String, HeaderMap)>>>;

/// Serves every visitor; returns the port, and what the last one asked for.
pub(super) async fn serve(upgrade: Upgrade, script: &[Does]) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, script) = (Heard::default(), script.to_vec());
    let kept = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, upgrade, script.clone(), kept.clone()));
        }
    });
    (port, heard)
}

/// Serves over TLS.
pub(super) async fn secure(authority: &Authority, script: &[Does]) -> u16 {
    let acceptor = authority.sign(&["localhost"], -1, 1).acceptor(&[b"http/1.1"]);
    let script = script.to_vec();
    let talk = move |stream| talk(stream, Upgrade::Plain, script.clone(), Heard::default());
    tls::tests::serve(acceptor, talk).await
}

/// Says this to one visitor, whatever he asks, and closes.
pub(super) async fn plain(says: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(says.as_bytes()).await.unwrap();
    });
    port
}

#[expect(clippy::result_large_err, reason = "the trait of the crate says so")]
fn answer(upgrade: Upgrade, mut answer: Response) -> Result<Response, ErrorResponse> {
    let headers = answer.headers_mut();
    match upgrade {
        Upgrade::Plain => {}
        Upgrade::Taking(name) => {
            drop(headers.insert("sec-websocket-protocol", name.parse().unwrap()));
        }
        Upgrade::Version(version) => drop(headers.insert("x-version", version.parse().unwrap())),
        Upgrade::Status(status) => {
            let mut refused = ErrorResponse::new(Some("no".to_owned()));
            *refused.status_mut() = status.try_into().unwrap();
            return Err(refused);
        }
    }
    Ok(answer)
}

async fn talk<S>(stream: S, upgrade: Upgrade, script: Vec<Does>, heard: Heard)
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    #[expect(clippy::result_large_err, reason = "the trait of the crate says so")]
    let listening = |asked: &Request, plain: Response| {
        let path = asked.uri().path_and_query().unwrap().to_string();
        heard.lock().unwrap().replace((path, asked.headers().clone()));
        answer(upgrade, plain)
    };
    let Ok(mut socket) = accept_hdr_async(stream, listening).await else { return };
    for does in script {
        // A visitor who has what he came for hangs up.
        let _ = match does {
            Does::Say(text) => socket.send(Message::text(text)).await,
            Does::Bytes(bytes) => socket.send(Message::binary(bytes)).await,
            Does::Much(count) => socket.send(Message::text("a".repeat(count))).await,
            Does::Ping => socket.send(Message::Ping(b"are you there".as_slice().into())).await,
            Does::Hear(text) => {
                assert_eq!(next(&mut socket).await, Message::text(text));
                Ok(())
            }
            Does::HearBytes(bytes) => {
                assert_eq!(next(&mut socket).await, Message::binary(bytes));
                Ok(())
            }
            Does::Close(code, reason) => {
                socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await
            }
            Does::Drop => return,
            Does::Stay => std::future::pending().await,
        };
    }
    while socket.next().await.is_some_and(|said| said.is_ok()) {}
}

/// Returns the next message that is no answer to a ping.
async fn next<S>(socket: &mut tokio_tungstenite::WebSocketStream<S>) -> Message
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Pong(_) => {}
            other => return other,
        }
    }
}
