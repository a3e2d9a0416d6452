//! The small GitHub of the tests, started for one test.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::adapters::github::{GitHub, Settings};
use crate::adapters::http::Http;
use crate::adapters::secret::Secret;

/// A GitHub that runs for one test.
pub(in crate::adapters::github) struct Fake {
    child: Child,
    pub(in crate::adapters::github) base: String,
}

impl Fake {
    pub(in crate::adapters::github) fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github/fake.py");
        let mut child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port = port.trim();
        // The official description looks at all that is said, where it is put in between.
        let base = match std::env::var("LASTGOOD_TEST_GITHUB_PROXY") {
            Ok(proxy) => format!("{proxy}/{port}"),
            Err(_) => format!("http://127.0.0.1:{port}"),
        };
        Self { child, base }
    }

    pub(in crate::adapters::github) fn settings(&self) -> Settings {
        Settings {
            api: self.base.parse().unwrap(),
            server: "https://github.example".parse().unwrap(),
            repository: "octo/shop".to_owned(),
            default_branch: None,
            token: Secret::new("github-token-of-tests"),
        }
    }

    pub(in crate::adapters::github) fn connect(&self) -> GitHub {
        GitHub::connect(self.settings(), Http::new().unwrap()).unwrap()
    }

    /// Merges into what it remembers.
    pub(in crate::adapters::github) async fn remember(&self, state: Value) {
        let url = format!("{}/_test/state", self.base);
        client().put(url).json(&state).send().await.unwrap();
    }

    /// Makes the next requests that fit go wrong.
    pub(in crate::adapters::github) async fn fail(&self, kind: &str, path: &str, times: usize) {
        self.break_down(json!({"kind": kind, "path": path, "times": times})).await;
    }

    /// Makes requests go wrong as told in full.
    pub(in crate::adapters::github) async fn break_down(&self, fault: Value) {
        let url = format!("{}/_test/faults", self.base);
        client().post(url).json(&fault).send().await.unwrap();
    }

    /// Returns what was asked of it, each as `METHOD path`.
    pub(in crate::adapters::github) async fn asked(&self) -> Vec<String> {
        let all = self.sent().await;
        let one = |request: &Value| {
            let word = |name: &str| request[name].as_str().unwrap().to_owned();
            format!("{} {}", word("method"), word("path"))
        };
        all.iter().map(one).collect()
    }

    /// Returns what was asked of it, whole.
    pub(in crate::adapters::github) async fn sent(&self) -> Vec<Value> {
        let url = format!("{}/_test/requests", self.base);
        client().get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Returns what it remembers.
    #[allow(dead_code, reason = "every port's tests look at what they changed")]
    pub(in crate::adapters::github) async fn state(&self) -> Value {
        let url = format!("{}/_test/state", self.base);
        client().get(url).send().await.unwrap().json().await.unwrap()
    }
}

fn client() -> reqwest::Client {
    crate::adapters::http::install_crypto();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
