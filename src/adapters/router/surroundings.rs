//! What every router finds around itself.

use std::path::PathBuf;

use crate::adapters::process::Program;
use crate::adapters::secret::Secret;
use crate::domain::facts::Facts;

/// What a router finds around itself.
#[derive(Clone)]
pub struct Surroundings {
    /// The configuration's folder.
    pub folder: PathBuf,
    /// What no child may see.
    pub withheld: Vec<Secret>,
    /// What a user's command is told and no share changes.
    pub facts: Facts,
}

impl Surroundings {
    /// Returns a platform's own program, run in the configuration's folder.
    pub fn program(&self, name: &str) -> Program {
        Program::new(name, self.folder.clone(), self.withheld.clone())
    }
}
