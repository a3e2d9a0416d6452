//! Compose itself, with a daemon that ends with the test.

use super::*;
use crate::adapters::testbed::registry::Registry;

/// How often something is tried that comes a moment late.
const LOOKS: usize = 20;

impl Daemon {
    fn driver(&self, settings: &Value) -> ComposeDriver {
        let mut settings = settings.clone();
        settings["host"] = self.host().into();
        driver(self.path(), &settings)
    }

    async fn seen(&self, driver: &ComposeDriver) -> Sighting {
        match driver.current(&drive(version("1.0", None), None).site()).await.unwrap() {
            Running::Seen(seen) => seen,
            other => panic!("{other:?} in place of containers"),
        }
    }

    fn write(&self, name: &str, file: &Value) {
        std::fs::write(self.path().join(name), file.to_string()).unwrap();
    }
}

/// A service that nothing outside is needed for.
fn service(image: &str) -> Value {
    json!({ "image": image, "network_mode": "none", "stop_signal": "SIGKILL" })
}

#[tokio::test]
async fn the_project_its_variables_and_its_other_services_stay_as_they_are() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let mut web = service("${SHOP_IMAGE:?say which}");
    web["environment"] = json!({ "GREETING": "${GREETING:-none}" });
    web["depends_on"] = json!(["store"]);
    web["profiles"] = json!(["production"]);
    web["pull_policy"] = json!("always");
    web["labels"] = json!(["team=shop"]);
    let file = json!({ "services": { "web": web, "store": service("shop:2.0") } });
    daemon.write("compose.json", &file);
    std::fs::write(daemon.path().join("site.env"), "GREETING=hello\n").unwrap();
    let settings = json!({
        "file": "compose.json", "project": "market", "env_file": "site.env",
        "image_variable": "SHOP_IMAGE",
    });
    let driver = daemon.driver(&settings);
    let site = drive(version("1.0", None), None).site();
    assert_eq!(driver.current(&site).await.unwrap(), Running::Nothing);
    let two = Version { replicas: Some(2), ..version("1.0", Some("shop:1.0")) };
    let driven = driver.apply(&drive(two.clone(), None)).await.unwrap();
    assert_eq!(
        driven.message,
        "runs `shop:1.0`, by its tag alone: it has no digest, since it is of no registry"
    );
    let seen = daemon.seen(&driver).await;
    assert_eq!(seen.differs_from(&two), []);
    assert_eq!((seen.version.as_deref(), seen.replicas), (Some("1.0"), Some(2)));
    let format =
        "{{.Label \"com.docker.compose.project\"}}/{{.Label \"com.docker.compose.service\"}}";
    let all = daemon.docker(&["ps", "--format", format]).await;
    assert_eq!(all, "market/web\nmarket/web");
    let format = "{{range .Config.Env}}{{println .}}{{end}}";
    let env = daemon.docker(&["inspect", "--format", format, "market-web-1"]).await;
    assert!(env.contains("GREETING=hello"), "{env}");
    // One is killed, and one is put beside by hand from another image.
    daemon.docker(&["kill", "market-web-1"]).await;
    assert_eq!(daemon.seen(&driver).await.replicas, Some(1));
    let three = Version { replicas: Some(1), ..version("2.0", Some("shop:2.0")) };
    driver.apply(&drive(three.clone(), Some(two.clone()))).await.unwrap();
    assert_eq!(daemon.seen(&driver).await.differs_from(&three), []);
    driver.undo(&drive(three, Some(two.clone()))).await.unwrap();
    assert_eq!(daemon.seen(&driver).await.differs_from(&two), []);
}

#[tokio::test]
async fn one_that_is_never_healthy_is_an_error_with_the_way_to_its_log() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let mut sick = service("shop:1.0");
    sick["healthcheck"] =
        json!({ "test": ["CMD", "/shop", "sick"], "interval": "1s", "retries": 100 });
    daemon.write("sick.json", &json!({ "name": "sick", "services": { "web": sick } }));
    let driver = daemon.driver(&json!({ "file": "sick.json", "wait_timeout": "1s" }));
    let drive = drive(version("2.0", Some("shop:2.0")), None);
    // Right after its start Docker may say of a container that it has no health check, and Compose believes it.
    let mut error = None;
    for _ in 0..LOOKS {
        error = driver.apply(&drive).await.err();
        if error.is_some() {
            break;
        }
    }
    let error = error.unwrap();
    assert_eq!(
        error.whole(),
        "could not bring `web` to version `2.0`: `docker`: application not healthy after 1s"
    );
    assert_eq!(error.hints(), ["see `docker compose --file sick.json logs --tail 50 -- web`"]);
    let unknown = Drive { service: Service::new("cart").unwrap(), ..drive };
    let error = driver.apply(&unknown).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not bring `cart` to version `2.0`: the Compose files have no service `cart`, only `web`"
    );
    let gone = driver.current(&unknown.site()).await.unwrap_err();
    assert_eq!(gone.whole(), "could not see what runs of `cart`: `docker`: no such service: cart");
}

