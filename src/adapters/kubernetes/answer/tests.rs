//! Answers of Kubernetes, whole and broken.

use serde_json::{Value, json};

use super::*;

fn shop() -> Value {
    json!({
        "kind": "Deployment",
        "metadata": { "name": "shop", "generation": 2 },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "shop" } },
            "template": { "spec": { "containers": [{ "name": "web", "image": "shop:2.0" }] } }
        },
        "status": { "observedGeneration": 2 }
    })
}

fn answered(answer: &Value) -> Result<Answer, String> {
    let resource = Resource::try_from("deployment/shop".to_owned()).unwrap();
    read(answer.to_string().as_bytes(), &resource)
}

#[test]
fn a_number_that_is_left_out_is_zero() {
    let Rollout::Deployment(pods) = answered(&shop()).unwrap().workload.rollout else { panic!() };
    let expected = Deployment { wanted: Some(2), ..Deployment::default() };
    assert_eq!(pods, expected);
}

#[test]
fn an_answer_that_is_not_what_kubernetes_promises_is_refused_with_its_cause() {
    let table = [
        (
            "/kind",
            json!("ReplicaSet"),
            "it is about ReplicaSet `shop`, not about Deployment `shop`",
        ),
        ("/metadata/name", json!("cart"), "it is about Deployment `cart`"),
        ("/metadata/generation", json!(-1), "integer `-1`"),
        ("/spec/replicas", json!(-3), "integer `-3`"),
        ("/spec/replicas", json!("2"), "expected u32"),
        ("/spec/selector", json!({}), "its selector is empty"),
        ("/spec/template/spec", json!({}), "missing field `containers`"),
        ("/status", json!({ "updatedReplicas": -1 }), "integer `-1`"),
        ("/status", json!({ "availableReplicas": 4_294_967_296_u64 }), "expected u32"),
        ("/status", json!("ready"), "invalid type: string"),
        ("", json!([]), "invalid length 0"),
        ("", json!(null), "invalid type: null"),
    ];
    for (at, value, cause) in table {
        let mut answer = shop();
        *answer.pointer_mut(at).unwrap() = value;
        let refused = answered(&answer).unwrap_err();
        assert!(refused.contains(cause), "{at}: {refused}");
    }
    let mut answer = shop();
    answer["metadata"].as_object_mut().unwrap().remove("generation");
    assert!(answered(&answer).unwrap_err().contains("missing field `generation`"));
}

#[test]
fn an_answer_that_is_cut_anywhere_is_refused() {
    let resource = Resource::try_from("deployment/shop".to_owned()).unwrap();
    let whole = shop().to_string();
    assert!(read(whole.as_bytes(), &resource).is_ok());
    for end in 0..whole.len() {
        assert!(read(&whole.as_bytes()[..end], &resource).is_err(), "{end}");
    }
}

#[test]
fn pods_are_asked_for_by_the_whole_selector() {
    let mut answer = shop();
    answer["spec"]["selector"] = json!({
        "matchLabels": { "app": "shop", "tier": "web" },
        "matchExpressions": [
            { "key": "track", "operator": "In", "values": ["stable", "canary"] },
            { "key": "zone", "operator": "NotIn", "values": ["b"] },
            { "key": "live", "operator": "Exists" },
            { "key": "job", "operator": "DoesNotExist" }
        ]
    });
    assert_eq!(
        answered(&answer).unwrap().selector,
        "app=shop,tier=web,track in (stable,canary),zone notin (b),live,!job"
    );
    answer["spec"]["selector"]["matchExpressions"][0]["operator"] = json!("Near");
    assert!(answered(&answer).unwrap_err().contains("unknown variant `Near`"));
}
