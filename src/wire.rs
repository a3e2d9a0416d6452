//! Connects what was asked and configured to the real world.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ulid::Ulid;

use crate::adapters::clock::SystemClock;
use crate::adapters::driver::{Sink, Surroundings};
use crate::adapters::forge::NoForge;
use crate::adapters::git::{self, GitLedger, RemoteChoice, UserRepository};
use crate::adapters::github::{self, GitHub};
use crate::adapters::http::Http;
use crate::adapters::lineage;
use crate::adapters::outbox;
use crate::adapters::secret::Secret;
use crate::config::{self, Config, EnvironmentConfig};
use crate::domain::event::CiRun;
use crate::domain::gate::GateRule;
use crate::domain::ids::RunId;
use crate::domain::names::{Environment, Service};
use crate::domain::plan::Roster;
use crate::domain::policy::Policy;
use crate::domain::showcase::Purpose;
use crate::domain::target::TagNames;
use crate::error::{Error, Result};
use crate::flow::desk::{Desk, Who};
use crate::flow::observe::Halt;
use crate::ports::{
    BoundCheck, Checkouts, Clock, Ledger, Lineage, Ports, Progress, Showcase, Source,
};

mod around;
mod once;
mod sides;

pub use once::Once;

use around::Around;
use sides::Slots;

/// Where a command works and for whom, before anything is connected.
pub struct Plugs {
    /// The repository, or a folder in it.
    pub repository: Option<PathBuf>,
    /// The remote, where it was named.
    pub remote: Option<String>,
    /// What proves to the remote who we are.
    pub token: Option<Secret>,
    /// What may make tags where the token may not.
    pub tag_token: Option<Secret>,
    /// What may read the members of teams.
    pub team_token: Option<Secret>,
    /// GitHub, where this runs on it with a token.
    pub github: Option<github::Settings>,
    /// GitHub, where it was asked already: all that a command asks is counted together.
    pub connected: Option<GitHub>,
    /// The configuration, where there is one.
    pub config: Option<Config>,
    /// The folder in which commands run where there is no configuration.
    pub folder: PathBuf,
    /// The environment that was named.
    pub environment: Option<String>,
    /// Who asks, where it was said.
    pub actor: Box<dyn Fn(Option<String>) -> String + Send + Sync>,
    /// The CI run.
    pub ci: Option<CiRun>,
    /// What set it off.
    pub occasion: Occasion,
    /// How long a write is tried again.
    pub patience: Duration,
    /// What is given for this once.
    pub once: Once,
    /// Who watches.
    pub progress: Arc<dyn Progress>,
    /// Where a driver's output goes.
    pub sink: Sink,
}

/// What set a process off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A schedule: nobody looks on, so what stays sick needs a ticket.
    Schedule,
    /// Anything else.
    Other,
}

/// A flow's desk, with what only the command line needs beside it.
pub struct Wired {
    /// The desk.
    pub desk: Desk,
    /// The user's repository, where there is one.
    pub source: Option<Arc<dyn Source>>,
    /// The folder that files named on the command line are relative to.
    pub folder: PathBuf,
    /// The configured services.
    pub services: Vec<Service>,
}

impl Plugs {
    /// Connects all that a verb of one environment needs; nothing is read from the remote yet.
    pub async fn connect(mut self) -> Result<Wired> {
        // Once, so that all who ask it share one budget.
        self.connected = self.github()?;
        let environment = self.choose_environment()?;
        let configured = self.configured(&environment)?.cloned();
        let git = self.git_settings();
        let source: Arc<UserRepository> = Arc::new(UserRepository::new(&git));
        let checkouts: Arc<dyn Checkouts> = source.clone();
        let ledger = Arc::new(self.with_other_ways(GitLedger::connect(git).await?)?);
        let folder = self.config.as_ref().map_or(&self.folder, |config| &config.folder).clone();
        let surroundings =
            Surroundings { folder, withheld: self.secrets(), checkouts, sink: self.sink.clone() };
        let halt = Halt::default();
        let around = Around {
            halt: halt.clone(),
            environment: Some(environment.clone()),
            surroundings,
            http: OnceCell::new(),
        };
        let actor = (self.actor)(ledger.user());
        let who = who(actor, self.ci.clone());
        let prefix = self.config.as_ref().and_then(|config| config.tags_prefix.clone());
        let services: Vec<Service> =
            configured.iter().flat_map(EnvironmentConfig::in_order).collect();
        let ports = self.ports(ledger, &environment, configured.as_ref(), &around)?;
        let desk = Desk {
            ports,
            tags: TagNames::new(prefix.as_deref().unwrap_or(""), &environment),
            environment,
            policy: configured.as_ref().map_or_else(Policy::default, |c| c.policy.clone()),
            roster: roster(configured.as_ref()),
            who,
            patience: self.patience,
            halt,
            news: crate::flow::announce::News::default(),
        };
        let source: Option<Arc<dyn Source>> = source.is_there().then_some(source as _);
        Ok(Wired { desk, source, folder: self.folder, services })
    }