/// Returns the processes that have this word among their arguments.
fn processes(word: &str) -> Vec<String> {
    let all = std::fs::read_dir("/proc").unwrap().filter_map(std::result::Result::ok);
    let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(word)).collect()
}

#[tokio::test]
async fn a_compose_that_waits_too_long_is_killed_with_its_plugin() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let mut slow = service("shop:1.0");
    slow["healthcheck"] =
        json!({ "test": ["CMD", "/shop", "sick"], "interval": "1s", "retries": 100 });
    daemon.write("slow.json", &json!({ "name": "slow", "services": { "web": slow } }));
    let file = daemon.path().join("slow.json").display().to_string();
    let drive = drive(version("2.0", Some("shop:2.0")), None);
    let waits = || {
        let waits = |line: &String| line.contains("docker-compose") && line.contains(" up ");
        processes(&file).iter().any(waits)
    };
    let seen = std::cell::Cell::new(false);
    // Each program that is run has this time, so one that only looks may use it up before.
    for time in ["2s", "10s", "30s"] {
        let driver = daemon.driver(&json!({ "file": file, "timeout": time }));
        let watching = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            while !waits() {
                ticks.tick().await;
            }
            seen.set(true);
            std::future::pending::<()>().await;
        };
        let error = tokio::select! {
            applied = driver.apply(&drive) => applied.unwrap_err(),
            () = watching => unreachable!("it watches on"),
        };
        let killed = format!("it did not end within {time} and was killed");
        assert!(error.whole().ends_with(&killed), "{error:?}");
        if seen.get() {
            break;
        }
    }
    assert!(seen.get(), "the plugin was not seen");
    let until = std::time::Instant::now() + Duration::from_secs(30);
    while !processes(&file).is_empty() {
        assert!(std::time::Instant::now() < until, "{:?}", processes(&file));
    }
}

#[tokio::test]
async fn what_was_killed_while_it_replaced_a_container_is_brought_to_its_end() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    // Its program is deaf to the kinder signal, so that replacing it takes this long.
    let deaf = json!({
        "image": "shop:1.0", "command": ["/shop", "deaf"],
        "network_mode": "none", "stop_grace_period": "4s"
    });
    daemon.write("deaf.json", &json!({ "name": "deaf", "services": { "web": deaf } }));
    let driver = daemon.driver(&json!({ "file": "deaf.json" }));
    driver.apply(&drive(version("1.0", Some("shop:1.0")), None)).await.unwrap();
    let hasty = daemon.driver(&json!({ "file": "deaf.json", "timeout": "2s" }));
    let two = drive(version("2.0", Some("shop:2.0")), Some(version("1.0", Some("shop:1.0"))));
    let error = hasty.apply(&two).await.unwrap_err();
    assert!(error.whole().ends_with("it did not end within 2s and was killed"), "{error:?}");
    driver.apply(&two).await.unwrap();
    assert_eq!(daemon.seen(&driver).await.differs_from(&two.to), []);
    assert_eq!(daemon.docker(&["ps", "--all", "--format", "{{.Image}}"]).await, "shop:2.0");
}

#[tokio::test]
async fn an_image_of_a_registry_is_pulled_and_pinned_by_its_digest() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let Some(registry) = Registry::start(&daemon).await else { return };
    let name = |tag: &str| format!("{}:{tag}", registry.repository());
    daemon.write(
        "compose.json",
        &json!({ "name": "shop", "services": { "web": service("shop:2.0") } }),
    );
    let driver = daemon.driver(&json!({ "file": "compose.json", "image": name("{version}") }));
    let wanted = drive(version("1.0", None), None);
    let available = async |drive: &Drive| driver.available(drive).await.unwrap();
    let none = format!("`{}` is not here and cannot be pulled: ", name("1.0"));
    let missing = available(&wanted).await;
    assert!(
        matches!(&missing, Availability::Missing(why) if why.starts_with(&none)),
        "{missing:?}"
    );
    let pushed = registry.push(&daemon, "shop:1.0", "1.0").await;
    daemon.docker(&["rmi", "shop:1.0"]).await;
    assert_eq!(available(&wanted).await, Availability::There);
    let pinned = format!("{}@{}", name("1.0"), pushed.split_once('@').unwrap().1);
    let driven = driver.apply(&wanted).await.unwrap();
    assert_eq!(driven.message, format!("runs `{pinned}`"));
    let seen = daemon.seen(&driver).await;
    assert_eq!(seen.image.as_deref(), Some(pinned.as_str()));
    assert_eq!(seen.differs_from(&version("1.0", Some(&pinned))), []);
    // The tag moves on: what was recorded with its digest is what comes back.
    registry.push(&daemon, "shop:2.0", "1.0").await;
    daemon.docker(&["tag", "shop:2.0", &name("1.0")]).await;
    let stale = driver.apply(&drive(version("1.0", Some(&pinned)), None)).await.unwrap();
    assert_eq!(stale.message, format!("runs `{pinned}`"));
    assert_eq!(daemon.seen(&driver).await, seen);
    let gone = drive(version("3.0", Some("127.0.0.1:1/shop:3.0")), None);
    assert_eq!(available(&gone).await, Availability::Untold);
}

