//! What a command line gives for once: checks, a driver.

use std::path::PathBuf;
use std::sync::Arc;

use crate::adapters::driver::{Surroundings, command};
use crate::adapters::probe::Settings as ProbeSettings;
use crate::adapters::probe::{self, json_path::JsonPath};
use crate::config::{self, CheckConfig};
use crate::domain::argv::Argv;
use crate::domain::check::{Check, Phase, Reach, Rehearsal, Weight};
use crate::domain::duration::Span;
use crate::domain::gate::Worth;
use crate::domain::limits::Limits;
use crate::error::{Error, Result};
use crate::ports::Driver;

/// What is given for this once.
#[derive(Debug, Clone, Default)]
pub struct Once {
    /// URLs that must answer well.
    pub http: Vec<String>,
    /// Where their answers name the version.
    pub expect_version: Option<String>,
    /// Addresses that must accept a connection.
    pub tcp: Vec<String>,
    /// How long they wait until it is healthy.
    pub deadline: Option<Span>,
    /// A file of more checks.
    pub check_file: Option<PathBuf>,
    /// The command that drives.
    pub command: Vec<String>,
}

impl Once {
    /// Returns the checks; a mistake in one is told like one in a file.
    pub fn checks(&self) -> Result<Vec<CheckConfig>> {
        let mut checks = Vec::new();
        for url in &self.http {
            let target = probe::http::Target::try_from(url.clone()).map_err(Error::invalid)?;
            let mut settings = probe::http::Settings::new(target);
            settings.expect_version = self.expect_version()?;
            let shown = settings.url.to_string();
            let probe = ProbeSettings::Http(Box::new(settings));
            checks.push(self.check(format!("http {shown}"), probe));
        }
        for address in &self.tcp {
            let address = probe::tcp::Address::try_from(address.clone()).map_err(Error::invalid)?;
            let name = format!("tcp {address}");
            let settings = probe::tcp::Settings::new(address);
            checks.push(self.check(name, ProbeSettings::Tcp(Box::new(settings))));
        }
        if let Some(file) = &self.check_file {
            // The environment says how its checks make one verdict.
            let (more, _) = config::load_checks(file, &|name| std::env::var(name).ok())?;
            checks.extend(more);
        }
        Ok(checks)
    }

    fn expect_version(&self) -> Result<Option<probe::http::ExpectVersion>> {
        let path = self.expect_version.as_ref();
        let parse = |path: &String| {
            JsonPath::try_from(path.clone()).map_err(|why| {
                Error::invalid(format!("--expect-version `{path}` is no path into JSON: {why}"))
            })
        };
        Ok(path.map(parse).transpose()?.map(probe::http::ExpectVersion::Json))
    }

    fn check(&self, name: String, probe: ProbeSettings) -> CheckConfig {
        let mut limits = Limits::defaults(Phase::Settle, Reach::Direct);
        if let Some(deadline) = self.deadline {
            limits.deadline = deadline.into();
        }
        let limits = limits.with_fitting_interval();
        let weight = Weight::Required;
        CheckConfig {
            check: Check {
                name,
                service: None,
                phase: Phase::Settle,
                weight,
                worth: Worth::default(),
                rehearsal: Rehearsal::default(),
                limits,
            },
            probe,
            filled: Vec::new(),
        }
    }

    /// Returns the driver of this call.
    pub fn driver(&self, around: &Surroundings) -> Option<Arc<dyn Driver>> {
        let run = Argv::new(self.command.clone()).ok()?;
        Some(Arc::new(command::connect(command::Settings::new(run), around.clone())))
    }
}
