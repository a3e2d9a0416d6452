//! How a gate's checks make one verdict.

use serde::Serialize;

use super::super::check::Check;
use super::super::verdict::Outcome;
use super::{CheckResult, Ending};

/// How a gate's checks make one verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GateRule {
    /// The worst required check decides.
    #[default]
    Worst,
    /// Each required check earns its points; the share of all points decides.
    ///
    /// After the objectives of Keptn's analyses: a pass earns a check's points, a marginal one
    /// half of them, a fail none, and a key check that fails makes the gate fail.
    Weighted(Percentages),
}

/// The shares of all points, in percent, that a weighted gate asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentages {
    /// From here on it is healthy.
    pub pass: u8,
    /// From here on it could not tell; below it is unhealthy.
    pub warning: u8,
}

/// What a check is worth in a weighted gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// Its points.
    pub points: u32,
    /// Whether the gate fails where it fails.
    pub role: Role,
}

/// Whether a check alone can make a weighted gate fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It only earns points.
    Common,
    /// The gate fails where it fails.
    Key,
}

impl Default for Worth {
    fn default() -> Self {
        Self { points: 1, role: Role::Common }
    }
}

/// The points that a weighted gate gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// The points that were earned; a marginal check earns half of its own.
    pub earned: f64,
    /// The points that could have been.
    pub of: u64,
    /// The share that makes it healthy, in percent.
    pub pass: u8,
    /// The share below which it is unhealthy, in percent.
    pub warning: u8,
}

/// Points in halves, so that they are whole numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Halves {
    earned: u128,
    unknown: u128,
    most: u128,
}

impl GateRule {
    /// Returns whether a check that failed has decided the gate already.
    pub fn is_decided_by(self, check: &Check) -> bool {
        match self {
            Self::Worst => true,
            Self::Weighted(_) => check.worth.role == Role::Key,
        }
    }

    /// Returns what required checks come to; none could not tell.
    pub(super) fn outcome<'a>(self, checks: impl Iterator<Item = &'a CheckResult>) -> Outcome {
        match self {
            Self::Worst => {
                let worst = checks.map(|check| check.outcome.outcome()).max();
                worst.unwrap_or(Outcome::Inconclusive)
            }
            Self::Weighted(shares) => weighed(shares, &checks.collect::<Vec<_>>()),
        }
    }

    /// Returns the points, where the gate counts them.
    pub(super) fn score<'a>(self, checks: impl Iterator<Item = &'a CheckResult>) -> Option<Score> {
        let Self::Weighted(shares) = self else { return None };
        let halves = Halves::of(checks);
        #[expect(clippy::cast_precision_loss, reason = "points are small")]
        let earned = halves.earned as f64 / 2.0;
        let of = u64::try_from(halves.most / 2).unwrap_or(u64::MAX);
        Some(Score { earned, of, pass: shares.pass, warning: shares.warning })
    }
}

/// A broken instrument earns nothing and costs nothing: only where even all its points could not
/// help is the subject wrong, and only where they are not needed is it well.
fn weighed(shares: Percentages, checks: &[&CheckResult]) -> Outcome {
    let is = |ending: Ending| checks.iter().any(|check| check.outcome == ending);
    let key_failed =
        |check: &&CheckResult| check.worth.role == Role::Key && check.outcome == Ending::Fail;
    if checks.iter().any(key_failed) {
        return Outcome::Fail;
    }
    let key_unknown = |check: &&CheckResult| {
        check.worth.role == Role::Key && matches!(check.outcome, Ending::Error | Ending::Stopped)
    };
    let halves = Halves::of(checks.iter().copied());
    let (least, most) = (halves.earned, halves.earned + halves.unknown);
    if !halves.reach(most, shares.warning) {
        return Outcome::Fail;
    }
    if halves.reach(least, shares.pass) && !checks.iter().any(key_unknown) {
        return Outcome::Pass;
    }
    if is(Ending::Error) { Outcome::Error } else { Outcome::Inconclusive }
}

impl Halves {
    fn of<'a>(checks: impl Iterator<Item = &'a CheckResult>) -> Self {
        checks.fold(Self::default(), |sum, check| {
            let half = u128::from(check.worth.points);
            let (earned, unknown) = match check.outcome {
                Ending::Pass => (2 * half, 0),
                Ending::Inconclusive => (half, 0),
                Ending::Fail => (0, 0),
                Ending::Error | Ending::Stopped => (0, 2 * half),
            };
            Self {
                earned: sum.earned + earned,
                unknown: sum.unknown + unknown,
                most: sum.most + 2 * half,
            }
        })
    }

    /// Without any points to earn the share is none at all.
    fn reach(self, earned: u128, percent: u8) -> bool {
        let earned = if self.most == 0 { 0 } else { earned * 100 };
        earned >= u128::from(percent) * self.most.max(1)
    }
}

#[cfg(test)]
mod tests;
