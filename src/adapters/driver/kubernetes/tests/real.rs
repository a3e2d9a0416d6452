//! Real workloads, whose rollouts succeed and fail for real.

use super::*;
use crate::adapters::testbed::{Testbed, workload};

/// Returns the settings of a driver of this workload.
pub(super) fn settings(testbed: &Testbed, resource: &str) -> Settings {
    let settings = json!({ "resource": resource, "kubeconfig": testbed.kubeconfig() });
    serde_json::from_value(settings).unwrap()
}

/// Returns the pods of a workload that are there to stay.
pub(super) async fn pods(testbed: &Testbed, name: &str) -> Vec<Value> {
    let selector = format!("--selector=app={name}");
    let told = testbed.run(&["get", "pods", &selector, "--output=json"]).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    let stays = |pod: &&Value| pod["metadata"]["deletionTimestamp"].is_null();
    told["items"].as_array().unwrap().iter().filter(stays).cloned().collect()
}

fn with_settings(testbed: &Testbed, settings: Settings) -> KubernetesDriver {
    let around = around(testbed.home());
    let kubectl = around.program("kubectl").env("HOME", testbed.home());
    with(kubectl, settings, around)
}

fn of(testbed: &Testbed, resource: &str) -> KubernetesDriver {
    with_settings(testbed, settings(testbed, resource))
}

async fn seen(driver: &KubernetesDriver) -> Sighting {
    match driver.current(&drive(version("1.0", None), None).site()).await.unwrap() {
        Running::Seen(seen) => seen,
        other => panic!("{other:?} in place of pods"),
    }
}

fn shop(name: &str, image: &str, replicas: u32) -> Version {
    Version { replicas: Some(replicas), ..version(name, Some(image)) }
}

#[tokio::test]
async fn a_deployment_is_brought_there_and_back_with_its_count_and_nothing_else_changed() {
    let Some(testbed) = Testbed::start().await else { return };
    let driver = of(&testbed, "deployment/shop");
    let site = drive(version("1.0", None), None).site();
    assert_eq!(driver.current(&site).await.unwrap(), Running::Nothing);
    let mut whole = workload("Deployment", "shop", "acme/shop:0.9", &json!({ "replicas": 1 }));
    let mesh = json!({ "name": "mesh", "image": "acme/mesh:1" });
    let template = &mut whole["spec"]["template"];
    template["metadata"]["annotations"] = json!({ "team": "shop" });
    template["spec"]["containers"][0]["env"] = json!([{ "name": "GREETING", "value": "hello" }]);
    template["spec"]["containers"].as_array_mut().unwrap().push(mesh);
    testbed.apply(&whole).await;
    let one = shop("1.0", "acme/shop:1.0", 2);
    let unnamed = driver.apply(&drive(one.clone(), None)).await.unwrap_err();
    assert_eq!(
        unnamed.whole(),
        "could not bring `shop` to version `1.0`: \
         Deployment `shop` has several containers: `web`, `mesh`"
    );
    let named = |name: &str| Settings {
        container: Some(name.to_owned()),
        ..settings(&testbed, "deploy/shop")
    };
    let strange = with_settings(&testbed, named("wep")).apply(&drive(one.clone(), None)).await;
    assert_eq!(
        strange.unwrap_err().whole(),
        "could not bring `shop` to version `1.0`: \
         Deployment `shop` has no container `wep`, only `web`, `mesh`"
    );
    let driver = with_settings(&testbed, named("web"));
    let driven = driver.apply(&drive(one.clone(), None)).await.unwrap();
    assert_eq!(driven.message, "deployment \"shop\" successfully rolled out");
    let there = seen(&driver).await;
    assert_eq!(there.differs_from(&one), []);
    assert_eq!((there.version.as_deref(), there.replicas), (Some("1.0"), Some(2)));
    let two = shop("2.0", "acme/slow/shop:2.0", 3);
    driver.apply(&drive(two.clone(), Some(one.clone()))).await.unwrap();
    assert_eq!(seen(&driver).await.differs_from(&two), []);
    driver.undo(&drive(two, Some(one.clone()))).await.unwrap();
    assert_eq!(seen(&driver).await.differs_from(&one), []);
    let pod = &pods(&testbed, "shop").await[0];
    assert_eq!(pod["metadata"]["annotations"]["team"], "shop");
    assert_eq!(pod["spec"]["containers"][0]["env"][0]["value"], "hello");
    assert_eq!(pod["spec"]["containers"][1]["image"], "acme/mesh:1");
    // Who goes back by hand goes back with the version that is told.
    testbed.run(&["rollout", "undo", "deployment/shop"]).await;
    testbed.run(&["rollout", "status", "deployment/shop"]).await;
    assert_eq!(seen(&driver).await.version.as_deref(), Some("2.0"));
}

