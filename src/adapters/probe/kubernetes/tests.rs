//! The probe, by the real `kubectl` where there is one.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::adapters::process::Run;
use crate::domain::check::Answered;
use crate::domain::facts::Facts;
use crate::domain::names::Commit;
use crate::domain::verdict::Outcome;

use super::*;

mod real;
mod recorded;
mod server;
use server::{Server, refusal};

const SHOP: &str = "/apis/apps/v1/namespaces/prod/deployments/shop";
const PODS: &str = "/api/v1/namespaces/prod/pods";

/// A kubeconfig, a home for `kubectl`, and the API server behind both.
struct World {
    folder: TempDir,
    server: Server,
}

impl World {
    /// Returns none, and says so, where there is no `kubectl`.
    async fn new(answers: Vec<(&str, u16, String)>) -> Option<Self> {
        if Run::new("kubectl").args(["version", "--client"]).finish().await.is_err() {
            crate::domain::vectors::skipped(
                "Kubernetes as `kubectl` sees it: no `kubectl` was found",
            );
            return None;
        }
        let (folder, server) = (tempfile::tempdir().unwrap(), Server::new(answers).await);
        let url = format!("http://127.0.0.1:{}", server.port());
        let file = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{ "name": "here", "cluster": { "server": url } }],
            "contexts": [{ "name": "here", "context": { "cluster": "here", "user": "me" } }],
            "users": [{ "name": "me", "user": {} }]
        });
        std::fs::write(folder.path().join("kube.json"), file.to_string()).unwrap();
        Some(Self { folder, server })
    }

    fn probe(&self, settings: &Value) -> KubernetesProbe {
        let mut settings = settings.clone();
        let usual = json!({
            "resource": "deployment/shop", "namespace": "prod", "kubeconfig": "kube.json"
        });
        for (key, value) in usual.as_object().unwrap() {
            settings.as_object_mut().unwrap().entry(key).or_insert(value.clone());
        }
        let home = self.folder.path();
        let kubectl = Instrument::new("kubectl", &around(home)).env("HOME", home);
        connect(serde_json::from_value(settings).unwrap(), kubectl, &around(home))
    }

    async fn measure(&self, settings: Value) -> Measurement {
        let version = Version::named("2.0").at(Commit::new("ab".repeat(20)).unwrap());
        self.measure_for(&settings, &version).await
    }

    async fn measure_for(&self, settings: &Value, version: &Version) -> Measurement {
        self.probe(settings).measure(Some(version), Duration::from_secs(20)).await
    }
}

fn around(folder: &std::path::Path) -> Around<'static> {
    let http = &|| Err(crate::error::Error::invalid("nobody asks over HTTP here"));
    Around { folder: folder.to_owned(), facts: Facts::default(), withheld: vec![], http }
}

/// Returns a deployment of three pods as the API shows it, with some of it changed.
fn deployment(changes: &[(&str, Value)]) -> String {
    let mut answer = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "shop", "namespace": "prod", "generation": 4, "uid": "1" },
        "spec": {
            "replicas": 3,
            "selector": { "matchLabels": { "app": "shop" } },
            "strategy": { "type": "RollingUpdate" },
            "template": {
                "metadata": {
                    "labels": { "app": "shop", "app.kubernetes.io/version": "2.0" },
                    "annotations": { "commit": "abababababab" }
                },
                "spec": { "containers": [{
                    "name": "web", "image": "ghcr.io/acme/shop:2.0",
                    "env": [{ "name": "PASSWORD", "value": "hunter2" }]
                }] }
            }
        },
        "status": {
            "observedGeneration": 4, "replicas": 3, "updatedReplicas": 3,
            "readyReplicas": 3, "availableReplicas": 3,
            "conditions": [
                { "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable" },
                { "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" }
            ]
        }
    });
    for (at, value) in changes {
        *answer.pointer_mut(at).unwrap() = value.clone();
    }
    answer.to_string()
}

