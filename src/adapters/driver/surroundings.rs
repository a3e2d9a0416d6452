//! What every driver finds around itself.

use std::path::PathBuf;
use std::sync::Arc;

use super::output::{Output, Sink};
use crate::adapters::process::Program;
use crate::adapters::secret::Secret;
use crate::ports::{Checkouts, Drive};

/// What a driver finds around itself.
#[derive(Clone)]
pub struct Surroundings {
    /// The configuration's folder.
    pub folder: PathBuf,
    /// What no child may see.
    pub withheld: Vec<Secret>,
    /// Where its checkouts come from.
    pub checkouts: Arc<dyn Checkouts>,
    /// Where its output goes.
    pub sink: Sink,
}

impl Surroundings {
    /// Returns a platform's own program, run in the configuration's folder.
    pub fn program(&self, name: &str) -> Program {
        Program::new(name, self.folder.clone(), self.withheld.clone())
    }

    /// Returns the same program with every line that it writes told, the service in front.
    pub fn telling(&self, program: Program, drive: &Drive) -> Program {
        let output = Output::new(&drive.service, self.withheld.clone(), self.sink.clone());
        program.listen(output.listener())
    }
}
