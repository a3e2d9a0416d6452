//! A real control plane, whose endpoints follow the pods.

use std::os::unix::fs::PermissionsExt as _;

use crate::adapters::router::contract::{example, holds};
use crate::adapters::testbed::Testbed;

use super::*;

/// How often it is looked until something is so; each look runs `kubectl`.
const LOOKS: usize = 300;

fn of(testbed: &Testbed, kubectl: &str, more: &Value) -> KubernetesRouter {
    let mut settings = settings(more);
    settings.kubeconfig = Some(testbed.kubeconfig().to_owned());
    let around = around(testbed.home());
    let kubectl = around.program(kubectl).env("HOME", testbed.home());
    with(kubectl, &settings, pair(), around).unwrap()
}

/// Returns the router of an example, as it stands there.
fn example_of(testbed: &Testbed, file: &str) -> KubernetesRouter {
    let text = example(file, &[]);
    let config: Value = serde_saphyr::from_str(&text).unwrap();
    of(testbed, "kubectl", &config["environments"]["production"]["router"]["kubernetes"])
}

async fn make(testbed: &Testbed, file: &str) {
    let file = format!("--filename={}/examples/kubernetes/{file}", env!("CARGO_MANIFEST_DIR"));
    testbed.run(&["apply", "--server-side", &file]).await;
}

async fn set_image(testbed: &Testbed, deployment: &str, image: &str) {
    testbed.run(&["set", "image", deployment, &format!("web={image}")]).await;
}

async fn rolled_out(testbed: &Testbed, deployment: &str) {
    testbed.run(&["rollout", "status", deployment, "--timeout=60s"]).await;
}

/// Returns the slots of the pods that the Service sends to.
async fn served(testbed: &Testbed, service: &str) -> Vec<String> {
    let names = "--output=jsonpath={.subsets[*].addresses[*].targetRef.name}";
    let names = testbed.run(&["get", &format!("endpoints/{service}"), names]).await;
    let slot = |pod: &str| pod.split('-').nth(1).unwrap().to_owned();
    names.split_whitespace().map(slot).collect()
}

#[tokio::test]
async fn a_service_is_switched_to_pods_that_are_ready_and_back() {
    let Some(testbed) = Testbed::start().await else { return };
    make(&testbed, "shop.yml").await;
    let router = example_of(&testbed, "kubernetes/lastgood.yml");
    for slot in ["blue", "green"] {
        rolled_out(&testbed, &format!("deployment/shop-{slot}")).await;
    }
    assert_eq!(router.read().await.unwrap(), candidate(0));
    // Twice each: sharing again the same way ends as it does once.
    for (percent, slot) in [(0, "blue"), (100, "green"), (100, "green"), (0, "blue")] {
        let before = router.read().await.unwrap();
        assert!(!router.plan(&candidate(percent)).is_empty());
        assert_eq!(router.read().await.unwrap(), before, "showing changes nothing");
        assert_eq!(router.share(&candidate(percent)).await.unwrap(), candidate(percent));
        assert_eq!(served(&testbed, "shop").await, [slot, slot]);
    }
    let drained = router.drain(&pair().candidate, Duration::from_secs(5)).await.unwrap();
    assert_eq!(drained, Drained::Left(None));
    let selector = "--output=jsonpath={.spec.selector.app}";
    assert_eq!(testbed.run(&["get", "service/shop", selector]).await, "shop");
    router.share(&candidate(25)).await.unwrap_err();
    assert_eq!(router.read().await.unwrap(), candidate(0));
}

