//! What fits and makes no sense is told too.

use super::{loaded, report};

#[test]
fn dependencies_that_are_not_there_or_go_in_a_circle_are_told() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    services:
      api: {depends_on: [db-proxi, queue]}
      db-proxy: {depends_on: [worker]}
      worker:
        depends_on:
          - db-proxy
      self: {depends_on: [self]}
"), @"
    there is no service `db-proxi` in this environment
     --> lastgood.yml:5:26
      |
    5 |       api: {depends_on: [db-proxi, queue]}
      |                          ^^^^^^^^
      |
      = help: did you mean `db-proxy`?

    there is no service `queue` in this environment
     --> lastgood.yml:5:36
      |
    5 |       api: {depends_on: [db-proxi, queue]}
      |                                    ^^^^^
      |
      = help: there is `db-proxy`, `worker`, `self`

    services depend on each other in a circle: `db-proxy` → `worker` → `db-proxy`
     --> lastgood.yml:9:13
      |
    9 |           - db-proxy
      |             ^^^^^^^^
      |
      = help: take one of these dependencies away

    services depend on each other in a circle: `self` → `self`
      --> lastgood.yml:10:27
       |
    10 |       self: {depends_on: [self]}
       |                           ^^^^
       |
       = help: take one of these dependencies away

    4 mistakes in `lastgood.yml`
    ");
}

#[test]
fn names_that_differ_only_by_case_are_refused() {
    insta::assert_snapshot!(report("version: 1
environments:
  production: {services: {api: {}, API: {}}}
  Production: {}
  '-x': {}
"), @"
    the service `API` differs from `api` only by case
     --> lastgood.yml:3:36
      |
    3 |   production: {services: {api: {}, API: {}}}
      |                                    ^^^
      |
      = help: `api` stands on line 3; give one of them another name

    the environment `Production` differs from `production` only by case
     --> lastgood.yml:4:3
      |
    4 |   Production: {}
      |   ^^^^^^^^^^
      |
      = help: `production` stands on line 3; give one of them another name

    `-x` is no environment name: it begins with a dash, which reads as an option
     --> lastgood.yml:5:3
      |
    5 |   '-x': {}
      |   ^^^^

    3 mistakes in `lastgood.yml`
    ");
}

#[test]
fn an_old_name_is_nobodys_name_of_today() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    services:
      api: {was: [web, backend, ' ']}
      web: {was: [backend]}
"), @"
    `web` is a service of today, so it is no old name
     --> lastgood.yml:5:19
      |
    5 |       api: {was: [web, backend, ' ']}
      |                   ^^^

    `` is no service name: it is empty
     --> lastgood.yml:5:33
      |
    5 |       api: {was: [web, backend, ' ']}
      |                                 ^^^

    `backend` is an old name of `api` already
     --> lastgood.yml:6:19
      |
    6 |       web: {was: [backend]}
      |                   ^^^^^^^

    3 mistakes in `lastgood.yml`
    ");
}

#[test]
fn settings_that_would_switch_the_policy_off_are_refused() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    url: shop
    verify: {timeout: 0s}
    rollback: {within: 0s, limit: {count: 0, per: 0s}}
    keep: {deployments: 0, tags: 0}
tags: {prefix: lastgood}
"), @"
    `shop` is no web address; write it like `https://shop.example`
     --> lastgood.yml:4:10
      |
    4 |     url: shop
      |          ^^^^

    no time to look
     --> lastgood.yml:5:23
      |
    5 |     verify: {timeout: 0s}
      |                       ^^

    it would never roll back by itself; say so with `verify.on.fail: hold`
     --> lastgood.yml:6:24
      |
    6 |     rollback: {within: 0s, limit: {count: 0, per: 0s}}
      |                        ^^

    it would never roll back by itself; say so with `verify.on.fail: hold`
     --> lastgood.yml:6:43
      |
    6 |     rollback: {within: 0s, limit: {count: 0, per: 0s}}
      |                                           ^

    a limit per no time is none
     --> lastgood.yml:6:51
      |
    6 |     rollback: {within: 0s, limit: {count: 0, per: 0s}}
      |                                                   ^^

    at least 1 must stay
     --> lastgood.yml:7:25
      |
    7 |     keep: {deployments: 0, tags: 0}
      |                         ^

    at least 1 must stay
     --> lastgood.yml:7:34
      |
    7 |     keep: {deployments: 0, tags: 0}
      |                                  ^

    `lastgood` runs into the tag's name; write `lastgood/`
     --> lastgood.yml:8:16
      |
    8 | tags: {prefix: lastgood}
      |                ^^^^^^^^

    8 mistakes in `lastgood.yml`
    ");
}

#[test]
fn an_environment_is_needed() {
    insta::assert_snapshot!(report("version: 1\nenvironments:\n"), @"
    there is no environment
     --> lastgood.yml:2:1
      |
    2 | environments:
      | ^^^^^^^^^^^^
      |
      = help: name one, such as `production: {}`

    1 mistake in `lastgood.yml`
    ");
}

#[test]
fn what_a_target_must_show_is_the_default_branch_unless_branches_are_named() {
    use crate::domain::vouch::{Branches, TagDemand, TargetPolicy};
    let target = |safety: &str| {
        let text = format!("{{version: 1, environments: {{a: {{safety: {safety}}}}}}}");
        loaded(&text).unwrap().environments.into_values().next().unwrap().policy.target
    };
    assert_eq!(target("{}"), TargetPolicy::default());
    assert_eq!(target("{target: {}}"), TargetPolicy::default());
    let named = target("{target: {reachable_from: [main, release/1.x], tag: required}}");
    let branches = Branches::Named(vec!["main".into(), "release/1.x".into()]);
    assert_eq!(named, TargetPolicy { reachable_from: branches, tag: TagDemand::Required });
}

#[test]
fn what_can_be_no_branch_is_told_with_its_place() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    safety:
      target:
        reachable_from: [main, refs/heads/main, 'a b', --all]
        tag: never
  staging:
    safety:
      target: {reachable_from: []}
      migrations: [db]
"), @"
    `refs/heads/main` is no name of a branch
     --> lastgood.yml:6:32
      |
    6 |         reachable_from: [main, refs/heads/main, 'a b', --all]
      |                                ^^^^^^^^^^^^^^^

    `a b` is no name of a branch
     --> lastgood.yml:6:49
      |
    6 |         reachable_from: [main, refs/heads/main, 'a b', --all]
      |                                                 ^^^^^

    `--all` is no name of a branch
     --> lastgood.yml:6:56
      |
    6 |         reachable_from: [main, refs/heads/main, 'a b', --all]
      |                                                        ^^^^^

    the word `never` is not known here
     --> lastgood.yml:7:14
      |
    7 |         tag: never
      |              ^^^^^
      |
      = help: known here: `optional`, `required`

    no branch is named, so that nothing could be reached
      --> lastgood.yml:10:32
       |
    10 |       target: {reachable_from: []}
       |                                ^
       |
       = help: leave the key away for the default branch

    this version does not know `migrations` yet
      --> lastgood.yml:11:7
       |
    11 |       migrations: [db]
       |       ^^^^^^^^^^
       |
       = help: take it away; the changelog says which version brings it

    6 mistakes in `lastgood.yml`
    ");
}
