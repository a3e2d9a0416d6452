//! A small GitHub for one story.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::At;

/// A GitHub that runs for one story.
pub struct Forge {
    child: Child,
    address: String,
}

impl Forge {
    pub fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github/fake.py");
        let mut python = Command::new("python3");
        python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { child, address: format!("127.0.0.1:{}", port.trim()) }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes all that is asked from now on go wrong.
    pub fn fails(&self, kind: &str) {
        let fault = json!({"kind": kind, "path": "/repos/", "times": 1_000_000});
        self.ask("POST", "/_test/faults", &fault.to_string());
    }

    /// Makes the next requests that fit go wrong.
    pub fn fail(&self, kind: &str, path: &str, times: usize) {
        let fault = json!({"kind": kind, "path": path, "times": times});
        self.ask("POST", "/_test/faults", &fault.to_string());
    }

    /// Merges into what it remembers.
    pub fn remember(&self, state: &Value) {
        self.ask("PUT", "/_test/state", &state.to_string());
    }

    /// Merges into one part of what it remembers.
    pub fn remember_in(&self, part: &str, more: &Value) {
        let mut known = self.state()[part].as_object().cloned().unwrap_or_default();
        known.extend(more.as_object().cloned().unwrap());
        self.remember(&json!({ part: known }));
    }

    /// Returns what it remembers.
    pub fn state(&self) -> Value {
        self.ask("GET", "/_test/state", "")
    }

    /// Returns what was asked of it, each as `METHOD path`.
    pub fn asked(&self) -> Vec<String> {
        let all = self.ask("GET", "/_test/requests", "");
        let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let line = |one: &Value| format!("{} {}", word(one, "method"), word(one, "path"));
        all.as_array().unwrap().iter().map(line).collect()
    }

    /// Returns each deployment in the order of making: commit, then all that was said of it.
    pub fn deployments(&self) -> Vec<(String, Vec<String>)> {
        let state = self.state();
        let all = state["deployments"].as_array().cloned().unwrap_or_default();
        let said = |one: &Value| one["state"].as_str().unwrap().to_owned();
        let one = |deployment: &Value| {
            let sha = deployment["sha"].as_str().unwrap().to_owned();
            (sha, deployment["statuses"].as_array().unwrap().iter().map(said).collect())
        };
        all.iter().map(one).collect()
    }

    /// Returns how comments were reacted to, in order.
    pub fn reactions(&self) -> Vec<String> {
        let state = self.state();
        let all = state["reactions"].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one["content"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns what lastgood wrote in threads.
    pub fn replies(&self) -> Vec<String> {
        let state = self.state();
        let comments = state["comments"].as_object().cloned().unwrap_or_default();
        let ours = comments.values().filter(|comment| comment["user"] == "github-actions[bot]");
        ours.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl At<'_> {
    /// Belongs to a step of a run on a GitHub whose API is at an address.
    pub fn on_github(self, run: &str, api: &str) -> Self {
        self.in_run(run)
            .env("GITHUB_API_URL", api)
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_REPOSITORY", "octo/shop")
            .env("LASTGOOD_IN_TOKEN", "github-token-of-tests")
    }
}
