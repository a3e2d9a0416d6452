//! The driver, by the real `docker` and a daemon of its own.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::adapters::driver::contract::given::{self, around, version};
use crate::adapters::testbed::docker::Daemon;
use crate::domain::sighting::Sighting;
use crate::domain::version::Version;

use super::*;

mod promises;
mod real;

fn driver(folder: &Path, settings: &Value) -> ComposeDriver {
    connect(serde_json::from_value(settings.clone()).unwrap(), around(folder))
}

fn drive(to: Version, from: Option<Version>) -> Drive {
    given::drive("web", to, from)
}

fn plan(settings: &Value, to: Version) -> Vec<String> {
    driver(Path::new("/srv"), settings).plan(&drive(to, None))
}

#[test]
fn the_plan_is_what_a_shell_would_run() {
    let to = version("1.0", Some("shop:1.0"));
    assert_eq!(
        plan(&json!({ "file": "compose.yml" }), to.clone()),
        [
            "docker pull --quiet -- shop:1.0 # unless it is here",
            "docker compose --file compose.yml --file - up --detach --wait --wait-timeout 300 \
             --no-deps --no-build --pull never -- web <<< \
             '{\"services\":{\"web\":{\"image\":\"shop:1.0\",\"labels\":{\"lastgood.version\":\"1.0\"}}}}'",
        ]
    );
    let settings = json!({
        "file": ["compose.yml", "production.yml"], "project": "market", "service": "front",
        "env_file": "site.env", "image_variable": "SHOP_IMAGE", "pull": "always", "wait_timeout": "10s",
    });
    assert_eq!(
        plan(&settings, Version { replicas: Some(3), ..to }),
        [
            "docker pull --quiet -- shop:1.0",
            "SHOP_IMAGE=shop:1.0 docker compose --file compose.yml --file production.yml --file - \
             --env-file site.env --project-name market up --detach --wait --wait-timeout 10 \
             --no-deps --no-build --pull never --scale 'front=3' -- front <<< \
             '{\"services\":{\"front\":{\"image\":\"shop:1.0\",\"labels\":{\"lastgood.version\":\"1.0\"}}}}'",
        ]
    );
}

#[test]
fn a_version_without_an_image_gets_the_one_that_the_driver_names() {
    let settings = json!({ "file": "compose.yml", "image": "ghcr.io/acme/shop:{version}" });
    assert_eq!(
        plan(&settings, version("1.0", None))[0],
        "docker pull --quiet -- ghcr.io/acme/shop:1.0 # unless it is here"
    );
    let own = version("1.0", Some("mirror:5000/shop@sha256:00"));
    assert_eq!(
        plan(&settings, own)[0],
        "docker pull --quiet -- mirror:5000/shop@sha256:00 # unless it is here"
    );
    assert_eq!(
        plan(&json!({ "file": "compose.yml" }), version("1.0", None)),
        ["run nothing: version `1.0` of `web` has no image to run: it was recorded without one"]
    );
}

#[tokio::test]
async fn what_has_no_image_or_a_hostile_one_is_not_available_and_not_run() {
    let driver = driver(Path::new("/nowhere"), &json!({ "file": "compose.yml" }));
    for image in [None, Some("--privileged"), Some("shop 1.0"), Some("shop:$(id)"), Some("")] {
        let drive = drive(version("1.0", image), None);
        let available = driver.available(&drive).await.unwrap();
        assert!(matches!(available, Availability::Missing(_)), "{image:?}: {available:?}");
        let error = driver.apply(&drive).await.unwrap_err();
        assert_eq!(error.message(), "version `1.0` of `web` has no image to run");
    }
}

#[test]
fn a_file_that_is_not_there_is_named_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let driver = driver(folder.path(), &json!({ "file": ["compose.yml", "other.yml"] }));
    std::fs::write(folder.path().join("compose.yml"), "").unwrap();
    let error = driver.ready().unwrap_err();
    assert_eq!(error.message(), "there is no file `other.yml` for Docker Compose");
    std::fs::write(folder.path().join("other.yml"), "").unwrap();
    driver.ready().unwrap();
}

#[tokio::test]
async fn a_service_that_compose_could_not_know_is_refused_with_the_way_out() {
    let driver = driver(Path::new("/nowhere"), &json!({ "file": "compose.yml" }));
    let odd = Service::new("web front").unwrap();
    let drive = Drive { service: odd, ..drive(version("1.0", Some("shop:1.0")), None) };
    let error = driver.apply(&drive).await.unwrap_err();
    assert_eq!(error.message(), "Docker Compose knows no service `web front`");
    assert_eq!(error.hints(), ["name it by the driver's `service`"]);
}

#[tokio::test]
async fn a_docker_without_compose_is_told_from_a_service_that_is_not_well() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({ "file": "compose.yml", "host": "unix:///nowhere/docker.sock" });
    let fake = r#"echo "unknown flag: --file" >&2; echo "Usage:  docker [OPTIONS]" >&2; exit 125"#;
    let docker = crate::adapters::process::Program::new("sh", folder.path().to_owned(), vec![]);
    let trouble = docker.run(&["-c", fake]).await.unwrap_err();
    let driver = driver(folder.path(), &settings);
    let error = driver.not_up(
        &drive(version("1.0", Some("shop:1.0")), None),
        &Name::try_from("web".to_owned()).unwrap(),
        &trouble,
    );
    assert_eq!(error.whole(), "could not bring `web` to version `1.0`: `docker` has no Compose");
    assert_eq!(
        error.hints(),
        ["install Docker Compose v2, a plugin of `docker`, where lastgood runs"]
    );
}

#[test]
fn what_stops_a_service_is_planned_with_the_variable_that_the_files_demand() {
    let settings = json!({
        "file": "compose.yml", "project": "market-blue", "image_variable": "SHOP_IMAGE",
    });
    let to = drive(version("1.0", None), None);
    assert_eq!(
        driver(Path::new("/srv"), &settings).plan_removal(&to).unwrap(),
        ["SHOP_IMAGE=lastgood docker compose --file compose.yml --project-name market-blue \
          rm --stop --force -- web"]
    );
}
