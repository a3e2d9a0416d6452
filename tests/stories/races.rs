//! Many at once: each is told who was first; nothing is lost.

use std::collections::BTreeSet;

use crate::main_job::with_a_stable_one;
use crate::world::{Running, Told, World, until};

const MANY: u64 = 20;

#[test]
fn twenty_that_record_at_once_from_shallow_clones_get_twenty_numbers() {
    let world = World::new();
    let clones: Vec<String> = (1..=MANY).map(|at| format!("runner-{at}")).collect();
    for clone in &clones {
        world.clone_shallow(clone);
    }
    let under_way: Vec<_> = clones
        .iter()
        .map(|clone| world.at(clone).with("--patience 3m").spawn(&record(clone)))
        .collect();
    let told: Vec<Told> =
        under_way.into_iter().map(|call| call.ended().ends(0, "recorded")).collect();
    let given: BTreeSet<u64> = told.iter().map(Told::n).collect();
    assert_eq!(given, (1..=MANY).collect());
    let history = world.at("ci").history();
    assert_eq!(history.len(), clones.len());
    let versions: BTreeSet<_> = history
        .iter()
        .map(|told| told["changed"]["app"]["to"]["version"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(versions, clones.into_iter().collect());
    let tags: BTreeSet<String> = world.tags().into_iter().collect();
    assert_eq!(tags, (1..=MANY).map(|n| format!("deploy/production/{n}")).collect());
    for told in told {
        assert_eq!(told.json["deployment"]["tag_result"], "created");
    }
}

fn record(clone: &str) -> String {
    format!("record --version {clone}")
}

#[test]
fn services_that_are_recorded_at_once_are_all_in_the_newest_restore_point() {
    let world = World::new();
    let services = ["api", "db", "queue", "web"];
    let calls =
        services.map(|service| world.at("ci").spawn(&format!("record --service {service}=1")));
    for call in calls {
        call.ended().ends(0, "recorded");
    }
    let status = world.at("ci").status();
    let versions = status["current"]["versions"].as_object().unwrap();
    assert_eq!(versions.keys().collect::<Vec<_>>(), services);
}

#[test]
fn of_two_that_begin_at_once_one_is_told_who_was_first() {
    let world = with_a_stable_one();
    let begin = |run: &str| world.at("ci").in_run(run).spawn("begin --version 2.0");
    let both = [begin("1"), begin("2")];
    let mut told = both.map(Running::ended);
    told.sort_by_key(|told| told.code);
    let [first, second] = told;
    let n = first.ends(0, "begun").n();
    let second = second.ends(6, "busy");
    assert_eq!(n, 2);
    let said = second.json["message"].as_str().unwrap();
    assert!(said.contains("deployer") && said.contains('2'), "{said}");
    assert_eq!(world.at("ci").history().len(), 2);
}

#[test]
fn of_two_that_deploy_at_once_one_drives() {
    let world = with_a_stable_one();
    let at = world.at("ci");
    let both = ["2.0", "2.1"].map(|v| at.spawn(&at.deploy_verb(&format!("--version {v}"))));
    let codes: BTreeSet<_> = both.into_iter().map(|call| call.ended().code).collect();
    // Who comes second is refused, or begins once the first is deployed: then the first one's gate
    // finds the second at work and judges nothing.
    let told = [Some(0), Some(6), Some(7)].into();
    assert!(codes.contains(&Some(0)) && codes.is_subset(&told), "{codes:?}");
    world.holds_true("");
    assert!(at.status()["in_progress"].is_null());
    let mut open = None;
    for event in world.events() {
        match event["type"].as_str() {
            Some("started") => assert_eq!(open.replace(event["op"].clone()), None, "{event}"),
            Some("finished") => assert_eq!(open.take(), Some(event["op"].clone()), "{event}"),
            _ => {}
        }
    }
}

#[test]
fn while_one_drives_another_that_deploys_is_told_so_and_drives_nothing() {
    let world = with_a_stable_one();
    let (begun, go_on) = (world.path("begun"), world.path("go-on"));
    let wait = format!(
        "touch '{}'; while [ ! -e '{}' ]; do sleep 0.05; done",
        begun.display(),
        go_on.display()
    );
    let at = world.at("ci").driving(&world.driver_that("held", &wait));
    let first = at.spawn(&at.deploy_verb("--version 2.0"));
    until("the first one drives", || begun.exists());
    let before = world.refs();
    world.at("ci").deploy("--version 2.1").ends(6, "busy");
    assert_eq!((world.refs(), world.running("app").as_deref()), (before, Some("1.0")));
    std::fs::write(&go_on, "").unwrap();
    first.ended().ends(0, "healthy");
    assert_eq!(world.running("app").as_deref(), Some("2.0"));
}

#[test]
fn two_that_look_at_once_mark_stable_once() {
    let world = World::new();
    world.runs("app", "1.0");
    world.at("ci").run("record --version 1.0").ends(0, "recorded");
    let verify = format!("verify --check {}", world.path("gate.yml").display());
    let both = [world.at("ci").spawn(&verify), world.at("ci").spawn(&verify)];
    for call in both {
        call.ended().ends(0, "healthy");
    }
    let types: Vec<_> = world.events().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["deployed", "verified", "stable"]);
}
