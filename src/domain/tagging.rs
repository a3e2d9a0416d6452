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

#[cfg(test)]
mod tests {
    use super::super::history::{minute, op, production, versions};
    use super::*;

    fn message(versions: &Versions) -> String {
        let (environment, operation) = (&production(), op(7));
        let (kind, at) = (Kind::Deploy, minute(0));
        TagText { environment, n: 7, operation, kind, at, versions }.message("deploy")
    }

    fn summary(text: &str) -> String {
        message(&versions(text)).lines().next().unwrap().to_owned()
    }

    #[test]
    fn a_tag_says_one_line_for_people_and_the_restore_point_for_programs() {
        let said = message(&versions("api=1.0 web=2.0"));
        let (people, programs) = said.split_once("\n\n").unwrap();
        assert_eq!(people, "deploy production 7: api 1.0, web 2.0");
        let read: serde_json::Value = serde_json::from_str(programs).unwrap();
        assert_eq!((&read["n"], &read["kind"]), (&7.into(), &"deploy".into()));
        assert_eq!(read["operation"], op(7).to_string());
        assert_eq!(read["versions"]["web"]["version"], "2.0");
    }

    #[test]
    fn the_line_for_people_names_five_services_and_tells_of_more() {
        let five = "a 1, b 2, c 3, d 4, e 5";
        assert_eq!(summary("a=1 b=2 c=3 d=4 e=5"), format!("deploy production 7: {five}"));
        let six = summary("a=1 b=2 c=3 d=4 e=5 f=6");
        assert_eq!(six, format!("deploy production 7: {five} …"));
    }
}
