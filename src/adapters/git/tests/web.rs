//! A git web server that wants to know who asks.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::world::World;

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
        StatusCode::OK => backend(&gate, request).await,
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

async fn backend(gate: &Gate, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let header = |name: &str| {
        parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let signed = parts.headers.get("authorization");
    let user =
        if signed.is_some_and(|header| gate.is_tagger(header)) { "tagger" } else { "somebody" };
    let mut git = Command::new("git");
    git.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped());
    git.env("GIT_PROJECT_ROOT", &gate.root).env("GIT_HTTP_EXPORT_ALL", "1");
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", gate.root.join("home"));
    git.env("REQUEST_METHOD", parts.method.as_str()).env("PATH_INFO", parts.uri.path());
    git.env("QUERY_STRING", parts.uri.query().unwrap_or_default());
    git.env("CONTENT_TYPE", header("content-type")).env("REMOTE_USER", user);
    git.env("CONTENT_LENGTH", body.len().to_string());
    git.env("HTTP_CONTENT_ENCODING", header("content-encoding"));
    git.env("HTTP_GIT_PROTOCOL", header("git-protocol"));
    let mut child = git.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let fed = tokio::spawn(async move { stdin.write_all(&body).await });
    let output = child.wait_with_output().await.unwrap();
    let _ = fed.await.unwrap();
    response(&output.stdout)
}

fn response(told: &[u8]) -> Response<Body> {
    let end = told.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let mut response = Response::builder();
    for line in std::str::from_utf8(&told[..end]).unwrap().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = match name {
            "Status" => response.status(value[..3].parse::<u16>().unwrap()),
            _ => response.header(name, value),
        };
    }
    response.body(Body::from(told[end + 4..].to_vec())).unwrap()
}
