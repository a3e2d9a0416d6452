//! Holds outputs, annotations and summaries to whole pictures.

use super::super::samples;
use super::*;
use crate::domain::ending::{Ending, Reason};
use crate::domain::moved::Moved;
use crate::domain::outcome::DeploymentTold;
use crate::domain::outcome::RollbackStatus;
use crate::domain::outcome::RollbackTold;

mod smuggling;

const DRAWN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn of(command: &'static str, outcome: &Outcome) -> Vec<(String, String)> {
    outputs(&samples::context(command), Ok(outcome), "out.json")
}

fn telling(chapters: &[DeploymentTold]) -> Besides<'_> {
    Besides { chapters, ..Besides::default() }
}

fn value<'a>(outputs: &'a [(String, String)], name: &str) -> &'a str {
    outputs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn the_outputs_are_those_of_the_action_in_its_order() {
    let action = include_str!("../../../action.yml");
    let listed = action.split("\noutputs:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let declared: Vec<&str> = names.map(|line| line.trim().trim_end_matches(':')).collect();
    let told = of("verify", &samples::healthy());
    assert_eq!(told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), declared);
}

#[test]
fn a_flight_tells_what_was_judged_and_what_runs_now() {
    let text = dotenv(&of("verify", &samples::fled()));
    insta::assert_snapshot!(text, @"
    LASTGOOD_RESULT=rolled_back
    LASTGOOD_REASON=rolled_back
    LASTGOOD_VERDICT=unhealthy
    LASTGOOD_DEPLOYMENT=3
    LASTGOOD_VERSION=api=1.1 web=1.0
    LASTGOOD_COMMIT=1111111111111111111111111111111111111111
    LASTGOOD_ROLLED_BACK=true
    LASTGOOD_ROLLED_BACK_TO=2
    LASTGOOD_LAST_STABLE=4
    LASTGOOD_JSON=out.json
    ");
}

#[test]
fn a_healthy_deployment_is_the_last_stable_one() {
    let told = write_outputs(&of("verify", &samples::healthy()), "EOF").unwrap();
    insta::assert_snapshot!(told, @"
    result<<EOF
    ok
    EOF
    reason<<EOF
    healthy
    EOF
    verdict<<EOF
    healthy
    EOF
    deployment<<EOF
    2
    EOF
    version<<EOF
    api=1.1
    web=1.0
    EOF
    commit<<EOF
    1111111111111111111111111111111111111111
    EOF
    rolled-back<<EOF
    false
    EOF
    rolled-back-to<<EOF

    EOF
    last-stable<<EOF
    2
    EOF
    json<<EOF
    out.json
    EOF
    ");
}

#[test]
fn a_handover_gives_the_version_to_bring_back_and_a_plan_gives_none() {
    let mut outcome = samples::planned();
    assert_eq!(value(&of("rollback", &outcome), "version"), "");
    outcome.ending.reason = Reason::HandedOver;
    let told = of("rollback", &outcome);
    assert_eq!(value(&told, "version"), "1.1");
    assert_eq!(value(&told, "commit"), "1".repeat(40));
    assert_eq!(value(&told, "rolled-back"), "false");
}

#[test]
fn what_did_not_end_as_a_rollback_is_not_told_as_one() {
    let mut forward = samples::fled();
    forward.ending.reason = Reason::Done;
    assert_eq!(value(&of("cancel", &forward), "rolled-back"), "false");
    let mut unproven = samples::fled();
    unproven.ending.reason = Reason::RollbackUnproven;
    unproven.rollback =
        unproven.rollback.map(|told| RollbackTold { status: RollbackStatus::Failed, ..told });
    assert_eq!(value(&of("verify", &unproven), "rolled-back"), "false");
    assert_eq!(value(&of("rollback", &samples::partial()), "rolled-back-to"), "");
}

#[test]
fn an_error_has_outputs_too() {
    let error = Error::unreachable("could not read the ledger");
    let told = outputs(&samples::context("verify"), Err(&error), "");
    assert_eq!(value(&told, "result"), "unreachable");
    assert_eq!(value(&told, "reason"), "unreachable");
    assert_eq!(value(&told, "rolled-back"), "false");
}

#[test]
fn a_guarded_text_cannot_let_commands_in_again() {
    let lines = ["::error::x", "plain"];
    insta::assert_snapshot!(guard(lines, "t0ken").unwrap(), @"
    ::stop-commands::t0ken
    ::error::x
    plain
    ::t0ken::
    ");
    assert!(guard(["::t0ken::", "::error::x"], "t0ken").is_err());
    assert!(guard(["t0k\u{200b}en"], "t0ken").is_ok());
    assert!(guard(["x"], "").is_err());
}

#[test]
fn what_ended_badly_is_annotated_with_the_checks_that_decided() {
    let told = annotations(&samples::context("verify"), Ok(&samples::sick()));
    insta::assert_snapshot!(told.join("\n"), @"
    ::error title=production%3A unhealthy::deployment 3 is unhealthy; nobody asked to go back%0ANext: Roll back with `lastgood rollback --reason TEXT`.
    ::warning title=api answers%3A fail::answered with 500, not 200%0AValue 500, limit 200
    ");
    assert!(annotations(&samples::context("verify"), Ok(&samples::healthy())).is_empty());
}

#[test]
fn no_more_than_three_annotations_are_made_and_none_is_too_long() {
    for outcome in samples::poisoned(&"%:,\n".repeat(3_000)) {
        let told = annotations(&samples::context("verify"), Ok(&outcome));
        assert!(told.len() <= 3);
        assert!(told.iter().all(|line| line.chars().count() <= 4_096 && !line.contains('\n')));
    }
}

#[test]
fn a_summary_tells_the_verdict_first() {
    insta::assert_snapshot!(summary(&samples::context("verify"), Ok(&samples::fled()), &Besides::default()), @"
    ## production: rolled back

    Rolled back `production` from 3 to 2; the gate found it healthy

    **Next:** Find out what was wrong with the version that was fled

    | Deployment | Versions | Status | When |
    | --- | --- | --- | --- |
    | Runs now: **4** | api `1.1` at `1111111111`<br>web `1.0` at `1111111111` | back to 2 | 2026-03-01 11:31:09 UTC |
    | Judged: **3** | api `2.0` at `2222222222`<br>web `1.0` at `1111111111` | rolled back | 2026-03-01 11:30:00 UTC by ada |

    ### Checks

    | Check | Service | Outcome | Value | Limit | Looks | Found |
    | --- | --- | --- | --- | --- | --- | --- |
    | api answers | api | **fail** | `500` | `200` | 3 | answered with 500, not 200 |
    | front page |  | pass (advisory) |  |  | 3 | connected |

    ### Rollback

    | Service | From | To | Result |
    | --- | --- | --- | --- |
    | api | `2.0` | `1.1` | moved |
    | web |  |  | unchanged |

    ### What was restored

    | Check | Service | Outcome | Value | Limit | Looks | Found |
    | --- | --- | --- | --- | --- | --- | --- |
    | api answers | api | **pass** | `200` | `200` | 3 | answered with 200 |
    ");
}

#[test]
fn a_summary_links_the_commits_that_went_where_it_is_known_where() {
    let outcome = samples::fled();
    let moved = Moved::by(&outcome).unwrap();
    let (context, page) = (samples::context("verify"), "https://github.example/octo/shop");
    let besides = Besides { moved: Some(&moved), repository: Some(page), ..Besides::default() };
    let told = summary(&context, Ok(&outcome), &besides);
    let [good, bad] = ["1", "2"].map(|digit| digit.repeat(40));
    let link = format!(
        "\n### Undone: [all after 1111111111 up to 2222222222]({page}/compare/{good}...{bad})\n"
    );
    assert!(told.ends_with(&link), "{told}");
    let unlinked = Besides { repository: None, ..besides };
    let plain = summary(&context, Ok(&outcome), &Besides::default());
    assert_eq!(summary(&context, Ok(&outcome), &unlinked), plain);
    for evil in ["javascript:alert(1)//x", "https://x/) [y](https://evil.example", "https://x y"] {
        let told = summary(&context, Ok(&outcome), &Besides { repository: Some(evil), ..besides });
        assert!(told.ends_with("### Undone: all after 1111111111 up to 2222222222\n"), "{told}");
    }
}

#[test]
fn a_summary_of_a_deployment_has_its_timeline() {
    insta::assert_snapshot!(summary(&samples::context("show"), Ok(&samples::shown()), &Besides::default()), @r#"
    ## production: show

    Deployment 3 of `production`

    | Deployment | Versions | Status | When |
    | --- | --- | --- | --- |
    | **3** | api `2.0` at `2222222222`<br>web `1.0` at `1111111111` | unhealthy | 2026-03-01 11:30:00 UTC by ada |

    ### Timeline

    | When | Who | What |
    | --- | --- | --- |
    | 2026-03-01 11:30:01 UTC | ada | deployed api 2\.0\: the sale begins |
    | 2026-03-01 11:30:02 UTC | ada | found it unhealthy\: 0 of 1 checks passed |
    | 2026-03-01 11:30:03 UTC | ada | marked it bad\: orders were lost |
    | 2026-03-01 11:30:04 UTC | ada | wrote `celebrated` |
    "#);
}

#[test]
fn a_summary_of_a_rollback_tells_the_story_of_both_deployments_in_one_timeline() {
    let told = samples::shown().deployment.unwrap();
    let mut events = told.events.clone().unwrap();
    let later = events.split_off(2);
    let fled = DeploymentTold { events: Some(later), ..samples::deployment(3, "2.0", told.status) };
    let back =
        DeploymentTold { events: Some(events), ..samples::deployment(4, "1.1", told.status) };
    let page = summary(&samples::context("verify"), Ok(&samples::fled()), &telling(&[fled, back]));
    let (_, timeline) = page.split_once("### Timeline").unwrap();
    insta::assert_snapshot!(timeline, @r#"


    | When | Deployment | Who | What |
    | --- | --- | --- | --- |
    | 2026-03-01 11:30:01 UTC | 4 | ada | deployed api 2\.0\: the sale begins |
    | 2026-03-01 11:30:02 UTC | 4 | ada | found it unhealthy\: 0 of 1 checks passed |
    | 2026-03-01 11:30:03 UTC | 3 | ada | marked it bad\: orders were lost |
    | 2026-03-01 11:30:04 UTC | 3 | ada | wrote `celebrated` |
    "#);
}

#[test]
fn a_timeline_that_is_too_long_tells_the_newest_and_how_many_are_missing() {
    let told = samples::shown().deployment.unwrap();
    let one = told.events.clone().unwrap().remove(0);
    let many = DeploymentTold { events: Some(vec![one; 42]), ..told };
    let page = summary(&samples::context("verify"), Ok(&samples::sick()), &telling(&[many]));
    assert_eq!(page.matches("the sale begins").count(), 40);
    assert!(page.ends_with("\n2 events before are in `lastgood show`.\n"), "{page}");
}

#[test]
fn a_ticket_bears_its_mark_the_verdict_and_where_it_was_seen() {
    let env = samples::context("verify").environment.unwrap();
    let run = "https://github.example/o/r/actions/runs/17";
    let told = ticket(&env, &samples::sick(), Some(run));
    assert_eq!(told.title, "production stays sick");
    assert_eq!(told.body.lines().next(), Some("<!-- lastgood production -->"));
    assert!(told.body.contains("### Checks"), "{}", told.body);
    assert!(told.body.contains(&format!("([run]({run}))")), "{}", told.body);
    assert!(told.farewell.starts_with("production is well again ([run]("), "{}", told.farewell);
    for outcome in samples::poisoned(&"|@all #1 ".repeat(3_000)) {
        assert!(ticket(&env, &outcome, Some(run)).body.len() < 65_536);
    }
}

#[test]
fn a_summary_of_status_tells_what_runs_and_what_is_stable() {
    insta::assert_snapshot!(summary(&samples::context("status"), Ok(&samples::status()), &Besides::default()), @r#"
    ## production: status

    `production` runs deployment 3; the last stable one is 2, 1 back

    | Deployment | Versions | Status | When |
    | --- | --- | --- | --- |
    | Runs now: **3** | api `2.0` at `2222222222`<br>web `1.0` at `1111111111` | unhealthy | 2026-03-01 11:30:00 UTC by ada |
    | Last stable: **2** | api `1.1` at `1111111111`<br>web `1.0` at `1111111111` | stable | 2026-03-01 10:30:00 UTC by ada |

    - Locked: automatic rollbacks kept out by grace since 2026\-03\-01 11\:40\:00 UTC until 2026\-03\-01 13\:00\:00 UTC\: looking at it
    - Quarantined: api 0\.9 \(0000000000\), fled by 1
    "#);
}

#[test]
fn a_summary_of_an_error_keeps_columns() {
    let error = Error::invalid("`lastgood.yml` has a mistake\n  3 | <urll>: x\n      ^^^^")
        .hint("`lastgood config check`.");
    insta::assert_snapshot!(summary(&samples::context("verify"), Err(&error), &Besides::default()), @"
    ## production: invalid

    <pre>
    `lastgood.yml` has a mistake
      3 | &lt;urll&gt;: x
          ^^^^
    </pre>

    **Next:** `lastgood config check`
    ");
}

#[test]
fn a_summary_that_is_too_long_is_cut_and_says_so() {
    let mut outcome = samples::sick();
    let check = samples::check(&"|".repeat(200), crate::domain::gate::Ending::Fail, "ü");
    outcome.gate.as_mut().unwrap().checks = vec![check; 2_000];
    let page = summary(&samples::context("verify"), Ok(&outcome), &Besides::default());
    assert!(page.len() <= 1024 * 1024 && page.len() > 1_000_000);
    assert!(page.ends_with("The rest was cut: GitHub takes no more.\n"));
    assert!(page.contains(" |\n\nThe rest"));
}

#[test]
fn a_summary_of_an_ending_alone_is_a_title_and_a_sentence() {
    let busy = Outcome::ended(Ending::new(Reason::Busy, "deployment 3 of `production` is open"));
    insta::assert_snapshot!(summary(&samples::context("verify"), Ok(&busy), &Besides::default()), @"
    ## production: inconclusive

    Deployment 3 of `production` is open

    **Next:** Run it again when that is over
    ");
}
