//! Finds environments that move the same traffic.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::super::mistake::Finding;
use super::super::node::Node;
use super::findings::Findings;
use super::{EnvironmentConfig, RouterSettings};
use crate::domain::names::Environment;

/// What a router changes: two of one place would undo each other's work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A backend behind a runtime socket.
    Backend(PathBuf, String),
    /// A file with servers; it is rewritten whole.
    File(PathBuf),
    /// An object of a cluster: kubeconfig, context, namespace, kind and name.
    Object(Option<PathBuf>, [Option<String>; 4]),
}

impl Place {
    /// Returns what settings name; none where only the user's own commands know.
    fn of(settings: &RouterSettings) -> Option<Self> {
        Some(match settings {
            RouterSettings::Haproxy(it) => {
                Self::Backend(plain(Path::new(&it.socket)), it.backend.clone())
            }
            RouterSettings::Nginx(it) => Self::File(plain(&it.include)),
            RouterSettings::Kubernetes(it) => {
                let [service, route] = [&it.service, &it.http_route]
                    .map(|name| name.as_ref().map(ToString::to_string));
                let namespace = it.namespace.as_ref().map(ToString::to_string);
                let object = [it.context.clone(), namespace, service, route];
                Self::Object(it.kubeconfig.as_deref().map(plain), object)
            }
            RouterSettings::Command(_) => return None,
        })
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::Backend(..) => "give each environment a backend of its own",
            Self::File(_) => "give each environment an include file of its own",
            Self::Object(..) => "give each environment a Service or an HTTPRoute of its own",
        }
    }
}

/// Returns a path without what changes nothing in it.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Tells of each router that moves the traffic of another environment's.
pub(super) fn routers(
    environments: &BTreeMap<Environment, EnvironmentConfig>,
    node: &Node,
    findings: &mut Findings<'_>,
) {
    let mut taken: BTreeMap<Place, &Environment> = BTreeMap::new();
    for (name, environment) in environments {
        let router = environment.router.as_ref();
        let Some(place) = router.and_then(|router| Place::of(&router.settings)) else { continue };
        let Some(first) = taken.get(&place) else {
            taken.insert(place, name);
            continue;
        };
        let line = findings.line(&node.at(first.as_str()).key_place("router"));
        let message =
            format!("it moves the same traffic as the router of `{first}` on line {line}");
        let at = node.at(name.as_str()).key_place("router");
        findings.add(Finding::new(at, message).hint(place.hint()));
    }
}
