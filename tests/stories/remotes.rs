//! Remotes that refuse, are away, are slow, or cut the answer.

use crate::main_job::with_a_stable_one;
use crate::world::World;

/// Refuses to update what matches a shell pattern.
fn refusing(pattern: &str) -> String {
    format!("case $1 in {pattern}) echo 'not here' >&2; exit 1;; esac")
}

/// Everything that lastgood may not change in a clone.
fn untouched(world: &World, clone: &str) -> Vec<(String, String)> {
    let git = |args: &str| (args.to_owned(), world.git(clone, args));
    let mut told = vec![
        git("for-each-ref"),
        git("status --porcelain --ignored"),
        git("rev-parse --is-shallow-repository"),
        git("symbolic-ref HEAD"),
    ];
    for file in ["config", "index", "shallow", "packed-refs", "FETCH_HEAD", "HEAD"] {
        let bytes = std::fs::read(world.path(clone).join(".git").join(file));
        told.push((file.to_owned(), format!("{:?}", bytes.ok())));
    }
    for file in ["one", "two"] {
        let bytes = std::fs::read(world.path(clone).join(file)).unwrap();
        told.push((file.to_owned(), format!("{bytes:?}")));
    }
    told
}

fn take_away(world: &World) {
    std::fs::rename(world.path("remote.git"), world.path("away.git")).unwrap();
}

fn bring_back(world: &World) {
    std::fs::rename(world.path("away.git"), world.path("remote.git")).unwrap();
}

#[test]
fn where_tags_are_refused_the_ledger_is_written_and_the_refusal_told() {
    let world = World::new();
    world.hook("update", &refusing("refs/tags/*"));
    world.runs("app", "1.0");
    let told = world.at("ci").run("record --version 1.0").ends(0, "recorded");
    let result = told.json["deployment"]["tag_result"].as_str().unwrap();
    assert!(result.starts_with("refused"), "{result}");
    world.at("ci").verify().ends(0, "healthy");
    assert_eq!((world.tags().len(), world.at("ci").story()), (0, vec!["1 deploy stable".into()]));
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    world.at("ci").rollback("").ends(0, "returned");
    assert_eq!(world.running("app").unwrap(), "1.0");
}

#[test]
fn where_the_ledger_is_refused_nothing_is_written_and_the_cause_told() {
    let world = World::new();
    world.hook("update", &refusing("refs/notes/*"));
    let before = world.refs();
    let told = world.at("ci").with("--patience 2s").run("record --version 1.0");
    assert!(told.code.is_some_and(|code| code != 0), "{told}");
    assert!(format!("{told}").contains("not here"), "{told}");
    let told = world.at("ci").with("--patience 2s").deploy("--version 1.0");
    assert!(told.code.is_some_and(|code| code != 0), "{told}");
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
}

#[test]
fn while_the_remote_is_away_nothing_is_begun() {
    let world = with_a_stable_one();
    take_away(&world);
    let at = world.at("ci").with("--patience 1s");
    for verb in ["begin --version 2.0", "status", "history", "mark 1 bad --reason x"] {
        let told = at.run(verb);
        assert_eq!(told.code, Some(8), "{told}");
    }
    for told in [at.deploy("--version 2.0"), at.rollback(""), at.verify_and_act()] {
        assert_eq!(told.code, Some(8), "{told}");
    }
    assert_eq!(world.calls().len(), 0);
    bring_back(&world);
    assert_eq!(world.at("ci").story(), ["1 deploy stable"]);
}

#[test]
fn a_port_that_nobody_listens_on_is_a_remote_that_is_away() {
    let world = World::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let remote = format!("--patience 1s --remote http://{free}/shop.git");
    let told = world.at("ci").with(&remote).run("status");
    assert_eq!(told.code, Some(8), "{told}");
}

#[test]
fn what_was_recorded_while_the_remote_was_away_waits_until_resume_writes_it() {
    let world = with_a_stable_one();
    take_away(&world);
    let told = world.at("ci").with("--patience 1s").run("record --version 2.0");
    let told = told.ends(8, "not_recorded");
    let message = told.json["message"].as_str().unwrap();
    let file = message.split('`').rfind(|part| std::path::Path::new(part).is_absolute());
    let file = file.unwrap();
    assert!(std::path::Path::new(file).exists(), "{message}");
    bring_back(&world);
    assert_eq!(world.at("ci").story(), ["1 deploy stable"]);
    world.at("ci").resume().ends(0, "done");
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy deployed"]);
    assert!(!std::path::Path::new(file).exists());
    world.at("ci").resume().ends(0, "nothing_to_resume");
}

#[test]
fn what_was_driven_while_the_remote_went_away_is_written_and_finished_by_resume() {
    let world = with_a_stable_one();
    let away = "mv \"$(dirname \"$0\")/remote.git\" \"$(dirname \"$0\")/away.git\"";
    let driver = world.driver_that("cutting", away);
    let at = world.at("ci").with("--patience 1s").driving(&driver);
    at.deploy("--version 2.0").ends(8, "not_recorded");
    assert_eq!(world.running("app").unwrap(), "2.0");
    bring_back(&world);
    assert_eq!(world.at("ci").status()["in_progress"]["n"], 2);
    world.at("ci").resume().ends(0, "healthy");
    assert_eq!(world.calls(), ["deploy app 2.0"]);
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy stable"]);
}

