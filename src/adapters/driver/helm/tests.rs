//! The driver, by a stand-in for Helm and by Helm itself.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::adapters::driver::contract::given::{self, Lines, telling as around};
use crate::domain::names::Commit;
use crate::domain::sighting::Sighting;
use crate::domain::vectors::skipped;
use crate::domain::version::Version;

use super::*;

mod back;
mod interrupted;
mod looking;
mod promises;
mod real;
mod stand;

use history::Mark;
use stand::Stand;

fn drive(to: Version, from: Option<Version>) -> Drive {
    Drive { action: Action::Deploy, ..given::drive("shop", to, from) }
}

/// Returns the way to a version in deployment `n`.
fn to(n: u64, version: &str, from: &str) -> Drive {
    let from = Some(from).filter(|from| !from.is_empty()).map(Version::named);
    Drive { deployment: n, ..drive(Version::named(version), from) }
}

/// Returns the same as a rollback.
fn returning(n: u64, version: &str, from: &str) -> Drive {
    Drive { action: Action::Rollback, ..to(n, version, from) }
}

fn planned(folder: &str, settings: &Value, drive: &Drive) -> Vec<String> {
    let settings = serde_json::from_value(settings.clone()).unwrap();
    connect(settings, around(Path::new(folder), &Lines::default())).plan(drive)
}

const ALL: &str = r#"{
    "release": "shop-blue", "chart": "shop", "repository": "https://charts.example",
    "chart_version": "0.1.0", "values": ["values.yml", "eu.yml"], "set": {"image.tag": "v{version}"},
    "old_values": "reset_then_reuse", "namespace": "prod", "create_namespace": true, "context": "eu",
    "kubeconfig": "kube.yml", "wait_for_jobs": true, "cleanup_on_fail": true, "history_max": 20,
    "flags": ["--skip-crds"], "program": "./bin/helm", "wait_timeout": "2m"
}"#;

#[test]
fn the_plan_is_what_a_shell_would_run() {
    let all: Value = serde_json::from_str(ALL).unwrap();
    let limits = "'--timeout=120s' --wait-for-jobs --cleanup-on-fail '--history-max=20'";
    let place = "'--namespace=prod' '--kube-context=eu' '--kubeconfig=kube.yml'";
    let helm = "/srv/./bin/helm";
    let upgrade = format!(
        "{helm} upgrade shop-blue shop --install --reset-then-reuse-values --create-namespace \
         '--repo=https://charts.example' '--version=0.1.0' '--values=values.yml' '--values=eu.yml' \
         '--values=-' '--description={}' --skip-crds --wait {limits} {place} <<< '{}'",
        Mark::of(&to(7, "2.0", "1.0")),
        r#"{"image":{"tag":"v2.0"}}"#
    );
    let rollback = format!("{helm} rollback shop-blue REVISION");
    assert_eq!(
        planned("/srv", &all, &to(7, "2.0", "1.0")),
        [
            format!(
                "{rollback} {limits} {place} # only where a killed run of this left it pending"
            ),
            upgrade.clone(),
        ]
    );
    assert_eq!(
        planned("/srv", &all, &returning(7, "2.0", "1.0")),
        [
            format!(
                "{rollback} --wait {limits} {place} # the newest good one that holds the version"
            ),
            format!("{upgrade} # where no revision holds the version any more"),
        ]
    );
    assert_eq!(
        planned("/srv", &json!({}), &returning(7, "2.0", "")),
        [
            "helm rollback shop REVISION --wait '--timeout=300s' # the newest good one that holds the version"
        ]
    );
}

#[tokio::test]
async fn what_helm_cannot_be_told_is_refused_and_planned_as_nothing() {
    let Some(stand) = Stand::new() else { return };
    let follows = json!({ "chart": "acme/shop", "chart_version": "{version}" });
    let table = [
        (json!({}), "2.0", "there is no chart to bring it by"),
        (follows, "2.0", "`2.0` is no exact version of a chart, such as `1.4.0`"),
        (
            json!({ "chart": "./chart", "set": "tag" }),
            "2\n0",
            "its name holds what cannot be printed",
        ),
    ];
    for (settings, version, why) in table {
        let driver = stand.with(&settings);
        let drive = to(7, version, "1.0");
        let error = driver.apply(&drive).await.unwrap_err().whole();
        assert!(error.contains(why), "{error}");
        let plan = driver.plan(&drive);
        assert!(plan.len() == 1 && plan[0].starts_with("run nothing: "), "{plan:?}");
        let available = driver.available(&drive).await.unwrap();
        assert!(matches!(available, Availability::Missing(told) if told.contains(why)));
    }
    let shouting = Drive { service: Service::new("Shop").unwrap(), ..to(7, "2.0", "1.0") };
    let error = stand.driver().apply(&shouting).await.unwrap_err();
    assert_eq!(error.message(), "Helm knows no release `Shop`");
    assert!(stand.revisions().is_empty());
}

