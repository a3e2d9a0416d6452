//! A real Kubernetes, whose rollouts are told as `kubectl` tells them.

use crate::adapters::testbed::{Testbed, workload};

use super::*;

/// How often it is looked until a rollout is where it is waited for; each look runs `kubectl`.
const LOOKS: usize = 600;

fn probe(testbed: &Testbed, resource: &str, more: &Value) -> KubernetesProbe {
    let mut settings = json!({ "resource": resource, "kubeconfig": testbed.kubeconfig() });
    for (key, value) in more.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let around = around(testbed.home());
    let kubectl = Instrument::new("kubectl", &around).env("HOME", testbed.home());
    connect(serde_json::from_value(settings).unwrap(), kubectl, &around)
}

async fn look(testbed: &Testbed, resource: &str, more: Value) -> Measurement {
    let probe = probe(testbed, resource, &more);
    probe.measure(Some(&Version::named("2.0")), Duration::from_secs(30)).await
}

/// Looks until it is told, with the names of pods and revisions left out.
async fn until(testbed: &Testbed, resource: &str, outcome: Outcome, told: &str) -> Measurement {
    let mut last = String::new();
    for _ in 0..LOOKS {
        let seen = look(testbed, resource, json!({})).await;
        let name = resource.split_once('/').unwrap().1;
        last = unnamed(&seen.message, name);
        if seen.outcome == outcome && last == told {
            return seen;
        }
    }
    unreachable!("it stayed at {last:?}, not {told:?}");
}

/// Puts `*` for what Kubernetes added to the workload's name.
fn unnamed(message: &str, name: &str) -> String {
    let prefix = format!("{name}-");
    let words = message.split_inclusive([' ', '`', '.', ')']);
    let plain = words.map(|word| match word.strip_prefix(&prefix) {
        Some(rest) => {
            let end = rest.trim_start_matches(|of: char| of.is_ascii_alphanumeric() || of == '-');
            format!("{prefix}*{end}")
        }
        None => word.to_owned(),
    });
    plain.collect()
}

/// Holds what is told to what `kubectl` tells of the same rollout.
async fn told_alike(testbed: &Testbed, resource: &str, told: &Measurement) {
    let status = testbed.run(&["rollout", "status", "--watch=false", resource]).await;
    assert_eq!(told.message, status.trim_end());
}

/// Keeps what the server answers now for the tests without it, where that is asked for.
async fn record(testbed: &Testbed, name: &str, what: &[&str]) {
    if std::env::var_os("UPDATE_ANSWERS").is_some() {
        let answer = testbed.run(&[&["get", "--output=json"], what].concat()).await;
        let folder =
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/adapters/probe/kubernetes/tests/answers");
        std::fs::write(format!("{folder}/{name}.json"), answer).unwrap();
    }
}

async fn set_image(testbed: &Testbed, resource: &str, image: &str) {
    testbed.run(&["set", "image", resource, &format!("web={image}")]).await;
}

