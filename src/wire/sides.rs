//! Connects drivers, and what each of two slots has of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Plugs;
use super::around::Around;
use crate::adapters::driver::{command, compose, helm, kubernetes, systemd};
use crate::adapters::git::{self, GitLedger};
use crate::adapters::github;
use crate::adapters::router;
use crate::config::{
    self, CheckConfig, DriverSettings, EnvironmentConfig, RouterConfig, RouterSettings,
};
use crate::domain::names::Service;
use crate::domain::slots::Slot;
use crate::error::Result;
use crate::ports::{BoundCheck, Driver, Router, Side, StageChecks};

/// What an environment with slots is connected to besides.
#[derive(Default)]
pub(super) struct Slots {
    /// Who shares the traffic; none where there are no slots.
    pub(super) router: Option<Arc<dyn Router>>,
    /// The gate of what serves.
    pub(super) checks: Vec<BoundCheck>,
    /// What each slot has of its own.
    pub(super) sides: BTreeMap<Slot, Side>,
}

impl Plugs {
    /// Connects both slots; a check that asks a slot itself is put to the one that serves, too.
    pub(super) fn slots(
        &self,
        stable: &EnvironmentConfig,
        around: &Around,
        ledger: &Arc<GitLedger>,
    ) -> Result<Slots> {
        let (Some(settings), Some(candidate)) = (&stable.router, &stable.candidate) else {
            return Ok(Slots::default());
        };
        let router = router(settings, around)?;
        let pair = settings.pair.clone();
        let [mut one, mut other] = [Side::default(), Side::default()];
        one.drivers = self.drivers(stable, around, ledger)?;
        other.drivers = self.drivers(candidate, around, ledger)?;
        let mut checks = Vec::new();
        for (first, second) in stable.checks().zip(candidate.checks()) {
            if first.probe == second.probe {
                checks.push(around.bind(first)?);
                continue;
            }
            let first = around.bind_at(first, Some(&pair.stable))?;
            let second = around.bind_at(second, Some(&pair.candidate))?;
            let sides = [
                (pair.stable.clone(), first.probe.clone()),
                (pair.candidate.clone(), second.probe.clone()),
            ];
            let probe = Arc::new(router::served::connect(router.clone(), sides));
            checks.push(BoundCheck { check: first.check.clone(), probe });
            one.checks.push(first);
            other.checks.push(second);
        }
        one.stages = stages(stable, around, &pair.stable)?;
        other.stages = stages(candidate, around, &pair.candidate)?;
        let sides = [(pair.stable, one), (pair.candidate, other)].into();
        Ok(Slots { router: Some(router), checks, sides })
    }

    pub(super) fn drivers(
        &self,
        configured: &EnvironmentConfig,
        around: &Around,
        ledger: &Arc<GitLedger>,
    ) -> Result<BTreeMap<Service, Arc<dyn Driver>>> {
        let mut drivers = BTreeMap::new();
        for (name, service) in &configured.services {
            let Some(settings) = &service.driver else { continue };
            let driver: Arc<dyn Driver> = match settings {
                DriverSettings::Command(settings) => {
                    Arc::new(command::connect(settings.clone(), around.surroundings.clone()))
                }
                DriverSettings::Git(settings) => {
                    let config = self.config.as_ref().map(|config| config.path.clone());
                    Arc::new(git::driver::connect(settings.clone(), ledger.clone(), config))
                }
                DriverSettings::Workflow(settings) => {
                    Arc::new(github::driver::connect(settings.clone(), self.around_run(around)?))
                }
                DriverSettings::Compose(settings) => {
                    Arc::new(compose::connect(settings.clone(), around.surroundings.clone()))
                }
                DriverSettings::Kubernetes(settings) => {
                    Arc::new(kubernetes::connect(settings.clone(), around.surroundings.clone()))
                }
                DriverSettings::Helm(settings) => {
                    Arc::new(helm::connect(*settings.clone(), around.surroundings.clone()))
                }
                DriverSettings::Systemd(settings) => {
                    Arc::new(systemd::connect(settings.clone(), around.surroundings.clone()))
                }
            };
            drivers.insert(name.clone(), driver);
        }
        Ok(drivers)
    }
}

/// Connects what is asked in each stage, of the slot that the traffic moves to.
fn stages(configured: &EnvironmentConfig, around: &Around, slot: &Slot) -> Result<StageChecks> {
    let bind = |stages: &[Vec<CheckConfig>]| -> Result<Vec<Vec<BoundCheck>>> {
        let each = stages.iter();
        each.map(|stage| stage.iter().map(|it| around.bind_at(it, Some(slot))).collect()).collect()
    };
    let config::StageChecks { deploy, rollback } = &configured.stages;
    Ok(StageChecks { deploy: bind(deploy)?, rollback: bind(rollback)? })
}

fn router(configured: &RouterConfig, around: &Around) -> Result<Arc<dyn Router>> {
    let RouterConfig { settings, pair } = configured.clone();
    let surroundings = router::Surroundings {
        folder: around.surroundings.folder.clone(),
        withheld: around.surroundings.withheld.clone(),
        facts: around.facts(None),
    };
    Ok(match settings {
        RouterSettings::Haproxy(it) => Arc::new(router::haproxy::connect(&it, pair, surroundings)?),
        RouterSettings::Nginx(it) => Arc::new(router::nginx::connect(&it, pair, surroundings)?),
        RouterSettings::Kubernetes(it) => {
            Arc::new(router::kubernetes::connect(&it, pair, surroundings)?)
        }
        RouterSettings::Command(it) => Arc::new(router::command::connect(&it, pair, surroundings)),
    })
}
