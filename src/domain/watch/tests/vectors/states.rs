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
    let (mut held, mut mixed) = (0, 0);
    for (id, case) in vectors::cases(&file, "metric_state") {
        let Some(check) = meant(&serde_json::json!({
            "limits": case["limits"], "measurements": []
        })) else {
            mixed += 1;
            continue;
        };
        let counters = &case["counters"];
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
        let stopped = watch.stop(Stop::Interrupted).outcome;
        assert_eq!(stopped, expected.unwrap_or(I), "{id}, stopped");
        held += 1;
    }
    println!("held: {held} states; {mixed} are mixtures that lastgood has not");
    assert!(held > 0);
}
