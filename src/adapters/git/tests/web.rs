//! A git web server that wants to know who asks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::world::World;

mod backend;

use backend::backend;

pub struct Web {
    pub address: String,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Gate {
    root: std::path::PathBuf,
    wanted: &'static str,
    reader: Option<&'static str>,
    tagger: Option<&'static str>,
    seen: Arc<Mutex<Vec<usize>>>,
}

impl Web {
    /// Serves the world's folder to those who send just this header, once.
    pub async fn serve(world: &World, wanted: &'static str) -> Self {
        Self::serve_both(world, wanted, None).await
    }

    /// Serves it also to one who may only read.
    pub async fn serve_both(
        world: &World,
        wanted: &'static str,
        reader: Option<&'static str>,
    ) -> Self {
        Self::start(world, (wanted, reader, None)).await
    }

    /// Serves it also to one whom the repository's hooks know as `tagger`.
    pub async fn serve_tagging(world: &World, wanted: &'static str, tagger: &'static str) -> Self {
        Self::start(world, (wanted, None, Some(tagger))).await
    }

    async fn start(
        world: &World,
        (wanted, reader, tagger): (&'static str, Option<&'static str>, Option<&'static str>),
    ) -> Self {
        world.git("remote.git", &["config", "http.receivepack", "true"]);
        let root = world.folder.path().to_owned();
        let gate = Gate { root, wanted, reader, tagger, seen: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(gate);
        let server = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { address, server }
    }

    pub fn url(&self) -> String {
        format!("{}/remote.git", self.address)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(gate): State<Gate>, request: Request) -> Response<Body> {
    let path = request.uri().path_and_query().unwrap().as_str().to_owned();
    match gate.admits(request.headers(), &path) {
        StatusCode::OK => {
            let signed = request.headers().get("authorization");
            let tags = signed.is_some_and(|header| gate.is_tagger(header));
            backend(&gate.root, if tags { "tagger" } else { "somebody" }, request).await
        }
        refused => {
            let response = Response::builder().status(refused);
            response.header("WWW-Authenticate", "Basic realm=git").body(Body::empty()).unwrap()
        }
    }
}

impl Gate {
    fn admits(&self, headers: &HeaderMap, path: &str) -> StatusCode {
        let sent: Vec<_> = headers.get_all("authorization").iter().collect();
        self.seen.lock().unwrap().push(sent.len());
        match sent.as_slice() {
            [] => StatusCode::UNAUTHORIZED,
            [one] if *one == self.wanted => StatusCode::OK,
            [one] if self.is_tagger(one) => StatusCode::OK,
            [one] if self.reader.is_some_and(|reader| *one == reader) => {
                if path.contains("receive-pack") { StatusCode::FORBIDDEN } else { StatusCode::OK }
            }
            [_] => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl Gate {
    fn is_tagger(&self, header: &HeaderValue) -> bool {
        self.tagger.is_some_and(|tagger| *header == tagger)
    }
}
