//! The probe, by the real `docker` and a daemon of its own.

use serde_json::{Value, json};

use crate::adapters::testbed::docker::Daemon;
use crate::domain::facts::Facts;
use crate::domain::verdict::Outcome;

use super::*;

mod registry;

fn around(folder: &std::path::Path) -> Around<'static> {
    let http = &|| Err(crate::error::Error::invalid("nobody asks over HTTP here"));
    Around { folder: folder.to_owned(), facts: Facts::default(), withheld: vec![], http }
}

fn probe(folder: &std::path::Path, settings: &Value) -> ContainerProbe {
    let around = around(folder);
    let settings = serde_json::from_value(settings.clone()).unwrap();
    connect(settings, Instrument::new("docker", &around), &around)
}

impl Daemon {
    /// Looks once, for version 2.0; a container may be as young as it likes unless something is said.
    async fn measure(&self, settings: Value) -> Measurement {
        self.measure_for(settings, &Version::named("2.0")).await
    }

    async fn measure_for(&self, mut settings: Value, version: &Version) -> Measurement {
        let keys = settings.as_object_mut().unwrap();
        keys.insert("host".to_owned(), self.host().into());
        keys.entry("min_uptime").or_insert("0s".into());
        probe(self.path(), &settings).measure(Some(version), Duration::from_secs(20)).await
    }

    /// Starts a container in the background.
    async fn start_container(&self, args: &[&str]) {
        // So that nobody waits for one that was told to end before it listens.
        let run = ["run", "--detach", "--network=none", "--stop-signal=KILL"];
        self.docker(&[&run[..], args].concat()).await;
    }

    /// Looks until the message is the one that is waited for; the daemon needs its time.
    async fn until(&self, settings: Value, message: &str) -> Measurement {
        let until = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            let seen = self.measure(settings.clone()).await;
            if seen.message == message {
                return seen;
            }
            assert!(std::time::Instant::now() < until, "{message}: {}", seen.message);
        }
    }
}

#[tokio::test]
async fn a_container_passes_while_it_runs_and_fails_once_it_ended_or_is_gone() {
    let Some(daemon) = Daemon::start().await else { return };
    daemon.start_container(&["--name", "shop", "--env", "PASSWORD=hunter2", "shop:2.0"]).await;
    let running = daemon.measure(json!({ "name": "shop" })).await;
    assert_eq!(running.outcome, Outcome::Pass, "{}", running.message);
    assert_eq!(running.message, "container `shop` is running");
    let unchecked = daemon.measure(json!({ "name": "shop", "health": "required" })).await;
    assert_eq!(unchecked.outcome, Outcome::Fail);
    assert_eq!(unchecked.message, "container `shop` has no health check");
    let young = daemon.measure(json!({ "name": "shop", "min_uptime": "1h" })).await;
    assert_eq!(young.outcome, Outcome::Fail);
    assert_eq!(young.limit.as_deref(), Some("at least 1h"));
    let id = daemon.docker(&["inspect", "--format={{.Id}}", "shop"]).await;
    let by_id = async |length: usize| daemon.measure(json!({ "name": id[..length] })).await;
    assert_eq!(by_id(12).await.outcome, Outcome::Pass);
    assert_eq!(by_id(4).await.message, format!("there is no container `{}`", &id[..4]));
    daemon.docker(&["pause", "shop"]).await;
    let paused = daemon.measure(json!({ "name": "shop" })).await;
    assert_eq!(paused.message, "container `shop` is paused");
    daemon.docker(&["unpause", "shop"]).await;
    daemon.docker(&["kill", "shop"]).await;
    let ended = daemon.measure(json!({ "name": "shop" })).await;
    assert_eq!(ended.outcome, Outcome::Fail);
    assert_eq!(ended.message, "container `shop` has ended with exit code 137");
    assert_eq!(ended.value.as_deref(), Some("exited"));
    daemon.docker(&["rm", "shop"]).await;
    let gone = daemon.measure(json!({ "name": "shop" })).await;
    assert_eq!(gone.outcome, Outcome::Fail);
    assert_eq!(gone.message, "there is no container `shop`");
}

