//! Lines that anyone can append, and who else must vouch.

use serde_json::json;

use crate::main_job::with_a_stable_one;
use crate::world::{Forge, Told, World};

/// After 1.0, which is good, somebody with write access calls 6.6 of a commit of his own good; 2.0 runs.
fn forged() -> World {
    let world = with_a_stable_one();
    world.git("seed", "switch -q -c side main~1");
    std::fs::write(world.path("seed/evil"), "evil").unwrap();
    world.git("seed", "add .");
    world.git("seed", "commit -q -m evil");
    world.git("seed", "push -q origin side");
    let commit = world.git("seed", "rev-parse HEAD");
    world.git("ci", "fetch -q origin");
    let stranger = world.at("ci").with("--actor stranger");
    stranger.run(&format!("record --version 6.6 --commit {commit}")).ends(0, "recorded");
    stranger.run("mark 2 good --reason 'it is mine'").ends(0, "done");
    world.runs("app", "2.0");
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    world
}

fn safety(told: &Told, name: &str) -> serde_json::Value {
    let all = told.json["rollback"]["safety"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).cloned().unwrap()
}

fn messages(told: &Told) -> Vec<(String, String)> {
    let findings = told.json["findings"].as_array().unwrap();
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    findings.iter().map(|one| (word(one, "health"), word(one, "message"))).collect()
}

#[test]
fn a_commit_that_somebody_calls_good_and_that_main_does_not_hold_is_not_gone_back_to() {
    let world = forged();
    let before = world.refs();
    world.at("ci").rollback("").ends(6, "target_not_reachable");
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
    world.sicken("app", "2.0");
    world.at("ci").verify_and_act().ends(3, "target_not_reachable");
    assert_eq!((world.running("app").unwrap(), world.calls().len()), ("2.0".to_owned(), 0));
    let told = world.at("ci").rollback("--to 1").ends(0, "returned");
    assert_eq!(safety(&told, "target_reachable")["passed"], true);
    assert_eq!(safety(&told, "target_tagged")["passed"], true);
}

/// The ledger's page of production, changed by somebody with write access.
fn rewritten(world: &World, change: impl Fn(&str) -> String) {
    let notes = "refs/notes/lastgood/production";
    world.git("ci", &format!("fetch -q origin +{notes}:{notes}"));
    for listed in world.git("ci", &format!("notes --ref {notes} list")).lines() {
        let object = listed.split(' ').nth(1).unwrap();
        let text = world.git("ci", &format!("notes --ref {notes} show {object}"));
        std::fs::write(world.path("page"), change(&text)).unwrap();
        let file = world.path("page").display().to_string();
        world.git("ci", &format!("notes --ref {notes} add -f -F {file} {object}"));
    }
    world.git("ci", &format!("push -q origin {notes}"));
}

#[test]
fn a_rollback_that_somebody_forged_is_no_way_to_bring_in_what_main_does_not_hold() {
    let world = with_a_stable_one();
    world.commit("three");
    world.git("ci", "pull -q");
    world.runs("app", "2.0");
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    world.at("ci").verify().ends(0, "healthy");
    world.at("ci").rollback("").ends(0, "returned");
    world.git("seed", "switch -q -c side main~1");
    world.git("seed", "commit -q --allow-empty -m evil");
    world.git("seed", "push -q origin side");
    world.git("ci", "fetch -q origin");
    let [good, evil] = ["main", "side"].map(|name| world.git("seed", &format!("rev-parse {name}")));
    rewritten(&world, |page| page.replace(&good, &evil));
    let (before, calls) = (world.refs(), world.calls());
    let cancel = world.at("ci").cancel_verb();
    world.at("ci").run(&cancel).ends(6, "target_not_reachable");
    let dry = cancel.replacen("cancel", "cancel --dry-run", 1);
    world.at("ci").run(&dry).ends(6, "target_not_reachable");
    assert_eq!((world.refs(), world.calls()), (before, calls));
    let forced = cancel.replacen("cancel", "cancel --force", 1);
    world.at("ci").run(&forced).ends(0, "done");
}

#[test]
fn a_shallow_clone_cannot_tell_says_so_and_is_refused_where_a_branch_is_named() {
    let world = with_a_stable_one();
    world.commit("three");
    world.clone_shallow("shallow");
    world.runs("app", "2.0");
    world.at("shallow").run("record --version 2.0").ends(0, "recorded");
    let config =
        "version: 1\nenvironments: {production: {safety: {target: {reachable_from: [main]}}}}\n";
    std::fs::write(world.path("named.yml"), config).unwrap();
    let named = world.path("named.yml").display().to_string();
    let strict = world.at("shallow").with(&format!("--config {named}"));
    strict.rollback("").ends(6, "target_not_reachable");
    let told = world.at("shallow").rollback("").ends(0, "returned");
    let reachable = safety(&told, "target_reachable");
    assert_eq!((&reachable["passed"], &reachable["severity"]), (&json!(false), &json!("warning")));
}

