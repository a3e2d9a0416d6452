//! The checks of a gate as they go on, on a terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tell::{LONGEST, say};
use crate::domain::text::clean;
use crate::domain::verdict::Outcome;
use crate::ports::{Glimpse, Progress};

/// The longest part of what a check found that is shown beside it.
const FOUND: usize = 70;

/// One line a check below what is told; each line goes when its check is over.
pub(super) struct Live {
    all: MultiProgress,
    lines: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Live {
    /// Returns who draws on stderr; none where nothing can be drawn there.
    pub(super) fn on_stderr() -> Option<Self> {
        let target = ProgressDrawTarget::stderr();
        (!target.is_hidden()).then(|| Self::on(target))
    }

    fn on(target: ProgressDrawTarget) -> Self {
        Self { all: MultiProgress::with_draw_target(target), lines: Mutex::default() }
    }

    fn line(&self, name: &str) -> ProgressBar {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let style = ProgressStyle::with_template("  {prefix} {wide_msg}");
            let line = self.all.add(ProgressBar::no_length());
            line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            line.set_prefix(clean(name, FOUND));
            line
        };
        lines.entry(name.to_owned()).or_insert_with(new).clone()
    }
}

impl Progress for Live {
    fn tell(&self, line: &str) {
        self.all.suspend(|| say(&clean(line, LONGEST)));
    }

    fn glimpse(&self, glimpse: &Glimpse<'_>) {
        match glimpse {
            Glimpse::Looked { check, measurement, looks } => {
                let found = clean(&measurement.message, FOUND);
                let line = self.line(&check.name);
                line.set_message(format!("look {looks}: {} ({found})", word(measurement.outcome)));
                line.tick();
            }
            // Each is told in a line of its own, too.
            Glimpse::Stage { .. } => {}
            Glimpse::Ended(result) => {
                let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(line) = lines.remove(&result.name) {
                    line.finish_and_clear();
                    self.all.remove(&line);
                }
            }
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "passed",
        Outcome::Inconclusive => "could not tell",
        Outcome::Error => "broken",
        Outcome::Fail => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::{Check, Measurement, Phase, Reach, Rehearsal, Weight};
    use crate::domain::gate::Worth;
    use crate::domain::limits::Limits;

    #[test]
    fn a_check_has_one_line_until_it_is_over() {
        let live = Live::on(ProgressDrawTarget::hidden());
        let check = Check {
            name: "api answers".into(),
            service: None,
            phase: Phase::Settle,
            weight: Weight::Required,
            worth: Worth::default(),
            rehearsal: Rehearsal::default(),
            limits: Limits::defaults(Phase::Settle, Reach::Direct),
        };
        for looks in 1..3 {
            let measurement = Measurement::fail("refused");
            live.glimpse(&Glimpse::Looked { check: &check, measurement: &measurement, looks });
        }
        assert_eq!(live.lines.lock().unwrap().len(), 1);
        assert_eq!(live.line("api answers").message(), "look 2: failed (refused)");
    }
}
