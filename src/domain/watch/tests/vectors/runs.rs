//! A whole gate, as Argo's runs are.

use regex::Regex;

use super::super::super::super::gate::{self, CheckResult, GateMistake, GateReport};
use super::super::super::super::verdict::Verdict;
use super::*;

/// One metric of a run, as its words tell of it.
#[derive(Debug)]
struct Metric {
    name: String,
    weight: Weight,
    seen: Vec<Outcome>,
    is_running: bool,
}

/// Words that stand where a metric's name does, and go on telling of the one before.
const NO_NAMES: [&str; 5] = ["resumes", "to", "metrics", "measurement", "metric"];

fn matched(words: &str, pattern: &str) -> Option<String> {
    let found = Regex::new(pattern).unwrap().captures(words)?;
    found.get(1).map(|group| group.as_str().to_owned())
}

/// Reads the metrics of `latency Successful; success-rate (dry-run) failed 1` and its like.
fn metrics(state: &str, first: &str) -> Vec<Metric> {
    let all_dry = state.contains("dry-run") && !state.contains('(');
    let pattern =
        r"(?i)([\w-]+)(?: \((real|dry-run)\))?,? (Successful|Failed|Inconclusive|Error|Running)\b";
    let mut metrics: Vec<Metric> = Vec::new();
    for found in Regex::new(pattern).unwrap().captures_iter(state) {
        let (name, word) = (found[1].to_owned(), found[3].to_lowercase());
        let word = word[..1].to_uppercase() + &word[1..];
        let dry = all_dry || found.get(2).is_some_and(|one| one.as_str() == "dry-run");
        let weight = if dry { Weight::Advisory } else { Weight::Required };
        let (seen, is_running) = (outcome_of(&word).into_iter().collect(), word == "Running");
        match metrics.last_mut() {
            Some(last) if NO_NAMES.contains(&name.as_str()) => last.seen.extend(seen),
            _ => metrics.push(Metric { name, weight, seen, is_running }),
        }
    }
    if state.starts_with("both") && metrics.len() == 1 {
        let Metric { weight, ref seen, is_running, .. } = metrics[0];
        let second = Metric { name: "second".to_owned(), weight, seen: seen.clone(), is_running };
        metrics[0].name = first.to_owned();
        metrics.push(second);
    }
    metrics
}

/// Returns what a metric's check comes to; none while it goes on.
fn ended(metric: &Metric) -> Option<CheckResult> {
    let enough = u32::from(metric.is_running) + u32::try_from(metric.seen.len()).unwrap();
    let check = Check {
        name: metric.name.clone(),
        weight: metric.weight,
        ..watch(enough, |limits| {
            limits.error_limit = 0;
        })
    };
    let mut machine = Watch::new(&check, decide(100_000));
    metric.seen.iter().for_each(|seen| machine.tell(secs(0), &measured(*seen)));
    match machine.next(secs(0)) {
        Next::Done(verdict) => Some(CheckResult::new(&check, "http", &verdict, 0)),
        Next::Wait(_) | Next::Sample(_) => None,
    }
}

fn verdict(checks: Vec<CheckResult>) -> GateReport {
    GateReport { checks, ..GateReport::default() }
}

/// Asserts what metrics come to; a gate has no verdict before all its checks have ended.
fn comes_out(id: &str, metrics: &[Metric], case: &Value) {
    let ended: Option<Vec<_>> = metrics.iter().map(ended).collect();
    let Some(checks) = ended else {
        assert_eq!(case["expected"], "Running", "{id}: {metrics:?}");
        return;
    };
    let expected = match outcome(&case["expected"]) {
        P => Verdict::Healthy,
        I => Verdict::Inconclusive,
        E => Verdict::Error,
        F => Verdict::Unhealthy,
    };
    let report = verdict(checks);
    assert_eq!(report.verdict(), expected, "{id}: {metrics:?}");
    if let Some(named) = matched(case["message"].as_str().unwrap(), "\"([^\"]+)\"") {
        assert_eq!(report.decisive().unwrap().name, named, "{id} is told by what decided it");
    }
}

