//! Servers over HTTP/2 that say what a test wants.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tonic::body::Body;
use tower::Service;

pub(super) use tonic_health::ServingStatus as Serving;

type Answering = Arc<
    dyn Fn(Request<Incoming>) -> futures_util::future::BoxFuture<'static, Response<Body>>
        + Send
        + Sync,
>;

/// What a server answers.
#[derive(Clone)]
pub(super) struct Says(Answering);

/// Answers as the health service of tonic does, which serves as a whole.
pub(super) async fn of_health(services: &[(&str, Serving)]) -> Says {
    let (reporter, server) = tonic_health::server::health_reporter();
    for (name, status) in services {
        reporter.set_service_status(*name, *status).await;
    }
    Says(Arc::new(move |request| {
        let mut server = server.clone();
        Box::pin(async move { server.call(request).await.unwrap() })
    }))
}

/// Answers with these headers and no body.
pub(super) fn with(headers: &[(&str, &str)]) -> Says {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Says(Arc::new(move |_| {
        let mut answer = Response::new(Body::empty());
        for (name, value) in &headers {
            if name == ":status" {
                *answer.status_mut() = value.parse().unwrap();
            } else {
                let name = http::HeaderName::try_from(name).unwrap();
                answer.headers_mut().append(name, value.parse().unwrap());
            }
        }
        Box::pin(std::future::ready(answer))
    }))
}

impl Says {
    /// Answers with this body, and with the status behind it.
    pub(super) fn saying(self, body: &'static [u8]) -> Self {
        Self(Arc::new(move |request| {
            let answer = self.0(request);
            Box::pin(async move {
                let (mut head, _) = answer.await.into_parts();
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", head.headers.remove("grpc-status").unwrap());
                let body = Full::new(Bytes::from_static(body));
                let body = body.with_trailers(std::future::ready(Some(Ok(trailers))));
                Response::from_parts(head, Body::new(body))
            })
        }))
    }
}

/// Serves every visitor; returns the port.
pub(super) async fn serve(says: Says) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, says.clone()));
        }
    });
    port
}

/// Serves, and keeps the headers of the last question.
pub(super) async fn listening(says: Says) -> (u16, Arc<Mutex<Option<HeaderMap>>>) {
    let seen = Arc::new(Mutex::new(None));
    let kept = seen.clone();
    let keeping = Says(Arc::new(move |request: Request<Incoming>| {
        kept.lock().unwrap().replace(request.headers().clone());
        says.0(request)
    }));
    (serve(keeping).await, seen)
}

/// Speaks HTTP/2 with one visitor.
pub(super) async fn talk(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, says: Says) {
    let answer = service_fn(move |request| {
        let answer = says.0(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // A visitor who has what he came for hangs up.
    let _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}
