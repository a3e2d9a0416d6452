//! Ledgers written while there was no remote, until they are on one.

use super::GitLedger;
use super::objects;
use super::refs;
use super::remote::Home;
use crate::domain::names::Environment;
use crate::error::{Error, Result};
use crate::ports::{FoundLine, Shelf};

/// What such a ledger holds.
pub(super) struct Unshared {
    /// The commit that its mark points at.
    commit: String,
    /// Its lines.
    pub(super) lines: Vec<FoundLine>,
}

impl GitLedger {
    /// Reads an environment's ledger that is marked as not yet on the remote.
    ///
    /// Only the mark counts: the user's own `refs/notes/lastgood/*` may be anybody's, and are not read.
    pub(super) async fn unshared(
        &self,
        env: &Environment,
        which: Shelf,
    ) -> Result<Option<Unshared>> {
        let mark = refs::unshared(env);
        let Some(clone) = self.clone.as_ref().filter(|clone| clone.unshared.contains(&mark)) else {
            return Ok(None);
        };
        if self.remote.home == Home::Here || which == Shelf::Archive {
            return Ok(None);
        }
        let (_fetching, from) = (self.fetching.lock().await, clone.common.display().to_string());
        let refspec = format!("+{mark}:{mark}");
        let args = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--depth=1",
            "--no-write-fetch-head",
            &from,
            &refspec,
        ];
        let answer = self.git.on(&self.store.ledgers(), &args).await?;
        let commit = if answer.succeeded() { self.store.tip(&mark)? } else { None };
        // Another process may have brought it to the remote since we looked.
        let Some(commit) = commit else { return Ok(None) };
        let lines = objects::lines(&self.store.ledgers(), &commit)?;
        Ok(Some(Unshared { commit, lines }))
    }

    /// Takes the mark away, unless the ledger has grown under it.
    pub(super) async fn now_shared(&self, env: &Environment, unshared: &Unshared) -> Result<()> {
        let Some(clone) = &self.clone else { return Ok(()) };
        let mark = refs::unshared(env);
        let args = ["update-ref", "-d", &mark, &unshared.commit];
        let answer = self.git.at(&clone.common, &args).await?;
        if !answer.succeeded() {
            return Err(
                Error::failed(format!("could not remove `{mark}`")).because(answer.complaint())
            );
        }
        let (lines, shown) = (unshared.lines.len(), &self.remote.shown);
        tracing::warn!("joined {lines} lines of `{env}`, written without a remote, to {shown}");
        Ok(())
    }
}
