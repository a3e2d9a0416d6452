//! A service of Docker Compose, and how its containers are found.

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::Name;

/// A service of Docker Compose.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ComposeService")]
pub struct Compose {
    /// The service.
    pub service: Name,
    /// The project; as the file names it unless given.
    #[serde(default)]
    pub project: Option<Name>,
    /// The Compose file, relative to the configuration's folder; not needed beside `project`.
    #[serde(default)]
    pub file: Option<PathBuf>,
}

impl Compose {
    /// Returns what `docker` is asked for the ids of all containers of the service.
    ///
    /// Without a file the labels tell, so that Compose need not be installed here.
    pub(super) fn args(&self, folder: &Path) -> Vec<String> {
        let service = self.service.as_str();
        let project = self.project.as_ref().map(Name::as_str);
        let mut args: Vec<String> = Vec::new();
        if let Some(file) = &self.file {
            args.extend(["compose".to_owned(), format!("--file={}", folder.join(file).display())]);
            args.extend(project.map(|project| format!("--project-name={project}")));
            args.extend(["ps", "--all", "--quiet", "--", service].map(str::to_owned));
            return args;
        }
        args.extend(["ps", "--all", "--quiet", "--no-trunc"].map(str::to_owned));
        let filter =
            |key: &str, value: &str| format!("--filter=label=com.docker.compose.{key}={value}");
        args.extend(project.map(|project| filter("project", project)));
        args.push(filter("service", service));
        args
    }
}

impl fmt::Display for Compose {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.project {
            Some(project) => write!(out, "{}/{}", project.as_str(), self.service.as_str()),
            None => out.write_str(self.service.as_str()),
        }
    }
}
