//! The router, by the real `kubectl` where there is one.

use std::path::Path;

use serde_json::{Value, json};

use crate::adapters::router::contract::{around, candidate, pair};

use super::*;

mod real;
mod recorded;

fn settings(more: &Value) -> Settings {
    let mut settings = json!({ "stable": "blue", "candidate": "green" });
    for (key, value) in more.as_object().unwrap() {
        settings[key] = value.clone();
    }
    serde_json::from_value(settings).unwrap()
}

fn router(more: &Value) -> Result<KubernetesRouter> {
    connect(&settings(more), pair(), around(Path::new("/srv")))
}

#[test]
fn the_plan_is_what_a_shell_would_run() {
    let more = json!({ "service": "shop", "selector": "acme.example/slot", "namespace": "prod" });
    let patch = "kubectl patch services/shop '--type=merge' '--patch-file=/dev/stdin'";
    let text = r#"{"spec":{"selector":{"acme.example/slot":"green"}}}"#;
    assert_eq!(
        router(&more).unwrap().plan(&candidate(100)),
        [format!("{patch} '--namespace=prod' <<< '{text}'")]
    );
    assert_eq!(
        router(&more).unwrap().plan(&candidate(25)),
        ["run nothing: the Service `shop` cannot share the traffic: blue 75 %, green 25 %"]
    );
    let more = json!({ "http_route": "shop", "services": { "green": "shop-green" } });
    assert_eq!(
        router(&more).unwrap().plan(&candidate(25)),
        ["kubectl patch httproutes.gateway.networking.k8s.io/shop '--type=json' \
          '--patch-file=/dev/stdin' # in each rule `blue` weighs 75, `shop-green` weighs 25"]
    );
}

#[test]
fn it_shares_by_one_thing() {
    for more in [json!({}), json!({ "service": "shop", "http_route": "shop" })] {
        let error = router(&more).map(drop).unwrap_err();
        assert_eq!(error.message(), "the `kubernetes` router shares by one thing");
        assert_eq!(error.hints(), ["give it either `service` or `http_route`"]);
    }
}

#[tokio::test]
async fn a_service_shares_nothing_and_says_what_does() {
    let router = router(&json!({ "service": "shop" })).unwrap();
    let error = router.share(&candidate(25)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "the Service `shop` cannot share the traffic: blue 75 %, green 25 %: \
         it sends all of it to the slot that its selector names"
    );
    assert!(error.hints()[0].contains("`http_route`"));
}

#[test]
fn a_kubeconfig_that_is_not_there_is_named_before_anything_is_done() {
    let router = router(&json!({ "service": "shop", "kubeconfig": "kube.yml" })).unwrap();
    assert_eq!(router.ready().unwrap_err().message(), "there is no kubeconfig `kube.yml`");
}
