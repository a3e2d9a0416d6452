//! A metric in the middle of its run.

use super::*;

/// Returns a watch that has seen what the counters say.
fn midway(check: &Check, counters: &Value, last: Option<Outcome>) -> Watch {
    let of = |name: &str| number(counters, name).unwrap_or(0);
    let mut watch = Watch::new(check, decide(100_000));
    let (fails, inconclusives) = (of("failed"), of("inconclusive"));
    // Where nothing is said of them, the others of the count passed.
    let others = of("count").saturating_sub(fails + inconclusives);
    let errors = of("error").max(of("consecutiveError"));
    watch.tally = Tally { passes: of("successful").max(others), fails, inconclusives, errors };
    let (passes, errors) = (of("consecutiveSuccess"), of("consecutiveError"));
    watch.streak = Streak { passes, errors, fails: u32::from(last == Some(F)) };
    watch.newest = last.filter(|last| *last != E);
    watch
}

#[test]
fn a_metric_midway_stands_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, case) in vectors::cases(&file, "metric_state") {
        let (check, counters) = (meant(&case["limits"]), &case["counters"]);
        let last = match counters["last"].as_str() {
            Some("Running") | None => None,
            Some(_) => Some(outcome(&counters["last"])),
        };
        let mut watch = midway(&check, counters, last);
        let found = last.and_then(|last| watch.found(secs(1), last));
        let ended = found.map(|found| watch.end(found).outcome);
        let expected = match case["expected_phase"].as_str() {
            Some("Pending" | "Running") => None,
            _ => Some(outcome(&case["expected_phase"])),
        };
        assert_eq!(ended, expected, "{id}");
        // There, what is stopped before it could tell is a success; here it never is.
        let tally = watch.tally();
        let only_errors = tally.errors > 0 && tally.taken() == 0;
        let stopped = watch.stop(Stop::Interrupted).outcome;
        assert_eq!(stopped, expected.unwrap_or(if only_errors { E } else { I }), "{id}, stopped");
        let there = case["expected_phase_when_terminating"].as_str();
        if there.is_some_and(|there| outcome_of(there) != Some(stopped)) {
            count.departed(id, "as there while it goes on; stopped, it could not tell");
        } else {
            count.held();
        }
    }
    count.of("metric_state", vectors::cases(&file, "metric_state").count());
}
