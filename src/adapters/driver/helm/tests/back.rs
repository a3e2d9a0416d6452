//! The way back, by the revisions that Helm has kept.

use super::*;

#[tokio::test]
async fn a_rollback_returns_to_the_revision_that_held_the_version_and_twice_ends_as_once() {
    let Some(stand) = Stand::new() else { return };
    let driver = stand.driver();
    for (n, version, from) in [(1, "1.0", ""), (2, "2.0", "1.0"), (3, "3.0", "2.0")] {
        driver.apply(&to(n, version, from)).await.unwrap();
    }
    let driven = driver.apply(&returning(4, "1.0", "3.0")).await.unwrap();
    assert_eq!(driven.message, "revision 4 of `shop` (chart shop-0.1.0), made of revision 1");
    assert_eq!(
        stand.story(),
        ["1 superseded 1.0", "2 superseded 2.0", "3 superseded 3.0", "4 deployed 1.0"]
    );
    assert_eq!(stand.described(), "Rollback to 1");
    let again = driver.apply(&returning(4, "1.0", "3.0")).await.unwrap();
    assert_eq!(again.message, "revision 4 of `shop` (chart shop-0.1.0) is it already");
    let forward = Drive { action: Action::RollForward, ..to(5, "3.0", "1.0") };
    driver.apply(&forward).await.unwrap();
    assert_eq!(stand.described(), "Rollback to 3");
    // What a rollback made is as good as what it was made of.
    driver.apply(&returning(6, "1.0", "3.0")).await.unwrap();
    assert_eq!(stand.described(), "Rollback to 4");
}

#[tokio::test]
async fn a_deployment_that_failed_is_undone_and_never_a_target() {
    let Some(stand) = Stand::new() else { return };
    let driver = stand.driver();
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    let broken = to(2, "broken", "1.0");
    let error = driver.apply(&broken).await.unwrap_err();
    assert!(error.hints()[0].ends_with("/helm history shop`"), "{:?}", error.hints());
    driver.undo(&broken).await.unwrap();
    assert_eq!(stand.story(), ["1 superseded 1.0", "2 failed broken", "3 deployed 1.0"]);
    let error =
        stand.with(&json!({ "set": "image.tag" })).apply(&returning(3, "broken", "1.0")).await;
    assert!(
        error.unwrap_err().whole().contains("no revision of `shop` that was good holds `broken`")
    );
    let first = driver.undo(&to(1, "1.0", "")).await.unwrap_err();
    assert_eq!(first.message(), "nothing is known that `shop` ran before");
}

#[tokio::test]
async fn an_installation_that_failed_is_no_target_although_the_next_one_superseded_it() {
    let Some(stand) = Stand::new() else { return };
    let driver = stand.driver();
    driver.apply(&to(1, "broken", "")).await.unwrap_err();
    driver.apply(&to(2, "1.0", "broken")).await.unwrap();
    assert_eq!(stand.story(), ["1 superseded broken", "2 deployed 1.0"]);
    let only_back = stand.with(&json!({ "set": "image.tag" }));
    let error = only_back.apply(&returning(3, "broken", "1.0")).await.unwrap_err();
    assert!(error.whole().contains("no revision of `shop` that was good holds `broken`"));
    assert_eq!(stand.story().len(), 2);
}

#[tokio::test]
async fn a_rollback_arrived_also_where_nothing_in_it_tells_its_version_any_more() {
    let Some(stand) = Stand::new() else { return };
    // No commit is recorded, so the chart keeps its own value.
    let set = json!({ "image.tag": "{commit}" });
    let driver = stand.with(&json!({ "chart": "./chart", "set": set, "history_max": 2 }));
    driver.apply(&to(1, "1.0", "")).await.unwrap();
    driver.apply(&to(2, "2.0", "1.0")).await.unwrap();
    let driven = driver.apply(&returning(3, "1.0", "2.0")).await.unwrap();
    assert_eq!(driven.message, "revision 3 of `shop` (chart shop-0.1.0), made of revision 1");
    let numbers: Vec<Value> = stand.revisions().iter().map(|it| it["revision"].clone()).collect();
    assert_eq!(json!(numbers), json!([2, 3]));
}

