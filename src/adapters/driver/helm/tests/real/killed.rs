//! Runs of Helm that were killed in the middle.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// Kills a run that changes something as soon as the history tells of it, and then itself.
const KILLER: &str = r#"#!/bin/sh
case $1 in upgrade|rollback) ;; *) exec helm "$@" ;; esac
exec 3<&0
helm "$@" <&3 &
until helm history "$2" --max=1 --output=json 2>/dev/null | grep -q '"pending-'; do :; done
kill -9 $!
wait
kill -9 $$
"#;

async fn killed(driver: &HelmDriver, drive: &Drive) {
    let error = driver.apply(drive).await.unwrap_err().whole();
    assert!(error.contains("killed by signal 9"), "{error}");
}

pub(super) async fn runs_are_finished_or_undone(real: &Real) {
    real.write("killer", KILLER);
    let killer = real.path().join("killer");
    std::fs::set_permissions(&killer, PermissionsExt::from_mode(0o755)).unwrap();
    // Whoever waits for what never gets ready is killed in time.
    let fate = |name: &str| {
        let values = json!({ "image": { "name": name } });
        real.write("fate.yml", &values.to_string());
    };
    let settings = json!({ "values": "fate.yml" });
    let driver = real.driver("killed", "pods", &settings);
    let killer = real.by(killer.to_str().unwrap(), "killed", "pods", &settings);
    let (one, two) = (to(1, "1.0", ""), to(2, "2.0", "1.0"));

    fate("acme/broken");
    killed(&killer, &one).await;
    assert_eq!(current(&driver).await, seen("1.0 (pending-install)"));
    fate("acme/shop");
    driver.apply(&one).await.unwrap();
    let mut story = vec![
        "1 pending-install Initial install underway".to_owned(),
        "2 superseded Rollback to 1".to_owned(),
        "3 deployed by 1 1.0".to_owned(),
    ];
    assert_eq!(real.story("killed").await, story);

    fate("acme/broken");
    killed(&killer, &two).await;
    assert_eq!(current(&driver).await, seen("2.0 (pending-upgrade)"));
    driver.undo(&two).await.unwrap();
    story[2] = "3 superseded by 1 1.0".to_owned();
    story.extend(
        ["4 pending-upgrade Preparing upgrade", "5 deployed Rollback to 3"].map(str::to_owned),
    );
    assert_eq!(real.story("killed").await, story);

    killed(&killer, &two).await;
    fate("acme/shop");
    driver.apply(&two).await.unwrap();
    let back = returning(3, "1.0", "2.0");
    killed(&killer, &back).await;
    assert_eq!(current(&driver).await, seen("1.0 (pending-rollback)"));
    driver.apply(&back).await.unwrap();
    assert_eq!(
        real.story("killed").await[4..],
        [
            "5 superseded Rollback to 3",
            "6 pending-upgrade Preparing upgrade",
            "7 superseded Rollback to 5",
            "8 superseded by 2 2.0",
            "9 pending-rollback Rollback to 7",
            "10 deployed Rollback to 7",
        ]
    );
}

/// What holds a finalizer is not gone before somebody takes that away, and Helm waits for it.
pub(super) async fn uninstalling_is_told_with_what_helm_says(real: &Real) {
    let driver = real.driver("going", "plain", &json!({}));
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    let hold = |names: Value| json!({ "metadata": { "finalizers": names } }).to_string();
    let patch = async |names: Value| {
        let names = hold(names);
        real.testbed.run(&["patch", "configmap/going", "--patch", &names]).await;
    };
    patch(json!(["acme.dev/hold"])).await;
    let mut run = std::process::Command::new("helm");
    let run = run.args(["uninstall", "going", "--keep-history", "--wait"]);
    let run = run.env("HOME", real.testbed.home()).env("KUBECONFIG", real.testbed.kubeconfig());
    let mut run = run.spawn().unwrap();
    while real.story("going").await != ["1 uninstalling Deletion in progress (or silently failed)"]
    {
    }
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(current(&driver).await, Running::Nothing);
    let error = driver.apply(&to(2, "2.0", "1.0")).await.unwrap_err();
    assert!(error.whole().ends_with("\"going\" has no deployed releases"), "{error:?}");
    patch(Value::Null).await;
    real.helm(&["uninstall", "going", "--keep-history"]).await;
    driver.apply(&to(2, "2.0", "1.0")).await.unwrap();
    assert_eq!(current(&driver).await, seen("2.0"));
}
