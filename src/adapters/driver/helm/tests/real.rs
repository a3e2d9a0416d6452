//! A real Helm and a real control plane, where there are both.

use super::*;
use crate::adapters::process::Run;
use crate::adapters::testbed::Testbed;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: 1
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: \"acme/shop:{{ .Values.image.tag }}\"}]}
";

/// Returns none, and says so, where one of the two is missing.
async fn testbed() -> Option<Testbed> {
    if Run::new("helm").args(["version", "--short"]).finish().await.is_err() {
        skipped("a real Helm: no `helm` was found");
        return None;
    }
    Testbed::start().await
}

#[tokio::test]
async fn a_real_release_is_brought_there_and_back_and_told() {
    let Some(testbed) = testbed().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let chart = folder.path().join("chart");
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    let meta = "apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: 1.16.0\n";
    std::fs::write(chart.join("Chart.yaml"), meta).unwrap();
    std::fs::write(chart.join("values.yaml"), "image: {tag: none}\n").unwrap();
    std::fs::write(chart.join("templates/shop.yml"), DEPLOYMENT).unwrap();
    let settings = json!({
        "chart": "./chart", "set": "image.tag", "kubeconfig": testbed.kubeconfig(), "wait_timeout": "10s",
    });
    let around = around(folder.path(), &Lines::default());
    let helm = around.program("helm").env("HOME", testbed.home());
    let driver = with(helm, serde_json::from_value(settings).unwrap(), around);
    let site = to(1, "1.0", "").site();
    assert_eq!(driver.current(&site).await.unwrap(), Running::Nothing);
    let image = "--output=jsonpath={.spec.template.spec.containers[0].image}";
    let ways = [to(1, "1.0", ""), to(2, "2.0", "1.0"), returning(3, "1.0", "2.0")];
    for drive in ways {
        driver.apply(&drive).await.unwrap();
        let again = driver.apply(&drive).await.unwrap();
        assert!(again.message.ends_with("is it already"), "{again:?}");
        let version = &drive.to.version;
        let seen = Sighting { version: Some(version.clone()), ..Sighting::default() };
        assert_eq!(driver.current(&site).await.unwrap(), Running::Seen(seen));
        let runs = testbed.run(&["get", "deployment/shop", image]).await;
        assert_eq!(runs, format!("acme/shop:{version}"));
    }
    let lost = stand_alone(&driver, "9.9").await;
    assert!(lost.contains("holds `9.9` any more"), "{lost}");
}

/// Returns what is said where neither a revision nor a chart has the version.
async fn stand_alone(driver: &HelmDriver, version: &str) -> String {
    let settings = Settings { chart: None, ..driver.settings.clone() };
    let alone = with(driver.helm.clone(), settings, driver.around.clone());
    whole(&alone.apply(&returning(4, version, "1.0")).await.unwrap_err())
}
