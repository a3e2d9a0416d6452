//! Two releases of one chart, behind a Service.

use serde_json::Value;

use super::kubernetes::{SICK, Shop};
use super::walk_in_slots;
use crate::world::{Part, are_there};

/// Returns each revision of a release as `NUMBER STATUS`.
fn revisions(shop: &Shop, release: &str) -> Vec<String> {
    let told = shop.runs("helm", &format!("history {release} --output=json"));
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    told.iter().map(|it| format!("{} {}", it["revision"], it["status"].as_str().unwrap())).collect()
}

#[test]
fn the_example_of_helm_is_walked_as_its_page_tells() {
    if !are_there(&["kubectl", "helm"]) {
        return;
    }
    let part = Part::start("kubernetes-testbed", &["start"], "a Kubernetes to deploy to");
    let Some(cluster) = part else { return };
    let shop = Shop::taken("helm", &cluster, "released", "lastgood.yml");
    shop.kubectl("apply --server-side --filename ci/service.yml");
    let serves = |slot: &str, version: &str| shop.serves("shop", slot, version);
    walk_in_slots(&shop.at_home(), SICK, serves, || {});
    // Green had the sick one, and returned to the revision before it.
    assert_eq!(revisions(&shop, "shop-blue"), ["1 deployed"]);
    assert_eq!(revisions(&shop, "shop-green"), ["1 superseded", "2 superseded", "3 deployed"]);
}
