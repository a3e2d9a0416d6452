//! Gates that keep looking, for a minute or for weeks.

use super::*;

#[test]
fn a_gate_that_keeps_looking_goes_on_until_its_time_is_over() {
    let mut world =
        World::new().settle("api answers", [fails(), passes()]).watch("error rate", [passes()]);
    world.aim = Aim::Keep;
    world.time = secs(60);
    let (report, transcript) = world.observe();
    assert_eq!((report.duration_ms, report.verdict()), (60_000, Verdict::Healthy));
    assert_eq!((report.checks[0].attempts, report.checks[1].attempts), (7, 6));
    assert_eq!(transcript[2], "2s error rate measured 200");
}

#[test]
fn a_gate_that_keeps_looking_ends_when_a_service_turns_sick() {
    let sick = [passes(), passes(), fails()];
    let mut world = World::new().settle("api answers", sick).watch("error rate", [passes()]);
    world.aim = Aim::Keep;
    world.time = secs(3600);
    let (report, _) = world.observe();
    assert_eq!(endings(&report), [Ending::Fail, Ending::Stopped]);
    assert_eq!(report.duration_ms, 30_000);
    assert_eq!(report.checks[0].message, "not healthy again within `10s`: 500");
}

fn well() -> Act {
    Act::Say(secs(0), Measurement::pass("200").measured(1.0))
}

/// A gate that looks every ten seconds, for so many days.
fn watched(days: u64, acts: impl IntoIterator<Item = Act>) -> (GateReport, u64) {
    let mut world = World::new().watch("stays well", acts);
    (world.aim, world.time) = (Aim::Keep, secs(days * 24 * 3600));
    let looks = world.time.as_secs() / world.checks[0].check.limits.interval.as_secs();
    (world.observe().0, looks)
}

#[test]
fn a_watch_of_a_month_keeps_no_more_than_one_of_a_day() {
    let [(day, _), (month, looks)] = [1, 30].map(|days| watched(days, [well()]));
    assert_eq!((month.verdict(), u64::from(month.checks[0].attempts)), (Verdict::Healthy, looks));
    assert_eq!(month.checks[0].series, day.checks[0].series);
}

#[test]
fn a_service_that_turns_sick_after_weeks_is_found_at_its_first_fail() {
    let weeks = std::iter::repeat_with(well).take(200_000).chain([fails()]);
    let (report, _) = watched(30, weeks);
    assert_eq!((report.verdict(), report.duration_ms), (Verdict::Unhealthy, 2_000_000_000));
    assert_eq!((report.checks[0].passes, report.checks[0].fails), (200_000, 1));
}
