//! The first five minutes in a repository.

use crate::world::World;

fn configured(world: &World, text: &str) {
    std::fs::write(world.path("ci/lastgood.yml"), text).unwrap();
}

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

#[test]
fn an_environment_that_names_no_service_has_one_job() {
    let world = World::new();
    std::fs::write(world.path("ci/lastgood.yml"), "version: 1\nenvironments: {production: {}}\n")
        .unwrap();
    let told = world.at("ci").run("matrix").ok();
    let job = serde_json::json!([{"environment": "production", "service": "app"}]);
    assert_eq!(told.json["include"], job, "{told}");
}

#[test]
fn a_job_of_an_environment_that_is_not_configured_is_a_mistake() {
    let world = World::new();
    configured(&world, "version: 1\nenvironments: {production: {}}\n");
    let told = world.at("ci").without("-e").run("matrix -e nope").ends(2, "invalid");
    assert!(told.json["message"].as_str().unwrap().ends_with("it has `production`"), "{told}");
}

#[test]
fn the_configuration_at_the_top_counts_in_every_folder_below_it() {
    let world = World::new();
    configured(&world, "version: 1\nenvironments: {only: {}}\n");
    std::fs::create_dir_all(world.path("ci/deep/er")).unwrap();
    let below = world.at("ci/deep/er").without("-e");
    let told = below.run("matrix").ok();
    assert_eq!(told.json["include"][0]["environment"], "only", "{told}");
    below.run("init").ends(0, "done");
    assert!(!world.path("ci/deep/er/lastgood.yml").exists());
}

#[test]
fn init_says_what_keeps_deployments_from_being_recorded() {
    let world = World::new();
    for name in ["one", "two"] {
        let url = format!("file://{}", world.path("remote.git").display());
        world.git("ci", &format!("remote add {name} {url}"));
    }
    world.git("ci", "remote remove origin");
    let told = world.at("ci").run("init").ends(0, "done");
    let findings = told.json["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["health"] == "broken"), "{told}");
}
