//! An API server that answers `kubectl` as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What is answered by path, and what was asked.
#[derive(Clone, Default)]
pub(super) struct Answers {
    by_path: BTreeMap<String, (u16, String)>,
    asked: Arc<Mutex<Vec<String>>>,
}

/// The API server, which ends when it is let go of.
pub(super) struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn new(answers: Vec<(&str, u16, String)>) -> Self {
        let found = discovery().into_iter().map(|(path, value)| (path, 200, value.to_string()));
        let all = found.chain(answers);
        let by_path = all.map(|(path, status, body)| (path.to_owned(), (status, body))).collect();
        let answers = Answers { by_path, asked: Arc::default() };
        let asked = answers.asked.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = axum::Router::new().fallback(answer).with_state(answers);
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { port, asked, task }
    }

    /// Ends it, and waits until its port is free.
    pub(super) async fn end(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// Returns what was asked besides what this server is.
    pub(super) fn asked(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().filter(|path| path.contains("/prod/")).collect()
    }
}

async fn answer(State(answers): State<Answers>, uri: Uri) -> Response {
    answers.asked.lock().unwrap().push(uri.to_string());
    if let Some((status, body)) = answers.by_path.get(uri.path()) {
        let status = StatusCode::from_u16(*status).unwrap();
        return (status, [("content-type", "application/json")], body.clone()).into_response();
    }
    let mut parts = uri.path().rsplit('/');
    let (name, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let group = if kind == "namespaces" { "" } else { ".apps" };
    let status = refusal(404, "NotFound", &format!("{kind}{group} \"{name}\" not found"));
    (StatusCode::NOT_FOUND, Json(status)).into_response()
}

/// Returns how Kubernetes says no.
pub(super) fn refusal(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code
    })
}

fn discovery() -> Vec<(&'static str, Value)> {
    let version = json!({ "groupVersion": "apps/v1", "version": "v1" });
    let resource = |name: &str, kind: &str| {
        let (namespaced, verbs) = (true, ["get", "list"]);
        json!({ "name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": verbs })
    };
    let list = |version: &str, resources: Vec<Value>| {
        json!({
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": version, "resources": resources
        })
    };
    let apps = vec![
        resource("deployments", "Deployment"),
        resource("daemonsets", "DaemonSet"),
        resource("statefulsets", "StatefulSet"),
    ];
    let groups = [json!({ "name": "apps", "versions": [version], "preferredVersion": version })];
    vec![
        ("/api", json!({ "kind": "APIVersions", "versions": ["v1"] })),
        ("/apis", json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })),
        (
            "/api/v1/namespaces/prod",
            json!({
                "kind": "Namespace", "apiVersion": "v1", "metadata": { "name": "prod" }
            }),
        ),
        ("/api/v1", list("v1", vec![resource("pods", "Pod")])),
        ("/apis/apps/v1", list("apps/v1", apps)),
    ]
}
