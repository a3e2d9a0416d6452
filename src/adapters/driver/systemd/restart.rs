//! Restarts the unit, and watches it afterwards.

use std::time::{Duration, Instant};

use super::SystemdDriver;
use super::state::State;
use crate::adapters::process::Trouble;
use crate::error::Result;
use crate::ports::Drive;

/// How long to wait between two looks at a unit.
const PAUSE: Duration = Duration::from_millis(100);

impl SystemdDriver {
    /// Restarts or reloads it.
    pub(super) async fn restarted(&self, drive: &Drive) -> Result<()> {
        let systemctl = self.around.telling(self.systemctl.clone(), drive);
        let ran = match self.systemctl.run(&self.forget()).await {
            // Of one that never ran there is nothing to forget.
            Err(trouble) if !trouble.says("not loaded") => Err(trouble),
            Ok(_) | Err(_) => systemctl.run(&self.act()).await,
        };
        ran.map(drop).map_err(|trouble| {
            let error = self.not_active(drive, &trouble.to_string());
            match trouble {
                Trouble::Said { .. } => error,
                Trouble::Slow(_) => error.hint("give the driver a longer `timeout`"),
                Trouble::Broken(_) => error.hint("install `systemctl` where lastgood runs"),
            }
        })
    }

    /// Waits until the unit is active and has stayed so.
    pub(super) async fn stays(&self, drive: &Drive) -> Result<State> {
        let (began, unit) = (Instant::now(), &self.settings.unit);
        let (mut active, mut restarts) = (None, None);
        loop {
            let state = self.known(drive).await?;
            // What it did before it was restarted by us still counts for systemd.
            let restarts = *restarts.get_or_insert(state.restarts.unwrap_or(0));
            if let Some(why) = state.fell(unit.as_str(), restarts) {
                return Err(self.not_active(drive, &why));
            }
            if state.is_active() {
                let since: Instant = *active.get_or_insert_with(Instant::now);
                if since.elapsed() >= self.settings.stay.get() {
                    return Ok(state);
                }
            } else if began.elapsed() >= self.settings.timeout.get() {
                let why = format!("it is still {} after {}", state.shown(), self.settings.timeout);
                return Err(self
                    .not_active(drive, &why)
                    .hint("give the driver a longer `timeout`"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
