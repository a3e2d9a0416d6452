//! Makes and finds the objects that a ledger's push is made of.

use std::path::{Path, PathBuf};

use git2::{ObjectType, Odb, Oid, Repository};
use jiff::Timestamp;

use super::tree::{self, Changes};
use crate::domain::names::Commit;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::ports::{FoundLine, TagOrder};

/// Whose name all that lastgood writes bears: the people are in the events.
pub(super) const WRITER: &str = "lastgood <lastgood@localhost>";

/// The longest subject of a ledger's commit.
const SUBJECT: usize = 200;

/// Returns every line of the ledger that a commit holds.
pub(super) fn lines(ledgers: &Path, commit: &str) -> Result<Vec<FoundLine>> {
    let read = || {
        let repo = Repository::open_bare(ledgers)?;
        let tree = repo.find_commit(Oid::from_str(commit)?)?.tree_id();
        tree::lines(&repo, tree)
    };
    read().map_err(|cause| Error::failed("could not read the fetched ledger").because(cause))
}

/// Writes the commit that changes a ledger, and returns its id.
pub(super) fn commit(
    ledgers: &Path,
    parent: Option<&str>,
    changes: &Changes,
    summary: &str,
) -> Result<String> {
    let write = || {
        let repo = Repository::open_bare(ledgers)?;
        let old = match parent {
            Some(parent) => Some(repo.find_commit(Oid::from_str(parent)?)?.tree_id()),
            None => None,
        };
        let tree = tree::rewritten(&repo, old, changes)?;
        let parent = parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
        let when = format!("{WRITER} {} +0000", Timestamp::now().as_second());
        let subject = text::clean(summary, SUBJECT);
        let bytes = format!("tree {tree}\n{parent}author {when}\ncommitter {when}\n\n{subject}\n");
        repo.odb()?.write(ObjectType::Commit, bytes.as_bytes()).map(|id| id.to_string())
    };
    write().map_err(not_written)
}

/// Writes a tag object; the same order always gives the same one.
pub(super) fn tag(
    ledgers: &Path,
    name: &str,
    target: &Commit,
    message: &str,
    at: Timestamp,
) -> Result<String> {
    let when = at.as_second().max(0);
    let message = message.trim_end_matches('\n');
    let bytes = format!(
        "object {target}\ntype commit\ntag {name}\ntagger {WRITER} {when} +0000\n\n{message}\n"
    );
    let write = || {
        let repo = Repository::open_bare(ledgers)?;
        repo.odb()?.write(ObjectType::Tag, bytes.as_bytes()).map(|id| id.to_string())
    };
    write().map_err(not_written)
}

/// Writes the tag object of an order that creates one.
pub(super) fn tag_of(ledgers: &Path, order: &TagOrder) -> Result<Option<String>> {
    match order {
        TagOrder::Create { name, target, message, at } => {
            tag(ledgers, name, target, message, *at).map(Some)
        }
        TagOrder::Remove { .. } => Ok(None),
    }
}

/// Returns whether one of these object folders holds the commit.
pub(super) fn has_commit(folders: &[PathBuf], commit: &Commit) -> bool {
    let look = || {
        let odb = Odb::new()?;
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            if let Some(folder) = folder.to_str() {
                odb.add_disk_alternate(folder)?;
            }
        }
        odb.read_header(Oid::from_str(commit.as_str())?)
    };
    look().is_ok_and(|(_, kind)| kind == ObjectType::Commit)
}

/// Returns the object id of the blob that marks an environment's anchor.
pub(super) fn blob_id(bytes: &str) -> Result<String> {
    Oid::hash_object(ObjectType::Blob, bytes.as_bytes())
        .map(|id| id.to_string())
        .map_err(not_written)
}

fn not_written(cause: git2::Error) -> Error {
    Error::failed("could not write the ledger's objects")
        .because(cause)
        .hint("make sure that `TMPDIR` is there and has room")
}