    /// Names the environment, whatever was named before.
    #[must_use]
    pub fn naming(self, environment: String) -> Self {
        Self { environment: Some(environment), ..self }
    }

    fn choose_environment(&self) -> Result<Environment> {
        let configured = self.config.iter().flat_map(|config| config.environments.keys());
        let names: Vec<&Environment> = configured.collect();
        match (&self.environment, names.as_slice()) {
            (Some(name), _) => {
                Environment::new(name.as_str()).map_err(|why| Error::invalid(why.to_string()))
            }
            (None, [only]) => Ok((*only).clone()),
            (None, []) => Err(Error::invalid("no environment was named").hint("-e NAME")),
            (None, many) => {
                let names: Vec<String> = many.iter().map(|name| format!("`{name}`")).collect();
                let message = format!("which environment: {}?", names.join(", "));
                Err(Error::invalid(message).hint("-e NAME"))
            }
        }
    }

    fn configured(&self, environment: &Environment) -> Result<Option<&EnvironmentConfig>> {
        let Some(config) = &self.config else { return Ok(None) };
        let configured = config.environments.get(environment);
        configured.map(Some).ok_or_else(|| config.unknown(environment))
    }

    fn git_settings(&self) -> git::Settings {
        let remote = self.remote.clone().map_or(RemoteChoice::Discovered, RemoteChoice::Given);
        let mut settings = git::Settings::new(self.repository.clone(), remote);
        settings.token.clone_from(&self.token);
        settings.tag_token.clone_from(&self.tag_token);
        settings
    }

    /// GitHub's own way to make tags is one only where the ledger lies in that very repository.
    fn with_other_ways(&self, ledger: GitLedger) -> Result<GitLedger> {
        let is_there = |github: &github::Settings| {
            let host = github.server.authority();
            ledger.is_at(host, &github.repository)
        };
        if !self.github.as_ref().is_some_and(is_there) {
            return Ok(ledger);
        }
        Ok(match self.github()? {
            Some(github) => ledger.with_tagger(Arc::new(github.for_tags()?)),
            None => ledger,
        })
    }

    fn ports(
        &self,
        ledger: Arc<GitLedger>,
        environment: &Environment,
        configured: Option<&EnvironmentConfig>,
        around: &Around,
    ) -> Result<Ports> {
        let waiting = ledger.private_folder().unwrap_or_else(|| state_folder(&self.folder));
        let mut checks = Vec::new();
        let mut control = None;
        let mut drivers = BTreeMap::new();
        let mut slots = Slots::default();
        if let Some(configured) = configured {
            control = configured.control.as_ref().map(|c| around.bind(c)).transpose()?;
            drivers = self.drivers(configured, around, &ledger)?;
            slots = self.slots(configured, around, &ledger)?;
            if slots.router.is_none() {
                checks = configured.checks().map(|it| around.bind(it)).collect::<Result<_>>()?;
            } else {
                checks.append(&mut slots.checks);
            }
        }
        for check in self.once.checks()? {
            checks.push(around.bind(&check)?);
        }
        let driver = self.once.driver(&around.surroundings);
        let github = self.github()?;
        Ok(Ports {
            ledger: ledger as Arc<dyn Ledger>,
            clock: Arc::new(SystemClock::default()),
            lineage: Arc::new(self.lineage(github.clone())),
            tickets: match (self.occasion, github.clone()) {
                (Occasion::Schedule, Some(github)) => Some(Arc::new(github)),
                (Occasion::Schedule, None) | (Occasion::Other, _) => None,
            },
            showcase: github.clone().map(|github| shown(github, environment, configured)),
            forge: match github {
                Some(github) => Arc::new(github),
                None => Arc::new(NoForge),
            },
            outbox: Arc::new(outbox::connect(waiting)),
            progress: self.progress.clone(),
            drivers,
            driver,
            checks,
            router: slots.router,
            sides: slots.sides,
            control,
            decider: configured.and_then(|configured| around.decider(configured)),
        })
    }

