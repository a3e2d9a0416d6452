//! The small GitHub of the tests, spoken to without a library.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A GitHub that runs for one story.
pub struct Forge {
    child: Child,
    port: u16,
}

impl Forge {
    pub fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github/fake.py");
        let mut python = Command::new("python3");
        let mut child =
            python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { child, port: port.trim().parse().unwrap() }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Merges into what it remembers.
    pub fn remember(&self, state: &Value) {
        self.call("PUT", "state", Some(state));
    }

    /// Merges into one part of what it remembers.
    pub fn remember_in(&self, part: &str, more: &Value) {
        let mut known = self.state()[part].as_object().cloned().unwrap_or_default();
        known.extend(more.as_object().cloned().unwrap());
        self.remember(&json!({ part: known }));
    }

    /// Makes the next requests that fit go wrong.
    pub fn fail(&self, kind: &str, path: &str, times: usize) {
        self.call("POST", "faults", Some(&json!({"kind": kind, "path": path, "times": times})));
    }

    pub fn state(&self) -> Value {
        self.call("GET", "state", None)
    }

    /// Returns what was asked of it, each as `METHOD path`.
    pub fn asked(&self) -> Vec<String> {
        let all = self.call("GET", "requests", None);
        let one = |request: &Value| {
            let word = |name: &str| request[name].as_str().unwrap().to_owned();
            format!("{} {}", word("method"), word("path"))
        };
        all.as_array().unwrap().iter().map(one).collect()
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

    fn call(&self, method: &str, what: &str, body: Option<&Value>) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let body = body.map(ToString::to_string).unwrap_or_default();
        let length = body.len();
        write!(
            stream,
            "{method} /_test/{what} HTTP/1.0\r\nhost: x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
