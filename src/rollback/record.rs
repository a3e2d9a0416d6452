//! Writes down what was deployed, what is kept, and what is good.

use std::collections::BTreeMap;

use super::RollbackManager;
use super::book::Draft;
use super::health::HealthChecker;
use super::point::{DeployedVersion, RestorePoint};
use super::retain::identity;
use super::settle::{by_person, meant};
use super::store::Contents;
use super::told::RollbackError;
use crate::domain::event::{Body, Change, Deployed, Kind};
use crate::domain::names::Service;
use crate::domain::version::Versions;

impl<H: HealthChecker> RollbackManager<H> {
    /// Writes down that a service runs another version now, whoever brought it there.
    ///
    /// A name or version that is empty, or holds what no reader would see, is
    /// [`InvalidState`](RollbackError::InvalidState).
    pub fn record_deployment(&mut self, version: DeployedVersion) -> Result<(), RollbackError> {
        let (service, to) = version.meant()?;
        self.nothing_open()?;
        let from = self.current.get(service.as_str()).and_then(|known| known.meant().ok());
        let change = Change { from: from.map(|(_, version)| version), to };
        let mut versions = self.current.clone();
        versions.insert(service.to_string(), version);
        let contents = Contents { versions: versions.clone(), ..Contents::default() };
        let draft = self.deployment([(service, change)].into(), contents);
        self.book.append(vec![draft])?;
        self.current = versions;
        self.tidy();
        Ok(())
    }

    /// Keeps what runs now as a restore point and returns its id.
    ///
    /// A store that cannot keep it now is asked again with the next change.
    pub fn create_restore_point(&mut self, description: impl Into<String>) -> String {
        let (description, versions) = (description.into(), self.current.clone());
        let words = Some(description.clone());
        let contents =
            Contents { description: words, versions: versions.clone(), ..Contents::default() };
        let draft = self.deployment(BTreeMap::new(), contents);
        let id = draft.op.to_string();
        if let Ok(created_at) = self.book.append_anyway(vec![draft]) {
            let id = id.clone();
            let point = RestorePoint { id, created_at, description, versions, is_stable: false };
            self.history.push(point);
        }
        id
    }

    /// Says that a restore point is good: it is one to go back to, and is never cleaned up.
    pub fn mark_stable(&mut self, id: &str) -> Result<(), RollbackError> {
        let unknown = || RollbackError::RestorePointNotFound(id.to_owned());
        let at = self.history.iter().position(|point| point.id == id).ok_or_else(unknown)?;
        let op = identity(&self.history[at]).ok_or_else(unknown)?;
        let (n, was) = self.book.contents(op).map(|it| (it.n, it.is_stable)).ok_or_else(unknown)?;
        self.book.mark(op, true);
        let body = Body::Stable(by_person());
        let written = self.book.append(vec![Draft { op, n, body, contents: None }]);
        if written.is_err() {
            self.book.mark(op, was);
        }
        written?;
        self.history[at].is_stable = true;
        Ok(())
    }

    fn deployment(&self, changed: BTreeMap<Service, Change>, contents: Contents) -> Draft {
        let (op, n) = self.book.next();
        let deployed = Deployed {
            kind: Kind::Deploy,
            commit: None,
            versions: meant(&contents.versions),
            changed,
            unknown: Vec::new(),
            live: None,
            quarantined: Versions::new(),
            barred: None,
            target: None,
            reason: None,
            ci: None,
        };
        Draft { op, n, body: Body::Deployed(deployed), contents: Some(contents) }
    }
}
