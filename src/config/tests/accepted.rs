//! What is written is what is meant.

use crate::adapters::probe::Settings as ProbeSettings;
use std::time::Duration;

use super::*;
use crate::domain::check::{Phase, Weight};
use crate::domain::names::{Environment, Service};
use crate::domain::policy::{Policy, Reaction, Strategy};

fn environment(text: &str) -> EnvironmentConfig {
    let config = loaded(text).map_err(|error| error.to_string()).unwrap();
    config.environments.into_values().next().unwrap()
}

fn check(text: &str) -> CheckConfig {
    let text = format!("version: 1\nenvironments: {{p: {{verify: {{checks: [{text}]}}}}}}\n");
    environment(&text).verify_checks.remove(0)
}

#[test]
fn the_example_is_read_as_it_says() {
    let config = loaded(EXAMPLE).map_err(|error| error.to_string()).unwrap();
    assert_eq!(config.path.file_name().unwrap(), "lastgood.yml");
    assert_eq!(config.path.parent().unwrap(), config.folder);
    assert_eq!(config.sha256.len(), 64);
    let production = &config.environments[&Environment::new("production").unwrap()];
    assert_eq!(production.url.as_deref(), Some("https://shop.example"));
    let order: Vec<String> = production.in_order().iter().map(ToString::to_string).collect();
    assert_eq!(order, ["db-proxy", "api"]);
    let api = &production.services[&Service::new("api").unwrap()];
    let Some(DriverSettings::Command(driver)) = &api.driver else { panic!("{:?}", api.driver) };
    assert_eq!((driver.run.program(), driver.timeout.get().as_secs()), ("./deploy.sh", 300));
    let names: Vec<&str> = production.checks().map(|check| check.check.name.as_str()).collect();
    assert_eq!(names, ["api answers", "database listens"]);
    assert_eq!(api.checks[0].check.service, Some(Service::new("api").unwrap()));
    let watch = &production.verify_checks[0].check;
    assert_eq!(
        (watch.phase, watch.limits.count, watch.limits.failure_limit),
        (Phase::Watch, Some(5), Some(1))
    );
    assert_eq!(
        production.control.as_ref().unwrap().check.name,
        "control http https://forge.example/"
    );
    assert_eq!(production.policy.rollback.strategy, Strategy::ServiceByService);
}

#[test]
fn what_is_not_written_has_its_default() {
    let production = environment("version: 1\nenvironments:\n  production:\n");
    assert_eq!(production.policy, Policy::default());
    assert_eq!(production.policy.verify.on.fail, Reaction::Rollback);
    assert_eq!((production.services.len(), production.checks().count()), (0, 0));
    let check = check("{tcp: {address: 'a:1'}}").check;
    assert_eq!(
        (check.name.as_str(), check.phase, check.weight),
        ("tcp a:1", Phase::Settle, Weight::Required)
    );
    assert_eq!((check.limits.success_streak, check.limits.interval.as_secs()), (Some(3), 2));
}

#[test]
fn a_short_deadline_alone_shortens_the_interval() {
    assert_eq!(
        check("{deadline: 3s, tcp: {address: 'a:1'}}").check.limits.interval,
        Duration::from_millis(500)
    );
    let both = check("{deadline: 5s, interval: 1s, tcp: {address: 'a:1'}}");
    assert_eq!(both.check.limits.interval, Duration::from_secs(1));
}

#[test]
fn references_are_filled_in_and_stay_out_of_names() {
    let check = check(
        "{success_streak: '${env:TIMES}', http: {url: 'https://${env:HOST}/?t=${env:TOKEN}', bearer: '${env:TOKEN}'}}",
    );
    assert_eq!(check.check.limits.success_streak, Some(7));
    assert_eq!(check.check.name, "http https://…/?t=…");
    let ProbeSettings::Http(settings) = &check.probe else { panic!("{:?}", check.probe) };
    assert_eq!(settings.bearer.as_ref().unwrap().reveal(), "hunter2hunter2");
}

#[test]
fn an_empty_variable_is_nothing_and_masks_nothing() {
    assert_eq!(check("{tcp: {address: 'a:1${env:EMPTY}'}}").check.name, "tcp a:1");
}

#[test]
fn aliases_and_merge_keys_may_be_used() {
    let text = "version: 1
environments:
  staging: &usual
    rollback: {within: 1h}
    keep: {tags: 5}
  production:
    <<: *usual
    keep: {tags: 50}
";
    let config = loaded(text).map_err(|error| error.to_string()).unwrap();
    let policies: Vec<(u64, usize)> = config
        .environments
        .values()
        .map(|it| (it.policy.rollback.within.as_secs(), it.policy.keep.tags))
        .collect();
    assert_eq!(policies, [(3600, 50), (3600, 5)]);
}

#[test]
fn a_configuration_is_found_in_its_three_places_in_order() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(find(folder.path(), None), None);
    std::fs::create_dir(folder.path().join(".github")).unwrap();
    for place in PLACES.iter().rev() {
        let path = folder.path().join(place);
        std::fs::write(&path, "").unwrap();
        assert_eq!(find(folder.path(), None), Some(path));
    }
}

#[test]
fn a_file_of_checks_is_a_gate_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.yml");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        load_checks(&path, &variables).map(|(checks, _)| checks.len())
    };
    assert_eq!(
        read("checks: [{tcp: {address: 'a:1'}}, {name: b, tcp: {address: 'a:1'}}]").unwrap(),
        2
    );
    let messages = |text: &str| -> Vec<String> {
        mistakes(&read(text).unwrap_err()).iter().map(|mistake| mistake.message.clone()).collect()
    };
    assert_eq!(
        messages("checks: [{tcp: {address: 'a:1'}}, {tcp: {address: 'a:1'}}]"),
        ["two checks are named `tcp a:1`"]
    );
    assert_eq!(messages("checks: []"), ["no check is required, so the gate could never fail"]);
    assert_eq!(messages("checks: [{http: {ulr: x}}]"), ["the key `ulr` is not known here"]);
}

#[test]
fn secrets_say_nothing_of_themselves_in_a_debug_print() {
    let shown = format!("{:?}", check("{http: {url: 'http://a', bearer: '${env:TOKEN}'}}"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_workflow_is_read_with_its_inputs() {
    let driver = |text: &str| {
        let text = format!(
            "version: 1\nenvironments: {{p: {{services: {{api: {{driver: {{workflow: {text}}}}}}}}}}}\n"
        );
        match environment(&text).services.into_values().next().unwrap().driver {
            Some(DriverSettings::Workflow(settings)) => settings,
            other => panic!("{other:?}"),
        }
    };
    let usual = driver("{file: deploy.yml}");
    assert_eq!((usual.file.to_string().as_str(), usual.reference), ("deploy.yml", None));
    assert_eq!(usual.timeout.get(), Duration::from_secs(30 * 60));
    let given =
        driver("{file: deploy.yml, ref: main, timeout: 5m, inputs: {tag: 'v{version}', n: 3}}");
    assert_eq!(given.timeout.get(), Duration::from_secs(5 * 60));
    assert_ne!(given.inputs, usual.inputs);
}

#[test]
fn what_bears_the_name_and_cannot_be_read_is_no_lack_of_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lastgood.yml");
    std::fs::create_dir(&path).unwrap();
    assert_eq!(find(folder.path(), None), Some(path.clone()));
    let error = load(&path, &|_| None).unwrap_err();
    assert!(error.message().contains("could not read the configuration"), "{error}");
    std::fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    assert_eq!(find(folder.path(), None), Some(path));
}
