//! When the next look is due.

use regex::Regex;

use super::super::super::super::duration::Span;
use super::*;

/// The moment of asking: everything in the words lies before it.
const NOW: u64 = 1000;

fn captured(words: &str, pattern: &str) -> Option<(String, String)> {
    let found = Regex::new(pattern).unwrap().captures(words)?;
    let group = |at| found.get(at).map(|one| one.as_str().to_owned()).unwrap_or_default();
    Some((group(1), group(2)))
}

fn seconds(words: &str, pattern: &str) -> Option<u64> {
    let (number, unit) = captured(words, pattern)?;
    let minutes = if unit.starts_with('m') { 60 } else { 1 };
    Some(number.parse::<u64>().unwrap() * minutes)
}

/// Returns what is due for one metric, of whose look `words` tell, and `all` of every one.
fn due(words: &str, all: &str) -> Next {
    let of = |pattern: &str| seconds(words, pattern).or_else(|| seconds(all, pattern));
    let check = watch(9, |limits| {
        let interval = of(r"(?:interval|both) (\d+) ?(s|m)").map(secs);
        limits.interval = interval.unwrap_or(limits.interval);
        limits.initial_delay = of(r"initialDelay (\d+) ?(s|m)").map(secs).unwrap_or_default();
        if words.contains("no interval") {
            limits.count = Some(1);
        }
    });
    let started = of(r"started (\d+) ?(s|m)").unwrap_or_default();
    let start = secs(NOW - started);
    let mut machine = Watch::new(&check, Window { start, ..decide(100_000) });
    let last = captured(words, r"last (?:finished |was )?(\w+ )?(now|\d+ s ago)");
    if let Some((outcome, ago)) = last {
        let ago = ago.split(' ').next().and_then(|ago| ago.parse().ok()).unwrap_or(0);
        let outcome = outcome_of(outcome.trim()).unwrap_or(P);
        machine.tell(secs(NOW - ago), &measured(outcome));
    } else {
        let bare =
            ["started", "initialDelay", "no results", "nothing recorded", "without finishedAt"];
        let understood = bare.iter().any(|known| words.contains(known) || all.contains(known));
        assert!(understood, "`{words}` is not understood");
    }
    machine.next(secs(NOW))
}

/// Returns what is due for each metric of the words: `A …; B …`, `two metrics …`, or one.
fn found(state: &str) -> Vec<Next> {
    let named = Regex::new(r"\b([A-C]) ").unwrap();
    let starts: Vec<usize> = named.find_iter(state).map(|found| found.start()).collect();
    if starts.is_empty() {
        let times = if state.contains("two metrics") { 2 } else { 1 };
        return (0..times).map(|_| due(state, state)).collect();
    }
    let ends = starts.iter().skip(1).copied().chain([state.len()]);
    let general = format!("{} {}", &state[..starts[0]], shared(state));
    starts.iter().zip(ends).map(|(from, to)| due(&state[*from..to], &general)).collect()
}

/// Returns what is said of both metrics at once.
fn shared(state: &str) -> &str {
    state.find("both").map_or("", |at| &state[at..])
}

/// A gate wakes up for whichever of its checks is due first.
fn wake_up(all: &[Next]) -> Option<u64> {
    let waits = all.iter().map(|next| match next {
        Next::Wait(time) => time.as_secs(),
        Next::Sample(_) => 0,
        Next::Done(_) => u64::MAX,
    });
    waits.min().filter(|wait| *wait < u64::MAX)
}

fn asserted(id: &str, state: &str, expected: &str) {
    let found = found(state);
    let samples = found.iter().filter(|next| matches!(next, Next::Sample(_))).count();
    if let Some((wait, _)) = captured(expected, r"wake-up in (\d+) s") {
        assert_eq!(wake_up(&found), Some(wait.parse().unwrap()), "{id}: {found:?}");
    } else if let Some((due, _)) = captured(expected, r"(\d+|no measurement) due") {
        assert_eq!(samples, due.parse().unwrap_or(0), "{id}: {found:?}");
    } else {
        panic!("{id}: `{expected}` is not understood");
    }
}

#[test]
fn looks_are_due_as_in_argos_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    let here: Vec<_> = vectors::cases(&file, "scheduling")
        // Another test goes through those, with a probe that takes its time.
        .filter(|(_, case)| !vectors::is_under_way(case))
        .collect();
    for (id, case) in &here {
        let (state, expected) =
            (case["state"].as_str().unwrap(), case["expected"].as_str().unwrap());
        if state.contains("unparsable") {
            assert!("60s-typo".parse::<Span>().is_err(), "{id}");
            count.departed(id, "a time that cannot be read is refused with the configuration");
        } else {
            asserted(id, state, expected);
            count.held();
        }
    }
    count.of("scheduling", here.len());
}