#[tokio::test]
async fn a_slot_that_is_not_ready_gets_nothing_and_one_that_becomes_so_is_waited_for() {
    let Some(testbed) = Testbed::start().await else { return };
    make(&testbed, "shop.yml").await;
    for slot in ["blue", "green"] {
        rolled_out(&testbed, &format!("deployment/shop-{slot}")).await;
    }
    let green = "deployment/shop-green";
    let hasty = of(&testbed, "kubectl", &json!({ "service": "shop", "up_within": "1s" }));
    set_image(&testbed, green, "acme/crashing/shop:2.0").await;
    // The first of the new pods comes a moment later.
    let mut error = None;
    for _ in 0..LOOKS {
        error = hasty.share(&candidate(100)).await.err();
        if error.is_some() {
            break;
        }
        hasty.share(&candidate(0)).await.unwrap();
    }
    let error = error.unwrap().whole();
    let doing = "could not give `green` the traffic of `shop`: after 1s pod `shop-green-";
    assert!(error.starts_with(doing) && error.ends_with("` is not ready"), "{error}");
    assert_eq!(hasty.read().await.unwrap(), candidate(0));
    testbed.run(&["delete", green, "--wait"]).await;
    let gone = Duration::from_millis(100);
    let mut left = "not looked at".to_owned();
    for _ in 0..LOOKS {
        left = testbed.run(&["get", "pods", "--selector=slot=green", "--output=name"]).await;
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(gone).await;
    }
    assert_eq!(left, "");
    let error = hasty.share(&candidate(100)).await.unwrap_err().whole();
    assert!(error.ends_with("after 1s it has no pods"), "{error}");
    assert_eq!(served(&testbed, "shop").await, ["blue", "blue"]);
    // The way from a slot that is ill is open.
    make(&testbed, "shop.yml").await;
    set_image(&testbed, green, "acme/slow/shop:2.0").await;
    let patient = of(&testbed, "kubectl", &json!({ "service": "shop" }));
    patient.share(&candidate(100)).await.unwrap();
    set_image(&testbed, green, "acme/broken/shop:3.0").await;
    patient.share(&candidate(0)).await.unwrap();
    assert_eq!(served(&testbed, "shop").await, ["blue", "blue"]);
}

/// Makes the kind of the Gateway API, as far as its server needs to know it.
async fn gateway(testbed: &Testbed) {
    let any = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let schema = json!({ "openAPIV3Schema": {
        "type": "object", "properties": { "spec": any, "status": any },
    } });
    let version = json!({ "name": "v1", "served": true, "storage": true, "schema": schema });
    let group = "gateway.networking.k8s.io";
    testbed
        .apply(&json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {
                "name": format!("httproutes.{group}"),
                "annotations": { "api-approved.kubernetes.io": "unapproved, of a test" },
            },
            "spec": {
                "group": group, "scope": "Namespaced", "versions": [version],
                "names": { "plural": "httproutes", "singular": "httproute", "kind": "HTTPRoute" },
            },
        }))
        .await;
    let known = format!("crd/httproutes.{group}");
    testbed.run(&["wait", "--for=condition=Established", &known, "--timeout=60s"]).await;
}

/// Has the slots and the route of the examples.
async fn staged(testbed: &Testbed) {
    gateway(testbed).await;
    make(testbed, "shop.yml").await;
    make(testbed, "route.yml").await;
    for slot in ["blue", "green"] {
        rolled_out(testbed, &format!("deployment/shop-{slot}")).await;
    }
}

#[tokio::test]
async fn a_route_holds_to_what_every_router_promises() {
    let Some(testbed) = Testbed::start().await else { return };
    staged(&testbed).await;
    let router = example_of(&testbed, "kubernetes/staged.yml");
    holds(&router).await;
    router.share(&candidate(25)).await.unwrap();
    let weights = "--output=jsonpath={.spec.rules[0].backendRefs[*].weight}";
    assert_eq!(testbed.run(&["get", "httproutes/shop", weights]).await, "75 25");
    let port = "--output=jsonpath={.spec.rules[0].backendRefs[*].port}";
    assert_eq!(testbed.run(&["get", "httproutes/shop", port]).await, "80 80");
}

