//! The revisions that Helm keeps, whoever made them.

use super::*;

pub(super) async fn that_are_gone_are_brought_by_the_chart(real: &Real) {
    let short = real.driver("short", "plain", &json!({ "history_max": 2 }));
    short.apply(&to(1, "1.0", "")).await.unwrap();
    short.apply(&to(2, "2.0", "1.0")).await.unwrap();
    let back = returning(3, "1.0", "2.0");
    let driven = short.apply(&back).await.unwrap();
    // To make room for the new one Helm let go of the very one that it was made of.
    assert_eq!(driven.message, "revision 3 of `short` (chart plain-0.1.0), made of revision 1");
    assert_eq!(real.story("short").await, ["2 superseded by 2 2.0", "3 deployed Rollback to 1"]);
    assert_eq!(current(&short).await, seen("1.0"));
    assert!(short.apply(&back).await.unwrap().message.ends_with("is it already"));
    for (n, version, from) in [(4, "3.0", "1.0"), (5, "4.0", "3.0")] {
        short.apply(&to(n, version, from)).await.unwrap();
    }
    let back = returning(6, "2.0", "4.0");
    let alone = real.with("helm", Settings { chart: None, ..short.settings.clone() });
    let error = alone.apply(&back).await.unwrap_err().whole();
    assert!(error.ends_with("no revision of `short` that was good holds `2.0` any more"));
    let driven = short.apply(&back).await.unwrap();
    assert!(driven.message.contains("so it was brought by today's chart and values"), "{driven:?}");
    assert_eq!(real.story("short").await, ["5 superseded by 5 4.0", "6 deployed by 6 2.0"]);
}

pub(super) async fn of_other_hands_are_told(real: &Real) {
    let driver = real.driver("hands", "plain", &json!({}));
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    real.helm(&["upgrade", "hands", "./plain", "--set=image.tag=7.7"]).await;
    assert_eq!(current(&driver).await, seen("7.7"));
    real.helm(&["upgrade", "hands", "./plain", "--reset-values"]).await;
    assert_eq!(current(&driver).await, seen("1.16.0"));
    real.helm(&["rollback", "hands", "1"]).await;
    assert_eq!(current(&driver).await, seen("1.0"));
    driver.apply(&returning(2, "7.7", "1.0")).await.unwrap();
    assert_eq!(current(&driver).await, seen("7.7"));
    real.helm(&["uninstall", "hands", "--keep-history", "--wait"]).await;
    assert_eq!(current(&driver).await, Running::Nothing);
    driver.apply(&returning(3, "1.0", "7.7")).await.unwrap();
    assert_eq!(current(&driver).await, seen("1.0"));
    real.helm(&["uninstall", "hands", "--keep-history", "--wait"]).await;
    driver.apply(&to(4, "2.0", "1.0")).await.unwrap();
    assert_eq!(
        real.story("hands").await,
        [
            "1 superseded by 1 1.0",
            "2 superseded Upgrade complete",
            "3 superseded Upgrade complete",
            "4 superseded Rollback to 1",
            "5 uninstalled Uninstallation complete",
            "6 superseded superseded by new release",
            "7 deployed by 4 2.0",
        ]
    );
    real.helm(&["uninstall", "hands", "--wait"]).await;
    assert_eq!(current(&driver).await, Running::Nothing);
    let driven = driver.apply(&returning(5, "1.0", "2.0")).await.unwrap();
    assert!(driven.message.contains("so it was brought by today's chart and values"), "{driven:?}");
    assert_eq!(real.story("hands").await, ["1 deployed by 5 1.0"]);
}

pub(super) async fn of_two_slots_are_two_releases(real: &Real) {
    let drivers = ["slot-blue", "slot-green"].map(|name| real.driver(name, "plain", &json!({})));
    for (driver, drive) in drivers.iter().zip([to(1, "1.0", ""), to(2, "2.0", "1.0")]) {
        driver.apply(&drive).await.unwrap();
    }
    let [blue, green] = &drivers;
    assert_eq!((current(blue).await, current(green).await), (seen("1.0"), seen("2.0")));
}

pub(super) async fn keep_their_values_or_forget_them_as_the_settings_say(real: &Real) {
    real.write("greeting.yml", "greeting: hello\n");
    for (old, greeting) in [("reset", "none"), ("reuse", "hello"), ("reset_then_reuse", "hello")] {
        let release = format!("old-{}", old.replace('_', "-"));
        let first = real.driver(&release, "plain", &json!({ "values": "greeting.yml" }));
        first.apply(&to(1, "1.0", "")).await.unwrap();
        let then = real.driver(&release, "plain", &json!({ "old_values": old }));
        then.apply(&to(2, "2.0", "1.0")).await.unwrap();
        let data = format!("configmap/{release}");
        let data = real.testbed.run(&["get", &data, "--output=jsonpath={.data}"]).await;
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data, json!({ "version": "2.0", "greeting": greeting }), "{old}");
    }
}

pub(super) async fn that_nobody_may_see_are_an_error_and_no_proof(real: &Real) {
    let driver = real.driver("guests", "plain", &json!({ "context": "guest" }));
    let drive = returning(1, "1.0", "2.0");
    let error = driver.current(&drive.site()).await.unwrap_err();
    assert_eq!(error.message(), "could not see what runs of `shop`");
    assert!(error.whole().contains("secrets is forbidden: User \"guest\""), "{error:?}");
    driver.available(&drive).await.unwrap_err();
    driver.apply(&drive).await.unwrap_err();
}

pub(super) async fn of_a_chart_that_is_not_in_its_repository_are_missing(real: &Real) {
    let table = [
        ("acme/shop", "1.0.0", None),
        ("acme/shop", "v1.0.0", None),
        (
            "acme/shop",
            "3.0.0",
            Some(
                "chart \"shop\" matching 3.0.0 not found in acme index. \
                 (try 'helm repo update'): no chart version found for shop-3.0.0",
            ),
        ),
        (
            "acme/none",
            "1.0.0",
            Some(
                "chart \"none\" matching 1.0.0 not found in acme index. \
                 (try 'helm repo update'): no chart name found",
            ),
        ),
        ("other/shop", "1.0.0", Some("repo other not found")),
    ];
    for (chart, version, missing) in table {
        let settings = json!({ "chart": chart, "chart_version": "{version}", "set": {} });
        let driver = real.driver("charts", "plain", &settings);
        let available = driver.available(&to(1, version, "")).await.unwrap();
        let missing = missing.map_or(Availability::Untold, |why| Availability::Missing(why.into()));
        assert_eq!(available, missing, "{chart} {version}");
    }
}
