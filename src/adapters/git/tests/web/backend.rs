//! What a web server hands to git, and what git says.

use std::path::Path;
use std::process::Stdio;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Response;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Has git itself answer, for the repositories in a folder and a user that its hooks are told.
pub async fn backend(root: &Path, user: &str, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let header = |name: &str| {
        parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let mut git = Command::new("git");
    git.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped());
    git.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", root.join("home"));
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