#[tokio::test]
async fn a_deployment_is_told_as_kubectl_tells_it_until_it_is_rolled_out() {
    let Some(testbed) = Testbed::start().await else { return };
    let shop = "deployment/shop";
    let done = "deployment \"shop\" successfully rolled out";
    let one_by_one = json!({ "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } });
    let spec = json!({ "replicas": 2, "strategy": one_by_one });
    testbed.apply(&workload("Deployment", "shop", "acme/shop:1.0", &spec)).await;
    let seen = until(&testbed, shop, Outcome::Pass, done).await;
    assert_eq!(seen.value.as_deref(), Some("2/2 available"));
    told_alike(&testbed, shop, &seen).await;
    let proof = json!({ "expect_version": { "image": true } });
    let old = look(&testbed, shop, proof.clone()).await;
    assert_eq!(old.answered, Answered::Other("1.0".to_owned()));
    assert_eq!(old.outcome, Outcome::Fail);

    set_image(&testbed, shop, "acme/broken/shop:2.0").await;
    let waiting = "Waiting for deployment \"shop\" rollout to finish: ";
    let rest = "1 out of 2 new replicas have been updated... (pod `shop-*`: ImagePullBackOff)";
    let seen = until(&testbed, shop, Outcome::Fail, &format!("{waiting}{rest}")).await;
    assert_eq!(seen.value.as_deref(), Some("1/2 updated"));
    set_image(&testbed, shop, "acme/slow/shop:2.0").await;
    let seen = until(&testbed, shop, Outcome::Pass, done).await;
    told_alike(&testbed, shop, &seen).await;
    record(&testbed, "deployment-done", &[shop]).await;
    let new = look(&testbed, shop, proof).await;
    assert_eq!((new.outcome, new.answered), (Outcome::Pass, Answered::Expected));

    testbed.run(&["rollout", "pause", shop]).await;
    set_image(&testbed, shop, "acme/shop:3.0").await;
    let rest = "0 out of 2 new replicas have been updated... (it is paused)";
    until(&testbed, shop, Outcome::Fail, &format!("{waiting}{rest}")).await;
    testbed.run(&["rollout", "resume", shop]).await;
    until(&testbed, shop, Outcome::Pass, done).await;

    testbed.run(&["scale", "--replicas=0", shop]).await;
    let none = "no pod is wanted, so nothing serves and nothing can be told";
    until(&testbed, shop, Outcome::Inconclusive, none).await;
}

#[tokio::test]
async fn a_deployment_that_never_comes_up_is_told_with_its_cause_until_its_deadline_and_after() {
    let Some(testbed) = Testbed::start().await else { return };
    let shop = "deployment/shop";
    let spec = json!({ "replicas": 1 });
    testbed.apply(&workload("Deployment", "shop", "acme/broken/shop:2.0", &spec)).await;
    let waiting = "Waiting for deployment \"shop\" rollout to finish: ";
    let late = "deployment \"shop\" exceeded its progress deadline";
    let pull = " (pod `shop-*`: ImagePullBackOff)";
    let rest = "0 of 1 updated replicas are available...";
    until(&testbed, shop, Outcome::Fail, &format!("{waiting}{rest}{pull}")).await;
    let soon = json!({ "spec": { "progressDeadlineSeconds": 1 } }).to_string();
    testbed.run(&["patch", shop, "--patch", &soon]).await;
    let seen = until(&testbed, shop, Outcome::Fail, &format!("{late}{pull}")).await;
    assert_eq!(seen.limit.as_deref(), Some("1/1 available"));
    record(&testbed, "deployment-late", &[shop]).await;
    record(&testbed, "deployment-late-pods", &["pods", "--selector=app=shop"]).await;

    let spec = json!({ "replicas": 1, "progressDeadlineSeconds": 1 });
    for (image, cause) in [("crashing", "CrashLoopBackOff"), ("unschedulable", "Unschedulable")] {
        testbed.run(&["delete", shop, "--wait"]).await;
        let image = format!("acme/{image}/shop:2.0");
        testbed.apply(&workload("Deployment", "shop", &image, &spec)).await;
        let told = format!("{late} (pod `shop-*`: {cause})");
        until(&testbed, shop, Outcome::Fail, &told).await;
    }

    set_image(&testbed, shop, "acme/restarted/shop:2.0").await;
    let done = "deployment \"shop\" successfully rolled out";
    until(&testbed, shop, Outcome::Pass, done).await;
    let restarted = look(&testbed, shop, json!({ "max_restarts": 2 })).await;
    assert_eq!(restarted.outcome, Outcome::Fail);
    let told = unnamed(&restarted.message, "shop");
    assert_eq!(told, "`web` of pod `shop-*` was restarted too often: 3");
    assert_eq!(look(&testbed, shop, json!({ "max_restarts": 3 })).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn pods_with_names_and_pods_of_nodes_are_told_as_kubectl_tells_them() {
    let Some(testbed) = Testbed::start().await else { return };
    let db = "statefulset/db";
    let spec = json!({ "replicas": 2, "serviceName": "db" });
    testbed.apply(&workload("StatefulSet", "db", "acme/db:1.0", &spec)).await;
    // The server puts in a partition that nobody wrote, which is 0.
    let done = "partitioned roll out complete: 2 new pods have been updated...";
    let seen = until(&testbed, db, Outcome::Pass, done).await;
    told_alike(&testbed, db, &seen).await;
    record(&testbed, "statefulset-done", &[db]).await;
    set_image(&testbed, db, "acme/broken/db:2.0").await;
    let stuck = "Waiting for 1 pods to be ready... (pod `db-*`: ImagePullBackOff)";
    let seen = until(&testbed, db, Outcome::Fail, stuck).await;
    assert_eq!(seen.value.as_deref(), Some("1/2 ready"));

    let partition = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 1 } });
    let spec = json!({ "replicas": 2, "serviceName": "part", "updateStrategy": partition });
    testbed.apply(&workload("StatefulSet", "part", "acme/part:1.0", &spec)).await;
    until(&testbed, "statefulset/part", Outcome::Pass, done).await;
    set_image(&testbed, "statefulset/part", "acme/part:2.0").await;
    let done = "partitioned roll out complete: 1 new pods have been updated...";
    let seen = until(&testbed, "statefulset/part", Outcome::Pass, done).await;
    told_alike(&testbed, "statefulset/part", &seen).await;

    let agent = "daemonset/agent";
    testbed.apply(&workload("DaemonSet", "agent", "acme/agent:1.0", &json!({}))).await;
    let done = "daemon set \"agent\" successfully rolled out";
    let seen = until(&testbed, agent, Outcome::Pass, done).await;
    assert_eq!(seen.value.as_deref(), Some("2/2 available"));
    told_alike(&testbed, agent, &seen).await;
    set_image(&testbed, agent, "acme/broken/agent:2.0").await;
    let stuck = "Waiting for daemon set \"agent\" rollout to finish: \
                 1 out of 2 new pods have been updated... (pod `agent-*`: ImagePullBackOff)";
    until(&testbed, agent, Outcome::Fail, stuck).await;
    record(&testbed, "daemonset-waiting", &[agent]).await;
    record(&testbed, "daemonset-waiting-pods", &["pods", "--selector=app=agent"]).await;

    let by_hand = json!({ "updateStrategy": { "type": "OnDelete" } });
    testbed.apply(&workload("DaemonSet", "hand", "acme/hand:1.0", &by_hand)).await;
    let untold = "rollout status is only available for RollingUpdate strategy type, \
                  and this is `OnDelete`";
    until(&testbed, "daemonset/hand", Outcome::Error, untold).await;
}

#[tokio::test]
async fn what_is_not_there_is_a_fail_and_what_may_not_be_seen_is_an_error() {
    let Some(testbed) = Testbed::start().await else { return };
    let shop = "deployment/shop";
    let gone = look(&testbed, shop, json!({})).await;
    assert_eq!((gone.outcome, &*gone.message), (Outcome::Fail, "there is no Deployment `shop`"));
    let gone = look(&testbed, shop, json!({ "namespace": "gone" })).await;
    let told = "there is no Deployment `shop` in the namespace `gone`";
    assert_eq!((gone.outcome, &*gone.message), (Outcome::Fail, told));

    testbed.apply(&workload("Deployment", "shop", "acme/broken/shop:2.0", &json!({}))).await;
    let guest = json!({ "context": "guest" });
    let barred = look(&testbed, shop, guest.clone()).await;
    assert_eq!((barred.outcome, barred.answered), (Outcome::Error, Answered::Nobody));
    let told = "Error from server (Forbidden): deployments.apps \"shop\" is forbidden: \
                User \"guest\" cannot get resource \"deployments\" in API group \"apps\" \
                in the namespace \"default\"";
    assert_eq!(barred.message, told);

    let get = ["create", "role", "looks", "--verb=get", "--resource=deployments"];
    testbed.run(&get).await;
    testbed.run(&["create", "rolebinding", "looks", "--role=looks", "--user=guest"]).await;
    let rest = "0 of 1 updated replicas are available...";
    let told = format!("Waiting for deployment \"shop\" rollout to finish: {rest}");
    let cause = "(pod `shop-*`: ImagePullBackOff)";
    until(&testbed, shop, Outcome::Fail, &format!("{told} {cause}")).await;
    let mut seen = look(&testbed, shop, guest.clone()).await;
    for _ in 0..LOOKS {
        if seen.outcome != Outcome::Error {
            break;
        }
        seen = look(&testbed, shop, guest.clone()).await;
    }
    assert_eq!((seen.outcome, seen.message), (Outcome::Fail, told));

    set_image(&testbed, shop, "acme/shop:2.0").await;
    let done = "deployment \"shop\" successfully rolled out";
    until(&testbed, shop, Outcome::Pass, done).await;
    let counting = json!({ "context": "guest", "max_restarts": 0 });
    let uncounted = look(&testbed, shop, counting).await;
    assert_eq!(uncounted.outcome, Outcome::Error);
    assert!(uncounted.message.contains("cannot list resource \"pods\""), "{}", uncounted.message);
}

#[tokio::test]
async fn who_is_not_known_and_whom_nobody_vouches_for_is_an_error() {
    let Some(testbed) = Testbed::start().await else { return };
    let whole: Value =
        serde_json::from_slice(&std::fs::read(testbed.kubeconfig()).unwrap()).unwrap();
    let table = [
        ("/users/0/user", json!({ "token": "stale" }), "You must be logged in to the server"),
        ("/clusters/0/cluster/certificate-authority", json!(null), "certificate signed by unknown"),
    ];
    for (at, value, told) in table {
        let mut config = whole.clone();
        *config.pointer_mut(at).unwrap() = value;
        std::fs::write(testbed.home().join("other"), config.to_string()).unwrap();
        let seen = look(&testbed, "deployment/shop", json!({ "kubeconfig": "other" })).await;
        assert_eq!((seen.outcome, seen.answered), (Outcome::Error, Answered::Nobody), "{at}");
        assert!(seen.message.contains(told), "{}", seen.message);
    }
}
