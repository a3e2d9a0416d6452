//! An API server that answers `kubectl` as it is told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::adapters::probe::web::{self, Say};

/// The API server, which ends when it is let go of.
pub(super) struct Server(web::Server);

impl Server {
    pub(super) async fn new(answers: Vec<(&str, u16, String)>) -> Self {
        let found = discovery().into_iter().map(|(path, value)| (path, 200, value.to_string()));
        let all = found.chain(answers);
        let by_path: BTreeMap<String, (u16, String)> =
            all.map(|(path, status, body)| (path.to_owned(), (status, body))).collect();
        let answer = move |request: &str| {
            let path = asked_for(request).split('?').next().unwrap_or_default();
            by_path.get(path).map_or_else(|| absent(path), |(status, body)| json_of(*status, body))
        };
        Self(web::Server::by(answer).await)
    }

    /// Returns its port on `127.0.0.1`.
    pub(super) fn port(&self) -> u16 {
        self.0.port
    }

    /// Ends it, and waits until its port is free.
    pub(super) async fn end(&mut self) {
        self.0.end().await;
    }

    /// Returns what was asked besides what this server is.
    pub(super) fn asked(&self) -> Vec<String> {
        let asked = self.0.asked();
        let asked = asked.iter().map(|request| asked_for(request).to_owned());
        asked.filter(|path| path.contains("/prod/")).collect()
    }
}

/// Returns the path of a request, with its query.
fn asked_for(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

fn json_of(status: u16, body: &str) -> Say {
    web::answer(status, "application/json", body)
}

fn absent(path: &str) -> Say {
    let mut parts = path.rsplit('/');
    let (name, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let group = if kind == "namespaces" { "" } else { ".apps" };
    let status = refusal(404, "NotFound", &format!("{kind}{group} \"{name}\" not found"));
    json_of(404, &status.to_string())
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
