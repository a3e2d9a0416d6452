//! Bad input gets a clear error, and nothing is touched.

use crate::main_job::with_a_stable_one;
use crate::world::{At, Told, World};

/// Calls and makes sure that neither the remote nor the service has changed.
#[track_caller]
fn untouched(world: &World, code: i32, call: impl FnOnce() -> Told) -> Told {
    let before = (world.refs(), world.calls());
    let told = call();
    assert_eq!(told.code, Some(code), "{told}");
    assert_eq!((world.refs(), world.calls()), before, "{told}");
    told
}

fn args(of: &[&str]) -> Vec<String> {
    of.iter().map(|arg| (*arg).to_owned()).collect()
}

fn in_words(at: At<'_>) -> At<'_> {
    at.with("--format text")
}

#[test]
fn names_that_could_be_no_ref_or_no_service_are_refused() {
    let world = with_a_stable_one();
    for name in ["", " ", " a", "-x", "a\nb", "\u{1b}[31m", "\u{202e}a", &"x".repeat(300)] {
        let at = world.at("ci").without("-e");
        let given = args(&["record", "--version", "1", &format!("--environment={name}")]);
        untouched(&world, 2, || at.run_args(&given));
    }
    for service in ["=1", "-a=1", "a=", "a", "a\u{202e}=1"] {
        let given = args(&["record", "--service", service]);
        untouched(&world, 2, || world.at("ci").run_args(&given));
    }
    for version in ["", "a\u{1b}[2J", "a\nb", "a\u{202e}b", &"v".repeat(600)] {
        let given = args(&["record", "--version", version]);
        untouched(&world, 2, || world.at("ci").run_args(&given));
    }
    for image in ["a\u{1b}[2J", "a\nb", "a\u{202e}b", &"i".repeat(600)] {
        let given = args(&["record", "--version", "2", "--image", image]);
        untouched(&world, 2, || world.at("ci").run_args(&given));
    }
    untouched(&world, 2, || world.at("ci").run("mark 1 name ''"));
}

#[test]
fn environments_with_unusual_names_get_refs_that_git_takes() {
    let world = World::new();
    for name in [
        "review-12",
        "a.b",
        "x.lock",
        "Größe",
        "a/b",
        "we%ird",
        "HEAD",
        "a..b",
        "../up",
        "'a b'",
        "@{0}",
    ] {
        let at = world.at("ci").with(&format!("-e {name}"));
        at.run("record --version 1.0").ends(0, "recorded");
        assert_eq!(at.status()["current"]["n"], 1, "{name}");
    }
    world.git("remote.git", "fsck --strict");
}

#[test]
fn names_that_differ_by_case_alone_are_refused() {
    let world = with_a_stable_one();
    let told =
        untouched(&world, 2, || world.at("ci").with("-e Production").run("record --version 1"));
    assert!(format!("{told}").contains("production"), "{told}");
}

#[test]
fn a_target_that_does_not_exist_is_refused_with_near_misses() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 1.20.3").ends(0, "healthy");
    world.at("ci").run("mark 1 name before-summer").ends(0, "done");
    for (wanted, near) in [("1.20.4", "1.20.3"), ("befor-summer", "before-summer"), ("17", "")] {
        let told = untouched(&world, 6, || world.at("ci").rollback(&format!("--to {wanted}")));
        let told = told.ends(6, "target_unknown");
        assert!(told.out.contains(near), "{told}");
    }
    let told =
        untouched(&world, 6, || world.at("ci").run("verify --deployment 9 --tcp localhost:1"));
    told.ends(6, "target_unknown");
}

