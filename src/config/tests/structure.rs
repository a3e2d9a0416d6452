//! What does not fit is told where it stands, all at once.

use super::report;

#[test]
fn four_mistakes_of_different_kinds_are_all_told() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    verify:
      timout: 5m
      stable_after: 30
    rollback:
      limit: {count: many}
    keep: 7
"), @"
    the key `timout` is not known here
     --> lastgood.yml:5:7
      |
    5 |       timout: 5m
      |       ^^^^^^
      |
      = help: did you mean `timeout`?

    `30` has no unit; write a unit, such as `30s`
     --> lastgood.yml:6:21
      |
    6 |       stable_after: 30
      |                     ^^

    the text `many` is written here, not a whole number of 0 or more
     --> lastgood.yml:8:22
      |
    8 |       limit: {count: many}
      |                      ^^^^

    the number `7` is written here, not a map of keys
     --> lastgood.yml:9:11
      |
    9 |     keep: 7
      |           ^

    4 mistakes in `lastgood.yml`
    ");
}

#[test]
fn mistakes_within_one_check_are_all_told() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    verify:
      checks:
        - http: {url: https://shop.example, status: [abc, 200, 9xx], expect_version: {jsn: .version}, body_matches: ['(']}
          interval: 10
          phase: settel
"), @"
    `abc` is no status; write a status such as `200`, or a class such as `2xx`
     --> lastgood.yml:6:54
      |
    6 | ...   - http: {url: https://shop.example, status: [abc, 200, 9xx], expect_version: {jsn: .version}, body_matches:...
      |                                                    ^^^

    `9xx` is no status; write a status such as `200`, or a class such as `2xx`
     --> lastgood.yml:6:64
      |
    6 | ...   - http: {url: https://shop.example, status: [abc, 200, 9xx], expect_version: {jsn: .version}, body_matches:...
      |                                                              ^^^

    the key `jsn` is not known here
     --> lastgood.yml:6:87
      |
    6 | ...   - http: {url: https://shop.example, status: [abc, 200, 9xx], expect_version: {jsn: .version}, body_matches:...
      |                                                                                     ^^^
      |
      = help: did you mean `json`?

    `(` is no regular expression: unclosed group
     --> lastgood.yml:6:118
      |
    6 | ...xx], expect_version: {jsn: .version}, body_matches: ['(']}
      |                                                         ^^^

    `10` has no unit; write a unit, such as `10s`
     --> lastgood.yml:7:21
      |
    7 |           interval: 10
      |                     ^^

    the word `settel` is not known here
     --> lastgood.yml:8:18
      |
    8 |           phase: settel
      |                  ^^^^^^
      |
      = help: did you mean `settle`?

    6 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_missing_key_is_told_at_what_should_hold_it() {
    insta::assert_snapshot!(report("environments:
  production:
    services:
      api:
        driver: {command: {timeout: 5m}}
        checks:
          - http: {status: [200]}
          - http:
"), @"
    `version` is missing here
     --> lastgood.yml:1:1
      |
    1 | environments:
      | ^^^^^^^^^^^^
      |
      = help: begin the file with `version: 1`

    `run` is missing here
     --> lastgood.yml:5:18
      |
    5 |         driver: {command: {timeout: 5m}}
      |                  ^^^^^^^

    `url` is missing here
     --> lastgood.yml:7:13
      |
    7 |           - http: {status: [200]}
      |             ^^^^

    the check asks nothing: it has no `http`, `tcp`, `command` or other kind
     --> lastgood.yml:8:13
      |
    8 |           - http:
      |             ^^^^
      |
      = help: write it like `http: {url: https://shop.example/health}`

    4 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_misspelt_key_is_not_also_told_as_missing() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    verify:
      checks:
        - http: {ulr: https://shop.example}
        - tpc: {address: 'db.example:5432'}
"), @"
    the key `ulr` is not known here
     --> lastgood.yml:6:18
      |
    6 |         - http: {ulr: https://shop.example}
      |                  ^^^
      |
      = help: did you mean `url`?

    the key `tpc` is not known here
     --> lastgood.yml:7:11
      |
    7 |         - tpc: {address: 'db.example:5432'}
      |           ^^^
      |
      = help: did you mean `tcp`?

    2 mistakes in `lastgood.yml`
    ");
}

#[test]
fn each_wrong_type_says_what_is_wanted_instead() {
    insta::assert_snapshot!(report("version: one
environments:
  production:
    url: [a]
    services: [api]
    verify:
      checks: {}
      on: {fail: true, error: 5}
    keep: {deployments: -1, tags: 1.5}
  staging: 5
tags: {prefix: true}
"), @"
    the text `one` is written here, not a whole number of 0 or more
     --> lastgood.yml:1:10
      |
    1 | version: one
      |          ^^^

    a list is written here, not a text
     --> lastgood.yml:4:10
      |
    4 |     url: [a]
      |          ^

    a list is written here, not a map of keys
     --> lastgood.yml:5:15
      |
    5 |     services: [api]
      |               ^

    a map of keys is written here, not a list
     --> lastgood.yml:7:7
      |
    7 |       checks: {}
      |       ^^^^^^

    the word `true` is not known here
     --> lastgood.yml:8:18
      |
    8 |       on: {fail: true, error: 5}
      |                  ^^^^
      |
      = help: known here: `rollback`, `hold`, `pass`

    the word `5` is not known here
     --> lastgood.yml:8:31
      |
    8 |       on: {fail: true, error: 5}
      |                               ^
      |
      = help: known here: `rollback`, `hold`, `pass`

    the number `-1` is not a whole number of 0 or more
     --> lastgood.yml:9:25
      |
    9 |     keep: {deployments: -1, tags: 1.5}
      |                         ^^

    the number `1.5` is written here, not a whole number of 0 or more
     --> lastgood.yml:9:35
      |
    9 |     keep: {deployments: -1, tags: 1.5}
      |                                   ^^^

    the number `5` is written here, not a map of keys
      --> lastgood.yml:10:12
       |
    10 |   staging: 5
       |            ^

    `true` is written here, not a text
      --> lastgood.yml:11:16
       |
    11 | tags: {prefix: true}
       |                ^^^^
       |
       = help: put it in quotes

    10 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_key_that_stands_twice_is_told_with_the_first_line() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    url: https://a.example
    url: https://b.example
  staging: {}
  production: {}
"), @"
    the key `url` stands twice
     --> lastgood.yml:5:5
      |
    5 |     url: https://b.example
      |     ^^^
      |
      = help: it stands on line 4 already

    the key `production` stands twice
     --> lastgood.yml:7:3
      |
    7 |   production: {}
      |   ^^^^^^^^^^
      |
      = help: it stands on line 3 already

    2 mistakes in `lastgood.yml`
    ");
}

#[test]
fn keys_of_a_later_version_are_refused_as_such() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    safety: {major_version: warn}
    snapshots: {}
    verify:
      checks:
        - prometheus: {query: up}
    rollback: {strategy: gradual}
    router: {}
    notify: []
"), @"
    this version does not know `major_version` yet
     --> lastgood.yml:4:14
      |
    4 |     safety: {major_version: warn}
      |              ^^^^^^^^^^^^^
      |
      = help: take it away; the changelog says which version brings it

    this version does not know `snapshots` yet
     --> lastgood.yml:5:5
      |
    5 |     snapshots: {}
      |     ^^^^^^^^^
      |
      = help: take it away; the changelog says which version brings it

    `url` is missing here
     --> lastgood.yml:8:11
      |
    8 |         - prometheus: {query: up}
      |           ^^^^^^^^^^

    `gradual` needs a `router`
     --> lastgood.yml:9:26
      |
    9 |     rollback: {strategy: gradual}
      |                          ^^^^^^^
      |
      = help: configure one, or write `immediate`

    a router is one of `haproxy`, `nginx`, `kubernetes` and `command`, and this is none
      --> lastgood.yml:10:5
       |
    10 |     router: {}
       |     ^^^^^^

    this version does not know `notify` yet
      --> lastgood.yml:11:5
       |
    11 |     notify: []
       |     ^^^^^^
       |
       = help: take it away; the changelog says which version brings it

    6 mistakes in `lastgood.yml`
    ");
}

#[test]
fn a_word_that_is_no_choice_shows_the_choices() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    verify:
      on: {fail: explode, error: hodl}
"), @"
    the word `explode` is not known here
     --> lastgood.yml:5:18
      |
    5 |       on: {fail: explode, error: hodl}
      |                  ^^^^^^^
      |
      = help: known here: `rollback`, `hold`, `pass`

    the word `hodl` is not known here
     --> lastgood.yml:5:34
      |
    5 |       on: {fail: explode, error: hodl}
      |                                  ^^^^
      |
      = help: did you mean `hold`?

    2 mistakes in `lastgood.yml`
    ");
}
