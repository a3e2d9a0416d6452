//! What probes and drivers find around themselves.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::adapters::decider;
use crate::adapters::driver::Surroundings;
use crate::adapters::http::Http;
use crate::adapters::probe;
use crate::config::{CheckConfig, EnvironmentConfig};
use crate::domain::facts::Facts;
use crate::domain::names::{Environment, Service};
use crate::domain::slots::Slot;
use crate::error::{Error, Result};
use crate::flow::observe::Halt;
use crate::ports::{BoundCheck, Decider};

/// What every probe and driver finds around itself.
pub(super) struct Around {
    pub(super) halt: Halt,
    pub(super) environment: Option<Environment>,
    pub(super) surroundings: Surroundings,
    /// Made with the first check that needs it: it reads all the machine's certificates.
    pub(super) http: OnceCell<Http>,
}

impl Around {
    pub(super) fn http(&self) -> Result<&Http> {
        if self.http.get().is_none() {
            // Only this thread sets it, so what is there by now is what was made.
            let _ = self.http.set(Http::new()?);
        }
        self.http.get().ok_or_else(|| Error::failed("could not make an HTTP client"))
    }

    pub(super) fn facts(&self, service: Option<&Service>) -> Facts {
        let facts = Facts::default();
        let facts = match &self.environment {
            Some(environment) => facts.environment(environment),
            None => facts,
        };
        match service {
            Some(service) => facts.service(service),
            None => facts,
        }
    }

    pub(super) fn decider(&self, configured: &EnvironmentConfig) -> Option<Arc<dyn Decider>> {
        let settings = configured.decide.clone()?;
        let Surroundings { folder, withheld, .. } = self.surroundings.clone();
        Some(Arc::new(decider::connect(settings, folder, self.facts(None), withheld)))
    }

    /// Connects one check to the probe that answers it.
    pub(super) fn bind(&self, check: &CheckConfig) -> Result<BoundCheck> {
        self.bind_at(check, None)
    }

    /// Connects one check to the probe that answers it at a slot.
    pub(super) fn bind_at(&self, check: &CheckConfig, slot: Option<&Slot>) -> Result<BoundCheck> {
        let Surroundings { folder, withheld, .. } = self.surroundings.clone();
        let facts = self.facts(check.check.service.as_ref()).slot(slot);
        let http = || self.http().cloned();
        let around = probe::Around { folder, facts, withheld, http: &http };
        let probe = probe::discreet(check.probe.question().connect(&around)?, &check.filled);
        Ok(BoundCheck { check: check.check.clone(), probe })
    }
}
