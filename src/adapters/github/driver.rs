//! Brings a service to a version by the user's own workflow.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch::Receiver;

use super::GitHub;
use crate::adapters::http::Http;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Clock, Drive, Driven, Driver, Progress};

mod dispatch;
mod follow;
mod inputs;
mod runs;
mod settings;

pub use settings::Settings;

use follow::Fate;
use settings::WORD;

/// How many hexadecimal digits of its digest name a run.
const ID_DIGITS: usize = 16;

/// What a workflow driver finds around itself.
#[derive(Clone)]
pub struct Surroundings {
    /// The repository on GitHub; `None` where lastgood does not know of any.
    pub github: Option<super::Settings>,
    /// The HTTP client.
    pub http: Http,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who watches.
    pub progress: Arc<dyn Progress>,
    /// Whether lastgood was told to stop.
    pub stopped: Receiver<bool>,
}

/// Dispatches a workflow and follows its run.
pub struct WorkflowDriver {
    settings: Settings,
    around: Surroundings,
}

/// Makes the driver.
pub fn connect(settings: Settings, around: Surroundings) -> WorkflowDriver {
    WorkflowDriver { settings, around }
}

#[async_trait]
impl Driver for WorkflowDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        let reference = self.settings.reference.as_ref();
        let on = reference
            .map_or("the default branch".to_owned(), |name| format!("`{}`", name.as_str()));
        let inputs = self.settings.inputs.filled(&drive.facts(), "unique");
        let told =
            inputs.iter().map(|(name, value)| format!("{name}={}", shell_words::quote(value)));
        let told = told.collect::<Vec<_>>().join(" ");
        let line = match &self.around.github {
            Some(github) => format!(
                "dispatch `{}` on {on} of `{}`: {told}",
                self.settings.file, github.repository
            ),
            None => format!("dispatch nothing: {}", self.nowhere()),
        };
        vec![text::clean(&line, usize::MAX)]
    }

    fn ready(&self) -> Result<()> {
        self.around.github.as_ref().map(drop).ok_or_else(|| self.nowhere())
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let drive = Driving { driver: self, github: self.github()?, drive };
        drive.until_stopped().await
    }

    fn plan_removal(&self, _: &Drive) -> Result<Vec<String>> {
        Err(Error::failed("its driver `workflow` cannot stop what it started")
            .hint("give the service a `command` driver with `run` and `cleanup`"))
    }
}

impl WorkflowDriver {
    /// Returns GitHub with a budget for one drive: that of the command is for what it tells.
    fn github(&self) -> Result<GitHub> {
        let settings = self.around.github.clone().ok_or_else(|| self.nowhere())?;
        GitHub::connect(settings, self.around.http.clone())
    }

    fn nowhere(&self) -> Error {
        Error::failed(format!("there is no GitHub to dispatch `{}` on", self.settings.file))
            .because("a workflow is dispatched with the `token` and address of a repository there")
            .hint("in GitHub Actions: `permissions: {actions: write}`, and leave `token` as it is")
            .hint("elsewhere: set `LASTGOOD_IN_TOKEN`, `GITHUB_REPOSITORY`, `GITHUB_API_URL` and `GITHUB_SERVER_URL`")
    }
}

/// One drive under way.
struct Driving<'a> {
    driver: &'a WorkflowDriver,
    github: GitHub,
    drive: &'a Drive,
}

/// What is dispatched.
struct Order {
    reference: String,
    inputs: BTreeMap<String, String>,
    id: String,
}

impl Driving<'_> {
    /// A run that a stopped lastgood no longer follows is cancelled; what is open then is left for
    /// `resume`, as it is after a command that was killed.
    async fn until_stopped(self) -> Result<Driven> {
        if *self.driver.around.stopped.borrow() {
            return std::future::pending().await;
        }
        self.go().await
    }

    async fn go(&self) -> Result<Driven> {
        let order = self.order().await?;
        let earlier = self.dispatched().await?;
        // Whoever is taken over may have dispatched it.
        if let Some(run) = earlier.bearing(&order.id) {
            match self.follow(run.id).await {
                Fate::Done(driven) => return Ok(driven),
                Fate::Unknown(error) => return Err(error),
                Fate::Failed(_) => {}
            }
        }
        let run = self.dispatch(&order, &earlier).await?;
        match self.follow(run).await {
            Fate::Done(driven) => Ok(driven),
            Fate::Failed(error) | Fate::Unknown(error) => Err(error),
        }
    }

    async fn order(&self) -> Result<Order> {
        let settings = &self.driver.settings;
        let reference = match &settings.reference {
            Some(reference) => reference.as_str().to_owned(),
            None => self.github.default_branch().await?,
        };
        let id = id(self.drive);
        let inputs = settings.inputs.filled(&self.drive.facts(), &id);
        Ok(Order { reference, inputs, id })
    }

    fn page(&self, run: u64) -> String {
        self.github.page(&format!("actions/runs/{run}"))
    }

    fn tell(&self, line: &str) {
        self.driver.around.progress.tell(&format!("{}: {line}", self.drive.service));
    }

    fn failed(&self) -> Error {
        let (service, version) = (&self.drive.service, text::clean(&self.drive.to.version, WORD));
        let file = &self.driver.settings.file;
        Error::failed(format!("`{file}` did not bring `{service}` to version `{version}`"))
    }
}

/// Names a run for what it does in its operation, so that whoever takes over finds it again.
fn id(drive: &Drive) -> String {
    let Drive { operation, action, service, to, .. } = drive;
    let mut digest = Sha256::new();
    digest.update(format!("{operation}\n{}\n{service}\n{to:?}", action.as_str()));
    hex::encode(digest.finalize())[..ID_DIGITS].to_owned()
}