#[tokio::test]
async fn a_route_is_shared_after_another_changed_it_and_not_to_a_slot_without_endpoints() {
    let Some(testbed) = Testbed::start().await else { return };
    staged(&testbed).await;
    // Between the look and the change of lastgood another one changes the route, once.
    let other = "if [ \"$1\" = patch ] && [ ! -e came ]; then : >came; \
                 kubectl annotate httproutes/shop note=other >/dev/null; fi";
    let hasty = testbed.home().join("meddled");
    let kubeconfig = testbed.kubeconfig().display();
    let script =
        format!("#!/bin/sh\nexport KUBECONFIG={kubeconfig}\n{other}\nexec kubectl \"$@\"\n");
    std::fs::write(&hasty, script).unwrap();
    std::fs::set_permissions(&hasty, std::fs::Permissions::from_mode(0o755)).unwrap();
    let services = json!({ "blue": "shop-blue", "green": "shop-green" });
    let more = json!({ "http_route": "shop", "services": services, "up_within": "1s" });
    let router = of(&testbed, &hasty.display().to_string(), &more);
    assert_eq!(router.share(&candidate(50)).await.unwrap(), candidate(50));
    assert!(testbed.home().join("came").exists());
    let note = "--output=jsonpath={.metadata.annotations.note}";
    assert_eq!(testbed.run(&["get", "httproutes/shop", note]).await, "other");

    testbed.run(&["scale", "deployment/shop-green", "--replicas=0"]).await;
    let mut left = vec!["not looked at".to_owned()];
    for _ in 0..LOOKS {
        left = served(&testbed, "shop-green").await;
        if left.is_empty() {
            break;
        }
    }
    assert_eq!(left, [""; 0]);
    let error = router.share(&candidate(75)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not share the traffic of the HTTPRoute `shop`: \
         the Service `shop-green` of `green`: after 1s it has no endpoint"
    );
    // Leaving it is always possible.
    assert_eq!(router.share(&candidate(0)).await.unwrap(), candidate(0));
    let strange = json!({ "http_route": "shop" });
    let error = of(&testbed, "kubectl", &strange).read().await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not tell how the HTTPRoute `shop` shares: no rule of it sends to `blue` and `green`"
    );
    let gone = of(&testbed, "kubectl", &json!({ "http_route": "gone" })).read().await.unwrap_err();
    assert!(gone.whole().starts_with("could not ask for the HTTPRoute `gone`: `kubectl`: "));
    assert!(gone.whole().contains("\"gone\" not found"), "{gone:?}");
}

#[tokio::test]
async fn a_route_is_shared_when_its_gateway_has_taken_it_over() {
    let Some(testbed) = Testbed::start().await else { return };
    staged(&testbed).await;
    // What a gateway's controller writes, which none does here.
    let told = async |generation: u64| {
        let is = json!({
            "type": "Accepted", "status": "True", "observedGeneration": generation,
        });
        let parent = json!({ "parentRef": { "name": "edge" }, "conditions": [is] });
        let status = json!({ "status": { "parents": [parent] } }).to_string();
        testbed.run(&["patch", "httproutes/shop", "--type=merge", "--patch", &status]).await;
    };
    let services = json!({ "blue": "shop-blue", "green": "shop-green" });
    let more =
        |within: &str| json!({ "http_route": "shop", "services": services, "up_within": within });
    told(1).await;
    let error = of(&testbed, "kubectl", &more("1s")).share(&candidate(25)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "the HTTPRoute `shop` was changed, to no effect: \
         after 1s gateway `edge` has not taken it over"
    );
    let patient = of(&testbed, "kubectl", &more("1m"));
    let half = candidate(50);
    let follows = async {
        let weights = "--output=jsonpath={.spec.rules[0].backendRefs[*].weight}";
        for _ in 0..LOOKS {
            if testbed.run(&["get", "httproutes/shop", weights]).await == "50 50" {
                return told(1000).await;
            }
        }
        panic!("the weights never came to half");
    };
    let (shared, ()) = tokio::join!(patient.share(&half), follows);
    assert_eq!(shared.unwrap(), half);
}