fn pods(items: &Value) -> String {
    json!({ "kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items }).to_string()
}

fn pod(name: &str, restarts: u32, state: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "prod" },
        "status": { "containerStatuses": [{ "name": "web", "restartCount": restarts, "state": state }] }
    })
}

#[tokio::test]
async fn a_complete_rollout_passes_and_kubectl_is_told_where_to_look() {
    let Some(world) = World::new(vec![(SHOP, 200, deployment(&[]))]).await else { return };
    let measurement = world.measure(json!({ "context": "here" })).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    assert_eq!(measurement.message, "deployment \"shop\" successfully rolled out");
    assert_eq!(measurement.value.as_deref(), Some("3/3 available"));
    assert_eq!(measurement.answered, Answered::Unknown);
    assert_eq!(world.server.asked(), [SHOP]);
}

#[tokio::test]
async fn a_rollout_under_way_fails_with_what_is_missing_and_why() {
    let waiting = json!({ "waiting": { "reason": "CrashLoopBackOff", "message": "back-off" } });
    let stuck = pods(&json!([pod("shop-1", 0, &json!({})), pod("shop-2", 7, &waiting)]));
    let answers = vec![
        (SHOP, 200, deployment(&[("/status/availableReplicas", json!(2))])),
        (PODS, 200, stuck),
    ];
    let Some(world) = World::new(answers).await else { return };
    let measurement = world.measure(json!({})).await;
    assert_eq!(measurement.outcome, Outcome::Fail);
    assert_eq!(
        measurement.message,
        "Waiting for deployment \"shop\" rollout to finish: \
         2 of 3 updated replicas are available... (pod `shop-2`: CrashLoopBackOff)"
    );
    assert_eq!(measurement.value.as_deref(), Some("2/3 available"));
    assert_eq!(measurement.limit.as_deref(), Some("3/3 available"));
    let [_, pods] = &world.server.asked()[..] else { panic!() };
    assert!(pods.contains("labelSelector=app%3Dshop"), "{pods}");
}

#[tokio::test]
async fn an_exceeded_deadline_fails_also_where_pods_may_not_be_seen() {
    let stalled = json!("ProgressDeadlineExceeded");
    let answers = vec![
        (SHOP, 200, deployment(&[("/status/conditions/1/reason", stalled)])),
        (PODS, 403, refusal(403, "Forbidden", "pods is forbidden").to_string()),
    ];
    let Some(world) = World::new(answers).await else { return };
    let measurement = world.measure(json!({ "expect_version": { "image": true } })).await;
    assert_eq!(measurement.outcome, Outcome::Fail);
    assert_eq!(measurement.message, "deployment \"shop\" exceeded its progress deadline");
    assert_eq!(measurement.answered, Answered::Expected);
}

#[tokio::test]
async fn nothing_there_is_a_fail_and_nothing_to_be_learned_is_an_error() {
    let Some(world) = World::new(vec![]).await else { return };
    let missing = world.measure(json!({})).await;
    assert_eq!(missing.outcome, Outcome::Fail, "{}", missing.message);
    assert_eq!(missing.message, "there is no Deployment `shop` in the namespace `prod`");
    let elsewhere = world.measure(json!({ "namespace": "gone" })).await;
    assert_eq!(elsewhere.outcome, Outcome::Fail, "{}", elsewhere.message);
    let nowhere = world.measure(json!({ "context": "--help" })).await;
    assert_eq!(nowhere.outcome, Outcome::Error);
    assert!(nowhere.message.contains("context \"--help\" does not exist"), "{}", nowhere.message);
    let forbidden = refusal(403, "Forbidden", "deployments.apps \"shop\" is forbidden");
    let answers = vec![(SHOP, 403, forbidden.to_string())];
    let Some(world) = World::new(answers).await else { return };
    let forbidden = world.measure(json!({})).await;
    assert_eq!(forbidden.outcome, Outcome::Error);
    assert!(forbidden.message.contains("(Forbidden)"), "{}", forbidden.message);
}

