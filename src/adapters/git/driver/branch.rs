//! A branch of a remote, read and moved on without a checkout.

use git2::{ObjectType, Oid, Repository};
use jiff::Timestamp;

use super::keep;
use super::settings::KeptPath;
use crate::adapters::git::clone::UserClone;
use crate::adapters::git::fetch::{self, Part};
use crate::adapters::git::objects::{self, WRITER};
use crate::adapters::git::program::Git;
use crate::adapters::git::push::{Earnest, Lease, Pushed, RefChange, Row, Together, push};
use crate::adapters::git::store::{Belief, Store};
use crate::adapters::git::tagging::refusal;
use crate::domain::names::Commit;
use crate::error::{Error, Kind, Result};

/// A branch of a remote, and a place of our own to build what is put on top of it.
pub(super) struct RemoteBranch {
    git: Git,
    shown: String,
    reference: String,
    store: Store,
    reads_clone: bool,
}

/// What became of an attempt to move the branch on.
pub(super) enum Moved {
    /// It is at our commit.
    Ours,
    /// It is at another one than was read.
    Elsewhere,
    /// It is where it was; the remote says no.
    Refused(Error),
}

impl RemoteBranch {
    pub(super) fn open(
        git: Git,
        shown: String,
        reference: String,
        clone: Option<&UserClone>,
    ) -> Result<Self> {
        let store = Store::create(clone)?;
        Ok(Self { git, shown, reference, store, reads_clone: clone.is_some_and(is_complete) })
    }

    /// Returns the newest commit, as the remote has it now.
    pub(super) async fn tip(&self) -> Result<Commit> {
        let Some(tip) = self.seen().await? else { return Err(self.absent()) };
        Commit::new(&tip).map_err(|cause| Error::failed(self.unread()).because(cause))
    }

    /// Makes sure of both commits' folders; the second one is the one that may be gone.
    pub(super) async fn bring(&self, tip: &Commit, wanted: &Commit) -> Result<()> {
        let own = [self.store.commits().join("objects")];
        let folders = if self.reads_clone { self.store.objects() } else { own.into() };
        let mut missing = vec![tip, wanted];
        missing.retain(|commit| !objects::has_commit(&folders, commit));
        fetch::commits(&self.git, &self.store, &self.shown, &missing, Part::Folders).await
    }

    /// Builds the commit with the wanted one's files; `None` where the branch has them already.
    pub(super) fn build(
        &self,
        tip: &Commit,
        wanted: &Commit,
        keep: &[KeptPath],
        message: &str,
    ) -> Result<Option<String>> {
        let repository = self.store.joined()?;
        let write = || {
            let repo = Repository::open_bare(&repository)?;
            let tree_of = |commit: &Commit| -> Result<Oid, git2::Error> {
                Ok(repo.find_commit(Oid::from_str(commit.as_str())?)?.tree_id())
            };
            let there = tree_of(tip)?;
            let tree = keep::keeping(&repo, tree_of(wanted)?, there, keep)?;
            if tree == there {
                return Ok(None);
            }
            let when = format!("{WRITER} {} +0000", Timestamp::now().as_second());
            let head = format!("tree {tree}\nparent {tip}\nauthor {when}\ncommitter {when}\n");
            let bytes = format!("{head}encoding UTF-8\n\n{message}");
            repo.odb()?.write(ObjectType::Commit, bytes.as_bytes()).map(|id| Some(id.to_string()))
        };
        write().map_err(|cause: git2::Error| {
            Error::failed(format!("could not put `{}` on top of `{}`", wanted.short(), tip.short()))
                .because(cause)
        })
    }

    /// Moves the branch from its tip to a child of it.
    pub(super) async fn advance(&self, tip: &Commit, new: &str) -> Result<Moved> {
        let lease = Lease::At(tip.as_str().to_owned());
        let change = RefChange { name: self.reference.clone(), lease, new: Some(new.to_owned()) };
        let how = (Together::Apart, Earnest::Real);
        let pushed = push(&self.git, &self.store, &[change], how, &Belief::Shallow).await;
        let pushed = match pushed {
            Err(error) if error.kind() == Kind::Unreachable => Pushed::unanswered(&error),
            pushed => pushed?,
        };
        // What decides is where the branch is, never how git words it.
        if pushed.accepted {
            return Ok(Moved::Ours);
        }
        match self.seen().await? {
            Some(there) if there == new => Ok(Moved::Ours),
            Some(there) if there == tip.as_str() => self.unmoved(&pushed),
            Some(_) | None => Ok(Moved::Elsewhere),
        }
    }

    fn unmoved(&self, pushed: &Pushed) -> Result<Moved> {
        match pushed.rows.get(&self.reference) {
            Some(Row::RemoteRejected(_)) => Ok(Moved::Refused(self.refused(pushed))),
            Some(Row::Rejected(_) | Row::UpToDate | Row::Done) => Ok(Moved::Elsewhere),
            Some(Row::Unanswered) | None => {
                Err(Error::unreachable(format!("`{}` did not take a push", self.shown))
                    .because(pushed.complaint.clone())
                    .hint("look whether this user or token may write there"))
            }
        }
    }

    async fn seen(&self) -> Result<Option<String>> {
        let patterns = [self.reference.as_str()];
        let listed = fetch::list(&self.git, &self.store, &self.shown, &patterns).await;
        let listed = listed.map_err(|error| {
            let cause = error.causes().into_iter().next().unwrap_or_else(|| error.to_string());
            Error::unreachable(self.unread())
                .because(cause)
                .hint(format!("try it with plain git: `git ls-remote {}`", self.shown))
        })?;
        // The pattern also fits longer names that end with it.
        Ok(listed.into_iter().find(|listed| listed.name == self.reference).map(|listed| listed.id))
    }

    fn unread(&self) -> String {
        format!("could not read `{}` of `{}`", self.reference, self.shown)
    }

    fn absent(&self) -> Error {
        let Self { shown, reference, .. } = self;
        Error::failed(format!("`{shown}` has no `{reference}`"))
            .because("lastgood makes no branch: one that is misspelt would be deployed by nobody")
            .hint(format!("make it: `git push {shown} COMMIT:{reference}`"))
    }

    fn refused(&self, pushed: &Pushed) -> Error {
        let Self { shown, reference, .. } = self;
        Error::refused("not_permitted", format!("`{shown}` refuses to move `{reference}`"))
            .because(refusal(pushed))
            .hint("where the branch is protected, let this user or token push to it")
            .hint("in GitHub Actions: `permissions: {contents: write}`")
    }
}

/// A partial clone may have a commit without its folders.
fn is_complete(clone: &UserClone) -> bool {
    let partial = |key: &str| key.ends_with(".promisor") || key == "extensions.partialclone";
    !clone.config.iter().any(|(key, _)| partial(key))
}
