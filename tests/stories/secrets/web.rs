//! A git web server that lets in whoever sends one header.

use std::path::PathBuf;
use std::process::Stdio;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::world::World;

/// Serves a world's remote for as long as it lives.
pub struct Web {
    pub url: String,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Gate {
    root: PathBuf,
    wanted: String,
}

impl Web {
    pub fn serve(world: &World, wanted: &str) -> Self {
        world.git("remote.git", "config http.receivepack true");
        let gate = Gate { root: world.path(""), wanted: wanted.to_owned() };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/remote.git", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(gate);
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, _runtime: runtime }
    }
}

async fn answer(State(gate): State<Gate>, request: Request) -> Response<Body> {
    let sent: Vec<_> = request.headers().get_all("authorization").iter().collect();
    match sent.as_slice() {
        [one] if **one == gate.wanted => backend(&gate, request).await,
        [] | [_] | [_, _, ..] => {
            let refused = Response::builder().status(StatusCode::UNAUTHORIZED);
            refused.header("WWW-Authenticate", "Basic realm=git").body(Body::empty()).unwrap()
        }
    }
}

async fn backend(gate: &Gate, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let header =
        |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let mut git = Command::new("git");
    git.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped());
    git.env("GIT_PROJECT_ROOT", &gate.root).env("GIT_HTTP_EXPORT_ALL", "1");
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", gate.root.join("home"));
    git.env("REQUEST_METHOD", parts.method.as_str()).env("PATH_INFO", parts.uri.path());
    git.env("QUERY_STRING", parts.uri.query().unwrap_or_default());
    git.env("CONTENT_TYPE", header("content-type")).env("REMOTE_USER", "somebody");
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