    /// Returns what no child may see.
    fn secrets(&self) -> Vec<Secret> {
        self.token.iter().chain(&self.tag_token).chain(&self.team_token).cloned().collect()
    }

    /// Asks the clone first, which costs nothing, and then the platform.
    fn lineage(&self, github: Option<GitHub>) -> lineage::Witnesses {
        let settings = self.git_settings();
        let clone = settings.repository.is_some().then(|| UserRepository::new(&settings));
        let clone = clone.map(|clone| Arc::new(clone) as Arc<dyn Lineage>);
        let platform = github.map(|github| Arc::new(github) as Arc<dyn Lineage>);
        let clock = Arc::new(SystemClock::default());
        lineage::connect(clone.into_iter().chain(platform).collect(), clock)
    }

    /// Returns GitHub, where this runs on it with a token.
    pub fn github(&self) -> Result<Option<GitHub>> {
        if self.connected.is_some() {
            return Ok(self.connected.clone());
        }
        let Some(settings) = &self.github else { return Ok(None) };
        GitHub::connect(settings.clone(), Http::new()?).map(Some)
    }

    fn around_run(&self, around: &Around) -> Result<github::driver::Surroundings> {
        Ok(github::driver::Surroundings {
            github: self.github.clone(),
            http: around.http()?.clone(),
            clock: Arc::new(SystemClock::default()),
            progress: self.progress.clone(),
            stopped: around.halt.watched(),
        })
    }
}

/// Returns the checks of a file, connected; no ledger and no environment is needed for them.
pub fn checks_of_file(file: &Path, sink: Sink) -> Result<(Vec<BoundCheck>, GateRule)> {
    let (checks, rule) = config::load_checks(file, &|name| std::env::var(name).ok())?;
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let settings = git::Settings::new(None, RemoteChoice::Discovered);
    let checkouts = Arc::new(UserRepository::new(&settings));
    let surroundings = Surroundings { folder, withheld: Vec::new(), checkouts, sink };
    let halt = Halt::default();
    let around = Around { halt, environment: None, surroundings, http: OnceCell::new() };
    let checks: Result<Vec<_>> = checks.iter().map(|check| around.bind(check)).collect();
    Ok((checks?, rule))
}

fn who(actor: String, ci: Option<CiRun>) -> Who {
    let clock = SystemClock::default();
    let ms = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    Who { actor, run: RunId(Ulid::from_parts(ms, clock.random())), ci, comment: None }
}

fn roster(configured: Option<&EnvironmentConfig>) -> Roster {
    let Some(configured) = configured else { return Roster::default() };
    let named = |service: Service| {
        let was = configured.services.get(&service).map(|s| s.was.clone()).unwrap_or_default();
        (service, was)
    };
    Roster::new(configured.in_order().into_iter().map(named).collect()).with(configured.graph())
}

/// Shows an environment's deployments on GitHub.
fn shown(
    github: GitHub,
    environment: &Environment,
    configured: Option<&EnvironmentConfig>,
) -> Arc<dyn Showcase> {
    let usual = || Purpose::of(environment.as_str());
    let purpose = configured.map_or_else(usual, |configured| configured.purpose);
    let told = |url: &String| url::Url::parse(url).is_ok_and(|url| url.password().is_none());
    let environment_url = configured.and_then(|configured| configured.url.clone()).filter(told);
    let settings = github::showcase::Settings { environment_url, purpose };
    Arc::new(github::showcase::connect(settings, github))
}

/// Where what could not be written waits when there is no repository to keep it in.
fn state_folder(folder: &Path) -> PathBuf {
    let home = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = home
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state")));
    home.map_or_else(|| folder.join(".lastgood"), |home| home.join("lastgood"))
}
