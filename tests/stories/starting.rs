//! The first five minutes in a repository.

use crate::world::World;

#[test]
fn what_init_writes_is_a_configuration_without_a_mistake() {
    for environment in ["production", "review-12", "on", "Größe"] {
        let world = World::new();
        world.script("ci/deploy.sh", ":");
        let ci = world.at("ci").without("-e");
        ci.run(&format!("init -e {environment} --url http://127.0.0.1:1/health")).ends(0, "done");
        ci.run("config check").ends(0, "done");
        let told = ci.run("matrix").ok();
        assert_eq!(told.json["include"][0]["environment"], *environment);
        let written = std::fs::read_to_string(world.path("ci/lastgood.yml")).unwrap();
        assert!(written.contains("./deploy.sh"), "{written}");
    }
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let world = World::new();
    std::fs::write(world.path("ci/lastgood.yml"), "version: 1\nenvironments: {production: {}}\n")
        .unwrap();
    world.at("ci").run("init").ends(0, "done");
    let text = std::fs::read_to_string(world.path("ci/lastgood.yml")).unwrap();
    assert_eq!(text, "version: 1\nenvironments: {production: {}}\n");
}

#[test]
fn a_dry_run_of_init_shows_each_line_and_writes_nothing() {
    let world = World::new();
    let told = world.at("ci").with("--format text").run("init --dry-run");
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(lines.contains(&"    version: 1"), "{}", told.out);
    assert!(lines.contains(&"      production:"), "{}", told.out);
    assert!(!world.path("ci/lastgood.yml").exists());
}

#[test]
fn a_look_in_the_middle_of_anothers_deployment_says_busy_and_touches_nothing() {
    let world = World::new();
    world.at("ci").run("begin --version 1.0").ends(0, "begun");
    let before = world.refs();
    let told = world.at("ci").with("--format text --actor nightly").verify_and_act();
    assert!(told.out.starts_with("Inconclusive (busy): "), "{}", told.out);
    assert_eq!((world.refs(), world.calls().len()), (before, 0));
}