#[test]
fn who_insists_or_undoes_must_say_why() {
    let world = with_a_stable_one();
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    let drive = world.path("drive").display().to_string();
    for verb in [
        "record --force --version 3".to_owned(),
        "begin --force --version 3".to_owned(),
        format!("deploy --force --version 3 -- {drive}"),
        format!("rollback -- {drive}"),
        format!("rollback --reason '  ' -- {drive}"),
        format!("rollback --force --to 1 -- {drive}"),
        format!("cancel -- {drive}"),
        "mark 1 good".to_owned(),
        "mark 1 bad".to_owned(),
        "lock".to_owned(),
    ] {
        let told = untouched(&world, 2, || in_words(world.at("ci")).run(&verb));
        assert!(format!("{told}").contains("reason"), "{told}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_would_be() {
    let world = with_a_stable_one();
    let at = in_words(world.at("ci"));
    for (verb, says) in [
        ("verify", "--http"),
        ("deploy -- true", "--version"),
        ("record", "--version"),
        ("deploy --version 2", "--handover"),
        ("rollback --reason x --to 1 --handover -- true", "--handover"),
        ("record --version 2 --replicas many", "many"),
        ("record --service a=1 --service a=2", "twice"),
        ("record --service a=1 --service c=1 --image b=img", "`b`"),
        ("record --version 2 --config-file missing.yml", "missing.yml"),
        ("record --version 2 --commit nowhere", "--commit"),
        ("record --version 2 --operation nothing", "--operation"),
        ("verify --http ftp://x", "ftp"),
        ("verify --tcp nowhere", "nowhere"),
        ("verify --http http://localhost --deadline 5", "5"),
        ("lock --for 3 --reason x", "3"),
        ("mark 1 good better --reason x", "name"),
        ("rollbck", "rollback"),
    ] {
        let told = untouched(&world, 2, || at.run(verb));
        assert!(format!("{told}").contains(says), "{told}");
    }
    let several = "record --service a --service b=1 --replicas c=no";
    let told = untouched(&world, 2, || at.run(several));
    let said = format!("{told}");
    assert!(said.contains("`a`") && said.contains("replicas"), "all mistakes at once: {said}");
}

#[test]
fn outside_of_a_repository_it_says_so() {
    let world = World::new();
    std::fs::create_dir(world.path("nowhere")).unwrap();
    for verb in ["status", "record --version 1", "history"] {
        let told = untouched(&world, 2, || in_words(world.at("nowhere")).run(verb));
        assert!(format!("{told}").contains("--remote"), "{told}");
    }
    let told = untouched(&world, 2, || world.at("ci").with("--remote upstream").run("status"));
    assert!(format!("{told}").contains("upstream"), "{told}");
}

fn with_only<'a>(world: &'a World, programs: &str) -> At<'a> {
    in_words(world.at("ci")).env("PATH", &world.path(programs).display().to_string())
}

#[test]
fn without_git_or_with_one_that_is_too_old_it_says_what_is_needed() {
    let world = with_a_stable_one();
    std::fs::create_dir(world.path("empty")).unwrap();
    let told = untouched(&world, 1, || with_only(&world, "empty").run("record --version 2"));
    assert!(format!("{told}").contains("git"), "{told}");
    world.script("old/git", "echo git version 2.20.1");
    let told = untouched(&world, 1, || with_only(&world, "old").run("record --version 2"));
    let said = format!("{told}");
    assert!(said.contains("2.20") && said.contains("2.34"), "{said}");
}

#[test]
fn foreign_and_hostile_lines_are_kept_and_named_and_every_verb_still_works() {
    let world = with_a_stable_one();
    let at = world.at("ci");
    let deployed = world.events()[0].to_string();
    let far = deployed.replacen(
        world.events()[0]["id"].as_str().unwrap(),
        "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        1,
    );
    let hostile = [
        "just a remark of somebody's".to_owned(),
        "\u{1b}[31m::error::red\u{202e}".to_owned(),
        "x".repeat(64 * 1024),
        format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("{{\"id\":{}1{}}}", "{\"a\":".repeat(5_000), "}".repeat(5_000)),
        deployed
            .replace("\"n\":1,", "\"n\":18446744073709551615,")
            .replace("\"ev\":\"0", "\"ev\":\"1"),
        far.replace("\"ev\":\"0", "\"ev\":\"2"),
        deployed.replace("\"v\":1,", "\"v\":99,").replace("\"ev\":\"0", "\"ev\":\"3"),
        "{\"id\":null}".to_owned(),
        "{}".to_owned(),
    ];
    for line in &hostile {
        world.write_line(line);
    }
    let told = at.run("doctor");
    let findings = told.json["findings"].as_array().unwrap();
    let named = findings.iter().filter(|one| one["message"].as_str().unwrap().contains("no event"));
    assert!(named.count() >= 8, "{told}");
    assert!(!told.out.contains('\u{1b}') && !told.out.contains('\u{202e}'), "{told}");
    at.status();
    at.history();
    at.verify().ends(0, "healthy");
    at.run("record --version 1.1").ends(0, "recorded");
    at.verify().ends(0, "healthy");
    at.deploy("--version 1.2").ends(0, "healthy");
    at.rollback("").ends(0, "returned");
    at.run(&at.cancel_verb()).ends(0, "done");
    at.run("mark 2 name here").ends(0, "done");
    at.run("lock --reason looking --for 1h").ends(0, "done");
    at.run("unlock").ends(0, "done");
    let lines = world.lines("refs/notes/lastgood/production");
    for line in &hostile {
        assert!(lines.contains(line), "{}", &line[..line.len().min(80)]);
    }
}

#[test]
fn a_tag_in_the_way_of_ours_is_named_and_blocks_no_ledger() {
    let world = World::new();
    world.git("ci", "tag deploy");
    world.git("ci", "push -q origin refs/tags/deploy");
    let told = world.at("ci").run("doctor");
    assert_eq!(told.code, Some(1), "{told}");
    assert!(told.out.contains("the tag `deploy` stands in the way"), "{told}");
    let told = world.at("ci").run("record --version 1.0").ends(0, "recorded");
    let result = told.json["deployment"]["tag_result"].as_str().unwrap();
    assert!(result.starts_with("refused"), "{told}");
    assert_eq!(world.at("ci").status()["current"]["n"], 1);
}
