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
