//! Two workloads of Kubernetes, behind a Service and behind a route.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use super::{taken, told, walk_in_slots};
use crate::world::{At, Part, World, are_there};

/// Its pods are restarted three times before they are ready: see `scripts/tools/kubernetes/nodes.py`.
pub(super) const SICK: &str = "1.2-restarted";

/// The shop of an example, in a namespace of its own.
pub(super) struct Shop {
    pub world: World,
    config: &'static str,
}

impl Shop {
    /// Takes it to a namespace of that name.
    pub(super) fn taken(
        example: &str,
        cluster: &Part,
        namespace: &str,
        config: &'static str,
    ) -> Self {
        let world = taken(example);
        let kubeconfig = std::fs::read_to_string(cluster.told()).unwrap();
        let mut kubeconfig: Value = serde_json::from_str(&kubeconfig).unwrap();
        kubeconfig["contexts"][0]["context"]["namespace"] = namespace.into();
        std::fs::write(world.path("kubeconfig"), kubeconfig.to_string()).unwrap();
        let shop = Self { world, config };
        shop.kubectl(&format!("create namespace {namespace}"));
        shop
    }

    fn made(cluster: &Part, namespace: &str, config: &'static str, files: &[&str]) -> Self {
        let shop = Self::taken("kubernetes", cluster, namespace, config);
        for file in files {
            shop.kubectl(&format!("apply --server-side --filename ci/{file}"));
        }
        for slot in ["blue", "green"] {
            shop.kubectl(&format!("rollout status deployment/shop-{slot} --timeout=60s"));
        }
        shop
    }

    pub(super) fn at_home(&self) -> At<'_> {
        let kubeconfig = self.world.path("kubeconfig").display().to_string();
        let config = format!("--config {}", self.config);
        self.world.at("ci").with(&config).env("KUBECONFIG", &kubeconfig)
    }

    pub(super) fn kubectl(&self, args: &str) -> String {
        self.runs("kubectl", args)
    }

    /// Runs a program of the platform, which must succeed, and returns what it wrote.
    pub(super) fn runs(&self, program: &str, args: &str) -> String {
        let mut run = Command::new(program);
        run.args(shell_words::split(args).unwrap()).current_dir(self.world.path("."));
        run.env("HOME", self.world.path("home"));
        told(run.env("KUBECONFIG", self.world.path("kubeconfig")))
    }

    fn json(&self, args: &str) -> Value {
        serde_json::from_str(&self.kubectl(&format!("get {args} --output=json"))).unwrap()
    }

    /// Returns the slot and the image of all pods that a Service sends to.
    fn behind(&self, service: &str) -> BTreeSet<(String, String)> {
        let names = "--output=jsonpath={.subsets[*].addresses[*].targetRef.name}";
        let names = self.kubectl(&format!("get endpoints/{service} {names}"));
        let pods = names.split_whitespace().map(|name| self.json(&format!("pods/{name}")));
        let word = |told: &Value| told.as_str().unwrap().to_owned();
        pods.map(|pod| {
            let image = word(&pod["spec"]["containers"][0]["image"]);
            (word(&pod["metadata"]["labels"]["slot"]), image)
        })
        .collect()
    }

    /// Makes sure that clients of a Service get this version from this slot.
    pub(super) fn serves(&self, service: &str, slot: &str, version: &str) {
        let image = format!("ghcr.io/acme/shop:{version}");
        let expected = BTreeSet::from([(slot.to_owned(), image)]);
        assert_eq!(self.behind(service), expected, "{version}");
    }
}

/// Makes the kind of the Gateway API, as far as its server needs to know it.
fn gateway(shop: &Shop) {
    let any = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let schema = json!({ "openAPIV3Schema": {
        "type": "object", "properties": { "spec": any, "status": any },
    } });
    let version = json!({ "name": "v1", "served": true, "storage": true, "schema": schema });
    let kind = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "httproutes.gateway.networking.k8s.io",
            "annotations": { "api-approved.kubernetes.io": "unapproved, of a test" },
        },
        "spec": {
            "group": "gateway.networking.k8s.io", "scope": "Namespaced", "versions": [version],
            "names": { "plural": "httproutes", "singular": "httproute", "kind": "HTTPRoute" },
        },
    });
    std::fs::write(shop.world.path("kind.json"), kind.to_string()).unwrap();
    shop.kubectl("apply --server-side --filename kind.json");
    shop.kubectl(
        "wait --for=condition=Established crd/httproutes.gateway.networking.k8s.io --timeout=60s",
    );
}

fn with_a_service(cluster: &Part) {
    let shop = Shop::made(cluster, "switched", "lastgood.yml", &["shop.yml"]);
    let serves = |slot: &str, version: &str| shop.serves("shop", slot, version);
    walk_in_slots(&shop.at_home(), SICK, serves, || {});
}

fn with_a_route(cluster: &Part) {
    let shop = Shop::made(cluster, "staged", "staged.yml", &["shop.yml"]);
    gateway(&shop);
    shop.kubectl("apply --server-side --filename ci/route.yml");
    let serves = |slot: &str, version: &str| {
        let route = shop.json("httproutes/shop");
        let backends = route["spec"]["rules"][0]["backendRefs"].as_array().unwrap();
        let served: Vec<_> = backends.iter().filter(|to| to["weight"] != 0).collect();
        let service = format!("shop-{slot}");
        assert_eq!(served.len(), 1, "{backends:?}");
        assert_eq!((&served[0]["name"], &served[0]["weight"]), (&json!(service), &json!(100)));
        shop.serves(&service, slot, version);
    };
    walk_in_slots(&shop.at_home(), SICK, serves, || {});
    let events = shop.world.events();
    let looks = events.iter().filter(|event| event["n"] == 1 && event["type"] == "verified");
    let shares: Vec<_> = looks.map(|event| event["traffic"].clone()).collect();
    let stage = |blue: u8, green: u8| json!({ "blue": blue, "green": green });
    // Of the slot before, in each stage, and of all that serves.
    assert_eq!(shares, [Value::Null, stage(75, 25), stage(50, 50), Value::Null]);
}

#[test]
fn the_examples_of_kubernetes_are_walked_as_their_pages_tell() {
    if !are_there(&["kubectl"]) {
        return;
    }
    let part = Part::start("kubernetes-testbed", &["start"], "a Kubernetes to deploy to");
    let Some(cluster) = part else { return };
    std::thread::scope(|both| {
        both.spawn(|| with_a_service(&cluster));
        both.spawn(|| with_a_route(&cluster));
    });
}
