//! Stops the unit, so that the machine does not start it either.

use super::{Drive, Driven, SystemdDriver, failed};
use crate::adapters::process::Trouble;
use crate::error::{Error, Result};

impl SystemdDriver {
    pub(super) fn halt(&self) -> Vec<String> {
        self.args(&["stop", "--", self.settings.unit.as_str()])
    }

    pub(super) fn disable(&self) -> Vec<String> {
        self.args(&["disable", "--", self.settings.unit.as_str()])
    }

    pub(super) fn enable(&self) -> Vec<String> {
        self.args(&["enable", "--", self.settings.unit.as_str()])
    }

    /// Stops it; the release and the link stay, and so does the word that it is to be enabled again.
    pub(super) async fn stopped(&self, drive: &Drive) -> Result<Driven> {
        let failed = |trouble: Trouble| {
            self.explained(format!("could not stop `{}`", drive.service), &trouble)
        };
        let unit = &self.settings.unit;
        let before = self.state().await.map_err(failed)?;
        if before.is_enabled() {
            // Written first: who is killed in between has lost nothing.
            self.place.remember_enabled().map_err(|why| not_stopped(drive, why))?;
            self.systemctl.run(&self.disable()).await.map_err(failed)?;
        }
        if !before.is_stopped() {
            let systemctl = self.around.telling(self.systemctl.clone(), drive);
            systemctl.run(&self.halt()).await.map_err(failed)?;
        }
        let after = self.state().await.map_err(failed)?;
        if after.is_stopped() {
            return Ok(Driven { message: format!("`{unit}` is {}", after.shown()) });
        }
        Err(not_stopped(drive, format!("`{unit}` is still {}", after.shown())))
    }

    /// Enables what a cleanup disabled: what serves must come back with the machine.
    pub(super) async fn enabled_again(&self, drive: &Drive) -> Result<()> {
        if !self.place.was_enabled() {
            return Ok(());
        }
        let doing = || format!("could not enable `{}` again", self.settings.unit);
        let enabled = self.systemctl.run(&self.enable()).await;
        enabled.map_err(|trouble| self.explained(doing(), &trouble))?;
        self.place.forget_enabled().map_err(|why| failed(drive, why))
    }
}

fn not_stopped(drive: &Drive, why: String) -> Error {
    Error::failed(format!("could not stop `{}`", drive.service)).because(why)
}