#[test]
fn a_file_that_is_not_there_is_named_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({
        "chart": "./chart", "set": "tag", "values": ["v.yml", "secrets://s.yml"], "kubeconfig": "k.yml",
    });
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let driver = connect(settings, around(folder.path(), &Lines::default()));
    for (what, file) in [("kubeconfig", "k.yml"), ("chart", "./chart"), ("file of values", "v.yml")]
    {
        let error = driver.ready().unwrap_err();
        assert_eq!(error.message(), format!("there is no {what} `{file}`"));
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    driver.ready().unwrap();
}

#[tokio::test]
async fn a_deployment_is_named_in_the_history_and_what_the_chart_notes_is_not_told() {
    let Some(stand) = Stand::new() else { return };
    stand.write("values.yml", r#"{"image": {"name": "acme/shop"}, "password": "correct-horse"}"#);
    let settings = json!({ "chart": "./chart", "set": "image.tag", "values": "values.yml" });
    let driven = stand.with(&settings).apply(&to(7, "2.0", "")).await.unwrap();
    assert_eq!(driven.message, "revision 1 of `shop` (chart shop-0.1.0)");
    let described = stand.described();
    assert!(described.starts_with("lastgood deploy/production/7 2.0 ("), "{described}");
    let values =
        json!({ "image": { "name": "acme/shop", "tag": "2.0" }, "password": "correct-horse" });
    assert_eq!(stand.revisions()[0]["values"], values);
    assert_eq!(*stand.lines.lock().unwrap(), [""; 0]);
    let broken = stand.with(&settings).apply(&to(8, "broken", "2.0")).await.unwrap_err();
    assert!(broken.whole().ends_with("helm`: Error: UPGRADE FAILED: context deadline exceeded"));
    let told = stand.lines.lock().unwrap().join("\n");
    assert_eq!(told, "shop | Error: UPGRADE FAILED: context deadline exceeded");
}

#[tokio::test]
async fn what_the_release_has_is_forgotten_or_stays_as_the_settings_say() {
    for (old, kept) in [("reset", Value::Null), ("reuse", json!(3)), ("reset_then_reuse", json!(3))]
    {
        let Some(stand) = Stand::new() else { return };
        stand.write("values.yml", r#"{"count": 3}"#);
        let first = json!({ "chart": "./chart", "set": "image.tag", "values": "values.yml" });
        stand.with(&first).apply(&to(7, "1.0", "")).await.unwrap();
        let then = json!({ "chart": "./chart", "set": "image.tag", "old_values": old });
        stand.with(&then).apply(&to(8, "2.0", "1.0")).await.unwrap();
        assert_eq!(stand.revisions()[1]["values"]["count"], kept, "{old}");
    }
}

#[tokio::test]
async fn a_release_is_not_taken_away_and_the_way_by_hand_is_told() {
    let Some(stand) = Stand::new() else { return };
    let error = stand.driver().plan_removal(&to(7, "2.0", "1.0")).unwrap_err();
    let by_hand = format!("`{} uninstall shop --keep-history --wait`", stand.program());
    assert!(error.hints()[0].contains(&by_hand), "{:?}", error.hints());
}

#[tokio::test]
async fn a_slot_of_the_example_has_a_release_of_its_own() {
    let Some(stand) = Stand::new() else { return };
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/helm"));
    let text = std::fs::read_to_string(folder.join("lastgood.yml")).unwrap();
    for slot in ["blue", "green"] {
        let config: Value = serde_saphyr::from_str(&text.replace("${slot}", slot)).unwrap();
        let helm = &config["environments"]["production"]["services"]["shop"]["driver"]["helm"];
        let settings: Settings = serde_json::from_value(helm.clone()).unwrap();
        assert_eq!(settings.mistake(), None);
        let around = around(folder, &stand.lines);
        let driver = with(around.program(&stand.program()), settings, around);
        driver.ready().unwrap();
        let release = driver.release(&Service::new("shop").unwrap()).unwrap();
        assert_eq!(release.as_str(), format!("shop-{slot}"));
    }
}
