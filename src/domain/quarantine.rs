//! Which versions were rolled back from, and when no longer.

use std::collections::BTreeSet;

use super::event::Quarantine;
use super::ids::OperationId;
use super::operation::Operation;
use super::version::Versions;

/// The versions of an environment that were rolled back from.
pub type Quarantined = BTreeSet<Quarantine>;

/// Holds versions back because of an operation; what is held already stays as it is.
pub fn hold(held: &mut Quarantined, by: OperationId, n: u64, versions: &Versions) {
    for (service, version) in versions {
        let is_same = |entry: &Quarantine| entry.service == *service && entry.version == *version;
        if !held.iter().any(is_same) {
            let (service, version) = (service.clone(), version.clone());
            held.insert(Quarantine { service, version, by, n });
        }
    }
}

/// Lets the versions of a restore point go again.
pub fn lift(held: &mut Quarantined, versions: &Versions) {
    held.retain(|entry| versions.get(&entry.service) != Some(&entry.version));
}

/// Returns what a deployment brought; all of it where it changed nothing.
pub fn brought(operation: &Operation) -> Versions {
    let Some(deployment) = &operation.deployed else { return Versions::new() };
    let changed = &deployment.what.changed;
    if changed.is_empty() {
        return deployment.what.versions.clone();
    }
    changed.iter().map(|(service, change)| (service.clone(), change.to.clone())).collect()
}

#[cfg(test)]
mod tests;
