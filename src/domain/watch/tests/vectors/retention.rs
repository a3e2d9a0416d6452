//! How many of the newest measurements are kept.

use super::*;

/// There the number is a setting for measurements; here it is fixed, and it is numbers that are kept.
#[test]
fn the_newest_numbers_of_each_check_are_kept() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, _) in vectors::cases(&file, "retention") {
        let mut machines = [0, 1].map(|_| Watch::new(&check(Phase::Watch, |_| ()), decide(9)));
        for number in 0..=SERIES {
            let number = f64::from(u32::try_from(number).unwrap());
            let seen = Measurement { number: Some(number), ..measured(P) };
            machines[0].tell(secs(0), &seen);
        }
        let [long, short] = machines.map(|mut machine| machine.stop(Stop::Interrupted).series);
        assert_eq!((long.len(), long.first(), short.len()), (SERIES, Some(&1.0), 0), "{id}");
        count.departed(id, "the newest are kept, check by check, and how many is no setting");
    }
    count.of("retention", vectors::cases(&file, "retention").count());
}
