//! The time that one measurement gets, as `blackbox_exporter` gives it.

use super::*;

/// There a budget that is not given is this long; so is our deadline.
const OUTER: Duration = Duration::from_mins(2);

/// The outer budget is the deadline, of which the offset has gone by; a module without a timeout
/// of its own is a check whose timeout is zero, which the configuration refuses.
#[test]
fn a_measurement_gets_the_time_that_blackbox_exporters_tests_give_it() {
    let Some(file) = vectors::load("direct_probes.json") else { return };
    let timeouts = vectors::of_kind(&file, "module_timeout_s");
    let mut count = Count::default();
    for (id, case) in &timeouts {
        let time = |key: &str| case["config"][key].as_f64().map(Duration::from_secs_f64);
        let gone = time("offset_s").unwrap();
        let check = check(Phase::Settle, |limits| {
            assert_eq!(limits.deadline, OUTER);
            limits.deadline = time("outer_budget_s").unwrap_or(limits.deadline);
            limits.timeout = time("module_timeout_s").unwrap();
        });
        let expected = case["expect_metrics"]["effective_timeout_s"].as_f64().unwrap();
        let found = Watch::new(&check, decide(100_000)).next(gone);
        assert_eq!(found, Next::Sample(Duration::from_secs_f64(expected)), "{id}");
        count.held();
    }
    count.of("direct_probes, timeouts", timeouts.len());
}