#[tokio::test]
async fn one_that_never_comes_up_is_an_error_with_its_cause_and_the_way_back_is_open() {
    let Some(testbed) = Testbed::start().await else { return };
    let spec = json!({ "replicas": 2 });
    testbed.apply(&workload("Deployment", "shop", "acme/shop:1.0", &spec)).await;
    let deadline = async |seconds: u32| {
        let spec = json!({ "spec": { "progressDeadlineSeconds": seconds } }).to_string();
        testbed.run(&["patch", "deployment/shop", "--patch", &spec]).await;
    };
    let driver = of(&testbed, "deployment/shop");
    let one = shop("1.0", "acme/shop:1.0", 2);
    driver.apply(&drive(one.clone(), None)).await.unwrap();
    for (image, cause) in [
        ("acme/broken/shop:2.0", "ImagePullBackOff"),
        ("acme/crashing/shop:2.0", "CrashLoopBackOff"),
        ("acme/unschedulable/shop:2.0", "Unschedulable"),
    ] {
        let two = drive(shop("2.0", image, 2), Some(one.clone()));
        deadline(1).await;
        let error = driver.apply(&two).await.unwrap_err();
        deadline(600).await;
        let all = error.whole();
        let late = "could not bring `shop` to version `2.0`: \
                    deployment \"shop\" exceeded its progress deadline (pod `shop-";
        assert!(all.starts_with(late) && all.ends_with(&format!("`: {cause})")), "{all}");
        assert!(error.hints()[0].contains("describe pods '--selector=app=shop'"), "{error:?}");
        assert!(!seen(&driver).await.differs_from(&two.to).is_empty());
        driver.undo(&two).await.unwrap();
        assert_eq!(seen(&driver).await.differs_from(&one), []);
    }
}

#[tokio::test]
async fn one_that_takes_too_long_or_would_never_roll_out_is_an_error_that_says_so() {
    let Some(testbed) = Testbed::start().await else { return };
    let db = json!({ "replicas": 2, "serviceName": "db" });
    testbed.apply(&workload("StatefulSet", "db", "acme/db:1.0", &db)).await;
    let driver = of(&testbed, "statefulset/db");
    let one = shop("1.0", "acme/db:1.0", 2);
    driver.apply(&drive(one.clone(), None)).await.unwrap();
    assert_eq!(seen(&driver).await.differs_from(&one), []);
    let hasty = Settings { wait_timeout: Span::secs(2), ..settings(&testbed, "statefulset/db") };
    let two = drive(shop("2.0", "acme/broken/db:2.0", 2), Some(one.clone()));
    let error = with_settings(&testbed, hasty).apply(&two).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not bring `shop` to version `2.0`: not within 2s: \
         Waiting for 1 pods to be ready... (pod `db-1`: ImagePullBackOff)"
    );
    // Kubernetes by itself would wait for that pod without end.
    let named = pods(&testbed, "db").await[0]["metadata"]["uid"].clone();
    driver.undo(&two).await.unwrap();
    assert_eq!(seen(&driver).await.differs_from(&one), []);
    let kept = pods(&testbed, "db").await[0]["metadata"]["uid"].clone();
    assert_eq!(kept, named, "what is well is left alone");

    testbed.apply(&workload("DaemonSet", "agent", "acme/agent:1.0", &json!({}))).await;
    let agent = of(&testbed, "daemonset/agent");
    let two = shop("2.0", "acme/agent:2.0", 7);
    let driven = agent.apply(&drive(two.clone(), None)).await.unwrap();
    assert_eq!(driven.message, "daemon set \"agent\" successfully rolled out");
    let there = seen(&agent).await;
    assert_eq!((there.differs_from(&two), there.replicas), (vec![], None));

    let by_hand = json!({ "updateStrategy": { "type": "OnDelete" } });
    testbed.apply(&workload("DaemonSet", "hand", "acme/hand:1.0", &by_hand)).await;
    let to = drive(version("2.0", Some("acme/hand:2.0")), None);
    let error = of(&testbed, "daemonset/hand").apply(&to).await.unwrap_err();
    assert!(error.whole().ends_with("and this is `OnDelete`"), "{error:?}");

    testbed.apply(&workload("Deployment", "shop", "acme/shop:1.0", &json!({}))).await;
    testbed.run(&["rollout", "pause", "deployment/shop"]).await;
    let error = of(&testbed, "deployment/shop").apply(&to).await.unwrap_err();
    assert!(error.whole().ends_with("Deployment `shop` is paused"), "{error:?}");
    assert!(error.hints()[0].contains("kubectl rollout resume deployments.apps/shop"));
    let image = "--output=jsonpath={.spec.template.spec.containers[0].image}";
    assert_eq!(testbed.run(&["get", "deployment/shop", image]).await, "acme/shop:1.0");
}

