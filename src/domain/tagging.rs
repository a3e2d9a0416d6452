//! The tags that name deployments: what each says, always the same.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::Kind;
use super::ids::OperationId;
use super::names::Environment;
use super::text;
use super::version::Versions;

/// What a tag says of a deployment; the same deployment always says the same.
#[derive(Debug, Clone, Serialize)]
pub struct TagText<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The deployment's number.
    pub n: u64,
    /// The deployment's identity.
    pub operation: OperationId,
    /// What kind of change it was.
    pub kind: Kind,
    /// When it was opened.
    pub at: Timestamp,
    /// The restore point.
    pub versions: &'a Versions,
}

impl TagText<'_> {
    /// Returns the tag's message: one line for people, an empty one, the restore point as JSON.
    pub fn message(&self, word: &str) -> String {
        let versions: Vec<String> = self
            .versions
            .iter()
            .take(5)
            .map(|(service, version)| format!("{service} {}", text::clean(&version.version, 40)))
            .collect();
        let more = if self.versions.len() > 5 { " …" } else { "" };
        let summary =
            format!("{word} {} {}: {}{more}", self.environment, self.n, versions.join(", "));
        // A tree of strings, numbers and maps with string keys always serializes.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{summary}\n\n{json}\n")
    }
}

/// What a tag said of a deployment, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Told {
    /// The deployment's identity.
    pub operation: OperationId,
    /// The restore point.
    pub versions: Versions,
}

impl Told {
    /// Reads a tag's message; `None` where it says nothing of the kind.
    pub fn read(message: &str) -> Option<Self> {
        let json = message.lines().map(str::trim).find(|line| line.starts_with('{'))?;
        serde_json::from_str(json).ok()
    }
}
