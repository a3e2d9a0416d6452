//! Holds the text that a person reads to whole pictures.

use proptest::prelude::*;

use super::super::samples;
use super::*;
use crate::domain::text::is_unprintable;

fn shown(command: &'static str, told: &Outcome) -> String {
    outcome(&samples::context(command), told, &samples::screen())
}

#[test]
fn a_recorded_deployment_tells_what_it_changed_and_its_tag() {
    insta::assert_snapshot!(shown("record", &samples::recorded()), @"
    Recorded deployment 3 of `production`

    SERVICE  FROM  TO
    api      1.1   2.0

    Tag deploy/production/3: created
    Next: Verify it: `lastgood verify`
    ");
}

#[test]
fn what_retention_would_do_is_not_told_as_done() {
    let pruned = |reason| {
        let ending = Ending::new(reason, "18 lines of `production`");
        let removed_tags = vec!["deploy/production/1".to_owned()];
        let more = More::Pruned { moved_lines: 18, through: Some(3), removed_tags };
        shown("prune", &Outcome { more, ..Outcome::ended(ending) })
    };
    insta::assert_snapshot!(pruned(Reason::Done), @"
    18 lines of `production`
    Archived 18 lines, up to deployment 3
    Removed 1 tag
      deploy/production/1
    ");
    insta::assert_snapshot!(pruned(Reason::Planned), @"
    18 lines of `production`
    It would archive 18 lines, up to deployment 3
    It would remove 1 tag
      deploy/production/1
    Next: Run it without `--dry-run`
    ");
}

#[test]
fn a_healthy_verdict_comes_first_and_its_checks_after() {
    insta::assert_snapshot!(shown("verify", &samples::healthy()), @"
    Healthy: deployment 2 is healthy and marked stable

    CHECK        SERVICE  OUTCOME          VALUE  LIMIT  LOOKS  FOUND
    api answers  api      pass             200    200    3      answered with 200
    front page            pass (advisory)                3      connected
    ");
}

#[test]
fn a_sick_deployment_is_told_with_value_and_limit_and_what_to_type() {
    insta::assert_snapshot!(shown("verify", &samples::sick()), @"
    Unhealthy (not_asked): deployment 3 is unhealthy; nobody asked to go back

    CHECK        SERVICE  OUTCOME          VALUE  LIMIT  LOOKS  FOUND
    api answers  api      fail             500    200    3      answered with 500, not 200
    front page            pass (advisory)                3      connected

    Next: Roll back with `lastgood rollback --reason TEXT`
    ");
}

#[test]
fn a_flight_tells_what_was_sick_and_then_what_was_done() {
    insta::assert_snapshot!(shown("verify", &samples::fled()), @"
    Unhealthy: deployment 3 (api 2.0, web 1.0)

    CHECK        SERVICE  OUTCOME          VALUE  LIMIT  LOOKS  FOUND
    api answers  api      fail             500    200    3      answered with 500, not 200
    front page            pass (advisory)                3      connected

    Rolled back `production` from 3 to 2; the gate found it healthy

    SERVICE  FROM  TO   RESULT
    api      2.0   1.1  moved
    web                 unchanged

    1 of 1 required checks passed on what was restored

    CHECK        SERVICE  OUTCOME  VALUE  LIMIT  LOOKS  FOUND
    api answers  api      pass     200    200    3      answered with 200

    Next: Find out what was wrong with the version that was fled
    ");
}

#[test]
fn a_partial_rollback_tells_what_moved_and_what_did_not() {
    insta::assert_snapshot!(shown("rollback", &samples::partial()), @"
    Needs help (rollback_partial): rolled back `api` of `production` from 3 to 2; `web` failed

    SERVICE  FROM  TO   RESULT
    api      2.0   1.1  moved
    web      2.0   1.0  failed
    db                  unchanged

    0 of 1 required checks passed on what was restored

    CHECK        SERVICE  OUTCOME  VALUE  LIMIT  LOOKS  FOUND
    api answers  api      fail     500    200    3      answered with 500, not 200

    Warning: `mail` is not in deployment 2 and stays as it is
    Next: Mend the driver, then `lastgood resume` moves what is left
    ");
}

#[test]
fn a_dry_run_shows_the_very_commands() {
    insta::assert_snapshot!(shown("rollback", &samples::planned()), @"
    Rollback of `production` from 3 to 2 would move `api` to 1.1

      api from 2.0 to 1.1
        ./deploy.sh

    Passed: deployment 2 is stable
    Next: Run it without `--dry-run`
    ");
}

#[test]
fn status_tells_what_is_good_and_how_we_know() {
    insta::assert_snapshot!(shown("status", &samples::status()), @"
    `production` runs deployment 3; the last stable one is 2, 1 back

    current      3  unhealthy  api 2.0, web 1.0  30 min ago  by ada
    last stable  2  stable     api 1.1, web 1.0  1 h ago     by ada

    Unhealthy: 0 of 1 checks passed
      api answers (fail): answered with 500, not 200
    Locked: automatic rollbacks kept out by grace since 2026-03-01 11:40:00 UTC until 2026-03-01 13:00:00 UTC: looking at it
    Asked for: rollback from 3 to 2 by grace 10 min ago, 0 of 1 approvals given, until 2026-03-01 23:50:00 UTC (request 01KJMA0FM90000000000000009)
    Quarantined: api 0.9 (0000000000), fled by 1
    Ledger: https://git.example/shop.git
    ");
}

#[test]
fn a_history_is_an_aligned_table() {
    insta::assert_snapshot!(shown("history", &samples::history()), @"
    3 deployments of `production`

    N  STATUS       KIND      VERSION           WHEN        BY   NOTE
    4  stable       rollback  api 1.1, web 1.0  1 h ago     ada  to 2; api answers: answered with 500,
                                                                 not 200
    3  rolled back  deploy    api 2.0, web 1.0  30 min ago  ada
    2  stable       deploy    api 1.1, web 1.0  1 h ago     ada  named before the sale
    ");
}

#[test]
fn one_deployment_is_shown_with_its_timeline_in_words() {
    insta::assert_snapshot!(shown("show", &samples::shown()), @"
    Deployment 3 of `production`

    status    unhealthy
    kind      deploy
    opened    2026-03-01 11:30:00 UTC, 30 min ago
    by        ada
    commit    2222222222222222222222222222222222222222
    tag       deploy/production/3
    reason    the sale begins
    identity  01KJMA0FM30000000000000003

    Versions

    SERVICE  VERSION           BEFORE
    api      2.0 (2222222222)  1.1
    web      1.0 (1111111111)

    Unhealthy: 1 check

    CHECK        SERVICE  OUTCOME  VALUE  LIMIT  FOUND
    api answers  api      fail     500    200    answered with 500, not 200

    2026-03-01 11:30:01 UTC  ada  deployed api 2.0: the sale begins
    2026-03-01 11:30:02 UTC  ada  found it unhealthy: 0 of 1 checks passed
    2026-03-01 11:30:03 UTC  ada  marked it bad: orders were lost
    2026-03-01 11:30:04 UTC  ada  wrote `celebrated`
    ");
}

#[test]
fn a_deployment_of_nothing_yet_has_no_empty_part() {
    let mut told = samples::shown();
    if let Some(deployment) = &mut told.deployment {
        deployment.versions.clear();
    }
    assert!(!shown("show", &told).contains("Versions"));
}

#[test]
fn two_deployments_are_compared_by_service() {
    insta::assert_snapshot!(shown("show", &samples::between()), @"
    From 2 to 3 of `production`, 3 changed

    SERVICE  2                             3
    api      1.1                           2.0
    mail     -                             1.0
    web      1.0 (1111111111, 2 replicas)  1.0 (1111111111, 3 replicas)
    ");
}

#[test]
fn a_table_stays_within_the_screen() {
    for told in [samples::history(), samples::sick(), samples::partial()] {
        let narrow = Screen { width: 80, ..samples::screen() };
        let text = outcome(&samples::context("verify"), &told, &narrow);
        assert!(text.lines().skip(1).all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn an_error_tells_what_why_and_what_to_type() {
    let cause = Error::failed("connection refused");
    let error = Error::unreachable("could not read the ledger of `production`")
        .because(cause)
        .hint("git ls-remote origin.");
    insta::assert_snapshot!(super::error(&error, &PLAIN), @"
    Unreachable: could not read the ledger of `production`
      connection refused
    Next: git ls-remote origin
    ");
}

#[test]
fn a_mistake_keeps_its_column() {
    let error = Error::invalid("line 3\n    | urll: x\n    | ^^^^ unknown key");
    insta::assert_snapshot!(super::error(&error, &PLAIN), @"
    Invalid: line 3
        | urll: x
        | ^^^^ unknown key
    ");
}

#[test]
fn no_line_begins_like_a_command_of_a_runner() {
    for told in samples::poisoned("::error::x") {
        let text = shown("verify", &told);
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
    let error = super::error(&Error::failed("a\n::error::x").hint("::add-mask::a"), &PLAIN);
    assert!(!error.lines().any(|line| line.trim_start().starts_with("::")), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_foreign_steers_the_terminal(foreign in "\\PC{0,10}[\u{1b}\r\n\u{7}\u{202e}\u{9b}]\\PC{0,10}") {
        for told in samples::poisoned(&foreign) {
            let text = shown("verify", &told);
            let bad = text.chars().find(|c| *c != '\n' && is_unprintable(*c));
            prop_assert_eq!(bad, None, "{:?}", text);
        }
        let error = Error::failed(foreign.clone()).because(foreign.clone()).hint(foreign);
        let text = super::error(&error, &PLAIN);
        prop_assert!(!text.chars().any(|c| c != '\n' && is_unprintable(c)));
    }
}