#[tokio::test]
async fn an_api_that_cannot_be_reached_is_an_error() {
    let Some(mut world) = World::new(vec![]).await else { return };
    world.server.end().await;
    let measurement = world.measure(json!({})).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Error, Answered::Nobody));
    assert!(measurement.message.contains("refused"), "{}", measurement.message);
}

#[tokio::test]
async fn an_answer_that_is_no_workload_is_an_error() {
    for (answer, cause) in [
        (deployment(&[("/kind", json!("StatefulSet"))]), "it is about StatefulSet `shop`"),
        (deployment(&[("/status/replicas", json!(-1))]), "integer `-1`"),
    ] {
        let Some(world) = World::new(vec![(SHOP, 200, answer)]).await else { return };
        let measurement = world.measure(json!({})).await;
        assert_eq!(measurement.outcome, Outcome::Error);
        let expected = format!("the answer of `kubectl` could not be read: {cause}");
        assert!(measurement.message.contains(cause), "{}: {expected}", measurement.message);
        assert!(!measurement.message.contains("hunter2"));
    }
    let cut = deployment(&[]);
    let Some(world) = World::new(vec![(SHOP, 200, cut[..cut.len() / 2].to_owned())]).await else {
        return;
    };
    let measurement = world.measure(json!({})).await;
    assert_eq!(measurement.outcome, Outcome::Error, "{}", measurement.message);
}

#[tokio::test]
async fn the_version_is_read_where_the_pods_name_it() {
    let Some(world) = World::new(vec![(SHOP, 200, deployment(&[]))]).await else { return };
    let version = |name: &str| Version {
        image: Some(format!("ghcr.io/acme/shop:{name}")),
        ..Version::named(name).at(Commit::new("ab".repeat(20)).unwrap())
    };
    let other = |name: &str| Answered::Other(name.to_owned());
    let table = [
        (json!({ "image": true }), "2.0", Outcome::Pass, Answered::Expected),
        (json!({ "image": true }), "3.0", Outcome::Fail, other("ghcr.io/acme/shop:2.0")),
        (json!({ "container": "web" }), "2.0", Outcome::Pass, Answered::Expected),
        (json!({ "container": "cart" }), "2.0", Outcome::Error, Answered::Unknown),
        (json!({ "label": "app.kubernetes.io/version" }), "2.0", Outcome::Pass, Answered::Expected),
        (json!({ "label": "app.kubernetes.io/version" }), "3.0", Outcome::Fail, other("2.0")),
        (json!({ "label": "release" }), "2.0", Outcome::Fail, Answered::Unknown),
        (json!({ "annotation": "commit" }), "9", Outcome::Pass, Answered::Expected),
    ];
    for (expected, name, outcome, answered) in table {
        let settings = json!({ "expect_version": expected });
        let seen = world.measure_for(&settings, &version(name)).await;
        assert_eq!((seen.outcome, seen.answered), (outcome, answered), "{expected} {name}");
    }
}

#[tokio::test]
async fn of_several_containers_the_one_is_meant_whose_repository_the_version_says() {
    let containers = json!([
        { "name": "proxy", "image": "envoy:1.30" }, { "name": "web", "image": "shop:2.0" }
    ]);
    let answer = deployment(&[("/spec/template/spec/containers", containers)]);
    let Some(world) = World::new(vec![(SHOP, 200, answer)]).await else { return };
    let settings = json!({ "expect_version": { "image": true } });
    let version = Version { image: Some("shop:2.0".to_owned()), ..Version::named("2.0") };
    let seen = world.measure_for(&settings, &version).await;
    assert_eq!((seen.outcome, seen.answered), (Outcome::Pass, Answered::Expected));
    let unsaid = world.measure(settings).await;
    assert_eq!(unsaid.outcome, Outcome::Error);
    assert_eq!(
        unsaid.message,
        "the pods have the containers `proxy`, `web`; \
         say which one, like `expect_version: {container: NAME}`"
    );
}