#[test]
fn an_end_that_could_not_be_written_is_not_told_as_nothing_done() {
    let world = with_a_stable_one();
    let newest = "$(git log -1 --format=%s refs/notes/lastgood/production)";
    let away =
        format!("case \"{newest}\" in '2 of production: app') mv \"$PWD\" ../away.git;; esac");
    world.hook("post-receive", &away);
    let told = world.at("ci").with("--patience 1s").deploy("--version 2.0");
    assert_eq!(told.code, Some(8), "{told}");
    assert_eq!(world.running("app").unwrap(), "2.0");
    assert_ne!(told.reason(), "unreachable", "that would say that nothing was done: {told}");
    bring_back(&world);
    world.at("ci").resume().ends(0, "healthy");
    assert_eq!(world.calls(), ["deploy app 2.0"]);
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy stable"]);
}

#[test]
fn a_remote_that_comes_back_within_patience_is_waited_for() {
    let world = with_a_stable_one();
    take_away(&world);
    let call = world.at("ci").spawn("record --version 2.0");
    // Only after it has told that it tries again is it certain that it met nobody.
    let told = call.after_saying("trying again", || bring_back(&world));
    assert_eq!(told.ends(0, "recorded").n(), 2);
}

#[test]
fn a_slow_remote_is_waited_for() {
    let world = World::new();
    world.hook("pre-receive", "sleep 1");
    world.at("ci").run("record --version 1.0").ends(0, "recorded");
    assert_eq!(world.events().len(), 1);
}

#[test]
fn a_remote_that_accepts_and_cuts_the_answer_gets_nothing_twice() {
    let world = with_a_stable_one();
    let once = "[ -e ../cut ] && exit 0; touch ../cut; kill -9 $PPID";
    world.hook("post-receive", once);
    let told = world.at("ci").run("record --version 2.0").ends(0, "recorded");
    assert!(world.path("cut").exists());
    assert_eq!(told.n(), 2);
    let deployed = world.events().iter().filter(|event| event["type"] == "deployed").count();
    assert_eq!(deployed, 2);
    assert!(world.tags().contains(&"deploy/production/2".to_owned()), "{:?}", world.tags());
}

#[test]
fn a_remote_that_cuts_every_answer_is_still_written_once() {
    let world = with_a_stable_one();
    world.hook("post-receive", "kill -9 $PPID");
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    world.unhook("post-receive");
    let ids: std::collections::BTreeSet<_> =
        world.events().iter().map(|event| event["ev"].to_string()).collect();
    assert_eq!(ids.len(), world.events().len());
    assert_eq!(world.at("ci").story(), ["1 deploy stable", "2 deploy stable"]);
}

#[test]
fn notes_of_the_users_own_are_neither_read_nor_touched() {
    let world = with_a_stable_one();
    for (notes, text) in [("commits", "mine"), ("lastgood/production", "not an event")] {
        world.git("ci", &format!("notes --ref={notes} add -m '{text}' HEAD"));
    }
    let before = untouched(&world, "ci");
    world.at("ci").deploy("--version 2.0").ends(0, "healthy");
    world.at("ci").rollback("").ends(0, "returned");
    assert_eq!(untouched(&world, "ci"), before);
    let story = ["1 deploy stable", "2 deploy rolled_back", "3 rollback stable"];
    assert_eq!(world.at("ci").story(), story);
    let lines = world.lines("refs/notes/lastgood/production");
    assert!(lines.iter().all(|line| line.starts_with('{')), "{lines:?}");
}

#[test]
fn a_shallow_clone_stays_shallow_and_as_it_was() {
    let world = with_a_stable_one();
    for name in ["three", "four"] {
        world.commit(name);
    }
    world.clone_shallow("shallow");
    let before = untouched(&world, "shallow");
    assert!(before.iter().any(|(what, told)| what.contains("shallow") && told == "true"));
    let at = world.at("shallow");
    at.run("record --version 1.5").ends(0, "recorded");
    at.deploy("--version 2.0").ends(0, "healthy");
    at.rollback("--to 1").ends(0, "returned");
    at.run("mark 2 name before-summer").ends(0, "done");
    at.status();
    assert_eq!(untouched(&world, "shallow"), before);
    assert_eq!(world.git("shallow", "rev-list --count --all"), "1");
}

#[test]
fn without_any_clone_a_url_is_enough() {
    let world = with_a_stable_one();
    std::fs::create_dir(world.path("nowhere")).unwrap();
    let at = world.at("nowhere").with(&format!("--remote {}", world.url()));
    assert_eq!(at.story(), ["1 deploy stable"]);
    let head = world.git("ci", "rev-parse HEAD");
    at.deploy(&format!("--version 2.0 --commit {head}")).ends(0, "healthy");
    at.rollback("").ends(0, "returned");
    assert_eq!(world.git("remote.git", "rev-parse deploy/production/2^{commit}"), head);
    assert_eq!(std::fs::read_dir(world.path("nowhere")).unwrap().count(), 0);
}

#[test]
fn what_was_written_without_a_remote_is_joined_to_the_first_one() {
    let world = World::new();
    world.git("ci", "remote remove origin");
    world.runs("app", "1.0");
    world.at("ci").run("record --version 1.0").ends(0, "recorded");
    world.at("ci").verify().ends(0, "healthy");
    assert!(!world.refs().contains("notes"));
    assert_eq!(world.git("ci", "tag --list"), "deploy/production/1\nstable/production/1");
    world.git("ci", "remote add origin ../remote.git");
    let told = world.at("ci").run("record --version 1.1").ends(0, "recorded");
    assert!(told.err.contains("join"), "{told}");
    assert_eq!(told.n(), 2);
    world.clone("other");
    assert_eq!(world.at("other").story(), ["1 deploy stable", "2 deploy deployed"]);
}