/// Asserts that advisory checks alone are no gate, whatever they saw.
fn is_no_gate(id: &str, metrics: &[Metric]) {
    let alone = [Check { weight: Weight::Advisory, ..watch(1, |_| ()) }];
    assert_eq!(gate::mistakes(&alone), [GateMistake::NothingRequired], "{id}");
    let checks: Option<Vec<_>> = metrics.iter().map(ended).collect();
    assert_eq!(verdict(checks.unwrap_or_default()).verdict(), Verdict::Inconclusive, "{id}");
}

/// Asserts that a gate whose check was stopped before it could tell is inconclusive.
fn is_cut_off(id: &str) {
    let check = watch(3, |_| ());
    let mut machine = Watch::new(&check, decide(100_000));
    machine.tell(secs(0), &measured(P));
    let stopped = CheckResult::new(&check, "http", &machine.stop(Stop::Interrupted), 0);
    assert_eq!(verdict(vec![stopped]).verdict(), Verdict::Inconclusive, "{id}");
}

/// Asserts what one more measurement makes of counters.
fn counts(id: &str, state: &str, expected: &str) {
    let of = |words: &str, name: &str| {
        matched(words, &format!(r"\b{name} (\d+)")).map(|number| number.parse::<u32>().unwrap())
    };
    let before = |name: &str| of(state, name).unwrap_or_default();
    let mut machine = Watch::new(&watch(99, |_| ()), decide(100_000));
    machine.tally.errors = before("error");
    machine.tally.passes = before("count");
    machine.streak.errors = before("consecutiveError");
    let new = outcome_of(&matched(state, r"new measurement (\w+)").unwrap()).unwrap();
    machine.tell(secs(0), &measured(new));
    let after = [
        ("error", machine.tally.errors),
        ("count", machine.tally.taken()),
        ("consecutiveError", machine.streak.errors),
    ];
    for (name, found) in after {
        assert_eq!(found, of(expected, name).unwrap_or(found), "{id}: {name}");
    }
}

/// Asserts what a single metric of which the limits are told comes to after one measurement.
fn goes_on(id: &str, state: &str, expected: &str) {
    let count = matched(state, r"\bcount (\d+)").and_then(|count| count.parse::<u32>().ok());
    let single = state.contains("no interval") || state.contains("no count/interval");
    let check = check(Phase::Watch, |limits| {
        limits.count = count.filter(|count| *count > 0).or(single.then_some(1));
    });
    let mut machine = Watch::new(&check, decide(100_000));
    let seen =
        matched(state, r"(?:measurement|to) (Successful|Failed|Inconclusive|Error)").unwrap();
    machine.tell(secs(0), &measured(outcome_of(&seen).unwrap()));
    let found = match machine.next(secs(0)) {
        Next::Done(verdict) => Some(verdict.outcome),
        Next::Wait(_) | Next::Sample(_) => None,
    };
    assert_eq!(found, outcome_of(expected), "{id}");
}

#[test]
fn a_gate_ends_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    let here: Vec<_> = vectors::cases(&file, "run")
        // The tests of the configuration go through those.
        .filter(|(_, case)| !vectors::is_misconfigured(case))
        .collect();
    for (id, case) in &here {
        let [state, expected, message] =
            ["state", "expected", "message"].map(|key| case[key].as_str().unwrap());
        let first = matched(message, "\"([^\"]+)\"").unwrap_or_else(|| "first".to_owned());
        let metrics = metrics(state, &first);
        let advisory = metrics.iter().all(|metric| metric.weight == Weight::Advisory);
        if state.contains("dry-run") && advisory {
            is_no_gate(id, &metrics);
            count.departed(id, "advisory checks alone are no gate: it could never fail");
        } else if message.contains("Terminated") {
            is_cut_off(id);
            count.departed(id, "what was stopped before it could tell is inconclusive");
        } else {
            if expected.contains("counters") {
                counts(id, state, expected);
            } else if state.contains("interval") {
                goes_on(id, state, expected);
            } else {
                assert!(!metrics.is_empty(), "{id}: `{state}` is not understood");
                comes_out(id, &metrics, case);
            }
            count.held();
        }
    }
    count.of("run", here.len());
}
