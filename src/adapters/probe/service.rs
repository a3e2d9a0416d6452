//! Asks systemd how a unit is.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::question::{Around, Question, Subject};
use crate::adapters::process::{Failure, Finished, Run};
use crate::adapters::secret::{Secret, variables_holding};
use crate::domain::check::{Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::text;
use crate::domain::version::Version;
use crate::error::Result;
use crate::ports::Probe;

mod state;

use state::{State, Unit};

/// How much systemd may tell.
const KEPT: usize = 64 * 1024;

/// Asks systemd whether a unit is active and stays so.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ServiceCheck")]
pub struct Settings {
    /// The unit: `shop`, which is `shop.service`, or `shop.socket`.
    pub unit: Unit,
    /// Whether it is asked of the user's own systemd.
    #[serde(default)]
    pub user: bool,
    /// What it must be doing, as systemd calls it: `running`, `exited`, `listening`.
    #[serde(default)]
    pub sub_state: Option<String>,
    /// How long it must have been active.
    #[serde(default)]
    pub min_uptime: Option<Span>,
    /// How often systemd may have restarted it since it was started by hand.
    #[serde(default)]
    pub max_restarts: Option<u32>,
}

/// Asks systemd.
#[derive(Debug)]
pub struct ServiceProbe {
    settings: Settings,
    withheld: Vec<Secret>,
    /// How often it had been restarted when it was last looked at.
    restarts: Mutex<Option<u32>>,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "service"
    }

    fn subject(&self) -> Subject {
        Subject::written("unit")
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), around.withheld.clone())))
    }
}

/// Makes the probe.
pub fn connect(settings: Settings, withheld: Vec<Secret>) -> ServiceProbe {
    ServiceProbe { settings, withheld, restarts: Mutex::new(None) }
}

#[async_trait]
impl Probe for ServiceProbe {
    fn kind(&self) -> &'static str {
        "service"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let seen = match self.run(timeout).finish().await {
            Ok(finished) => self.told(&finished),
            Err(Failure::TimedOut { after, .. }) => {
                Measurement::error(format!("systemd gave no answer within `{}`", Span::from(after)))
            }
            Err(
                failure @ (Failure::NotFound(_)
                | Failure::NoFolder(_)
                | Failure::NotStarted(..)
                | Failure::Lost(..)),
            ) => Measurement::error(failure.to_string()),
        };
        seen.timed(vec![Timing::new("processing", began.elapsed())])
    }
}

impl ServiceProbe {
    fn run(&self, timeout: Duration) -> Run {
        let run = Run::new("systemctl").args(self.settings.user.then_some("--user"));
        let run = run.arg("show").arg("--no-pager").arg(format!("--property={}", state::ASKED));
        let run = run.arg("--").arg(self.settings.unit.as_str()).timeout(timeout).cap(KEPT);
        // Times are told in the zone and the words of who asks.
        let run = run.env("TZ", "UTC").env("LC_ALL", "C");
        variables_holding(&self.withheld).into_iter().fold(run, Run::without)
    }

    fn told(&self, finished: &Finished) -> Measurement {
        if !finished.succeeded() {
            let (stderr, ended) = (finished.stderr.text(), finished.ended.to_string());
            let line = stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or(&ended);
            return Measurement::error(format!("systemd could not be asked: {line}"));
        }
        match State::read(&finished.stdout.text()) {
            Ok(state) => self.judge(&state, Timestamp::now()),
            Err(missing) => Measurement::error(format!("systemd did not tell `{missing}`")),
        }
    }

    fn judge(&self, state: &State, now: Timestamp) -> Measurement {
        let unit = self.settings.unit.as_str();
        let before = self.seen(state);
        let complaint = state
            .missing(unit)
            .or_else(|| state.inactive(unit))
            .or_else(|| self.other_state(state))
            .or_else(|| self.restarted(state, before))
            .or_else(|| self.young(state, now));
        complaint.unwrap_or_else(|| {
            let since = state.uptime(now).map(|up| format!(" for {up}")).unwrap_or_default();
            Measurement::pass(format!("`{unit}` is {}{since}", state.shown()))
                .judged(&state.shown(), "active")
        })
    }

    /// Keeps how often it was restarted, and returns how often it had been before.
    fn seen(&self, state: &State) -> Option<u32> {
        let mut kept = self.restarts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut *kept, state.restarts)
    }

    fn other_state(&self, state: &State) -> Option<Measurement> {
        let wanted = self.settings.sub_state.as_deref().filter(|wanted| *wanted != state.sub)?;
        let (unit, sub) = (self.settings.unit.as_str(), &state.sub);
        let wanted = text::clean(wanted, 40);
        let message = format!("`{unit}` is {sub}, not {wanted}");
        Some(Measurement::fail(message).judged(sub, &wanted))
    }

    fn restarted(&self, state: &State, before: Option<u32>) -> Option<Measurement> {
        let unit = self.settings.unit.as_str();
        let Some(count) = state.restarts else {
            let most = self.settings.max_restarts?;
            let message =
                format!("systemd does not count restarts of `{unit}`, of which {most} may be");
            return Some(Measurement::error(message));
        };
        let (value, again) = (count.to_string(), count.saturating_sub(before.unwrap_or(count)));
        if again > 0 {
            let message = format!("`{unit}` was restarted {again} times since the last look");
            return Some(Measurement::fail(message).judged(&value, &(count - again).to_string()));
        }
        let most = self.settings.max_restarts.filter(|most| count > *most)?;
        let message = format!("`{unit}` was restarted {count} times, more than {most}");
        Some(Measurement::fail(message).judged(&value, &most.to_string()))
    }

    fn young(&self, state: &State, now: Timestamp) -> Option<Measurement> {
        let (least, unit) = (self.settings.min_uptime?, self.settings.unit.as_str());
        let Some(up) = state.uptime(now) else {
            return Some(Measurement::error(format!(
                "systemd does not tell since when `{unit}` is active"
            )));
        };
        (up < least).then(|| {
            Measurement::fail(format!("`{unit}` has been active for {up}, less than {least}"))
                .judged(&up.to_string(), &format!("at least {least}"))
        })
    }
}

#[cfg(test)]
mod tests;
