//! How a service is brought to a version, and what runs.

use async_trait::async_trait;

use crate::domain::facts::Facts;
use crate::domain::ids::OperationId;
use crate::domain::names::{Environment, Service};
use crate::domain::sighting::Sighting;
use crate::domain::slots::Slot;
use crate::domain::version::Version;
use crate::error::{Error, Result};

/// What one run of a driver is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// Why the service is brought there.
    pub action: Action,
    /// The environment.
    pub environment: Environment,
    /// The service.
    pub service: Service,
    /// The slot that it is brought there in; none where the environment has none.
    pub slot: Option<Slot>,
    /// The operation this belongs to; whoever takes it over drives with the same.
    pub operation: OperationId,
    /// The number of the deployment this belongs to.
    pub deployment: u64,
    /// The version to bring it to.
    pub to: Version,
    /// The version it is believed to run.
    pub from: Option<Version>,
}

impl Drive {
    /// Returns what a user's own driver is told.
    pub fn facts(&self) -> Facts {
        let facts = Facts::default()
            .action(self.action.as_str())
            .environment(&self.environment)
            .service(&self.service)
            .slot(self.slot.as_ref())
            .version(&self.to)
            .deployment(self.deployment);
        match &self.from {
            Some(version) => facts.previous(version),
            None => facts,
        }
    }

    /// Returns what a user's own command is told that stops what runs at a slot: no change is one of
    /// those that `LASTGOOD_ACTION` names.
    pub fn facts_of_removal(&self) -> Facts {
        Facts::default()
            .environment(&self.environment)
            .service(&self.service)
            .slot(self.slot.as_ref())
            .version(&self.to)
            .deployment(self.deployment)
    }

    /// Returns where it happens.
    pub fn site(&self) -> Site {
        let Self { environment, service, slot, .. } = self.clone();
        Site { environment, service, slot }
    }

    /// Returns the way back; none where nothing is known to have run before.
    pub fn reversed(&self) -> Option<Self> {
        let from = self.from.clone()?;
        Some(Self { to: from, from: Some(self.to.clone()), ..self.clone() })
    }
}

/// Why a service is brought to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Something new.
    Deploy,
    /// Something that was good.
    Rollback,
    /// What a rollback had left.
    RollForward,
}

impl Action {
    /// Returns the word that a user's command reads in `LASTGOOD_ACTION`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Rollback => "rollback",
            Self::RollForward => "roll_forward",
        }
    }

    /// Returns the word that a person reads.
    pub fn told(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Rollback => "rollback",
            Self::RollForward => "roll-forward",
        }
    }
}

/// What a driver has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driven {
    /// What to tell about it, cleaned; empty where there is nothing.
    pub message: String,
}

/// Where a service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The environment.
    pub environment: Environment,
    /// The service.
    pub service: Service,
    /// The slot; none where the environment has none.
    pub slot: Option<Slot>,
}

/// What runs of a service, by its platform's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Running {
    /// Nothing does.
    Nothing,
    /// This.
    Seen(Sighting),
    /// Its platform has no word for it.
    Untold,
}

/// Whether what a version is made of is there to be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It is.
    There,
    /// It is not, for this reason.
    Missing(String),
    /// Nobody can tell without trying.
    Untold,
}

/// How a service is brought to a version; driving twice must end as driving once does.
#[async_trait]
pub trait Driver: Send + Sync {
    /// Returns what would be run, one line each, for the plan.
    fn plan(&self, drive: &Drive) -> Vec<String>;

    /// Returns what is missing here without which it could drive nothing; asks nothing of the outside.
    fn ready(&self) -> Result<()> {
        Ok(())
    }

    /// Returns what really runs there now; an error where the platform could not be asked.
    async fn current(&self, site: &Site) -> Result<Running> {
        let _ = site;
        Ok(Running::Untold)
    }

    /// Returns whether the version could be brought, as far as the platform can tell beforehand.
    async fn available(&self, drive: &Drive) -> Result<Availability> {
        let _ = drive;
        Ok(Availability::Untold)
    }

    /// Brings the service to the version; an error means that it is not known to be there.
    async fn apply(&self, drive: &Drive) -> Result<Driven>;

    /// Puts back what `apply` of the same replaced: what it came `from`.
    async fn undo(&self, drive: &Drive) -> Result<Driven> {
        if let Some(back) = drive.reversed() {
            return self.apply(&back).await;
        }
        let message = format!("nothing is known that `{}` ran before", drive.service);
        Err(Error::failed(message).because("so there is nothing to put back"))
    }

    /// Returns what would be run to stop the service there, one line each; an error says why it cannot
    /// be stopped, and which key would help. `to` is what it is believed to run.
    fn plan_removal(&self, drive: &Drive) -> Result<Vec<String>> {
        let _ = drive;
        Err(Error::failed("its driver cannot stop what it started"))
    }

    /// Stops what runs of the service there, so that nothing does; doing so twice ends as doing so once,
    /// and `apply` brings it back.
    async fn remove(&self, drive: &Drive) -> Result<Driven> {
        self.plan_removal(drive)?;
        Err(Error::failed("its driver cannot stop what it started"))
    }
}