#[tokio::test]
async fn what_was_started_by_hand_is_told_by_its_image_and_a_mixture_is_none_of_both() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let example = include_str!("../../../../../examples/compose/compose.yml");
    std::fs::write(daemon.path().join("compose.yml"), example).unwrap();
    // So that nobody waits for one that was told to end before it listens.
    let quick = json!({ "services": { "web": { "stop_signal": "SIGKILL" } } });
    daemon.write("quick.json", &quick);
    let driver = daemon.driver(&json!({ "file": ["compose.yml", "quick.json"] }));
    let files = ["compose", "--file=compose.yml", "--file=quick.json"];
    daemon.docker(&[&files[..], &["up", "--detach"]].concat()).await;
    let seen = daemon.seen(&driver).await;
    assert_eq!((seen.version.as_deref(), seen.image.as_deref()), (None, Some("shop:1.0")));
    let labels =
        ["project=shop", "service=web", "oneoff=False", "config-hash=0", "container-number=2"];
    let labels = labels.map(|label| format!("--label=com.docker.compose.{label}"));
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    let run = ["run", "--detach", "--network=none", "--stop-signal=KILL"];
    daemon.docker(&[&run[..], &labels, &["shop:2.0"]].concat()).await;
    let mixed = daemon.seen(&driver).await;
    assert_eq!((mixed.image.as_deref(), mixed.replicas), (Some("shop:1.0 and shop:2.0"), Some(2)));
    // Its tag was given to another image meanwhile, so that name would be a lie.
    daemon.docker(&["tag", "shop:2.0", "shop:1.0"]).await;
    let told = daemon.seen(&driver).await.image.unwrap();
    assert!(told.starts_with("sha256:") && told.ends_with(" and shop:2.0"), "{told}");
    driver.apply(&drive(version("2.0", Some("shop:2.0")), None)).await.unwrap();
    assert_eq!(daemon.seen(&driver).await.image.as_deref(), Some("shop:2.0"));
}

#[tokio::test]
async fn what_is_stopped_is_all_of_one_service_and_nothing_of_another() {
    let Some(daemon) = Daemon::with_compose().await else { return };
    let mut web = service("${SHOP_IMAGE:?say which}");
    web["depends_on"] = json!(["store"]);
    web["profiles"] = json!(["production"]);
    daemon.write(
        "compose.json",
        &json!({ "services": { "web": web, "store": service("shop:2.0") } }),
    );
    let settings =
        json!({ "file": "compose.json", "project": "market", "image_variable": "SHOP_IMAGE" });
    let driver = daemon.driver(&settings);
    let two = Version { replicas: Some(2), ..version("1.0", Some("shop:1.0")) };
    let web = drive(two.clone(), None);
    let mut of_store = settings.clone();
    of_store["service"] = "store".into();
    let store = daemon.driver(&of_store);
    store.apply(&drive(version("2.0", Some("shop:2.0")), None)).await.unwrap();
    driver.apply(&web).await.unwrap();
    // One has ended by itself, and is taken away all the same.
    daemon.docker(&["kill", "market-web-1"]).await;
    driver.remove(&web).await.unwrap();
    let names = daemon.docker(&["ps", "--all", "--format", "{{.Names}}"]).await;
    assert_eq!(names, "market-store-1");
    driver.apply(&web).await.unwrap();
    assert_eq!(daemon.seen(&driver).await.differs_from(&two), []);
    let unknown = Drive { service: Service::new("cart").unwrap(), ..web };
    let error = driver.remove(&unknown).await.unwrap_err();
    assert_eq!(error.whole(), "could not stop `cart`: `docker`: no such service: cart");
}
