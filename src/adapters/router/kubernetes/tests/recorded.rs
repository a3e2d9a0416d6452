//! A stand-in for `kubectl` in front of a Service of two slots.

use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

/// Tells files; a patch makes the Service what `patched` says and the endpoints those of green.
const KUBECTL: &str = r#"#!/bin/sh
case "$1 $2" in
  "get services/shop") cat service.json ;;
  "get pods") cat pods.json ;;
  "get endpoints/shop") cat endpoints.json; if [ -e next.json ]; then mv next.json endpoints.json; fi ;;
  "patch services/shop") cat >patched; cp patched service.json ;;
  *) echo "what is $*" >&2; exit 1 ;;
esac
"#;

struct Stand(TempDir);

impl Stand {
    fn new(selector: &Value, pods: &[Value], endpoints: &Value) -> Self {
        let stand = Self(tempfile::tempdir().unwrap());
        stand.write("kubectl", KUBECTL);
        stand.write("service.json", &json!({ "spec": { "selector": selector } }).to_string());
        stand.write("pods.json", &json!({ "items": pods }).to_string());
        stand.write("endpoints.json", &endpoints.to_string());
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(stand.0.path().join("kubectl"), mode).unwrap();
        stand
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn patched(&self) -> Option<String> {
        std::fs::read_to_string(self.0.path().join("patched")).ok()
    }

    fn router(&self) -> KubernetesRouter {
        let settings = settings(&json!({ "service": "shop", "up_within": "200ms" }));
        let around = around(self.0.path());
        let kubectl = around.program(&self.0.path().join("kubectl").display().to_string());
        with(kubectl, &settings, pair(), around).unwrap()
    }
}

fn pod(name: &str, ready: &str) -> Value {
    let ready = json!({ "type": "Ready", "status": ready });
    json!({ "metadata": { "name": name }, "status": { "phase": "Running", "conditions": [ready] } })
}

fn endpoints(pod: &str) -> Value {
    let target = json!({ "kind": "Pod", "name": pod });
    json!({ "subsets": [{ "addresses": [{ "ip": "10.1.0.1", "targetRef": target }] }] })
}

#[tokio::test]
async fn traffic_goes_to_pods_that_are_ready_and_their_endpoints_are_waited_for() {
    let blue = json!({ "app": "shop", "slot": "blue" });
    let stand = Stand::new(&blue, &[pod("green-1", "True")], &endpoints("blue-1"));
    stand.write("next.json", &endpoints("green-1").to_string());
    let back = stand.router().share(&candidate(100)).await.unwrap();
    assert_eq!(back, candidate(100));
    assert_eq!(stand.patched().unwrap(), r#"{"spec":{"selector":{"slot":"green"}}}"#);
}

#[tokio::test]
async fn a_slot_without_ready_pods_gets_no_traffic() {
    let blue = json!({ "slot": "blue" });
    let mut ending = pod("green-0", "False");
    ending["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    let table: [(&[Value], &str); 3] = [
        (&[], "it has no pods"),
        (std::slice::from_ref(&ending), "it has no pods"),
        (&[pod("green-1", "True"), pod("green-2", "False")], "pod `green-2` is not ready"),
    ];
    for (pods, why) in table {
        let stand = Stand::new(&blue, pods, &endpoints("blue-1"));
        let error = stand.router().share(&candidate(100)).await.unwrap_err();
        let doing = "could not give `green` the traffic of `shop`";
        assert_eq!(error.whole(), format!("{doing}: after 200ms {why}"));
        assert_eq!(stand.patched(), None, "{why}");
    }
}

#[tokio::test]
async fn endpoints_that_stay_behind_are_an_error() {
    let blue = json!({ "slot": "blue" });
    let stand = Stand::new(&blue, &[pod("green-1", "True")], &endpoints("blue-1"));
    let error = stand.router().share(&candidate(100)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not see that `shop` sends to `green`: after 200ms it still sends to pod `blue-1`"
    );
}

#[tokio::test]
async fn a_selector_that_names_no_slot_is_told_with_the_way_out() {
    let table = [
        (json!({ "app": "shop" }), "the selector of the Service `shop` has no label `slot`"),
        (json!({ "slot": "red" }), "the Service `shop` selects `slot=red`, which is no slot"),
    ];
    for (selector, why) in table {
        let stand = Stand::new(&selector, &[], &json!({}));
        let error = stand.router().read().await.unwrap_err();
        assert_eq!(error.whole(), format!("could not tell which slot `shop` serves: {why}"));
        assert!(error.hints()[0].starts_with("if it is to be `blue`, run `"), "{error:?}");
    }
}
