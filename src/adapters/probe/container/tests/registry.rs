//! Images that were pushed to a registry and pulled from it.

use super::*;
use crate::adapters::testbed::registry::Registry;

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