#[tokio::test]
async fn a_version_that_the_history_has_lost_is_brought_by_the_chart_where_there_is_one() {
    let Some(stand) = Stand::new() else { return };
    let short = json!({ "chart": "./chart", "set": "image.tag", "history_max": 2 });
    for (n, version, from) in [(1, "1.0", ""), (2, "2.0", "1.0"), (3, "3.0", "2.0")] {
        stand.with(&short).apply(&to(n, version, from)).await.unwrap();
    }
    assert_eq!(stand.story(), ["2 superseded 2.0", "3 deployed 3.0"]);
    let back = returning(4, "1.0", "3.0");
    let only_back = stand.with(&json!({ "set": "image.tag", "history_max": 2 }));
    let available = only_back.available(&back).await.unwrap();
    assert!(matches!(available, Availability::Missing(why) if why.contains("there is no chart")));
    let error = only_back.apply(&back).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not bring `shop` to version `1.0`: \
         no revision of `shop` that was good holds `1.0` any more"
    );
    assert!(error.hints()[0].starts_with("give the driver `chart`, or bring it by hand"));
    assert_eq!(stand.story().len(), 2);
    let driven = stand.with(&short).apply(&back).await.unwrap();
    assert_eq!(
        driven.message,
        "no revision of `shop` that was good holds `1.0` any more, \
         so it was brought by today's chart and values: revision 4 of `shop` (chart shop-0.1.0)"
    );
    assert_eq!(stand.story(), ["3 superseded 3.0", "4 deployed 1.0"]);
    let told = "shop | no revision of `shop` that was good holds `1.0` any more: \
                by today's chart and values, then";
    assert_eq!(*stand.lines.lock().unwrap(), [told]);
}

#[tokio::test]
async fn revisions_of_other_hands_are_known_by_what_stands_in_them() {
    let Some(stand) = Stand::new() else { return };
    let only_back = stand.with(&json!({ "set": "image.tag" }));
    stand.by_hand("deployed", "1.0", "Install complete");
    stand.by_hand("deployed", "2.0", "Upgrade complete");
    // A chart takes its own version where none is set.
    stand.by_hand("deployed", "", "Upgrade complete");
    // Nobody is believed who only says so.
    stand.by_hand("deployed", "9.9", "lastgood deploy/production/3 1.0 (00000000)");
    for (version, revision) in [("1.0", 1), ("2.0", 2), ("1.16.0", 3)] {
        let back = returning(4, version, "9.9");
        assert_eq!(only_back.available(&back).await.unwrap(), Availability::There);
        only_back.apply(&back).await.unwrap();
        assert_eq!(stand.described(), format!("Rollback to {revision}"));
    }
}

#[tokio::test]
async fn two_versions_of_one_name_are_told_apart() {
    let Some(stand) = Stand::new() else { return };
    let one = Version { replicas: Some(1), ..Version::named("1.0") };
    let three = Version { replicas: Some(3), ..one.clone() };
    let driver = stand.driver();
    driver.apply(&drive(one.clone(), None)).await.unwrap();
    driver
        .apply(&Drive { deployment: 8, ..drive(three.clone(), Some(one.clone())) })
        .await
        .unwrap();
    let back = Drive { action: Action::Rollback, ..drive(one.clone(), Some(three.clone())) };
    driver.apply(&back).await.unwrap();
    assert_eq!(stand.described(), "Rollback to 1");
    // Where nothing tells them apart, nobody guesses.
    let other = Version { replicas: Some(9), ..one };
    let back = Drive { action: Action::Rollback, ..drive(other, Some(three)) };
    let error = stand.with(&json!({ "set": "image.tag" })).apply(&back).await.unwrap_err();
    assert!(error.whole().contains("no revision of `shop` that was good holds `1.0`"));
}

#[tokio::test]
async fn a_chart_of_its_own_for_each_version_is_found_by_its_version() {
    let Some(stand) = Stand::new() else { return };
    for version in ["1.0.0", "2.0.0"] {
        stand.chart(&format!("charts/shop-{version}"), version, "x");
    }
    let driver = stand.with(&json!({ "chart": "acme/shop", "chart_version": "{version}" }));
    driver.apply(&to(1, "v1.0.0", "")).await.unwrap();
    let two = to(2, "2.0.0", "v1.0.0");
    assert_eq!(driver.available(&two).await.unwrap(), Availability::Untold);
    driver.apply(&two).await.unwrap();
    let site = two.site();
    let seen = |version: &str| {
        Running::Seen(Sighting { version: Some(version.to_owned()), ..Sighting::default() })
    };
    assert_eq!(driver.current(&site).await.unwrap(), seen("2.0.0"));
    driver.apply(&returning(3, "v1.0.0", "2.0.0")).await.unwrap();
    assert_eq!(stand.described(), "Rollback to 1");
    assert_eq!(driver.current(&site).await.unwrap(), seen("v1.0.0"));
    let missing = driver.available(&to(4, "3.0.0", "2.0.0")).await.unwrap();
    let why = "chart \"shop\" matching 3.0.0 not found in acme index. \
               (try 'helm repo update'): no chart version found for shop-3.0.0";
    assert_eq!(missing, Availability::Missing(why.to_owned()));
    let error = driver.apply(&to(4, "3.0.0", "2.0.0")).await.unwrap_err();
    assert!(error.whole().contains("no chart version found"), "{error:?}");
}

