//! Images that were pushed to a registry and pulled from it.

use std::sync::Arc;

use crate::adapters::process::{Listener, Run};

use super::*;

/// What the registry says once it can be asked, before its port.
const LISTENS: &str = "listening on 127.0.0.1:";

/// A registry on loopback, which ends when it is let go of.
struct Registry {
    port: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Registry {
    /// Returns none, and says so, where there is none to start.
    async fn start(daemon: &Daemon) -> Option<Self> {
        if Run::new("docker-registry").arg("--version").finish().await.is_err() {
            crate::domain::vectors::skipped("digests of images: no `docker-registry` was found");
            return None;
        }
        let config = json!({
            "version": 0.1,
            "storage": { "filesystem": { "rootdirectory": daemon.path().join("registry") } },
            "http": { "addr": "127.0.0.1:0" }
        });
        std::fs::write(daemon.path().join("registry.yml"), config.to_string()).unwrap();
        let (told, mut port) = tokio::sync::watch::channel(String::new());
        let listener: Listener = Arc::new(move |_, line| {
            if let Some((_, rest)) = line.split_once(LISTENS) {
                told.send_replace(rest.chars().take_while(char::is_ascii_digit).collect());
            }
        });
        let run = Run::new("docker-registry").args(["serve", "registry.yml"]);
        let run = run.folder(daemon.path()).listen(listener);
        let task = tokio::spawn(async move {
            let ended = run.finish().await.unwrap();
            unreachable!("{} {}", ended.stdout.text(), ended.stderr.text());
        });
        let port = port.wait_for(|port| !port.is_empty()).await.unwrap().clone();
        Some(Self { port, task })
    }

    /// Returns the name of the repository in it.
    fn repository(&self) -> String {
        format!("127.0.0.1:{}/acme/shop", self.port)
    }

    /// Pushes an image of the daemon under this tag, and returns its name by digest.
    async fn push(&self, daemon: &Daemon, image: &str, tag: &str) -> String {
        let name = format!("{}:{tag}", self.repository());
        daemon.docker(&["tag", image, &name]).await;
        let said = daemon.docker(&["push", &name]).await;
        let digest = said.split_whitespace().find(|word| word.starts_with("sha256:"));
        let by_digest = format!("{}@{}", self.repository(), digest.unwrap());
        daemon.docker(&["rmi", &name]).await;
        by_digest
    }
}

async fn seen(daemon: &Daemon, name: &str, image: Option<&str>) -> Measurement {
    let version = Version { image: image.map(str::to_owned), ..Version::named("2.0") };
    let settings = json!({ "name": name, "expect_version": { "image": true } });
    daemon.measure_for(settings, &version).await
}

#[tokio::test]
async fn an_image_that_was_pulled_is_known_by_its_digest_also_once_its_tag_moved_on() {
    let Some(daemon) = Daemon::start().await else { return };
    let Some(registry) = Registry::start(&daemon).await else { return };
    let old = registry.push(&daemon, "shop:1.0", "1.0").await;
    let new = registry.push(&daemon, "shop:2.0", "2.0").await;
    let tagged = format!("{}:2.0", registry.repository());
    let both = format!("{tagged}@{}", new.split_once('@').unwrap().1);
    // Now the daemon knows no name of theirs but those that it pulls by.
    daemon.docker(&["rmi", "shop:1.0", "shop:2.0"]).await;

    daemon.docker(&["pull", &new]).await;
    daemon.start_container(&["--name", "by-digest", &new]).await;
    let other = |name: &str| Answered::Other(name.to_owned());
    let table = [
        (Some(&new), Outcome::Pass, Answered::Expected),
        (Some(&both), Outcome::Pass, Answered::Expected),
        (Some(&old), Outcome::Fail, other(&new)),
        (Some(&tagged), Outcome::Inconclusive, Answered::Unknown),
        (None, Outcome::Inconclusive, Answered::Unknown),
    ];
    for (image, outcome, answered) in table {
        let seen = seen(&daemon, "by-digest", image.map(String::as_str)).await;
        assert_eq!((seen.outcome, seen.answered), (outcome, answered), "{image:?}");
    }

    daemon.docker(&["pull", &tagged]).await;
    daemon.start_container(&["--name", "by-tag", &tagged]).await;
    for image in [Some(&new), Some(&both), Some(&tagged), None] {
        let seen = seen(&daemon, "by-tag", image.map(String::as_str)).await;
        assert_eq!((seen.outcome, seen.answered), (Outcome::Pass, Answered::Expected), "{image:?}");
    }

    // Somebody pushes the old image under the new tag, and this machine pulls it.
    daemon.docker(&["pull", &old]).await;
    registry.push(&daemon, &old, "2.0").await;
    daemon.docker(&["pull", &tagged]).await;
    let running = seen(&daemon, "by-tag", Some(&new)).await;
    assert_eq!((running.outcome, running.answered), (Outcome::Pass, Answered::Expected));
    let moved = format!("{tagged}@{}", old.split_once('@').unwrap().1);
    let running = seen(&daemon, "by-tag", Some(&moved)).await;
    assert_eq!((running.outcome, running.answered), (Outcome::Fail, other(&new)));
}
