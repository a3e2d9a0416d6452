//! Checks that make no gate are told.

use super::report;

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
          http: {url: https://shop.example, bearer: '${env:TOKEN}', bearer_file: b}
          tcp: {address: 'a:1'}
"), @"
    a driver is one of `command`, `git`, `workflow`, `compose`, `kubernetes`, `helm` and `systemd`, and this is none
     --> lastgood.yml:5:13
      |
    5 |       api: {driver: {}}
      |             ^^^^^^
      |
      = help: write it like `driver: {command: {run: [./deploy.sh]}}`

    a driver is one of `command`, `git`, `workflow`, `compose`, `kubernetes`, `helm` and `systemd`, and this is more
     --> lastgood.yml:6:13
      |
    6 |       web: {driver: {command: {run: ./deploy.sh}, git: {branch: production}}}
      |             ^^^^^^
      |
      = help: leave one of them

    the check asks nothing: it has no `http`, `tcp`, `command` or other kind
     --> lastgood.yml:9:11
      |
    9 |         - name: nothing
      |           ^^^^
      |
      = help: write it like `http: {url: https://shop.example/health}`

    `bearer` is given twice
      --> lastgood.yml:11:11
       |
    11 |           http: {url: https://shop.example, bearer: '${env:TOKEN}', bearer_file: b}
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
fn a_secret_is_never_written() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    verify:
      checks:
        - name: a
          http: {url: https://shop.example, bearer: hunter2}
        - name: b
          http:
            url: https://shop.example
            headers: {Accept: text/html, authorization: Basic x}
        - name: c
          http: {url: https://shop.example, basic: {user: me, password: hunter2}}
"), @"
    `bearer` is a secret, and it is written here
     --> lastgood.yml:7:53
      |
    7 |           http: {url: https://shop.example, bearer: *******}
      |                                                     ^^^^^^^
      |
      = help: refer to a variable, such as `${env:TOKEN}`, and change the secret

    `authorization` is a secret, and it is written here
      --> lastgood.yml:11:57
       |
    11 |             headers: {Accept: *********, authorization: *******}
       |                                                         ^^^^^^^
       |
       = help: refer to a variable, such as `${env:TOKEN}`, and change the secret

    `password` is a secret, and it is written here
      --> lastgood.yml:13:73
       |
    13 |           http: {url: https://shop.example, basic: {user: me, password: *******}}
       |                                                                         ^^^^^^^
       |
       = help: refer to a variable, such as `${env:TOKEN}`, and change the secret

    3 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_workflow_is_told_what_there_is_to_tell() {
    let of = |driver: &str| {
        let services = format!("{{api: {{driver: {{workflow: {driver}}}}}}}");
        report(format!("version: 1\nenvironments:\n  a: {{services: {services}}}\n"))
    };
    for (driver, mistake) in [
        ("{file: .github/workflows/d.yml}", "is a path; leave out `.github/workflows/`"),
        (
            "{file: d.yml, inputs: {tag: '{verison}'}}",
            "there is no `{verison}`; there is `{action}`, ",
        ),
        ("{file: d.yml, inputs: {a b: x}}", "`a b` is no name of a workflow's input"),
        ("{file: d.yml, ref: a..b}", "`a..b` is no name of a branch or tag"),
        ("{ref: main}", "`file` is missing here"),
    ] {
        let told = of(driver);
        assert!(told.contains(mistake), "{driver}: {told}");
        assert!(told.contains("lastgood.yml:3:"), "{driver}: {told}");
    }
}

/// Returns a configuration with one check.
fn gate(check: &str) -> String {
    format!("version: 1\nenvironments:\n  production:\n    verify:\n      checks: [{check}]\n")
}

#[test]
fn no_mistake_shows_a_secret_that_stands_beside_it() {
    for keys in [
        "url: 'http://me:hunter2@shop.example:99999/'",
        "url: https://shop.example, bearer: hunter2, nonsense: 1",
        "url: https://shop.example, basic: {user: me, password: 'hunter2'}, status: many",
    ] {
        let told = report(gate(&format!("{{http: {{{keys}}}}}")));
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn a_condition_shows_nothing_of_what_a_variable_put_in() {
    let asked = "query: up, success: 'result > ${env:TOKEN}'";
    let told = report(gate(&format!("{{prometheus: {{url: http://prometheus, {asked}}}}}")));
    assert!(!told.contains("hunter2") && told.contains("does not fit"), "{told}");
}

#[test]
fn a_reference_to_a_variable_that_is_not_set_is_no_written_secret() {
    let told = report(gate("{http: {url: https://shop.example, bearer: '${env:NOT_THERE}'}}"));
    assert!(told.contains("`NOT_THERE` is not set") && !told.contains("is a secret"), "{told}");
}

#[test]
fn a_condition_that_does_not_fit_is_not_said_to_be_missing() {
    let asked = "query: up, success: 'result >'";
    let told = report(gate(&format!("{{prometheus: {{url: http://prometheus, {asked}}}}}")));
    assert!(told.contains("1 mistake"), "{told}");
}

#[test]
fn any_fail_may_be_tolerated_where_a_row_decides() {
    let of = |keys: &str| {
        let check = format!("{{phase: watch, count: 5, {keys}, tcp: {{address: 'a:1'}}}}");
        format!("{{version: 1, environments: {{a: {{verify: {{checks: [{check}]}}}}}}}}")
    };
    let limits = |keys: &str| {
        let config = super::loaded(of(keys)).unwrap();
        config.environments.values().next().unwrap().verify_checks[0].check.limits.clone()
    };
    let row = limits("failure_limit: any, success_streak: 3");
    assert_eq!((row.failure_limit, row.success_streak), (None, Some(3)));
    assert_eq!(limits("failure_limit: any, failure_streak: 2").failure_limit, None);
    assert_eq!(limits("failure_limit: 4").success_streak, None);
    for (keys, told) in [
        ("failure_limit: any", "it could never fail: it tolerates any fail"),
        ("failure_limit: -1", "`-1` is neither a whole number of 0 or more nor `any`"),
        ("failure_limit: most", "`most` is neither a whole number of 0 or more nor `any`"),
        ("success_streak: 6", "6 passes in a row do not fit into `5` measurements"),
        ("success_streak: 0", "zero passes would be no proof"),
    ] {
        let report = report(of(keys));
        assert!(report.contains(told), "{keys}: {report}");
    }
}
