//! Brings a branch to a version's files, by a commit on top.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::GitLedger;
use super::remote::{Remote, RemoteChoice, web_server};
use crate::adapters::secret::without_credentials;
use crate::domain::names::Commit;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{Action, Drive, Driven, Driver};

mod branch;
mod keep;
mod settings;

pub use settings::{Branch, KeptPath, Settings, Subject};

use branch::{Moved, RemoteBranch};

/// How often the branch is read anew when it moved meanwhile.
const TRIES: u32 = 5;

/// How often the remote may say no: its lock on the branch says no too.
const REFUSALS: u32 = 2;

/// How long whoever moves the branch is given to be done, at first.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

/// Brings a branch to a version's files.
pub struct GitDriver {
    settings: Settings,
    ledger: Arc<GitLedger>,
    keep: Vec<KeptPath>,
    folder: PathBuf,
}

/// Makes the driver; the configuration's own path is kept as it is on the branch.
pub fn connect(
    settings: Settings,
    ledger: Arc<GitLedger>,
    config_path: Option<PathBuf>,
) -> GitDriver {
    let usual = || keep::usual(config_path.as_deref(), ledger.clone.as_ref());
    let keep = settings.keep.clone().unwrap_or_else(usual);
    let folder = config_path.and_then(|mut path| path.pop().then_some(path)).unwrap_or_default();
    GitDriver { settings, ledger, keep, folder }
}

#[async_trait]
impl Driver for GitDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        let (branch, remote) = (&self.settings.branch, self.shown());
        let line = match self.wanted(drive) {
            Ok(commit) => format!(
                "push to `{branch}` of `{remote}`: a new commit on top with the files of `{}`{}",
                commit.short(),
                self.kept()
            ),
            Err(error) => format!("push nothing to `{branch}` of `{remote}`: {error}"),
        };
        vec![text::clean(&line, usize::MAX)]
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let wanted = self.wanted(drive)?;
        let branch = self.open()?;
        let message = self.message(drive, wanted);
        for tried in 1..=TRIES {
            let tip = branch.tip().await?;
            branch.bring(&tip, wanted).await?;
            let Some(new) = branch.build(&tip, wanted, &self.keep, &message)? else {
                return Ok(self.already_there(wanted));
            };
            match branch.advance(&tip, &new).await? {
                Moved::Ours => return Ok(self.pushed(&new)),
                Moved::Refused(error) if tried >= REFUSALS => return Err(error),
                Moved::Refused(_) | Moved::Elsewhere => pause(tried).await,
            }
        }
        Err(self.always_moving())
    }

    fn plan_removal(&self, _: &Drive) -> Result<Vec<String>> {
        Err(Error::failed("its driver `git` cannot stop what it started")
            .hint("give the service a `command` driver with `run` and `cleanup`"))
    }
}

impl GitDriver {
    fn wanted<'a>(&self, drive: &'a Drive) -> Result<&'a Commit> {
        let (service, version) = (&drive.service, text::clean(&drive.to.version, WORD));
        drive.to.commit.as_ref().ok_or_else(|| {
            Error::failed(format!("version `{version}` of `{service}` has no commit"))
                .because(format!("only a commit can be brought to `{}`", self.settings.branch))
                .hint("record deployments with `--commit`, or name another target with `--to`")
        })
    }

    fn open(&self) -> Result<RemoteBranch> {
        let Remote { git, shown, .. } = match &self.settings.remote {
            Some(remote) => &self.other(remote)?,
            None => &self.ledger.remote,
        };
        let (clone, reference) = (self.ledger.clone.as_ref(), self.settings.branch.reference());
        RemoteBranch::open(git.clone(), shown.clone(), reference, clone)
    }

    /// Finds another remote than the ledger's; the token goes to no other server.
    fn other(&self, remote: &str) -> Result<Remote> {
        let GitLedger { git, clone, token, remote: ledgers, .. } = &*self.ledger;
        let choice = RemoteChoice::Given(remote.to_owned());
        let choose = |token| Remote::choose(git, &choice, &self.folder, clone.as_ref(), token);
        let other = choose(None)?;
        let server = web_server(&other.shown);
        if server.is_some() && server == web_server(&ledgers.shown) {
            return choose(token.as_ref());
        }
        Ok(other)
    }

    fn shown(&self) -> String {
        let other = self.settings.remote.as_deref().map(without_credentials);
        other.unwrap_or_else(|| self.ledger.remote.shown.clone())
    }

    fn kept(&self) -> String {
        let paths: Vec<String> = self.keep.iter().map(|path| format!("`{path}`")).collect();
        if paths.is_empty() {
            return String::new();
        }
        format!(", but {} as the branch has them", paths.join(", "))
    }

    fn message(&self, drive: &Drive, wanted: &Commit) -> String {
        let version = text::clean(&drive.to.version, WORD);
        let (environment, service) = (&drive.environment, &drive.service);
        let done = match drive.action {
            Action::Deploy => format!("Deploy {version} to {environment}"),
            Action::Rollback => format!("Roll back {environment} to {version}"),
            Action::RollForward => format!("Roll forward {environment} to {version}"),
        };
        let subject = self.settings.message.as_ref().map_or(done.as_str(), Subject::as_str);
        format!(
            "{subject}\n\n\
             Lastgood-Environment: {environment}\n\
             Lastgood-Service: {service}\n\
             Lastgood-Deployment: {}\n\
             Lastgood-Version: {version}\n\
             Lastgood-Commit: {wanted}\n",
            drive.deployment
        )
    }

    fn pushed(&self, new: &str) -> Driven {
        let new = &new[..10];
        Driven { message: format!("pushed {new} to `{}`", self.settings.branch) }
    }

    fn already_there(&self, wanted: &Commit) -> Driven {
        let (branch, wanted) = (&self.settings.branch, wanted.short());
        Driven { message: format!("`{branch}` has the files of {wanted} already; pushed nothing") }
    }

    fn always_moving(&self) -> Error {
        let branch = &self.settings.branch;
        Error::failed(format!("`{branch}` moved each time before it could be pushed to"))
            .because(format!("others pushed to it {TRIES} times in a row"))
            .hint("wait until they are done, then `lastgood resume`")
    }
}

/// With jitter, so that two that meet do not meet again.
async fn pause(tried: u32) {
    let pause = PAUSE * 2_u32.pow(tried);
    tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
}
