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
