//! Permissions are meant as they are written.

use super::*;
use crate::domain::names::Environment;
use crate::domain::permission::{Deed, Permissions, Role, Team};

fn permissions(config: &Config, name: &str) -> Permissions {
    config.environments[&Environment::new(name).unwrap()].policy.permissions.clone()
}

#[test]
fn what_is_demanded_is_kept_and_the_rest_is_usual() {
    let config = loaded(
        "version: 1
comments: {prefix: '/lastgood '}
environments:
  production:
    permissions:
      rollback: {role: maintain, approvals: 1, teams: [octo/release]}
      look: {role: read}
  staging: {}
",
    )
    .map_err(|error| error.to_string())
    .unwrap();
    let rollback = permissions(&config, "production").of(Deed::Rollback);
    assert_eq!((rollback.role, rollback.approvals), (Role::Maintain, 1));
    assert_eq!(rollback.teams, [Team::read("octo/release").unwrap()]);
    assert_eq!(permissions(&config, "production").of(Deed::Look).role, Role::Read);
    assert_eq!(permissions(&config, "production").of(Deed::Lock).role, Role::Write);
    assert_eq!(permissions(&config, "staging").of(Deed::Rollback).role, Role::Write);
    assert_eq!(config.prefix.as_str(), "/lastgood ");
}

#[test]
fn what_cannot_be_demanded_is_told() {
    insta::assert_snapshot!(report("version: 1
comments: {prefix: lastgood}
environments:
  production:
    permissions:
      rollback: {role: owner}
      cancel: {teams: [release]}
      lock: {approvals: 1}
      force: {approvals: 9}
"), @"
    `lastgood` can begin no command: it begins with no punctuation mark; write it like `/lastgood `
     --> lastgood.yml:2:20
      |
    2 | comments: {prefix: lastgood}
      |                    ^^^^^^^^

    the word `owner` is not known here
     --> lastgood.yml:6:24
      |
    6 |       rollback: {role: owner}
      |                        ^^^^^
      |
      = help: known here: `read`, `triage`, `write`, `maintain`, `admin`

    `release` is no team; write it like `octo/release`
     --> lastgood.yml:7:23
      |
    7 |       cancel: {teams: [release]}
      |                       ^

    only a rollback waits for an approval
     --> lastgood.yml:8:25
      |
    8 |       lock: {approvals: 1}
      |                         ^

    at most 5 people can be asked
     --> lastgood.yml:9:26
      |
    9 |       force: {approvals: 9}
      |                          ^

    5 mistakes in `lastgood.yml`
    ");
}

#[test]
fn how_long_a_request_is_good_is_kept_and_a_day_where_nobody_said_so() {
    let config = loaded(
        "version: 1
environments:
  production: {permissions: {rollback: {approvals: 1, expires: 4h}}}
  staging: {permissions: {rollback: {approvals: 1}}}
",
    )
    .map_err(|error| error.to_string())
    .unwrap();
    let hours = |name| permissions(&config, name).valid_for().as_secs() / 3600;
    assert_eq!((hours("production"), hours("staging")), (4, 24));
}

#[test]
fn a_request_is_good_for_a_minute_at_the_least_and_a_month_at_the_most() {
    let with = |time: &str| {
        format!(
            "version: 1\nenvironments: {{p: {{permissions: {{rollback: {{expires: {time}}}}}}}}}\n"
        )
    };
    for time in ["1m", "30d"] {
        assert!(loaded(with(time)).is_ok(), "{time}");
    }
    for time in ["0s", "59s", "31d"] {
        let told = report(with(time));
        assert!(told.contains("a request can be good from `1m` to `30d`"), "{told}");
    }
    let other = "version: 1\nenvironments: {p: {permissions: {lock: {expires: 2h}}}}\n";
    assert!(report(other).contains("only a request for a rollback expires"));
}

#[test]
fn what_an_environment_is_there_for_is_said_by_its_name_unless_it_is_written() {
    let config = loaded(
        "version: 1
environments:
  production: {}
  PROD: {}
  staging: {purpose: internal}
  review-12: {purpose: transient}
  canary: {purpose: production}
  prod-copy: {}
  live: {purpose: internal}
",
    );
    let config = config.map_err(|error| error.to_string()).unwrap();
    let purpose = |(name, environment): (&Environment, &EnvironmentConfig)| {
        format!("{name} {}", environment.purpose.as_str())
    };
    let all: Vec<String> = config.environments.iter().map(purpose).collect();
    let shown = show(&config);
    for told in &all {
        let (name, word) = told.split_once(' ').unwrap();
        assert_eq!(shown["environments"][name]["purpose"], word);
    }
    insta::assert_snapshot!(all.join("\n"), @"
    PROD production
    canary production
    live internal
    prod-copy internal
    production production
    review-12 transient
    staging internal
    ");
}