#[tokio::test]
async fn restarts_are_counted_over_the_pods_that_stay() {
    let mut leaving = pod("shop-0", 9, &json!({}));
    leaving["metadata"]["deletionTimestamp"] = json!("2024-01-01T00:00:00Z");
    let items = json!([leaving, pod("shop-1", 0, &json!({})), pod("shop-2", 2, &json!({}))]);
    let answers = vec![(SHOP, 200, deployment(&[])), (PODS, 200, pods(&items))];
    let Some(world) = World::new(answers).await else { return };
    assert_eq!(world.measure(json!({ "max_restarts": 2 })).await.outcome, Outcome::Pass);
    let measurement = world.measure(json!({ "max_restarts": 1 })).await;
    assert_eq!(measurement.outcome, Outcome::Fail);
    assert_eq!(measurement.message, "`web` of pod `shop-2` was restarted too often: 2");
    assert_eq!(measurement.limit.as_deref(), Some("at most 1"));
}

#[tokio::test]
async fn a_workload_scaled_to_nothing_proves_nothing() {
    let none = deployment(&[
        ("/spec/replicas", json!(0)),
        ("/status", json!({ "observedGeneration": 4 })),
    ]);
    let Some(world) = World::new(vec![(SHOP, 200, none)]).await else { return };
    assert_eq!(world.measure(json!({})).await.outcome, Outcome::Inconclusive);
}

#[tokio::test]
async fn a_strategy_without_a_rollout_is_an_error() {
    let answer = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": "db", "generation": 1 },
        "spec": {
            "replicas": 1, "selector": { "matchLabels": { "app": "db" } },
            "updateStrategy": { "type": "OnDelete" },
            "template": { "spec": { "containers": [{ "name": "db", "image": "db:1" }] } }
        },
        "status": { "observedGeneration": 1, "readyReplicas": 1 }
    });
    let path = "/apis/apps/v1/namespaces/prod/statefulsets/db";
    let Some(world) = World::new(vec![(path, 200, answer.to_string())]).await else { return };
    let measurement = world.measure(json!({ "resource": "statefulset/db" })).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    assert!(measurement.message.contains("`OnDelete`"), "{}", measurement.message);
}

#[tokio::test]
async fn a_kubectl_that_is_missing_or_hangs_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let around = around(folder.path());
    let settings = || serde_json::from_value(json!({ "resource": "deployment/shop" })).unwrap();
    let missing = connect(settings(), Instrument::new("./kubectl", &around), &around);
    let measurement = missing.measure(None, Duration::from_secs(5)).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    assert_eq!(
        measurement.message,
        "no program `./kubectl` was found; install it where lastgood runs"
    );
    std::fs::write(folder.path().join("get"), "exec tail -f /dev/null").unwrap();
    let hanging = connect(settings(), Instrument::new("sh", &around), &around);
    let measurement = hanging.measure(None, Duration::from_millis(300)).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    assert_eq!(measurement.message, "`sh` gave no answer within `300ms`");
}

#[tokio::test]
async fn an_answer_without_end_is_an_error_and_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let around = around(folder.path());
    std::fs::write(folder.path().join("get"), "head -c 20000000 /dev/zero").unwrap();
    let settings = serde_json::from_value(json!({ "resource": "deployment/shop" })).unwrap();
    let probe = connect(settings, Instrument::new("sh", &around), &around);
    let measurement = probe.measure(None, Duration::from_secs(20)).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    assert_eq!(measurement.message, "the answer of `sh` is longer than 16 MiB");
}

#[test]
fn what_asks_for_nothing_is_refused() {
    let refused = |settings: Value| serde_json::from_value::<Settings>(settings).unwrap_err();
    let settings = json!({ "resource": "deployment/shop", "expect_version": { "image": false } });
    assert!(refused(settings).to_string().contains("`image: false` asks for nothing"));
    let settings = json!({ "resource": "deployment/shop", "max_restarts": -1 });
    assert!(refused(settings).to_string().contains("integer `-1`"));
    let settings = json!({ "resource": "deployment/shop", "context": "" });
    let settings: Settings = serde_json::from_value(settings).unwrap();
    assert_eq!(settings.mistakes(), ["`context` is empty"]);
}
