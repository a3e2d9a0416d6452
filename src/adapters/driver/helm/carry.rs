//! Brings a release forth by its chart, and back by its revisions.

use super::commands::Upgrade;
use super::history::{History, Revision};
use super::{HelmDriver, Release, Way, broken, doing};
use crate::adapters::process::Trouble;
use crate::domain::text;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::Drive;

/// How Helm says that somebody else is at work.
const BUSY: &str = "another operation (install/upgrade/rollback) is in progress";

impl HelmDriver {
    /// Brings a release to a version by its chart.
    pub(super) async fn forth(&self, release: &Release, drive: &Drive) -> Result<String> {
        let upgrade = self.upgrade(release, drive)?;
        let history = self.known(release, drive).await?;
        if let Some(newest) = history.newest() {
            if newest.is_deployed() && newest.is_marked(&upgrade.mark) {
                return Ok(format!("{} is it already", told(release, newest)));
            }
            self.free(release, &history, newest, drive).await?;
        }
        self.upgraded(release, upgrade, drive).await
    }

    /// Returns to the newest good revision that holds a version; by the chart where there is none any more.
    pub(super) async fn back(&self, release: &Release, drive: &Drive) -> Result<String> {
        let history = self.known(release, drive).await?;
        let holding = self.holding(release, &history, drive).await;
        let Some(target) = holding.map_err(|trouble| self.not_there(release, drive, &trouble))?
        else {
            return self.back_by_chart(release, &history, drive).await;
        };
        let newest = history.newest().unwrap_or(target);
        if newest.number == target.number && newest.is_deployed() {
            return Ok(format!("{} is it already", told(release, newest)));
        }
        if newest.is_pending() {
            self.is_ours(release, &history, newest, drive).await?;
        }
        self.return_to(release, target, Way::Back, drive).await?;
        let now = self.confirmed(release, Some(target), drive).await?;
        Ok(format!("{now}, made of revision {}", target.number))
    }

    async fn back_by_chart(
        &self,
        release: &Release,
        history: &History,
        drive: &Drive,
    ) -> Result<String> {
        let version = text::clean(&drive.to.version, super::WORD);
        let none = format!("no revision of `{release}` that was good holds `{version}` any more");
        if self.settings.chart.is_none() {
            let see = self.shown_history(release);
            let hint = format!(
                "give the driver `chart`, or bring it by hand; `{see}` shows what there is"
            );
            return Err(broken(drive, none).hint(hint));
        }
        let upgrade = self.upgrade(release, drive)?;
        if let Some(newest) = history.newest() {
            self.free(release, history, newest, drive).await?;
        }
        self.tell(drive, &format!("{none}: by today's chart and values, then"));
        let now = self.upgraded(release, upgrade, drive).await?;
        Ok(format!("{none}, so it was brought by today's chart and values: {now}"))
    }

    async fn upgraded(&self, release: &Release, by: Upgrade, drive: &Drive) -> Result<String> {
        let ran = self.telling(drive).feed(&by.words, by.values.as_deref()).await;
        ran.map_err(|trouble| self.not_there(release, drive, &trouble))?;
        self.confirmed(release, None, drive).await
    }

    async fn known(&self, release: &Release, drive: &Drive) -> Result<History> {
        let history = self.history(release).await;
        history.map_err(|trouble| self.helm.failed(doing(drive), &trouble))
    }

    /// Ends what a killed run of our own left; Helm begins nothing else before that.
    async fn free(
        &self,
        release: &Release,
        history: &History,
        newest: &Revision,
        drive: &Drive,
    ) -> Result<()> {
        if !newest.is_pending() {
            return Ok(());
        }
        self.is_ours(release, history, newest, drive).await?;
        // A first installation has nothing else to return to than itself.
        let target = history.good().next().unwrap_or(newest);
        self.return_to(release, target, Way::Forth, drive).await
    }

    /// Refuses what somebody else has begun: it holds neither what is brought nor what that replaces.
    async fn is_ours(
        &self,
        release: &Release,
        history: &History,
        newest: &Revision,
        drive: &Drive,
    ) -> Result<()> {
        for version in [Some(&drive.to), drive.from.as_ref()].into_iter().flatten() {
            if self.seen_in(release, history, newest, version, drive).await? {
                return Ok(());
            }
        }
        let why = format!("{} is `{}`", told(release, newest), newest.status);
        Err(self.busy(release, Some(history), broken(drive, why)))
    }

    async fn return_to(
        &self,
        release: &Release,
        target: &Revision,
        way: Way,
        drive: &Drive,
    ) -> Result<()> {
        let words = self.rollback(release, &target.number.to_string(), way);
        let ran = self.telling(drive).run(&words).await;
        ran.map(drop).map_err(|trouble| self.not_there(release, drive, &trouble))
    }

    /// Makes sure that what Helm says it did is so.
    async fn confirmed(
        &self,
        release: &Release,
        target: Option<&Revision>,
        drive: &Drive,
    ) -> Result<String> {
        let history = self.known(release, drive).await?;
        let see = || format!("see `{}`", self.shown_history(release));
        let Some(newest) = history.newest() else {
            let why = format!("`helm` ended well, and there is no release `{release}`");
            return Err(broken(drive, why).hint(see()));
        };
        // What was made of the target is the version, also where Helm has let go of the target meanwhile.
        let is_target = target.is_some_and(|target| newest.is_made_of(target));
        let holds = is_target || self.seen_in(release, &history, newest, &drive.to, drive).await?;
        let revision = told(release, newest);
        match (newest.is_deployed(), holds) {
            (true, true) => Ok(revision),
            (false, _) => {
                let why = format!("`helm` ended well, and {revision} is `{}`", newest.status);
                Err(broken(drive, why).hint(see()))
            }
            (true, false) => {
                let why = format!("`helm` ended well, and {revision} holds another version");
                Err(broken(drive, why).hint(see()))
            }
        }
    }

    async fn seen_in(
        &self,
        release: &Release,
        history: &History,
        revision: &Revision,
        version: &Version,
        drive: &Drive,
    ) -> Result<bool> {
        let holds = self.holds(release, history, revision, version).await;
        holds.map_err(|trouble| self.helm.failed(doing(drive), &trouble))
    }

    fn not_there(&self, release: &Release, drive: &Drive, trouble: &Trouble) -> Error {
        let error = self.helm.failed(doing(drive), trouble);
        match trouble {
            Trouble::Said { .. } if trouble.says(BUSY) => self.busy(release, None, error),
            Trouble::Said { .. } => error.hint(format!("see `{}`", self.shown_history(release))),
            Trouble::Slow(_) | Trouble::Broken(_) => error,
        }
    }

    /// Tells what to do about a release that somebody else works at.
    fn busy(&self, release: &Release, history: Option<&History>, error: Error) -> Error {
        let good = history.and_then(|history| Some(history.good().next()?.number.to_string()));
        let good = good.unwrap_or_else(|| "REVISION".to_owned());
        let free = self.command(&self.rollback(release, &good, Way::Forth));
        let wait = "another `helm` is at work on it: wait until it is done";
        error.hint(wait).hint(format!("if it was killed, run `{free}`, then `lastgood resume`"))
    }
}

fn told(release: &Release, revision: &Revision) -> String {
    let chart = text::clean(&revision.chart, super::WORD);
    format!("revision {} of `{release}` (chart {chart})", revision.number)
}
