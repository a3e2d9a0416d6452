//! The checks as JUnit XML, which every CI system shows.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::words;
use crate::domain::check::Weight;
use crate::domain::gate::{CheckResult, Ending};
use crate::domain::outcome::{Context, Outcome};

/// Returns the checks of an outcome, the restored deployment's after those of the judged one.
///
/// A check that could not tell is an error, never a pass; an advisory one never fails a report.
pub fn junit(context: &Context, outcome: &Outcome) -> String {
    let environment = context.environment.as_ref().map_or("lastgood", |name| name.as_str());
    let mut report = Report::new(format!("lastgood {}", context.command));
    if let Some(gate) = &outcome.gate {
        report.add_test_suite(suite(environment, &gate.checks));
    }
    let restored = outcome.rollback.as_ref().and_then(|rollback| rollback.verification.as_ref());
    if let Some(proof) = restored {
        report.add_test_suite(suite(&format!("{environment}: what was restored"), &proof.checks));
    }
    // What is written into memory cannot fail.
    report.to_string().unwrap_or_default()
}

fn suite(name: &str, checks: &[CheckResult]) -> TestSuite {
    let mut suite = TestSuite::new(words::shown(name));
    suite.add_test_cases(checks.iter().map(case));
    suite
}

fn case(check: &CheckResult) -> TestCase {
    let mut status = status(check);
    status.set_message(words::shown(&check.message));
    let mut case = TestCase::new(words::shown(&check.name), status);
    case.set_time(Duration::from_millis(check.duration_ms));
    let service = check.service.as_ref().map_or("environment", |service| service.as_str());
    case.set_classname(words::shown(service));
    case.set_system_out(facts(check));
    case
}

fn status(check: &CheckResult) -> TestCaseStatus {
    let counted = |kind| TestCaseStatus::non_success(kind);
    match (check.outcome, check.weight) {
        (Ending::Pass, _) => TestCaseStatus::success(),
        (Ending::Stopped, _) | (_, Weight::Advisory) => TestCaseStatus::skipped(),
        (Ending::Fail, Weight::Required) => counted(NonSuccessKind::Failure),
        (Ending::Error | Ending::Inconclusive, Weight::Required) => counted(NonSuccessKind::Error),
    }
}

fn facts(check: &CheckResult) -> String {
    let ended = words::check(check.outcome).0;
    let mut lines = vec![format!("{} check: {ended} after {} looks", check.kind, check.attempts)];
    if let (Some(value), Some(limit)) = (&check.value, &check.limit) {
        lines.push(format!("value {}, limit {}", words::shown(value), words::shown(limit)));
    }
    lines.extend(check.timings.iter().map(|part| format!("{} {:.1} ms", part.name, part.ms)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_sick_check_is_a_failure_and_what_could_not_tell_is_an_error() {
        let check = |name: &str, ending, weight| CheckResult {
            weight,
            ..samples::check(name, ending, "</testcase>&\u{1b}[31m")
        };
        let checks = vec![
            check("passes", Ending::Pass, Weight::Required),
            check("fails", Ending::Fail, Weight::Required),
            check("cannot tell", Ending::Inconclusive, Weight::Required),
            check("is broken", Ending::Error, Weight::Required),
            check("was stopped", Ending::Stopped, Weight::Required),
            check("is advice", Ending::Fail, Weight::Advisory),
        ];
        let xml = suite_xml(&checks);
        assert!(
            xml.contains(r#"tests="6" skipped="2" errors="2" failures="1""#)
                || xml.contains(r#"tests="6" disabled="2" errors="2" failures="1""#),
            "{xml}"
        );
        assert!(!xml.contains("</testcase>&"), "{xml}");
        assert!(!xml.contains('\u{1b}'), "{xml}");
    }

    fn suite_xml(checks: &[CheckResult]) -> String {
        let mut report = Report::new("a");
        report.add_test_suite(suite("production", checks));
        report.to_string().unwrap()
    }
}
