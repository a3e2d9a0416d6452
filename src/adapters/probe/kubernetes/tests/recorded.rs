//! What a real Kubernetes answered, for where there is none.

use super::*;

/// The path of a workload, its answer, and that of its pods; `UPDATE_ANSWERS=1` on the tests beside renews both.
const RECORDED: [(&str, &str, Option<&str>, Outcome, &str); 4] = [
    (
        "deployment/shop",
        include_str!("answers/deployment-done.json"),
        None,
        Outcome::Pass,
        "deployment \"shop\" successfully rolled out",
    ),
    (
        "deployment/shop",
        include_str!("answers/deployment-late.json"),
        Some(include_str!("answers/deployment-late-pods.json")),
        Outcome::Fail,
        "deployment \"shop\" exceeded its progress deadline (pod `POD`: ImagePullBackOff)",
    ),
    (
        "statefulset/db",
        include_str!("answers/statefulset-done.json"),
        None,
        Outcome::Pass,
        "partitioned roll out complete: 2 new pods have been updated...",
    ),
    (
        "daemonset/agent",
        include_str!("answers/daemonset-waiting.json"),
        Some(include_str!("answers/daemonset-waiting-pods.json")),
        Outcome::Fail,
        "Waiting for daemon set \"agent\" rollout to finish: \
         1 out of 2 new pods have been updated... (pod `POD`: ImagePullBackOff)",
    ),
];

#[tokio::test]
async fn what_a_real_kubernetes_answered_is_told() {
    for (resource, answer, pods, outcome, told) in RECORDED {
        let (kind, name) = resource.split_once('/').unwrap();
        let path = format!("/apis/apps/v1/namespaces/default/{kind}s/{name}");
        let mut answers = vec![(path.as_str(), 200, answer.to_owned())];
        let at = "/api/v1/namespaces/default/pods";
        answers.extend(pods.map(|pods| (at, 200, pods.to_owned())));
        let Some(world) = World::new(answers).await else { return };
        let seen = world.measure(json!({ "resource": resource, "namespace": "default" })).await;
        let stuck = pods.and_then(stuck_pod).unwrap_or_default();
        assert_eq!((seen.outcome, seen.message), (outcome, told.replace("POD", &stuck)));
    }
}

/// Returns the name of the pod that is not ready.
fn stuck_pod(pods: &str) -> Option<String> {
    let pods: Value = serde_json::from_str(pods).unwrap();
    let mut items = pods["items"].as_array().unwrap().iter();
    let is_stuck = |pod: &&Value| pod["status"]["containerStatuses"][0]["ready"] == json!(false);
    items.find(is_stuck).and_then(|pod| pod["metadata"]["name"].as_str().map(str::to_owned))
}
