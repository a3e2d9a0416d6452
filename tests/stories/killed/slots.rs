//! Killed while two slots change places: one serves.

use serde_json::Value;

use super::points::killed_in_writing;
use crate::world::World;

/// Brings a version to a slot, whose service answers for it.
const BRING: &str = r#"live=$(dirname "$0")/live
echo "$LASTGOOD_ACTION $LASTGOOD_SLOT $LASTGOOD_VERSION" >>"$live/.calls"
printf %s "$LASTGOOD_VERSION" >"$live/.$LASTGOOD_SLOT.$$"
mv "$live/.$LASTGOOD_SLOT.$$" "$live/app-$LASTGOOD_SLOT""#;

/// Stops what runs at a slot.
const STOP: &str = r#"live=$(dirname "$0")/live
echo "stop $LASTGOOD_SLOT ${LASTGOOD_ACTION-}" >>"$live/.calls"
rm -f "$live/app-$LASTGOOD_SLOT""#;

/// Shares the traffic in one step.
const SHARE: &str = r#"live=$(dirname "$0")/live
printf '{"%s": %s, "%s": %s}' "$LASTGOOD_SLOT_STABLE" "$LASTGOOD_SHARE_STABLE" \
  "$LASTGOOD_SLOT_CANDIDATE" "$LASTGOOD_SHARE_CANDIDATE" >"$live/.shares.$$"
mv "$live/.shares.$$" "$live/.shares""#;

/// How the traffic moves.
#[derive(Clone, Copy)]
enum Pace {
    AtOnce,
    InStages,
}

