//! The rules once more, as plainly as they can be said.

use super::*;

/// What a check comes to: the outcome, after how many looks, in which second.
type Told = (Outcome, usize, u64);

/// Returns the looks a check takes: each with its second, none at or after the end.
///
/// A look takes no time; what was seen last goes on.
fn looks(limits: &Limits, end: u64, seen: &[Outcome]) -> Vec<(u64, Outcome)> {
    let mut looks = Vec::new();
    let mut at = limits.initial_delay.as_secs();
    while at < end {
        let outcome = *seen.get(looks.len()).unwrap_or(&seen[seen.len() - 1]);
        looks.push((at, outcome));
        at += if outcome == E { limits.error_retry } else { limits.interval }.as_secs();
    }
    looks
}

fn number_of(seen: &[Outcome], what: Outcome) -> usize {
    seen.iter().filter(|one| **one == what).count()
}

/// Returns how many at the end are this.
fn row_of(seen: &[Outcome], what: Outcome) -> usize {
    seen.iter().rev().take_while(|one| **one == what).count()
}

fn without_errors(seen: &[Outcome]) -> Vec<Outcome> {
    seen.iter().copied().filter(|one| *one != E).collect()
}

/// Without enough looks nothing is proven; with nothing but errors the instrument is broken.
fn unproven(seen: &[Outcome]) -> Outcome {
    if !seen.is_empty() && number_of(seen, E) == seen.len() { E } else { I }
}

/// Looks at ever longer beginnings of what was seen, and tells the first at which a rule holds.
fn first(
    looks: &[(u64, Outcome)],
    rule: impl Fn(&[Outcome]) -> Option<Outcome>,
) -> Result<Told, Vec<Outcome>> {
    let seen: Vec<Outcome> = looks.iter().map(|(_, outcome)| *outcome).collect();
    let mut ends = (1..=seen.len()).zip(looks);
    let told = ends.find_map(|(taken, (at, _))| Some((rule(&seen[..taken])?, taken, *at)));
    told.ok_or(seen)
}

fn settles(limits: &Limits, window: u64, seen: &[Outcome]) -> Told {
    let end = window.min(limits.deadline.as_secs());
    let rule = |seen: &[Outcome]| {
        if row_of(seen, E) > limits.error_limit as usize {
            Some(E)
        } else {
            (row_of(seen, P) >= limits.success_streak.unwrap() as usize).then_some(P)
        }
    };
    first(&looks(limits, end, seen), rule).unwrap_or_else(|seen| {
        let outcome = match without_errors(&seen).last() {
            Some(Outcome::Fail) => F,
            Some(Outcome::Pass) if seen.contains(&F) => F,
            Some(_) => I,
            None => unproven(&seen),
        };
        (outcome, seen.len(), end)
    })
}

/// What all looks come to when there will be no more, and none was too many.
fn counted(limits: &Limits, seen: &[Outcome]) -> Outcome {
    match limits.success_streak {
        None if seen.contains(&P) => P,
        Some(asked) if row_of(seen, P) >= asked as usize => P,
        Some(_) if limits.failure_limit.is_none() && seen.contains(&F) => F,
        None | Some(_) => unproven(seen),
    }
}

fn watches(limits: &Limits, window: Window, seen: &[Outcome]) -> Told {
    let end = window.end.as_secs();
    let rule = |seen: &[Outcome]| {
        let answers = without_errors(seen);
        let row = row_of(&answers, F);
        if row_of(seen, E) > limits.error_limit as usize {
            Some(E)
        } else if limits.failure_limit.is_some_and(|most| number_of(seen, F) > most as usize)
            || limits.failure_streak.is_some_and(|most| row >= most as usize)
        {
            Some(F)
        } else if number_of(seen, I) > limits.inconclusive_limit as usize {
            Some(I)
        } else if window.aim == Aim::Decide
            && limits.success_streak.is_some_and(|asked| row_of(seen, P) >= asked as usize)
        {
            Some(P)
        } else if window.aim == Aim::Decide
            && limits.count.map(|c| c as usize) == Some(answers.len())
        {
            Some(counted(limits, seen))
        } else {
            None
        }
    };
    first(&looks(limits, end, seen), rule).unwrap_or_else(|seen| {
        let outcome = match window.aim {
            Aim::Keep => counted(limits, &seen),
            Aim::Decide => unproven(&seen),
        };
        (outcome, seen.len(), end)
    })
}

fn machine(check: &Check, window: Window, seen: &[Outcome]) -> Told {
    let (moments, end, verdict) = obey(check, window, seen);
    (verdict.outcome, moments.len(), end.as_secs())
}

fn aims() -> impl Strategy<Value = Aim> {
    prop::sample::select(vec![Aim::Decide, Aim::Keep])
}

proptest! {
    #[test]
    fn a_watching_check_ends_as_the_limits_plainly_say(
        seen in outcomes(),
        (count, fails, row, unclear, errors) in
            (1_u32..12, prop::option::of(0_u32..4), prop::option::of(1_u32..4), 0_u32..4, 0_u32..4),
        passes in prop::option::weighted(0.5, 1_u32..5),
        (interval, retry, delay) in (1_u64..20, 1_u64..20, 0_u64..30),
        end in 1_u64..400,
        aim in aims(),
    ) {
        let check = watch(count, |limits| {
            limits.success_streak = passes;
            limits.failure_limit = fails;
            limits.failure_streak = row;
            limits.inconclusive_limit = unclear;
            limits.error_limit = errors;
            limits.interval = secs(interval);
            limits.error_retry = secs(retry);
            limits.initial_delay = secs(delay);
        });
        let window = Window { aim, ..decide(end) };
        prop_assert_eq!(machine(&check, window, &seen), watches(&check.limits, window, &seen));
    }

    #[test]
    fn a_settling_check_ends_as_the_limits_plainly_say(
        seen in outcomes(),
        (streak, errors) in (1_u32..5, 0_u32..4),
        (interval, retry, delay) in (1_u64..9, 1_u64..9, 0_u64..9),
        (deadline, end) in (1_u64..90, 1_u64..90),
    ) {
        let check = check(Phase::Settle, |limits| {
            limits.success_streak = Some(streak);
            limits.error_limit = errors;
            limits.interval = secs(interval);
            limits.error_retry = secs(retry);
            limits.initial_delay = secs(delay);
            limits.deadline = secs(deadline);
        });
        prop_assert_eq!(machine(&check, decide(end), &seen), settles(&check.limits, end, &seen));
    }
}
