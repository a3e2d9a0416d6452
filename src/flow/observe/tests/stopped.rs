//! What ends a look before it has an answer.

use super::*;

#[test]
fn a_panicking_probe_is_an_error_and_kills_nothing() {
    let world =
        World::new().settle("broken", [Act::Panic]).settle("api answers", [fails(), passes()]);
    let (report, _) = world.observe();
    assert_eq!(endings(&report), [Ending::Error, Ending::Pass]);
    assert!(report.checks[0].message.contains("the `fake` probe broke down"));
}

#[test]
fn a_probe_that_hangs_is_left_behind_after_its_timeout() {
    let world = World::new().settle("api answers", [Act::Hang, passes()]);
    let (report, transcript) = world.observe();
    assert_eq!(report.verdict(), Verdict::Healthy);
    assert_eq!(transcript[0], "5s500ms api answers measured no answer within `5s`");
    let (report, _) = World::new().settle("api answers", [Act::Hang]).observe();
    assert_eq!((report.verdict(), report.duration_ms), (Verdict::Unhealthy, 10_500));
    assert_eq!(report.checks[0].answered, Answered::Nobody);
}

#[test]
fn a_probe_that_hangs_in_an_instrument_is_an_error() {
    let mut world = World::new();
    let mut bound = world.bound("error rate", Phase::Settle, []);
    let probe = FakeProbe {
        clock: world.clock.clone(),
        reach: Reach::Instrument,
        acts: Mutex::new([Act::Hang].into()),
        asked: Mutex::default(),
    };
    bound.probe = Arc::new(probe);
    world.checks.push(bound);
    assert_eq!(world.observe().0.verdict(), Verdict::Error);
}

#[test]
fn the_gate_is_over_when_its_time_is() {
    let mut world = World::new().settle("api answers", [passes()]).watch("error rate", [passes()]);
    world.time = secs(15);
    let (report, _) = world.observe();
    assert_eq!((report.duration_ms, report.verdict()), (15_000, Verdict::Inconclusive));
    let message = "out of time after 2 of 3 measurements: 200";
    assert_eq!(report.checks[1].message, message);
}

#[test]
fn a_halt_stops_every_check_and_nothing_passes() {
    let world = World::new().settle("api answers", [Act::Hang]).watch("error rate", [passes()]);
    world.halt.stop();
    let (report, transcript) = world.observe();
    assert_eq!(endings(&report), [Ending::Stopped, Ending::Stopped]);
    assert_eq!(transcript, ["0s api answers ended Stopped", "0s error rate ended Stopped"]);
    assert_eq!(report.checks[0].message, "interrupted");
    assert_eq!(report.verdict(), Verdict::Inconclusive);
}

#[test]
fn a_halt_in_the_middle_is_heard_at_once() {
    let world = World::new().settle("api answers", [fails()]);
    let gate = Gate {
        checks: &world.checks,
        expected: &world.expected,
        control: None,
        time: world.time,
        rule: GateRule::Worst,
        aim: world.aim,
    };
    let halt = world.halt.clone();
    let mut listener = |progress: Progress<'_>| {
        if let Progress::Measured { tally, .. } = progress
            && tally.fails == 2
        {
            halt.stop();
        }
    };
    let clock = world.clock.as_ref();
    let report = clock.run(observe(clock, gate, &world.halt, &mut listener));
    assert_eq!((report.duration_ms, report.checks[0].attempts), (2_000, 2));
    assert_eq!(endings(&report), [Ending::Stopped]);
}
