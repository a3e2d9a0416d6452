//! Routers, slots and stages as they are refused and understood.

use super::{loaded, report};

const SHOP: &str = r#"version: 1
environments:
  production:
    slots: {blue: {url: "http://10.0.0.1"}, green: {url: "http://10.0.0.2"}}
    router: {haproxy: {socket: /run/h.sock, backend: shop, stable: blue, candidate: green}}
    verify: {checks: [{name: it answers, http: {url: "${slot:url}/health"}}]}
    deploy:
      strategy: gradual
      stages:
        - traffic: 25
          hold: 1m
          checks:
            - {name: the new one answers, http: {url: "${slot:url}/deep"}}
        - {traffic: 50, hold: 1m}
"#;

/// Two slots behind one router, and what else is written of the environment.
fn behind_haproxy(more: &str) -> String {
    let head = r#"version: 1
environments:
  production:
    router: {haproxy: {socket: /run/h.sock, backend: shop, stable: blue, candidate: green}}
    verify: {checks: [{http: {url: "http://${slot}.internal"}}]}
"#;
    format!("{head}{more}")
}

#[test]
fn a_stage_has_checks_of_its_own_which_are_read_for_each_slot() {
    let config = loaded(SHOP).unwrap();
    let production = config.environments.values().next().unwrap();
    let asked = |environment: &crate::config::EnvironmentConfig| {
        let stages = environment.stages.deploy.iter();
        let urls = |check: &crate::config::CheckConfig| format!("{:?}", check.probe);
        stages.map(|stage| stage.iter().map(urls).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let stable = asked(production);
    let candidate = asked(production.candidate.as_ref().unwrap());
    assert_eq!([stable.len(), candidate.len()], [2, 2]);
    assert!(stable[0][0].contains("10.0.0.1"), "{stable:?}");
    assert!(candidate[0][0].contains("10.0.0.2"), "{candidate:?}");
    assert!(stable[1].is_empty());
    assert!(production.stages.rollback.is_empty());
}

#[test]
fn a_check_that_asks_a_slot_has_one_name_and_one_set_of_limits() {
    let config = loaded(SHOP.replace("name: it answers, ", "")).unwrap();
    let production = config.environments.values().next().unwrap();
    let name = |environment: &crate::config::EnvironmentConfig| {
        environment.verify_checks[0].check.name.clone()
    };
    assert_eq!(name(production), "http …/health");
    assert_eq!(name(production.candidate.as_ref().unwrap()), name(production));
    insta::assert_snapshot!(report(SHOP.replace(
        "name: it answers,",
        r#"name: "${slot} answers", deadline: "${slot:deadline}","#
    ).replace("green: {", "green: {deadline: 1m, ").replace("blue: {", "blue: {deadline: 2m, ")), @"
    `name` of a check is the same for both slots
     --> lastgood.yml:6:30
      |
    6 |     verify: {checks: [{name: \"${slot} answers\", deadline: \"${slot:deadline}\", http: {url: \"${slot:url}/health\"}}]}
      |                              ^^^^^^^^^^^^^^^^^
      |
      = help: use `${slot}` only in its `http`

    `deadline` of a check is the same for both slots
     --> lastgood.yml:6:59
      |
    6 |     verify: {checks: [{name: \"${slot} answers\", deadline: \"${slot:deadline}\", http: {url: \"${slot:url}/health\"}}]}
      |                                                           ^^^^^^^^^^^^^^^^^^
      |
      = help: use `${slot}` only in its `http`

    2 mistakes in `lastgood.yml`
    ");
}

#[test]
fn every_mistake_in_the_checks_of_stages_is_told() {
    insta::assert_snapshot!(report(behind_haproxy(r#"    rollback:
      strategy: gradual
      stages:
        - {traffic: 25, hold: 5m, checks: [{http: {url: "http://a"}}]}
        - traffic: 50
          checks:
            - {name: twice, http: {url: "http://a"}}
            - {name: twice, http: {url: "http://b"}}
        - {traffic: 60, checks: [{advisory: true, http: {url: "http://a"}}]}
        - {traffic: 65, max: 1h, checks: [{http: {url: "http://a"}}]}
        - traffic: 70
          hold: 4m
          checks:
            - {phase: watch, count: 9, interval: 10s, http: {url: "http://a"}}
            - {phase: watch, http: {url: "http://b"}}
"#)), @"
    no time is left for them: `hold` takes all of `max`
     --> lastgood.yml:9:35
      |
    9 |         - {traffic: 25, hold: 5m, checks: [{http: {url: \"http://a\"}}]}
      |                                   ^^^^^^
      |
      = help: give the stage a longer `max`

    two checks are named `twice`
      --> lastgood.yml:13:22
       |
    13 |             - {name: twice, http: {url: \"http://b\"}}
       |                      ^^^^^
       |
       = help: the first stands on line 12; give this one a name of its own

    no check is required, so the gate could never fail
      --> lastgood.yml:14:35
       |
    14 |         - {traffic: 60, checks: [{advisory: true, http: {url: \"http://a\"}}]}
       |                                   ^^^^^^^^
       |
       = help: take `advisory: true` away from one of them

    the checks of a stage have `10m` at most, and here they have more
      --> lastgood.yml:15:34
       |
    15 |         - {traffic: 65, max: 1h, checks: [{http: {url: \"http://a\"}}]}
       |                                  ^^^^^^
       |
       = help: hold it for longer, or give it a shorter `max`

    it could never pass: its measurements end after `1m20s` at the soonest, and what is left of the stage's `max` is `1m`
      --> lastgood.yml:19:37
       |
    19 |             - {phase: watch, count: 9, interval: 10s, http: {url: \"http://a\"}}
       |                                     ^

    the check `http http://b/` watches without a `count`, so the gate could never pass
      --> lastgood.yml:20:16
       |
    20 |             - {phase: watch, http: {url: \"http://b\"}}
       |                ^^^^^
       |
       = help: say how often it looks, such as `count: 5`

    6 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_driver_that_knows_no_slot_cannot_bring_anything_to_one() {
    insta::assert_snapshot!(report(behind_haproxy(r#"    services:
      shop: {driver: {kubernetes: {resource: "deployment/shop-${slot}"}}}
      worker: {driver: {kubernetes: {resource: deployment/worker}}}
      mail: {driver: {command: {run: [./deploy.sh]}}}
"#)), @"
    the driver of `worker` is the same at both slots
     --> lastgood.yml:8:16
      |
    8 |       worker: {driver: {kubernetes: {resource: deployment/worker}}}
      |                ^^^^^^
      |
      = help: use `${slot}` in it: what it brings to the idle one would serve at once

    1 mistake in `lastgood.yml`
    ");
}

#[test]
fn two_environments_do_not_move_the_same_traffic() {
    insta::assert_snapshot!(report(r#"version: 1
environments:
  blue:
    router: {haproxy: {socket: /run/h.sock, backend: shop, stable: a, candidate: b}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  green:
    router: {haproxy: {socket: /run/./h.sock, backend: shop, stable: c, candidate: d}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  other:
    router: {haproxy: {socket: /run/h.sock, backend: admin, stable: a, candidate: b}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  web-1:
    router: {nginx: {include: conf/up.conf, upstream: a, stable: a, candidate: b, servers: {a: ["1:1"], b: ["1:2"]}}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  web-2:
    router: {nginx: {include: ./conf/up.conf, upstream: b, stable: a, candidate: b, servers: {a: ["1:1"], b: ["1:2"]}}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  k-1:
    router: {kubernetes: {service: shop, namespace: x, stable: a, candidate: b}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  k-2:
    router: {kubernetes: {service: shop, namespace: x, stable: a, candidate: b}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
  k-3:
    router: {kubernetes: {service: shop, namespace: y, stable: a, candidate: b}}
    verify: {checks: [{http: {url: "http://${slot}"}}]}
"#), @"
    it moves the same traffic as the router of `blue` on line 4
     --> lastgood.yml:7:5
      |
    7 |     router: {haproxy: {socket: /run/./h.sock, backend: shop, stable: c, candidate: d}}
      |     ^^^^^^
      |
      = help: give each environment a backend of its own

    it moves the same traffic as the router of `web-1` on line 13
      --> lastgood.yml:16:5
       |
    16 |     router: {nginx: {include: ./conf/up.conf, upstream: b, stable: a, candidate: b, servers: {a: [\"1:1\"], b: [\"1...
       |     ^^^^^^
       |
       = help: give each environment an include file of its own

    it moves the same traffic as the router of `k-1` on line 19
      --> lastgood.yml:22:5
       |
    22 |     router: {kubernetes: {service: shop, namespace: x, stable: a, candidate: b}}
       |     ^^^^^^
       |
       = help: give each environment a Service or an HTTPRoute of its own

    3 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_slot_is_not_looked_at_for_so_long_that_its_run_passes_for_gone() {
    insta::assert_snapshot!(report(r#"version: 1
environments:
  production:
    router: {haproxy: {socket: /run/h.sock, backend: shop, stable: blue, candidate: green}}
    verify:
      timeout: 30m
      checks:
        - {name: slow, deadline: 20m, http: {url: "http://${slot}.internal"}}
        - {name: long, phase: watch, interval: 2m, count: 9, http: {url: "http://${slot}.internal"}}
        - {name: served, phase: watch, interval: 2m, count: 9, http: {url: "http://shop.internal"}}
        - {name: fine, http: {url: "http://${slot}.internal"}}
"#), @"
    a slot is looked at for `10m` at most
     --> lastgood.yml:8:34
      |
    8 |         - {name: slow, deadline: 20m, http: {url: \"http://${slot}.internal\"}}
      |                                  ^^^
      |
      = help: hold a stage of the traffic for what takes longer

    it could never pass: its measurements end after `16m` at the soonest, and the most that a slot is looked at is `10m`
     --> lastgood.yml:9:59
      |
    9 |         - {name: long, phase: watch, interval: 2m, count: 9, http: {url: \"http://${slot}.internal\"}}
      |                                                           ^

    2 mistakes in `lastgood.yml`
    ");
}