#[tokio::test]
async fn what_the_server_refuses_changes_nothing_and_is_told_in_its_words() {
    let Some(testbed) = Testbed::start().await else { return };
    let to = drive(version("2.0", Some("acme/shop:2.0")), None);
    let driver = of(&testbed, "deployment/shop");
    let error = driver.apply(&to).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not bring `shop` to version `2.0`: there is no Deployment `shop`"
    );
    testbed.apply(&workload("Deployment", "shop", "acme/shop:1.0", &json!({}))).await;
    let get = ["create", "role", "looks", "--verb=get", "--resource=deployments"];
    testbed.run(&get).await;
    testbed.run(&["create", "rolebinding", "looks", "--role=looks", "--user=guest"]).await;
    let guest = settings(&testbed, "deployment/shop");
    let guest = Settings { context: Some("guest".to_owned()), ..guest };
    let guest = with_settings(&testbed, guest);
    let mut said = String::new();
    for _ in 0..100 {
        said = guest.apply(&to).await.unwrap_err().whole();
        // The right to look is granted a moment later.
        if !said.contains("cannot get") {
            break;
        }
    }
    assert!(said.contains("User \"guest\" cannot patch resource \"deployments\""), "{said}");
    let blind = guest.current(&to.site()).await.unwrap_err();
    assert!(blind.whole().contains("cannot list resource \"pods\""), "{blind:?}");
}

#[tokio::test]
async fn a_slot_of_the_example_is_brought_to_a_version_and_the_other_one_stays() {
    let Some(testbed) = Testbed::start().await else { return };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/kubernetes");
    testbed.run(&["apply", "--server-side", &format!("--filename={folder}/shop.yml")]).await;
    let text = std::fs::read_to_string(format!("{folder}/lastgood.yml")).unwrap();
    let config: Value = serde_saphyr::from_str(&text.replace("${slot}", "green")).unwrap();
    let service = &config["environments"]["production"]["services"]["shop"];
    let settings: Settings =
        serde_json::from_value(service["driver"]["kubernetes"].clone()).unwrap();
    let kubeconfig = Some(testbed.kubeconfig().to_owned());
    let driver = with_settings(&testbed, Settings { kubeconfig, ..settings });
    driver.apply(&drive(version("1.1", None), None)).await.unwrap();
    assert_eq!(seen(&driver).await.image.as_deref(), Some("ghcr.io/acme/shop:1.1"));
    let image = "--output=jsonpath={.spec.template.spec.containers[0].image}";
    let blue = testbed.run(&["get", "deployment/shop-blue", image]).await;
    assert_eq!(blue, "ghcr.io/acme/shop:1.0");
}

#[tokio::test]
async fn what_was_stopped_comes_back_with_as_many_pods_as_it_had() {
    let Some(testbed) = Testbed::start().await else { return };
    let db = json!({ "replicas": 2, "serviceName": "db" });
    testbed.apply(&workload("StatefulSet", "db", "acme/db:1.0", &db)).await;
    let spec = json!({ "replicas": 3 });
    testbed.apply(&workload("Deployment", "shop", "acme/shop:1.0", &spec)).await;
    let remembered =
        "--output=jsonpath={.spec.replicas} {.metadata.annotations.lastgood\\.dev/replicas}";
    for (resource, name, image, count) in [
        ("deployment/shop", "shop", "acme/shop:1.0", 3),
        ("statefulset/db", "db", "acme/db:1.0", 2),
    ] {
        let driver = of(&testbed, resource);
        let one = drive(version("1.0", Some(image)), None);
        driver.apply(&one).await.unwrap();
        for _ in ["once", "twice"] {
            driver.remove(&one).await.unwrap();
            assert_eq!(driver.current(&one.site()).await.unwrap(), Running::Nothing);
            assert_eq!(pods(&testbed, name).await.len(), 0);
            let told = testbed.run(&["get", resource, remembered]).await;
            assert_eq!(told.trim(), format!("0 {count}"), "{resource}");
        }
        driver.apply(&one).await.unwrap();
        assert_eq!(pods(&testbed, name).await.len(), count);
        assert_eq!(testbed.run(&["get", resource, remembered]).await.trim(), count.to_string());
    }
    // What was recorded counts for more, and so does a person.
    let driver = of(&testbed, "deployment/shop");
    let two = shop("2.0", "acme/shop:2.0", 1);
    driver.remove(&drive(two.clone(), None)).await.unwrap();
    driver.apply(&drive(two.clone(), None)).await.unwrap();
    assert_eq!(seen(&driver).await.differs_from(&two), []);
    driver.remove(&drive(two, None)).await.unwrap();
    testbed.run(&["scale", "deployment/shop", "--replicas=2"]).await;
    driver.apply(&drive(version("2.1", Some("acme/shop:2.1")), None)).await.unwrap();
    assert_eq!(testbed.run(&["get", "deployment/shop", remembered]).await.trim(), "2");
}

#[tokio::test]
async fn what_is_not_there_has_no_pods_to_stop() {
    let Some(testbed) = Testbed::start().await else { return };
    let driver = of(&testbed, "deployment/shop");
    let driven = driver.remove(&drive(version("1.0", None), None)).await.unwrap();
    assert_eq!(driven.message, "there is no Deployment `shop`");
}
