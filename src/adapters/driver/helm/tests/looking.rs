//! What is told of a release, whoever made it.

use super::*;

fn seen(version: &str) -> Running {
    Running::Seen(Sighting { version: Some(version.to_owned()), ..Sighting::default() })
}

async fn current(driver: &HelmDriver) -> Running {
    driver.current(&to(1, "1.0", "").site()).await.unwrap()
}

#[tokio::test]
async fn what_runs_is_told_by_the_newest_revision() {
    let Some(stand) = Stand::new() else { return };
    let driver = stand.driver();
    assert_eq!(current(&driver).await, Running::Nothing);
    let table = [
        ("deployed", "1.0", seen("1.0")),
        ("failed", "2.0", seen("2.0 (failed)")),
        ("deployed", "", seen("1.16.0")),
        ("pending-rollback", "1.0", seen("1.0 (pending-rollback)")),
        ("uninstalling", "1.0", Running::Nothing),
        ("uninstalled", "1.0", Running::Nothing),
    ];
    for (status, tag, running) in table {
        stand.by_hand(status, tag, "by hand");
        assert_eq!(current(&driver).await, running, "{status} {tag}");
    }
    driver.apply(&to(1, "3.0", "")).await.unwrap();
    assert_eq!(current(&driver).await, seen("3.0"));
}

#[tokio::test]
async fn a_description_is_believed_where_the_values_do_not_say_otherwise() {
    let Some(stand) = Stand::new() else { return };
    let mark = "lastgood deploy/production/3 2.0 (00000000)";
    for (tag, version) in [("", "2.0"), ("2.0", "2.0"), ("9.9", "9.9")] {
        stand.by_hand("deployed", tag, mark);
        assert_eq!(current(&stand.driver()).await, seen(version), "{tag}");
    }
}

#[tokio::test]
async fn the_charts_own_version_counts_only_where_the_set_ones_would_tell_and_are_not_there() {
    let Some(stand) = Stand::new() else { return };
    let table = [
        (json!("image.tag"), "", seen("1.16.0")),
        (json!({}), "aa", seen("1.16.0")),
        (json!({ "image.tag": "{commit}" }), "", Running::Untold),
        (json!({ "image.tag": "{commit}" }), "aa", Running::Untold),
        (json!({ "image.tag": "{commit}", "name": "{version}" }), "aa", Running::Untold),
        (json!({ "image.tag": "v{version}" }), "v2.0", seen("2.0")),
        (json!({ "image.tag": "v{version}" }), "aa", seen("aa")),
    ];
    for (set, tag, running) in table {
        stand.by_hand("deployed", tag, "Upgrade complete");
        let driver = stand.with(&json!({ "set": set }));
        assert_eq!(current(&driver).await, running, "{set} {tag}");
    }
    stand.by_hand("failed", "aa", "Upgrade failed");
    let driver = stand.with(&json!({ "set": { "image.tag": "{commit}" } }));
    assert_eq!(current(&driver).await, seen("revision 8 (failed)"));
}

#[tokio::test]
async fn an_image_is_told_where_the_chart_is_given_one() {
    let Some(stand) = Stand::new() else { return };
    let set = json!({ "image.name": "{image}", "image.tag": "v{version}", "count": "{replicas}" });
    let driver = stand.with(&json!({ "chart": "./chart", "set": set }));
    let image = Some("ghcr.io/acme/shop@sha256:aa".to_owned());
    let two = Version { image: image.clone(), replicas: Some(3), ..Version::named("2.0") };
    driver.apply(&drive(two.clone(), None)).await.unwrap();
    let version = Some("2.0".to_owned());
    assert_eq!(current(&driver).await, Running::Seen(Sighting { version, image, replicas: None }));
    assert_eq!(stand.revisions()[0]["values"]["count"], 3);
}

#[tokio::test]
async fn a_cluster_that_is_away_is_an_error_and_no_proof() {
    let Some(stand) = Stand::new() else { return };
    stand.write("gone", "");
    let driver = stand.driver();
    let drive = returning(1, "1.0", "2.0");
    let error = driver.current(&drive.site()).await.unwrap_err();
    assert_eq!(error.message(), "could not see what runs of `shop`");
    assert!(error.whole().contains("Kubernetes cluster unreachable"), "{error:?}");
    let error = driver.available(&drive).await.unwrap_err();
    assert_eq!(error.message(), "could not look for version `1.0`");
    driver.apply(&drive).await.unwrap_err();
    assert!(stand.revisions().is_empty());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_told_without_a_word_of_it() {
    let Some(stand) = Stand::new() else { return };
    let settings = json!({ "set": "image.tag", "program": "./other" });
    let driver =
        connect(serde_json::from_value(settings).unwrap(), around(stand.path(), &stand.lines));
    stand.write("other", "#!/bin/sh\necho '{\"password\": \"correct-horse'\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(stand.path().join("other"), mode).unwrap();
    let error = driver.current(&to(1, "1.0", "").site()).await.unwrap_err().whole();
    assert!(error.contains("its answer could not be read at line "), "{error}");
    assert!(!error.contains("correct"), "{error}");
}
