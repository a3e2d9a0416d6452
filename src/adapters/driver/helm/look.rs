//! Looks at the revisions of a release.

use serde_json::Value;

use super::commands::unknown;
use super::history::{History, Revision};
use super::value::Held;
use super::{ChartVersion, HelmDriver, Release};
use crate::adapters::process::Trouble;
use crate::domain::sighting::Sighting;
use crate::domain::version::Version;
use crate::ports::{Availability, Drive, Running};

/// How Helm says that there is no such release.
const NO_RELEASE: &str = "release: not found";

impl HelmDriver {
    /// Returns all revisions; none where there is no such release.
    pub(super) async fn history(&self, release: &Release) -> Result<History, Trouble> {
        let mut words = self.history_words(release);
        words.push("--output=json".to_owned());
        match self.helm.run(&words).await {
            Ok(json) => History::read(&json).map_err(|cause| unread(&cause)),
            Err(trouble) if trouble.says(NO_RELEASE) => Ok(History::default()),
            Err(trouble) => Err(trouble),
        }
    }

    /// Returns what runs, by the newest revision.
    pub(super) async fn look(&self, release: &Release) -> Result<Running, Trouble> {
        let history = self.history(release).await?;
        let Some(newest) = history.newest().filter(|newest| !newest.is_gone()) else {
            return Ok(Running::Nothing);
        };
        let values = self.values(release, &history, newest).await?;
        let told = self.told(&history, newest, &values);
        if newest.is_deployed() {
            let image = self.settings.set.image(&values);
            let seen = Sighting { version: told, image, replicas: None };
            return Ok(if seen.is_told() { Running::Seen(seen) } else { Running::Untold });
        }
        // What came half way is no version at all.
        let told = told.unwrap_or_else(|| format!("revision {}", newest.number));
        let version = Some(format!("{told} ({})", newest.status));
        Ok(Running::Seen(Sighting { version, ..Sighting::default() }))
    }

    /// Returns the newest good revision that holds the version of a drive.
    pub(super) async fn holding<'a>(
        &self,
        release: &Release,
        history: &'a History,
        drive: &Drive,
    ) -> Result<Option<&'a Revision>, Trouble> {
        let is_exact = |it: &&Revision| history.mark(it).is_some_and(|mark| mark.is(&drive.to));
        for revision in history.good().filter(is_exact) {
            if self.holds(release, history, revision, &drive.to).await? {
                return Ok(Some(revision));
            }
        }
        let same_name = |from: &Version| from.version == drive.to.version && *from != drive.to;
        if drive.from.as_ref().is_some_and(same_name) {
            // Nobody could tell which of the two a revision holds.
            return Ok(None);
        }
        for revision in history.good() {
            if self.holds(release, history, revision, &drive.to).await? {
                return Ok(Some(revision));
            }
        }
        Ok(None)
    }

    /// Returns whether a revision holds a version, by its description and by what stands in it.
    pub(super) async fn holds(
        &self,
        release: &Release,
        history: &History,
        revision: &Revision,
        version: &Version,
    ) -> Result<bool, Trouble> {
        let mark = history.mark(revision);
        if mark.as_ref().is_some_and(|mark| mark.version != version.version) {
            return Ok(false);
        }
        let values = self.values(release, history, revision).await?;
        let chart = self.chart_held(revision, version);
        Ok(match (self.settings.set.held(&values, version), chart) {
            (Held::Other, _) | (_, Held::Other) => false,
            (Held::Same, _) | (_, Held::Same) => true,
            (Held::Absent, Held::Absent) => {
                mark.is_some() || revision.app_version == version.version
            }
        })
    }

    /// Returns whether a good revision holds the version.
    pub(super) async fn is_kept(&self, release: &Release, drive: &Drive) -> Result<bool, Trouble> {
        let history = self.history(release).await?;
        Ok(self.holding(release, &history, drive).await?.is_some())
    }

    /// Returns whether the chart is there; only the nodes know whether the images are.
    pub(super) async fn offered(
        &self,
        release: &Release,
        drive: &Drive,
    ) -> Result<Availability, Trouble> {
        let words = self.upgrade(release, drive).and_then(|_| self.chart_words(drive));
        let words = match words {
            Ok(words) => words.unwrap_or_default(),
            Err(error) => return Ok(Availability::Missing(error.whole())),
        };
        match self.helm.run(&words).await {
            Err(Trouble::Said { said, .. }) => {
                Ok(unknown(&said).map_or(Availability::Untold, Availability::Missing))
            }
            Ok(_) | Err(Trouble::Slow(_)) => Ok(Availability::Untold),
            Err(trouble @ Trouble::Broken(_)) => Err(trouble),
        }
    }

    /// Returns the version of a revision, as far as it tells one.
    fn told(&self, history: &History, revision: &Revision, values: &Value) -> Option<String> {
        let set = &self.settings.set;
        let mark = history.mark(revision).map(|mark| mark.version);
        if let Some(mark) = &mark {
            let named = Version::named(mark);
            let held = [set.held(values, &named), self.chart_held(revision, &named)];
            if !held.contains(&Held::Other) {
                return Some(mark.clone());
            }
        }
        set.version(values).or_else(|| self.told_by_chart(history, revision, values))
    }

    /// Returns the version by the chart, as far as that tells one.
    fn told_by_chart(
        &self,
        history: &History,
        revision: &Revision,
        values: &Value,
    ) -> Option<String> {
        match self.following() {
            // `1.0.0` may be the chart of `v1.0.0`, and a rollback must not seem to have missed it.
            Some(_) if revision.is_made_of_another() => None,
            Some(version) => {
                let told = revision.chart_version()?;
                // As lastgood has written it, where it has: `v1.0.0`.
                let same = |written: &String| version.is(told, &Version::named(written));
                history.versions().find(same).or_else(|| version.version_of(told))
            }
            None if !self.settings.set.leave_to_chart(values) => None,
            None => Some(revision.app_version.clone()).filter(|it| !it.is_empty()),
        }
    }

    fn following(&self) -> Option<&ChartVersion> {
        self.settings.chart_version.as_ref().filter(|it| it.follows())
    }

    fn chart_held(&self, revision: &Revision, version: &Version) -> Held {
        match self.following().zip(revision.chart_version()) {
            Some((wanted, told)) if wanted.is(told, version) => Held::Same,
            Some(_) => Held::Other,
            None => Held::Absent,
        }
    }

    async fn values(
        &self,
        release: &Release,
        history: &History,
        revision: &Revision,
    ) -> Result<Value, Trouble> {
        if self.settings.set.is_empty() {
            return Ok(Value::Null);
        }
        // The newest is asked for as that: what somebody else made since is then seen.
        let is_newest = history.newest().is_some_and(|it| it.number == revision.number);
        let older = (!is_newest).then_some(revision.number);
        let json = self.helm.run(&self.values_words(release, older)).await?;
        serde_json::from_str(&json).map_err(|cause| unread(&cause))
    }
}

fn unread(cause: &serde_json::Error) -> Trouble {
    // Nothing of the answer itself: it holds values.
    let at = format!("line {}, column {}", cause.line(), cause.column());
    Trouble::Broken(format!("its answer could not be read at {at}"))
}
