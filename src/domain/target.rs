//! Which deployment a rollback goes back to.

use std::collections::BTreeSet;

use super::ending::{Ending, Reason};
use super::ids::OperationId;
use super::names::Service;
use super::operation::Operation;
use super::state::State;
use super::version::Versions;

/// What a person named as the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The last stable deployment that differs from what runs.
    LastStable,
    /// A number, tag, restore point or version, read in that order.
    Named(String),
    /// The very deployment that was chosen before.
    Chosen(OperationId),
}

/// Which services go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All that differ.
    All,
    /// These.
    Only(BTreeSet<Service>),
}

impl Scope {
    /// Returns whether a service is meant.
    pub fn covers(&self, service: &Service) -> bool {
        match self {
            Self::All => true,
            Self::Only(services) => services.contains(service),
        }
    }
}

/// Chooses the target; `state` must hold the archive too where the live ledger has none.
pub fn choose<'a>(
    state: &'a State,
    wanted: &Wanted,
    scope: &Scope,
    tags: &TagNames,
) -> Result<&'a Operation, Ending> {
    match wanted {
        Wanted::LastStable => last_stable(state, scope),
        Wanted::Named(name) => named(state, name, tags),
        Wanted::Chosen(id) => chosen(state, *id),
    }
}

/// How the tags of this environment are called, to read one back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagNames {
    prefix: String,
    component: String,
}

impl TagNames {
    /// Takes the configured prefix (empty for none) and the environment's part of a ref.
    pub fn new(prefix: &str, environment: &super::names::Environment) -> Self {
        Self { prefix: prefix.to_owned(), component: environment.ref_component() }
    }

    /// Returns how the tags of another environment of the same repository are called.
    #[must_use]
    pub fn of(&self, environment: &super::names::Environment) -> Self {
        Self::new(&self.prefix, environment)
    }

    /// Returns the names that no tag may have: git keeps no tag below another.
    pub fn folders(&self) -> [String; 4] {
        let [deploy, stable] = ["deploy", "stable"].map(|word| format!("{}{word}", self.prefix));
        let own = |folder: &str| format!("{folder}/{}", self.component);
        [own(&deploy), own(&stable), deploy, stable]
    }

    /// Returns `deploy/<env>/<n>`.
    pub fn deploy(&self, n: u64) -> String {
        format!("{}deploy/{}/{n}", self.prefix, self.component)
    }

    /// Returns `stable/<env>/<n>`.
    pub fn stable(&self, n: u64) -> String {
        format!("{}stable/{}/{n}", self.prefix, self.component)
    }

    /// Returns what all `deploy` tags of the environment begin with.
    pub fn every_deploy(&self) -> String {
        format!("{}deploy/{}/", self.prefix, self.component)
    }

    /// Returns what all `stable` tags of the environment begin with.
    pub fn every_stable(&self) -> String {
        format!("{}stable/{}/", self.prefix, self.component)
    }

    /// Returns the number that a tag of this environment names.
    pub fn number(&self, tag: &str) -> Option<u64> {
        let tag = tag.strip_prefix("refs/tags/").unwrap_or(tag);
        let rest = tag.strip_prefix(&self.prefix)?;
        let rest = rest.strip_prefix("deploy/").or_else(|| rest.strip_prefix("stable/"))?;
        rest.strip_prefix(&self.component)?.strip_prefix('/')?.parse().ok()
    }
}

fn last_stable<'a>(state: &'a State, scope: &Scope) -> Result<&'a Operation, Ending> {
    let running = state.versions();
    let current = state.current().map(|operation| operation.id);
    let differs = |versions: &Versions| {
        versions.iter().any(|(service, version)| {
            let moves =
                running.get(service) != Some(version) || state.unknown.contains_key(service);
            scope.covers(service) && moves
        })
    };
    let mut quarantined = None;
    for operation in state.deployments() {
        let Some(versions) = operation.versions() else { continue };
        if !operation.is_stable() || Some(operation.id) == current || !differs(versions) {
            continue;
        }
        if holds_quarantined(state, versions, scope) {
            quarantined.get_or_insert(operation.n);
            continue;
        }
        return Ok(operation);
    }
    Err(no_target(state, quarantined))
}

