//! When the next look is due.

use super::*;

/// Those that have no like here, each with the reason.
const OTHERWISE: [(&str, &str); 3] = [
    ("SCHED-11", "a time that cannot be read is refused with the configuration"),
    ("SCHED-12", "a probe takes one look and never asks to be resumed later"),
    ("SCHED-16", "a look under way holds its check until it is told, or its time is over"),
];

fn every(interval: u64) -> Check {
    watch(9, |limits| limits.interval = secs(interval))
}

fn delayed(delay: u64) -> Check {
    watch(9, |limits| limits.initial_delay = secs(delay))
}

/// Returns what is due this long after a look that gave this.
fn due(check: &Check, last: Option<Outcome>, ago: u64) -> Next {
    let mut watch = Watch::new(check, decide(100_000));
    if let Some(last) = last {
        watch.tell(secs(0), &measured(last));
    }
    watch.next(secs(ago))
}

/// A gate wakes up for whichever of its checks is due first.
fn earliest(all: &[Next]) -> Next {
    let waits = all.iter().map(|next| match next {
        Next::Wait(time) => *time,
        other => panic!("{other:?}"),
    });
    Next::Wait(waits.min().unwrap())
}

fn found(id: &str) -> Option<Vec<Next>> {
    Some(match id {
        "SCHED-01" => vec![due(&every(60), Some(P), 50)],
        "SCHED-02" => vec![due(&every(60), Some(P), 61)],
        "SCHED-04" => vec![due(&every(60), None, 0), due(&every(60), None, 0)],
        "SCHED-06" | "SCHED-07" => vec![due(&watch(1, |_| ()), None, 0)],
        "SCHED-09" => vec![due(&delayed(20), None, 10)],
        "SCHED-14" => vec![due(&every(300), Some(E), 120)],
        "SCHED-17" => {
            vec![earliest(&[due(&every(60), Some(P), 30), due(&delayed(40), None, 30)])]
        }
        "SCHED-19" => {
            vec![earliest(&[due(&every(60), Some(P), 30), due(&every(60), Some(P), 50)])]
        }
        "SCHED-21" => vec![due(&watch(1, |_| ()), Some(E), 0)],
        "SCHED-22" => vec![due(&every(300), Some(E), 0)],
        _ => return None,
    })
}

#[test]
fn looks_are_due_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut unknown = Vec::new();
    for (id, case) in vectors::cases(&file, "scheduling") {
        let Some(found) = found(id) else {
            unknown.push(id);
            continue;
        };
        let expected = case["expected"].as_str().unwrap();
        for next in &found {
            let in_time = match next {
                Next::Sample(_) => expected.starts_with(&format!("{} due", found.len())),
                Next::Wait(time) if expected.contains("wake-up in") => {
                    expected.contains(&format!("in {} s", time.as_secs()))
                }
                Next::Wait(_) => expected.starts_with("0 due") || expected.starts_with("no "),
                Next::Done(_) => false,
            };
            assert!(in_time, "{id}: {next:?}, not {expected}");
        }
    }
    told_otherwise(unknown, &OTHERWISE);
}