#[tokio::test]
async fn a_health_check_and_a_loop_of_crashes_are_seen() {
    let Some(daemon) = Daemon::start().await else { return };
    for (name, says) in [("well", "ok"), ("sick", "sick")] {
        let health = format!("HEALTHCHECK --interval=1s --retries=1 CMD [\"/shop\", \"{says}\"]");
        daemon.image(name, &health).await;
        daemon.start_container(&["--name", name, &format!("shop:{name}")]).await;
    }
    let well = daemon
        .until(
            json!({ "name": "well", "health": "required" }),
            "container `well` is running and healthy",
        )
        .await;
    assert_eq!(well.outcome, Outcome::Pass);
    let sick = daemon.until(json!({ "name": "sick" }), "container `sick` is unhealthy").await;
    assert_eq!((sick.outcome, sick.value.as_deref()), (Outcome::Fail, Some("unhealthy")));
    daemon
        .start_container(&["--name", "loop", "--restart=always", "shop:2.0", "/shop", "crash"])
        .await;
    let ended = "container `loop` is being restarted: it ended with exit code 3";
    assert_eq!(daemon.until(json!({ "name": "loop" }), ended).await.outcome, Outcome::Fail);
    let args = ["--name", "once", "--restart=always", "shop:2.0", "/shop", "crash once"];
    daemon.start_container(&args).await;
    let once = |most: u32| json!({ "name": "once", "max_restarts": most });
    let often = daemon.until(once(0), "container `once` was restarted too often: 1").await;
    assert_eq!((often.outcome, often.limit.as_deref()), (Outcome::Fail, Some("at most 0")));
    assert_eq!(daemon.measure(once(1)).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn the_version_is_read_from_the_image_or_a_label() {
    let Some(daemon) = Daemon::start().await else { return };
    daemon.start_container(&["--name", "shop", "shop:2.0"]).await;
    let of = |name: &str, image: Option<&str>| Version {
        image: image.map(str::to_owned),
        ..Version::named(name)
    };
    let image = json!({ "image": true });
    let label = json!({ "label": "org.opencontainers.image.version" });
    let other = |name: &str| Answered::Other(name.to_owned());
    let table = [
        (&image, of("2.0", None), Outcome::Pass, Answered::Expected),
        (&image, of("1.0", None), Outcome::Fail, other("2.0")),
        (&image, of("9", Some("docker.io/library/shop:2.0")), Outcome::Pass, Answered::Expected),
        (&image, of("2.0", Some("shop:1.0")), Outcome::Fail, other("shop:2.0")),
        (&image, of("2.0", Some("shop@sha256:00")), Outcome::Inconclusive, Answered::Unknown),
        (&label, of("2.0", None), Outcome::Pass, Answered::Expected),
        (&label, of("1.0", None), Outcome::Fail, other("2.0")),
        (&json!({ "label": "release" }), of("2.0", None), Outcome::Fail, Answered::Unknown),
    ];
    for (expected, version, outcome, answered) in table {
        let settings = json!({ "name": "shop", "expect_version": expected });
        let seen = daemon.measure_for(settings, &version).await;
        assert_eq!((seen.outcome, seen.answered), (outcome, answered), "{expected} {version:?}");
    }
    // The tag moves on, and the container runs what it was before.
    daemon.docker(&["tag", "shop:1.0", "shop:2.0"]).await;
    let settings = json!({ "name": "shop", "expect_version": image });
    let stale = daemon.measure_for(settings, &of("2.0", Some("shop:2.0"))).await;
    assert_eq!((stale.outcome, stale.answered), (Outcome::Inconclusive, Answered::Unknown));
}

#[tokio::test]
async fn of_a_compose_service_every_container_counts_and_one_that_ran_beside_it_does_not() {
    let Some(daemon) = Daemon::start().await else { return };
    let compose = |extra: &[&str]| {
        let labels = ["project=shop", "service=web"].iter().chain(extra);
        labels.map(|label| format!("--label=com.docker.compose.{label}")).collect::<Vec<_>>()
    };
    let start = async |name: &str, extra: &[&str], program: &[&str]| {
        let labels = compose(extra);
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        let name = ["--name", name];
        daemon
            .start_container(&[&labels[..], &name, &["shop:2.0", "/shop"], program].concat())
            .await;
    };
    let service = json!({ "compose": { "project": "shop", "service": "web" } });
    let none = daemon.measure(service.clone()).await;
    assert_eq!(none.outcome, Outcome::Fail);
    assert_eq!(none.message, "there is no container of `shop/web`");
    start("web-1", &["oneoff=False"], &[]).await;
    start("web-2", &["oneoff=False"], &[]).await;
    start("migrate", &["oneoff=True"], &["bad"]).await;
    let both = daemon.measure(service.clone()).await;
    assert_eq!(both.outcome, Outcome::Pass, "{}", both.message);
    assert_eq!(both.message, "2 containers are running");
    daemon.docker(&["kill", "web-2"]).await;
    let one = daemon.measure(service).await;
    assert_eq!(one.outcome, Outcome::Fail);
    assert_eq!(one.message, "container `web-2` has ended with exit code 137");
}

#[tokio::test]
async fn compose_itself_says_which_containers_a_file_means() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let file = json!({
        "name": "market",
        "services": {
            "web": {
                "image": "shop:2.0", "network_mode": "none", "stop_signal": "SIGKILL",
                "deploy": { "replicas": 2 }
            }
        }
    });
    std::fs::write(daemon.path().join("compose.json"), file.to_string()).unwrap();
    daemon.docker(&["compose", "--file=compose.json", "up", "--detach"]).await;
    daemon.docker(&["compose", "--file=compose.json", "run", "web", "/shop", "ok"]).await;
    let by_file = json!({ "compose": { "file": "compose.json", "service": "web" } });
    let seen = daemon.measure(by_file).await;
    assert_eq!(seen.outcome, Outcome::Pass, "{}", seen.message);
    assert_eq!(seen.message, "2 containers are running");
    let by_project = json!({ "compose": { "project": "market", "service": "web" } });
    assert_eq!(daemon.measure(by_project).await.message, "2 containers are running");
    let unknown = json!({ "compose": { "file": "compose.json", "service": "cart" } });
    let unknown = daemon.measure(unknown).await;
    assert_eq!(unknown.outcome, Outcome::Error);
    assert_eq!(unknown.message, "no such service: cart");
}

#[tokio::test]
async fn a_daemon_that_does_not_answer_and_a_docker_that_is_missing_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({ "name": "shop", "host": "unix:///nowhere/docker.sock" });
    let around = around(folder.path());
    let missing = serde_json::from_value(settings.clone()).unwrap();
    let missing = connect(missing, Instrument::new("./docker", &around), &around);
    let measurement = missing.measure(None, Duration::from_secs(5)).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Error, Answered::Nobody));
    assert_eq!(
        measurement.message,
        "no program `./docker` was found; install it where lastgood runs"
    );
    let measurement = probe(folder.path(), &settings).measure(None, Duration::from_secs(5)).await;
    assert_eq!(measurement.outcome, Outcome::Error, "{}", measurement.message);
}

#[test]
fn what_says_no_container_or_two_ways_is_a_mistake() {
    let mistakes =
        |settings: Value| serde_json::from_value::<Settings>(settings).unwrap().mistakes();
    let compose = json!({ "service": "web", "project": "shop" });
    assert_eq!(mistakes(json!({ "name": "shop" })), [""; 0]);
    assert_eq!(mistakes(json!({ "compose": compose })), [""; 0]);
    assert_eq!(mistakes(json!({})), ["neither `name` nor `compose` says which container is meant"]);
    assert_eq!(
        mistakes(json!({ "name": "shop", "compose": compose })),
        ["`name` and `compose` exclude each other"]
    );
    assert_eq!(
        mistakes(json!({ "compose": { "service": "web" } })),
        ["`compose` needs a `project` or a `file`"]
    );
    let refused = serde_json::from_value::<Settings>(json!({ "name": "--help" })).unwrap_err();
    assert!(refused.to_string().contains("`--help` is no name in Docker"), "{refused}");
}
