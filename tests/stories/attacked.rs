//! What an experienced release engineer would try to break.

use crate::main_job::with_a_stable_one;

#[test]
fn a_dry_run_of_mark_says_what_the_real_one_would() {
    let world = with_a_stable_one();
    let at = world.at("ci");
    at.run("mark 1 name before-sale").ends(0, "done");
    at.deploy("--version 2.0").ends(0, "healthy");
    let before = world.refs();
    at.run("mark 9 good --dry-run").ends(6, "target_unknown");
    at.run("mark 2 name before-sale --dry-run").ends(6, "ambiguous");
    let told = at.run("mark 2 bad --dry-run").ends(0, "planned");
    assert_eq!(told.n(), 2);
    assert_eq!(world.refs(), before);
}

#[test]
fn another_ones_lock_is_opened_only_with_a_reason() {
    let world = with_a_stable_one();
    let (one, other) = (world.at("ci"), world.at("ci").with("--actor operator"));
    other.run("lock --reason 'the database moves'").ends(0, "done");
    let told = one.run("unlock").ends(2, "invalid");
    assert!(told.out.contains("operator"), "{told}");
    one.run("begin --version 2.0").ends(6, "locked");
    one.run("unlock --reason 'operator is asleep'").ends(0, "done");
    other.run("lock --reason again").ends(0, "done");
    other.run("unlock").ends(0, "done");
}

#[test]
fn a_usage_mistake_names_the_verb_and_the_environment() {
    let world = with_a_stable_one();
    let at = world.at("ci");
    for verb in ["record --bogus", "lock --for 3", "mark x good", "show"] {
        let told = at.run(verb).ends(2, "invalid");
        assert_eq!(told.json["command"], verb.split(' ').next().unwrap(), "{told}");
        assert_eq!(told.json["environment"], "production", "{told}");
    }
    let told = at.run("nonsense").ends(2, "invalid");
    assert_eq!(told.json["command"], "lastgood", "{told}");
}

#[test]
fn inputs_may_be_empty_and_spell_true_in_many_ways() {
    let world = with_a_stable_one();
    let mut at = world.at("ci");
    for name in ["AUTO_ROLLBACK", "DEPLOYMENT", "WATCH", "DRY_RUN", "DEADLINE", "COLOR", "TO"] {
        at = at.env(&format!("LASTGOOD_IN_{name}"), "");
    }
    at.verify().ends(0, "healthy");
    for (word, ending) in [("1", "planned"), ("yes", "planned"), ("0", "healthy")] {
        at.clone().env("LASTGOOD_IN_DRY_RUN", word).verify().ends(0, ending);
    }
    at.env("LASTGOOD_IN_DRY_RUN", "perhaps").verify().ends(2, "invalid");
}
