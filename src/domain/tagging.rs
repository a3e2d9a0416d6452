//! The tags that name deployments: what each says, always the same.

use jiff::Timestamp;
use serde::Serialize;

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