/// 1.0 is good and serves in `blue`; `green` holds nothing.
fn shop(pace: Pace) -> World {
    let world = World::new();
    let [bring, share] = [world.script("bring", BRING), world.script("share", SHARE)];
    let stop = world.script("stop", STOP);
    let read = world.script("read", r#"cat "$(dirname "$0")/live/.shares""#);
    let pace = match pace {
        Pace::AtOnce => "{strategy: immediate}",
        Pace::InStages => "{strategy: gradual, stages: [{traffic: 20}, {traffic: 60}]}",
    };
    let [blue, green] = ["app-blue", "app-green"].map(|service| world.health(service));
    let config = format!(
        "version: 1\nenvironments:\n  production:\n    slots: {{blue: {{url: \"{blue}\"}}, green: {{url: \"{green}\"}}}}\n    \
         router: {{command: {{stable: blue, candidate: green, share: {{run: [{share}]}}, read: {{run: [{read}]}}}}}}\n    \
         deploy: {pace}\n    rollback: {pace}\n    services:\n      app:\n        driver: {{command: {{run: [{bring}], cleanup: [{stop}]}}}}\n        \
         checks:\n          - {{name: it answers, interval: 50ms, success_streak: 2, deadline: 2s, \
         http: {{url: \"${{slot:url}}\", expect_version: {{json: .version}}}}}}\n"
    );
    std::fs::write(world.path("ci/lastgood.yml"), config).unwrap();
    world.runs("app-blue", "1.0");
    std::fs::write(world.path("live/.shares"), r#"{"blue": 100, "green": 0}"#).unwrap();
    world.at("ci").run("record --version 1.0").ends(0, "recorded");
    world.at("ci").run("verify").ends(0, "healthy");
    world
}

/// The same with a good 2.0, which serves in `green`.
fn shop_on_green(pace: Pace) -> World {
    let world = shop(pace);
    world.at("ci").run("deploy --version 2.0").ends(0, "healthy");
    world
}

/// A copy has another folder and another address: the configuration must name those.
fn settled(world: &World) -> &World {
    let file = world.path("ci/lastgood.yml");
    let config = std::fs::read_to_string(&file).unwrap();
    let folder = world.path(".").display().to_string();
    let folder = folder.trim_end_matches("/.");
    let moved: String = config
        .split_inclusive(['[', ']', '"'])
        .map(|part| {
            let end = part.len() - 1;
            let (word, closing) = part.split_at(end);
            let name = word.rsplit('/').next().unwrap_or_default();
            if word.starts_with("http://") {
                format!("{}{closing}", world.health(name))
            } else if word.starts_with('/') {
                format!("{folder}/{name}{closing}")
            } else {
                part.to_owned()
            }
        })
        .collect();
    std::fs::write(file, moved).unwrap();
    world
}

/// Exactly one slot is live, all traffic is there, and what answers there is what the ledger says.
fn one_serves(world: &World, point: &str) -> String {
    let status = world.at("ci").run("status").json;
    let slots = status["slots"].as_array().unwrap();
    let live: Vec<&Value> = slots.iter().filter(|slot| slot["state"] == "live").collect();
    assert_eq!(live.len(), 1, "{point}: {slots:?}");
    assert_eq!(live[0]["traffic"], 100, "{point}: {slots:?}");
    assert_eq!(status["drift"], Value::Null, "{point}");
    assert_eq!(status["in_progress"], Value::Null, "{point}");
    let slot = live[0]["slot"].as_str().unwrap();
    let version = status["current"]["versions"]["app"]["version"].as_str().unwrap();
    assert_eq!(world.running(&format!("app-{slot}")).as_deref(), Some(version), "{point}");
    version.to_owned()
}

fn deployed_and_killed(story: &str, pace: Pace) {
    let start = shop(pace);
    let verb = |world: &World| {
        settled(world);
        "deploy --version 2.0".to_owned()
    };
    killed_in_writing(story, &start, verb, |world, point| {
        let begun = world.events().iter().any(|event| event["n"] == 2);
        world.at("ci").run("resume");
        let expected = if begun { "2.0" } else { "1.0" };
        assert_eq!(one_serves(world, point), expected, "{point}");
    });
}

fn returned_and_killed(story: &str, pace: Pace) {
    let start = shop_on_green(pace);
    let verb = |world: &World| {
        settled(world);
        "rollback --reason sick".to_owned()
    };
    killed_in_writing(story, &start, verb, |world, point| {
        let begun = world.events().iter().any(|event| event["n"] == 3);
        world.at("ci").run("resume");
        let expected = if begun { "1.0" } else { "2.0" };
        assert_eq!(one_serves(world, point), expected, "{point}");
        assert_eq!(world.calls(), ["deploy green 2.0"], "{point}: nothing is driven back");
    });
}

#[test]
fn a_deploy_to_a_slot_killed_at_any_point_ends_with_one_that_serves() {
    deployed_and_killed("deploy to a slot", Pace::AtOnce);
}

#[test]
fn a_deploy_in_stages_killed_at_any_point_ends_with_one_that_serves() {
    deployed_and_killed("deploy in stages", Pace::InStages);
}

#[test]
fn a_return_to_a_slot_killed_at_any_point_ends_with_one_that_serves() {
    returned_and_killed("return to a slot", Pace::AtOnce);
}

#[test]
fn a_return_in_stages_killed_at_any_point_ends_with_one_that_serves() {
    returned_and_killed("return in stages", Pace::InStages);
}

#[test]
fn a_cleanup_of_a_slot_killed_at_any_point_ends_with_an_empty_slot_or_an_untouched_one() {
    let start = shop_on_green(Pace::AtOnce);
    let verb = |world: &World| {
        settled(world);
        "switch --cleanup --reason cost".to_owned()
    };
    killed_in_writing("cleanup of a slot", &start, verb, |world, point| {
        let begun = world.events().iter().any(|event| event["n"] == 3);
        let told =
            world.events().iter().any(|event| event["type"] == "service_done" && event["n"] == 3);
        let calls = world.calls().len();
        world.at("ci").run("resume");
        assert_eq!(one_serves(world, point), "2.0", "{point}: what serves is as it was");
        let left = if begun { None } else { Some("1.0") };
        assert_eq!(world.running("app-blue").as_deref(), left, "{point}");
        let status = world.at("ci").run("status").json;
        let blue = &status["slots"][0];
        let holds = blue["versions"]["app"]["version"].as_str();
        assert_eq!((blue["state"].as_str(), holds), (Some("idle"), left), "{point}");
        if told {
            assert_eq!(
                world.calls().len(),
                calls,
                "{point}: what was stopped is not stopped again"
            );
        }
        world.at("ci").run("rollback --reason sick").ends(0, "returned");
        assert_eq!(one_serves(world, point), "1.0", "{point}: the way back is open");
    });
}

#[test]
fn a_slot_is_emptied_by_its_driver_and_told_as_such() {
    let world = shop_on_green(Pace::AtOnce);
    let planned = world.at("ci").run("switch --cleanup --dry-run").ends(0, "planned");
    let plan = &planned.json["plan"][0];
    let command = plan["commands"][0].as_str().unwrap();
    assert!(command.ends_with("/stop") && command.contains("LASTGOOD_SLOT=blue"), "{command}");
    assert!(!command.contains("LASTGOOD_ACTION"), "{command}");
    assert_eq!((&plan["from"]["version"], &plan["to"]), (&"1.0".into(), &Value::Null));
    assert_eq!(world.running("app-blue").as_deref(), Some("1.0"));
    let done = world.at("ci").run("switch --cleanup --reason cost").ends(0, "done");
    let told = &done.json["deployment"];
    assert_eq!((&told["kind"], &told["empties"]), (&"switch".into(), &true.into()));
    assert_eq!(told["status"], "emptied");
    assert_eq!(world.running("app-blue"), None);
    assert_eq!(world.calls(), ["deploy green 2.0", "stop blue "], "it is told no action");
    world.at("ci").run("switch --cleanup").ends(0, "already_there");
    world.at("ci").run("switch --cleanup --strategy gradual").ends(2, "invalid");
    world.at("ci").run("verify").ends(0, "healthy");
    let history = world.at("ci").run("history").json;
    assert_eq!(history["deployments"][0]["status"], "emptied");
    let last = world.at("ci").run("status").json;
    assert_eq!((&last["current"]["n"], &last["last_stable"]["n"]), (&2.into(), &2.into()));
}