/// Goes back to the oldest of all revisions, which Helm lets go of while it makes the new one, and returns what runs.
async fn back_to_the_oldest(stand: &Stand, settings: &Value, one: &Version) -> Running {
    let driver = stand.with(settings);
    let two = Version {
        commit: Some(Commit::new("b".repeat(40)).unwrap()),
        image: Some("acme/shop@sha256:bb".to_owned()),
        ..Version::named("v2.0.0")
    };
    driver.apply(&drive(one.clone(), None)).await.unwrap();
    let forth = Drive { deployment: 8, ..drive(two.clone(), Some(one.clone())) };
    driver.apply(&forth).await.unwrap();
    let back =
        Drive { action: Action::Rollback, deployment: 9, ..drive(one.clone(), Some(two.clone())) };
    driver.apply(&back).await.unwrap();
    let numbers: Vec<Value> = stand.revisions().iter().map(|it| it["revision"].clone()).collect();
    assert_eq!((json!(numbers), stand.described()), (json!([2, 3]), "Rollback to 1".to_owned()));
    let again = driver.apply(&back).await.unwrap();
    assert!(again.message.ends_with("is it already"), "{again:?}");
    driver.current(&back.site()).await.unwrap()
}

#[tokio::test]
async fn what_was_made_of_a_revision_that_is_gone_tells_what_stands_in_it_and_nothing_else() {
    let image = Some("acme/shop@sha256:aa".to_owned());
    let one = Version {
        commit: Some(Commit::new("a".repeat(40)).unwrap()),
        image: image.clone(),
        ..Version::named("v1.0.0")
    };
    let version = Some(one.version.clone());
    let named = Running::Seen(Sighting { version, ..Sighting::default() });
    let table = [
        (json!({ "image.tag": "{commit}" }), Running::Untold),
        (json!({ "image.digest": "{digest}" }), Running::Untold),
        (json!({ "image.tag": "{version}-{commit}" }), Running::Untold),
        (
            json!({ "image.name": "{image}" }),
            Running::Seen(Sighting { image, ..Sighting::default() }),
        ),
        (json!({ "a": "{version}-{commit}", "image.tag": "v{version}" }), named.clone()),
        (json!("image.tag"), named),
    ];
    for most in [1, 2] {
        for (set, running) in &table {
            let Some(stand) = Stand::new() else { return };
            let settings = json!({ "chart": "./chart", "set": set, "history_max": most });
            let seen = back_to_the_oldest(&stand, &settings, &one).await;
            assert_eq!(seen, *running, "{set} {most}");
        }
    }
}

#[tokio::test]
async fn a_chart_of_a_revision_that_is_gone_does_not_tell_how_its_version_was_written() {
    let Some(stand) = Stand::new() else { return };
    for version in ["1.0.0", "2.0.0"] {
        stand.chart(&format!("charts/shop-{version}"), version, "x");
    }
    let settings = json!({ "chart": "acme/shop", "chart_version": "{version}", "history_max": 2 });
    let seen = back_to_the_oldest(&stand, &settings, &Version::named("v1.0.0")).await;
    assert_eq!(seen, Running::Untold);
    // What somebody else has upgraded it to is told all the same.
    stand.by_hand("deployed", "", "Upgrade complete");
    let driver = stand.with(&settings);
    let site = to(10, "v1.0.0", "").site();
    let seen = |version: &str| {
        Running::Seen(Sighting { version: Some(version.to_owned()), ..Sighting::default() })
    };
    assert_eq!(driver.current(&site).await.unwrap(), seen("0.1.0"));
    // As lastgood has written it, where it has.
    stand.chart("charts/shop-0.1.0", "0.1.0", "x");
    driver.apply(&to(10, "v0.1.0", "")).await.unwrap();
    stand.by_hand("deployed", "", "Upgrade complete");
    assert_eq!(driver.current(&site).await.unwrap(), seen("v0.1.0"));
}
