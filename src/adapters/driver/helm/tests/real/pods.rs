//! Pods that Helm waits for.

use super::*;

/// Returns the image that the pods of a release are to run.
async fn image(real: &Real, release: &str) -> String {
    let deployment = format!("deployment/{release}");
    let image = "--output=jsonpath={.spec.template.spec.containers[0].image}";
    real.testbed.run(&["get", &deployment, image]).await
}

pub(super) async fn are_brought_there_and_back_and_driving_twice_ends_as_once(real: &Real) {
    let settings = json!({ "kubeconfig": real.testbed.kubeconfig(), "wait_timeout": "20s" });
    let driver = real.driver("there", "pods", &settings);
    assert_eq!(current(&driver).await, Running::Nothing);
    for drive in [to(1, "1.0", ""), to(2, "2.0", "1.0"), returning(3, "1.0", "2.0")] {
        driver.apply(&drive).await.unwrap();
        let version = &drive.to.version;
        assert_eq!(current(&driver).await, seen(version));
        assert_eq!(image(real, "there").await, format!("acme/shop:{version}"));
        let again = driver.apply(&drive).await.unwrap();
        assert!(again.message.ends_with("is it already"), "{again:?}");
    }
    assert_eq!(
        real.story("there").await,
        ["1 superseded by 1 1.0", "2 superseded by 2 2.0", "3 deployed Rollback to 1"]
    );
}

pub(super) async fn that_never_get_ready_are_told_undone_and_no_target(real: &Real) {
    let hasty = json!({ "wait_timeout": "1s", "timeout": "1m" });
    let hasty = real.driver("failed", "pods", &hasty);
    let patient = real.driver("failed", "pods", &json!({}));
    let error = hasty.apply(&to(1, "broken", "")).await.unwrap_err();
    assert!(error.whole().ends_with("helm`: Error: context deadline exceeded"), "{error:?}");
    assert_eq!(current(&patient).await, seen("broken (failed)"));
    patient.apply(&to(2, "1.0", "broken")).await.unwrap();
    let broken = to(3, "broken", "1.0");
    let error = hasty.apply(&broken).await.unwrap_err().whole();
    assert!(error.ends_with("helm`: Error: UPGRADE FAILED: context deadline exceeded"), "{error}");
    assert_eq!(current(&patient).await, seen("broken (failed)"));
    assert_eq!(image(real, "failed").await, "acme/shop:broken");
    patient.undo(&broken).await.unwrap();
    assert_eq!(image(real, "failed").await, "acme/shop:1.0");
    let late = "failed: context deadline exceeded";
    assert_eq!(
        real.story("failed").await,
        [
            // It never was well, and Helm superseded it all the same.
            format!("1 superseded Release \"failed\" {late}"),
            "2 superseded by 2 1.0".to_owned(),
            format!("3 failed Upgrade \"failed\" {late}"),
            "4 deployed Rollback to 2".to_owned(),
        ]
    );
    let alone = Settings { chart: None, ..patient.settings.clone() };
    let error = real.with("helm", alone).apply(&returning(4, "broken", "1.0")).await.unwrap_err();
    assert!(error.whole().ends_with("`failed` that was good holds `broken` any more"), "{error:?}");
}

pub(super) async fn that_helm_itself_took_back_are_left_so(real: &Real) {
    let atomic = json!({ "flags": ["--atomic"], "wait_timeout": "5s", "timeout": "1m" });
    let driver = real.driver("atomic", "pods", &atomic);
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    let broken = to(2, "broken", "1.0");
    let error = driver.apply(&broken).await.unwrap_err().whole();
    assert!(error.contains("rolled back due to atomic being set"), "{error}");
    assert_eq!(current(&driver).await, seen("1.0"));
    let undone = driver.undo(&broken).await.unwrap();
    assert_eq!(undone.message, "revision 3 of `atomic` (chart pods-0.1.0) is it already");
    assert_eq!(image(real, "atomic").await, "acme/shop:1.0");
}
