//! What fits and makes no sense is told too.

use super::report;

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
fn a_gate_that_could_never_fail_or_never_pass_is_refused() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    verify:
      timeout: 1m
      checks:
        - {name: tolerant, phase: watch, count: 5, failure_limit: 5, tcp: {address: 'a:1'}}
        - {name: endless, phase: watch, tcp: {address: 'a:1'}}
        - {name: slow, phase: watch, count: 7, tcp: {address: 'a:1'}}
        - {name: hasty, deadline: 1s, interval: 1s, tcp: {address: 'a:1'}}
        - {name: mixed, deadline: 1m, failure_limit: 1, tcp: {address: 'a:1'}}
        - {name: zero, timeout: 0s, success_streak: 0, tcp: {address: 'a:1'}}
  staging:
    services:
      api:
        checks:
          - {advisory: true, tcp: {address: 'a:1'}}
"), @"
    it could never fail: it tolerates `5` of `5` measurements
     --> lastgood.yml:7:67
      |
    7 |         - {name: tolerant, phase: watch, count: 5, failure_limit: 5, tcp: {address: 'a:1'}}
      |                                                                   ^

    the check `endless` watches without a `count`, so the gate could never pass
     --> lastgood.yml:8:27
      |
    8 |         - {name: endless, phase: watch, tcp: {address: 'a:1'}}
      |                           ^^^^^
      |
      = help: say how often it looks, such as `count: 5`

    it could never pass: its measurements end after `1m` at the soonest, and `verify.timeout` is `1m`
     --> lastgood.yml:9:45
      |
    9 |         - {name: slow, phase: watch, count: 7, tcp: {address: 'a:1'}}
      |                                             ^

    it could never pass: 3 passes in a row end after `2s` at the soonest, and the deadline is `1s`
      --> lastgood.yml:10:35
       |
    10 |         - {name: hasty, deadline: 1s, interval: 1s, tcp: {address: 'a:1'}}
       |                                   ^^

    `failure_limit` means nothing with `phase: settle`
      --> lastgood.yml:11:39
       |
    11 |         - {name: mixed, deadline: 1m, failure_limit: 1, tcp: {address: 'a:1'}}
       |                                       ^^^^^^^^^^^^^
       |
       = help: here there is `deadline`, `success_streak`, `error_limit`, `error_retry`, `initial_delay`, `interval`, `timeout`

    no time to measure; write `5s`
      --> lastgood.yml:12:33
       |
    12 |         - {name: zero, timeout: 0s, success_streak: 0, tcp: {address: 'a:1'}}
       |                                 ^^

    zero passes would be no proof
      --> lastgood.yml:12:53
       |
    12 |         - {name: zero, timeout: 0s, success_streak: 0, tcp: {address: 'a:1'}}
       |                                                     ^

    no check is required, so the gate could never fail
      --> lastgood.yml:17:14
       |
    17 |           - {advisory: true, tcp: {address: 'a:1'}}
       |              ^^^^^^^^
       |
       = help: take `advisory: true` away from one of them

    8 mistakes in `lastgood.yml`
    ");
}

#[test]
fn two_checks_of_one_gate_have_two_names() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    services:
      api: {checks: [{name: answers, tcp: {address: 'a:1'}}]}
      web:
        checks:
          - name: answers
            tcp: {address: 'b:1'}
    verify:
      checks:
        - http: {url: https://shop.example}
        - http: {url: https://shop.example}
  staging:
    verify: {checks: [{name: answers, tcp: {address: 'a:1'}}]}
"), @"
    two checks are named `answers`
     --> lastgood.yml:8:19
      |
    8 |           - name: answers
      |                   ^^^^^^^
      |
      = help: the first stands on line 5; give this one a name of its own

    two checks are named `http https://shop.example/`
      --> lastgood.yml:13:11
       |
    13 |         - http: {url: https://shop.example}
       |           ^^^^
       |
       = help: the first stands on line 12; give this one a name of its own

    2 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_check_asks_exactly_one_question() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    services:
      api: {driver: {}}
      web: {driver: {command: {run: ./deploy.sh}, git: {branch: production}}}
    verify:
      checks:
        - name: nothing
        - name: two
          http: {url: https://shop.example, bearer: a, bearer_file: b}
          tcp: {address: 'a:1'}
"), @"
    a driver is `command` or `git`, and this is none
     --> lastgood.yml:5:13
      |
    5 |       api: {driver: {}}
      |             ^^^^^^
      |
      = help: write it like `driver: {command: {run: [./deploy.sh]}}`

    a driver is `command` or `git`, and this is both
     --> lastgood.yml:6:13
      |
    6 |       web: {driver: {command: {run: ./deploy.sh}, git: {branch: production}}}
      |             ^^^^^^
      |
      = help: take one of them away

    the check asks nothing: it has no `http`, `tcp` or `command`
     --> lastgood.yml:9:11
      |
    9 |         - name: nothing
      |           ^^^^
      |
      = help: write it like `http: {url: https://shop.example/health}`

    `bearer` is given twice
      --> lastgood.yml:11:11
       |
    11 |           http: {url: https://shop.example, bearer: a, bearer_file: b}
       |           ^^^^

    a check asks one question, and this asks `http` and `tcp`
      --> lastgood.yml:12:11
       |
    12 |           tcp: {address: 'a:1'}
       |           ^^^
       |
       = help: make two checks of it

    5 mistakes in `lastgood.yml`
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