fn no_target(state: &State, quarantined: Option<u64>) -> Ending {
    let environment = &state.environment;
    match quarantined {
        Some(n) => Ending::new(
            Reason::Quarantined,
            format!("deployment {n} of `{environment}` is stable, and holds a quarantined version"),
        )
        .next(format!("lastgood mark {n} good -e {environment} --reason …")),
        None => Ending::new(
            Reason::NoStableTarget,
            format!("`{environment}` has no stable deployment that differs from what runs"),
        ),
    }
}

/// Returns whether a restore point holds a version that was rolled back from.
pub fn holds_quarantined(state: &State, versions: &Versions, scope: &Scope) -> bool {
    versions.iter().any(|(service, version)| {
        scope.covers(service) && state.quarantined(service, version).is_some()
    })
}

fn named<'a>(state: &'a State, name: &str, tags: &TagNames) -> Result<&'a Operation, Ending> {
    if let Some(n) = name.parse::<u64>().ok().or_else(|| tags.number(name)) {
        let found = restore_points(state, |operation| operation.n == n);
        if state.numbered(n).len() > 1 {
            return Err(ambiguous(state, n));
        }
        if let Some(operation) = found.first() {
            return Ok(operation);
        }
    }
    let by_point = restore_points(state, |op| op.points.iter().any(|p| p.as_str() == name));
    let by_version = restore_points(state, |op| has_version(op, name));
    let found = by_point.first().or_else(|| newest_good(&by_version));
    found.copied().ok_or_else(|| unknown(state, name))
}

fn chosen(state: &State, id: OperationId) -> Result<&Operation, Ending> {
    let made = state.operation(id).filter(|operation| operation.deployed.is_some());
    let gone = || format!("`{}` has no deployment whose id is {id}", state.environment);
    made.ok_or_else(|| Ending::new(Reason::TargetUnknown, gone()))
}

/// Returns the deployments for which `is` holds, newest first.
fn restore_points(state: &State, is: impl Fn(&Operation) -> bool) -> Vec<&Operation> {
    state.deployments().into_iter().filter(|operation| is(operation)).collect()
}

/// A version can have been deployed many times: the newest time that it was good counts most.
fn newest_good<'a, 'b>(found: &'b [&'a Operation]) -> Option<&'b &'a Operation> {
    found.iter().find(|operation| operation.is_stable()).or_else(|| found.first())
}

fn has_version(operation: &Operation, name: &str) -> bool {
    let changed = operation.deployed.as_ref().map(|d| &d.what.changed);
    let brought = changed.into_iter().flatten().any(|(_, change)| change.to.version == name);
    let holds =
        || operation.versions().into_iter().flatten().any(|(_, version)| version.version == name);
    brought || holds()
}

fn ambiguous(state: &State, n: u64) -> Ending {
    Ending::new(
        Reason::Ambiguous,
        format!("two deployments of `{}` bear the number {n}", state.environment),
    )
}

fn unknown(state: &State, name: &str) -> Ending {
    let clean = super::text::clean(name, 100);
    let near = near_misses(state, name);
    let near =
        if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) };
    let environment = &state.environment;
    Ending::new(
        Reason::TargetUnknown,
        format!("`{clean}` is no number, tag, restore point or version of `{environment}`{near}"),
    )
}

fn near_misses(state: &State, name: &str) -> Vec<String> {
    let mut names = BTreeSet::new();
    for operation in state.deployments() {
        names.insert(operation.n.to_string());
        names.extend(operation.points.iter().map(ToString::to_string));
        names.extend(operation.versions().into_iter().flatten().map(|(_, v)| v.version.clone()));
    }
    let mut scored: Vec<(f64, String)> =
        names.into_iter().map(|known| (strsim::jaro_winkler(name, &known), known)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near = scored.into_iter().filter(|(score, _)| *score > 0.75).take(3);
    near.map(|(_, known)| format!("`{}`", super::text::clean(&known, 60))).collect()
}

#[cfg(test)]
mod tests;