#[test]
fn a_tag_that_must_be_there_and_is_not_or_says_something_else_stands_against_it() {
    let world = with_a_stable_one();
    world.runs("app", "2.0");
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    let config = "version: 1\nenvironments: {production: {safety: {target: {tag: required}}}}\n";
    std::fs::write(world.path("tagged.yml"), config).unwrap();
    let strict = world.at("ci").with(&format!("--config {}", world.path("tagged.yml").display()));
    let tag = world.git("remote.git", "rev-parse deploy/production/1");
    world.git("remote.git", "tag -d deploy/production/1");
    strict.rollback("").ends(6, "target_not_tagged");
    world.git("remote.git", "tag -a -m other deploy/production/1 main");
    world.at("ci").rollback("").ends(6, "target_not_tagged");
    world.git("remote.git", &format!("update-ref refs/tags/deploy/production/1 {tag}"));
    strict.rollback("").ends(0, "returned");
}

#[test]
fn a_ledger_that_did_not_only_grow_is_an_alarm() {
    let world = with_a_stable_one();
    assert_eq!(world.at("ci").run("doctor").code, Some(0));
    let notes = "refs/notes/lastgood/production";
    let before = world.git("remote.git", &format!("rev-parse {notes}"));
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    world.git("remote.git", &format!("update-ref {notes} {before}"));
    let told = world.at("ci").run("doctor").ends(1, "failed");
    let lost =
        ("broken".to_owned(), "tag `deploy/production/2` has no line in the ledger".to_owned());
    assert!(messages(&told).contains(&lost), "{told}");
}

#[test]
fn tags_that_say_something_else_or_praise_what_was_never_good_are_an_alarm() {
    let world = with_a_stable_one();
    world.at("ci").run("record --version 2.0").ends(0, "recorded");
    world.git("remote.git", "tag -f -a -m other deploy/production/1 main~1");
    world.git("remote.git", "tag -a -m praise stable/production/2 main");
    let told = world.at("ci").run("doctor").ends(1, "failed");
    let found = messages(&told);
    for message in [
        "tag `deploy/production/1` says something else than the ledger",
        "tag `stable/production/2` says something else than the ledger",
        "tag `stable/production/2` stands, and deployment 2 was never found good",
    ] {
        assert!(found.contains(&("broken".to_owned(), message.to_owned())), "{message}\n{told}");
    }
}

#[test]
fn on_github_it_tells_who_may_make_tags_and_which_schedule_sleeps() {
    let forge = Forge::start();
    let world = with_a_stable_one();
    let at = world.at("ci").on_github("1", &forge.base());
    let told = at.run("doctor").ends(0, "done");
    let open = "whoever may write to the repository may make, move and remove the tags `deploy/…` and `stable/…`";
    assert!(messages(&told).contains(&("odd".to_owned(), open.to_owned())), "{told}");
    let ruleset = json!({
        "id": 5, "name": "ours", "target": "tag", "enforcement": "active",
        "rules": [{"type": "creation"}, {"type": "update"}, {"type": "deletion"}],
        "conditions": {"ref_name": {
            "include": ["refs/tags/deploy/**/*", "refs/tags/stable/**/*"], "exclude": []}},
        "bypass_actors": [{"actor_id": 7, "actor_type": "Integration", "bypass_mode": "always"}],
    });
    let nightly = json!({"path": ".github/workflows/nightly.yml", "state": "disabled_inactivity"});
    forge.remember(&json!({"rulesets": [ruleset], "workflows": [nightly]}));
    let told = at.clone().env("LASTGOOD_IN_TAG_TOKEN", "another").run("doctor").ends(1, "failed");
    let found = messages(&told);
    let well = ("well".to_owned(), "the rulesets `ours` protect the tags".to_owned());
    assert!(found.contains(&well), "{told}");
    let asleep = "the schedule of `.github/workflows/nightly.yml` was switched off by GitHub, because nothing \
                  was pushed for sixty days";
    assert!(found.contains(&("broken".to_owned(), asleep.to_owned())), "{told}");
    assert!(forge.asked().len() <= 15, "{:#?}", forge.asked());
    forge.fails("403");
    at.run("doctor").ends(0, "done");
}
