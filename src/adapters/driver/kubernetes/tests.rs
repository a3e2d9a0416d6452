//! The driver, by the real `kubectl` where there is one.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::adapters::driver::contract::given::{self, Lines, around, version};
use crate::domain::sighting::Sighting;
use crate::domain::version::Version;

use super::*;

mod promises;
mod real;
mod recorded;

fn driver(folder: &Path, settings: &Value) -> KubernetesDriver {
    connect(serde_json::from_value(settings.clone()).unwrap(), around(folder))
}

fn drive(to: Version, from: Option<Version>) -> Drive {
    given::drive("shop", to, from)
}

#[test]
fn the_plan_is_what_a_shell_would_run() {
    let settings = json!({
        "resource": "deploy/shop", "namespace": "prod", "context": "eu", "kubeconfig": "kube.yml",
        "container": "web", "image": "acme/shop:{version}",
    });
    let plan = driver(Path::new("/srv"), &settings).plan(&drive(version("1.0", None), None));
    let patch = "kubectl patch deployments.apps/shop '--type=strategic' '--patch-file=/dev/stdin'";
    let place = "'--namespace=prod' '--context=eu' '--kubeconfig=kube.yml'";
    let text = r#"{"spec":{"template":{"metadata":{"annotations":{"lastgood.dev/version":"1.0"}},"spec":{"containers":[{"image":"acme/shop:1.0","name":"web"}]}}}}"#;
    assert_eq!(
        plan,
        [
            format!("{patch} {place} '--dry-run=server' <<< '{text}'"),
            format!("{patch} {place} <<< '{text}'"),
        ]
    );
}

#[test]
fn what_may_be_deleted_of_a_stateful_set_is_planned() {
    let settings = json!({ "resource": "sts/db", "container": "db" });
    let to = Version { replicas: Some(3), ..version("1.0", Some("acme/db:1.0")) };
    let plan = driver(Path::new("/srv"), &settings).plan(&drive(to, None));
    assert!(plan[1].contains(r#"{"spec":{"replicas":3,"template":"#), "{plan:?}");
    assert_eq!(
        plan[2],
        "kubectl delete pods/POD '--wait=false' # each that was there before and never came up"
    );
}

#[tokio::test]
async fn what_has_no_image_or_a_hostile_one_is_not_available_and_not_run() {
    let driver = driver(Path::new("/nowhere"), &json!({ "resource": "deployment/shop" }));
    for image in [None, Some("--privileged"), Some("shop 1.0"), Some("shop:$(id)"), Some("")] {
        let drive = drive(version("1.0", image), None);
        let available = driver.available(&drive).await.unwrap();
        assert!(matches!(available, Availability::Missing(_)), "{image:?}: {available:?}");
        let error = driver.apply(&drive).await.unwrap_err();
        assert_eq!(error.message(), "version `1.0` of `shop` has no image to run");
    }
}

#[test]
fn a_kubeconfig_that_is_not_there_is_named_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({ "resource": "deployment/shop", "kubeconfig": "kube.yml" });
    let driver = driver(folder.path(), &settings);
    assert_eq!(driver.ready().unwrap_err().message(), "there is no kubeconfig `kube.yml`");
    std::fs::write(folder.path().join("kube.yml"), "").unwrap();
    driver.ready().unwrap();
}

#[test]
fn what_is_stopped_is_planned_and_what_runs_on_each_node_is_refused() {
    let planned = |resource: &str| {
        let settings = json!({ "resource": resource });
        driver(Path::new("/srv"), &settings).plan_removal(&drive(version("1.0", None), None))
    };
    let plan = planned("deploy/shop").unwrap();
    assert_eq!(plan.len(), 2, "{plan:?}");
    assert!(plan[0].contains("--dry-run=server"), "{plan:?}");
    assert!(plan[1].contains(r#""spec":{"replicas":0}"#), "{plan:?}");
    let error = planned("ds/agent").unwrap_err();
    assert_eq!(
        error.whole(),
        "its driver `kubernetes` cannot stop the DaemonSet `agent`: \
         a pod of it runs on each node, so that it cannot be scaled to none"
    );
    assert!(error.hints()[0].contains("`resource`"), "{error:?}");
}
