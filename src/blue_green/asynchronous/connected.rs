//! A driver and a router of the ports, as a deployer's platform.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;

use super::super::{DeployError, DeploymentInfo, Environment, Platform};
use crate::domain::ids::{LineId, OperationId};
use crate::domain::names::{Environment as Place, Service};
use crate::domain::slots::Shares;
use crate::domain::version::Version;
use crate::ports::{Action, Drive, Driver, Router};

/// How long requests in flight may take to leave a slot before it is deployed over.
const DRAIN: Duration = Duration::from_secs(30);

/// A driver for each slot and the router between them: the [ports](crate::ports) of lastgood itself.
///
/// Blue is the slot that the router's pair calls stable, green its candidate.
/// Requests in flight may leave a slot before it is deployed over. The ports have no word for emptying
/// one, so that a cleaned slot is only forgotten.
#[derive(Clone)]
pub struct Connected {
    place: Place,
    service: Service,
    driver: Arc<dyn Driver>,
    router: Arc<dyn Router>,
}

impl Connected {
    /// Takes who deploys a service of an environment, and who moves its traffic.
    pub fn new(
        environment: &str,
        service: &str,
        driver: Arc<dyn Driver>,
        router: Arc<dyn Router>,
    ) -> Result<Self, DeployError> {
        let bad = |why: String| DeployError::InvalidState(why);
        let place = Place::new(environment).map_err(|why| bad(why.to_string()))?;
        let service = Service::new(service).map_err(|why| bad(why.to_string()))?;
        Ok(Self { place, service, driver, router })
    }

    pub(super) fn on(self, runtime: Handle) -> OnRuntime {
        OnRuntime { with: self, runtime }
    }

    async fn deploy(&self, slot: Environment, what: &DeploymentInfo) -> Result<(), String> {
        let name = slot.in_pair(self.router.pair()).clone();
        self.router.drain(&name, DRAIN).await.map_err(|error| error.whole())?;
        let began = Timestamp::try_from(what.started_at).unwrap_or_else(|_| Timestamp::now());
        let drive = Drive {
            action: Action::Deploy,
            environment: self.place.clone(),
            service: self.service.clone(),
            slot: Some(name),
            operation: OperationId(LineId::after(None, began, 0).0),
            deployment: 0,
            to: version(what),
            from: None,
        };
        self.driver.apply(&drive).await.map(|_| ()).map_err(|error| error.whole())
    }

    async fn route(&self, slot: Environment) -> Result<(), String> {
        let pair = self.router.pair();
        let meant = Shares::all(pair, slot.in_pair(pair));
        let shares = self.router.share(&meant).await.map_err(|error| error.whole())?;
        if shares.sole() == meant.sole() {
            Ok(())
        } else {
            Err(format!("the router was told {meant}, and says {shares}"))
        }
    }
}

fn version(what: &DeploymentInfo) -> Version {
    Version {
        image: (!what.image.is_empty()).then(|| what.image.clone()),
        replicas: Some(what.replicas),
        ..Version::named(what.version.as_str())
    }
}

/// The same, where there is a runtime to wait on.
pub(super) struct OnRuntime {
    with: Connected,
    runtime: Handle,
}

impl Platform for OnRuntime {
    fn deploy(&self, slot: Environment, what: &DeploymentInfo) -> Result<(), String> {
        self.runtime.block_on(self.with.deploy(slot, what))
    }

    fn route(&self, slot: Environment) -> Result<(), String> {
        self.runtime.block_on(self.with.route(slot))
    }
}
