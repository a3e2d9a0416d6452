//! What is asked for, checked before it can become an argument.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::text;

/// The longest name that Kubernetes gives.
const LONGEST: usize = 253;

/// The longest name of a namespace.
const LONGEST_LABEL: usize = 63;

/// How `kubectl` begins to say that something is not there.
const MISSING: &str = "Error from server (NotFound): ";

/// What has a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pods without a name of their own.
    Deployment,
    /// One pod a node.
    DaemonSet,
    /// Pods with a name each.
    StatefulSet,
}

/// One thing that is rolled out: `deployment/shop`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("examples" = ["deployment/shop"]))]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// The name of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["shop"]))]
pub struct Namespace(String);

/// The name of anything in a namespace: of a service, of a route.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["shop"]))]
pub struct Name(String);

impl Kind {
    /// Returns the name that the API knows it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::DaemonSet => "DaemonSet",
            Self::StatefulSet => "StatefulSet",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        match word.strip_suffix(".apps").unwrap_or(&word) {
            "deployment" | "deployments" | "deploy" => Some(Self::Deployment),
            "daemonset" | "daemonsets" | "ds" => Some(Self::DaemonSet),
            "statefulset" | "statefulsets" | "sts" => Some(Self::StatefulSet),
            _ => None,
        }
    }

    /// The group keeps another API's resource of the same name out.
    fn argument(self) -> &'static str {
        match self {
            Self::Deployment => "deployments.apps",
            Self::DaemonSet => "daemonsets.apps",
            Self::StatefulSet => "statefulsets.apps",
        }
    }
}

impl Resource {
    /// Returns it as `kubectl` is asked for it.
    pub fn argument(&self) -> String {
        format!("{}/{}", self.kind.argument(), self.name)
    }

    /// Returns whether it is told how many pods are wanted; of a `DaemonSet` the nodes say.
    pub fn counts_replicas(&self) -> bool {
        match self.kind {
            Kind::Deployment | Kind::StatefulSet => true,
            Kind::DaemonSet => false,
        }
    }

    /// Returns whether each of its pods has a name to keep, so that a new one waits for the old.
    pub fn has_named_pods(&self) -> bool {
        match self.kind {
            Kind::StatefulSet => true,
            Kind::Deployment | Kind::DaemonSet => false,
        }
    }

    /// Returns whether Kubernetes says that this very thing, or all its namespace, is not there.
    pub fn is_missed_by(&self, said: &str) -> bool {
        let itself = format!("{} \"{}\" not found", self.kind.argument(), self.name);
        let mut missing = said.lines().filter_map(|line| line.strip_prefix(MISSING)).map(str::trim);
        let is_namespace =
            |what: &str| what.starts_with("namespaces \"") && what.ends_with("\" not found");
        missing.any(|what| what == itself || is_namespace(what))
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} `{}`", self.kind.as_str(), self.name)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Name {
    /// Returns it as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        if is_name(&written, LONGEST) { Ok(Self(written)) } else { Err(no_name(&written)) }
    }
}

impl TryFrom<String> for Resource {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let shown = text::clean(&written, 80);
        let Some((kind, name)) = written.split_once('/') else {
            return Err(format!("`{shown}` names no kind; write it like `deployment/shop`"));
        };
        let kind = Kind::read(kind).ok_or_else(|| {
            let known = "write `deployment/…`, `daemonset/…` or `statefulset/…`";
            format!("`{shown}` has no rollout; {known}")
        })?;
        if !is_name(name, LONGEST) {
            return Err(no_name(name));
        }
        Ok(Self { kind, name: name.to_owned() })
    }
}

impl TryFrom<String> for Namespace {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        if written.contains('.') || !is_name(&written, LONGEST_LABEL) {
            return Err(no_name(&written));
        }
        Ok(Self(written))
    }
}

/// A name begins and ends with a letter or digit, so it is never taken for a flag.
fn is_name(name: &str, longest: usize) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || b"-.".contains(byte))
        && name.len() <= longest
}

fn no_name(name: &str) -> String {
    let name = text::clean(name, 80);
    format!("`{name}` is no name in Kubernetes; names are small letters, digits and `-`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(written: &str) -> Result<Resource, String> {
        Resource::try_from(written.to_owned())
    }

    #[test]
    fn a_kind_is_known_by_each_of_its_names() {
        let table = [
            ("deployment/shop", "deployments.apps/shop"),
            ("deployments.apps/shop", "deployments.apps/shop"),
            ("deploy/shop-2.eu", "deployments.apps/shop-2.eu"),
            ("Deployment/shop", "deployments.apps/shop"),
            ("ds/agent", "daemonsets.apps/agent"),
            ("sts/db", "statefulsets.apps/db"),
            ("StatefulSet/db", "statefulsets.apps/db"),
        ];
        for (written, argument) in table {
            assert_eq!(resource(written).unwrap().argument(), argument);
        }
    }

    #[test]
    fn what_could_become_a_flag_or_something_else_is_refused() {
        let long = format!("deployment/{}", "a".repeat(254));
        for name in ["--help", "-n", "a b", "A", "a-", ".a", "a/b", "a,b", "a\n", "", "ä"] {
            let refused = resource(&format!("deployment/{name}")).unwrap_err();
            assert!(refused.contains("is no name in Kubernetes"), "{refused}");
            let refused = Namespace::try_from(name.to_owned()).unwrap_err();
            assert!(refused.contains("is no name in Kubernetes"), "{refused}");
        }
        assert!(resource(&long).is_err());
        assert!(Namespace::try_from("a.b".to_owned()).is_err());
        assert_eq!(
            resource("service/shop").unwrap_err(),
            "`service/shop` has no rollout; \
             write `deployment/…`, `daemonset/…` or `statefulset/…`"
        );
        assert_eq!(
            resource("shop").unwrap_err(),
            "`shop` names no kind; write it like `deployment/shop`"
        );
    }

    #[test]
    fn only_the_very_thing_that_was_asked_for_is_missed() {
        let shop = resource("deployment/shop").unwrap();
        assert!(shop.is_missed_by("Error from server (NotFound): namespaces \"prod\" not found\n"));
        assert!(shop.is_missed_by(
            "Warning: old\nError from server (NotFound): deployments.apps \"shop\" not found\n"
        ));
        for other in [
            "Error from server (NotFound): deployments.apps \"cart\" not found",
            "Error from server (NotFound): the server could not find the requested resource",
            "Error from server (Forbidden): deployments.apps \"shop\" is forbidden",
        ] {
            assert!(!shop.is_missed_by(other), "{other}");
        }
    }
}
