//! The promises that every driver keeps, tried on its stage.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::version::Version;
use crate::error::Error;
use crate::ports::{Drive, Driver, Running};

pub(crate) mod given;
mod programs;
mod promises;
mod tests;

/// The time that a run has where nothing is to hang.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The promise that a plan shows each command as it is run.
pub(crate) const PLANS: &str = "the plan names what is run";

/// The promises about a platform's own program.
pub(crate) const OF_PROGRAMS: [&str; 4] = [
    PLANS,
    "what changes nothing is seen",
    "what hangs is killed whole",
    "what is missing is named",
];

/// A promise that makes no sense for a driver, and why.
pub(crate) type Departure = (&'static str, &'static str);

/// A driver and its platform, as real as it can be where the test runs.
///
/// The stage knows the versions `1.0` and `2.0` from the start.
#[async_trait]
pub(crate) trait Stage: Sync {
    /// Returns the driver, with this program in place of its platform's, and with this time for each run of it.
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver>;

    /// Returns the platform's own program: `docker`; none where the driver runs none of a fixed name.
    fn program(&self) -> Option<String>;

    /// Returns the words by which a command of that program changes something: `up`, `restart`; none where each does.
    fn changing(&self) -> &'static [&'static str];

    /// Returns the promises that it does not keep, and is not meant to.
    fn departures(&self) -> Vec<Departure> {
        Vec::new()
    }

    /// Returns a word of a command without what differs from one run to the next.
    fn steady(&self, word: &str) -> String {
        word.to_owned()
    }

    /// Returns a folder where the suite may put programs.
    fn folder(&self) -> &Path;

    /// Returns the way to a version, having put there what it is made of, where such a name can be had.
    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        given::named(to, from)
    }

    /// Returns the version that runs, looked at in another way than the driver's.
    async fn runs(&self) -> Option<String>;

    /// Returns what changes each time that the service is started or changed anew.
    async fn incarnation(&self) -> String;
}

/// Tries every promise, and shows all that are broken at once.
pub(crate) async fn keeps(stage: &impl Stage) {
    let broken = promises::broken(stage).await;
    assert!(broken.is_empty(), "promises are broken:\n  {}", broken.join("\n  "));
}

/// Returns the driver as it is used.
fn usual(stage: &impl Stage) -> Box<dyn Driver> {
    stage.driver(stage.program().as_deref().unwrap_or_default(), PATIENCE)
}

/// Returns the version that runs by the driver's own word, else by the stage's.
async fn told(stage: &impl Stage, drive: &Drive) -> Result<Option<String>, String> {
    let current = usual(stage).current(&drive.site()).await;
    match current.map_err(|error| error.whole())? {
        Running::Nothing => Ok(None),
        Running::Untold => Ok(stage.runs().await),
        Running::Seen(seen) => {
            let differs = seen.differs_from(&drive.to);
            let same = seen.is_told() && differs.is_empty();
            let seen = seen.version.or(seen.image).unwrap_or_default();
            Ok(Some(if same { drive.to.version.clone() } else { seen }))
        }
    }
}

fn called(version: &Version) -> &str {
    &version.version
}
