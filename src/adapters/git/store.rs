//! Our own bare repositories, in a folder that goes when we go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::clone::UserClone;
use super::leftovers;
use crate::error::{Error, Result};

const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// Lets a push fetch what is missing of a commit that came through a filter.
const LAZY: &str = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\
    [extensions]\n\tpartialClone = lastgood\n[remote \"lastgood\"]\n\tpromisor = true\n";

/// Three kinds of repositories, so that none gets in another's way.
///
/// Ledgers are fetched at depth 1, which makes theirs shallow; a single commit comes through a
/// filter, which leaves its own promisor settings; a push wants the objects of all, the user's too.
pub(super) struct Store {
    /// Closed before the folder goes: some systems remove no file that is open.
    _alive: fs::File,
    folder: tempfile::TempDir,
    users: Option<(PathBuf, PathBuf)>,
}

/// What git is to believe about history during one push.
pub(super) enum Belief {
    /// History ends where the clones end.
    Shallow,
    /// The ledger's tip is a child of these commits, and none of them has parents.
    ///
    /// The remote shows the tip, so it is taken to have the commits too, and neither their trees
    /// nor their history is sent again with a tag that is put on them.
    Grafted {
        /// The ledger's tip on the remote.
        tip: String,
        /// What the tags are put on.
        commits: Vec<String>,
    },
}

impl Store {
    pub(super) fn create(clone: Option<&UserClone>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(leftovers::PREFIX).tempdir();
        let folder = folder.map_err(not_made)?;
        let alive = leftovers::claim(folder.path()).map_err(not_made)?;
        let users = clone.map(|clone| (clone.objects.clone(), clone.shallow.clone()));
        let store = Self { _alive: alive, folder, users };
        lay_out(&store.ledgers()).and_then(|()| lay_out(&store.commits())).map_err(not_made)?;
        Ok(store)
    }

    /// Returns the repository that ledgers are fetched into and built in.
    pub(super) fn ledgers(&self) -> PathBuf {
        self.folder.path().join("ledgers.git")
    }

    /// Returns the repository that single commits are fetched into.
    pub(super) fn commits(&self) -> PathBuf {
        self.folder.path().join("commits.git")
    }

    /// Returns the object folders that hold commits, the user's first.
    pub(super) fn objects(&self) -> Vec<PathBuf> {
        let users = self.users.iter().map(|(objects, _)| objects.clone());
        users.chain([self.commits().join("objects")]).collect()
    }

    /// Lays out a repository for one push.
    pub(super) fn outbox(&self, belief: &Belief) -> Result<tempfile::TempDir> {
        let make = || -> io::Result<tempfile::TempDir> {
            let outbox = tempfile::Builder::new().prefix("push-").tempdir_in(self.folder.path())?;
            lay_out(outbox.path())?;
            self.write_alternates(outbox.path())?;
            self.write_belief(outbox.path(), belief)?;
            Ok(outbox)
        };
        make().map_err(not_made)
    }

    /// Lets the ledgers' repository read all objects, the user's too, and returns it.
    pub(super) fn joined(&self) -> Result<PathBuf> {
        let repository = self.ledgers();
        borrow_from(&repository, &self.objects()).map_err(not_made)?;
        Ok(repository)
    }

    fn write_alternates(&self, outbox: &Path) -> io::Result<()> {
        let own = std::iter::once(self.ledgers().join("objects"));
        let all: Vec<PathBuf> = own.chain(self.objects()).collect();
        borrow_from(outbox, &all)
    }

    fn write_belief(&self, outbox: &Path, belief: &Belief) -> io::Result<()> {
        match belief {
            Belief::Shallow => {
                let mut ends = read_if_there(&self.ledgers().join("shallow"))?;
                ends.extend(read_if_there(&self.commits().join("shallow"))?);
                if let Some((_, shallow)) = &self.users {
                    ends.extend(read_if_there(shallow)?);
                }
                fs::write(outbox.join("shallow"), ends)?;
                fs::write(outbox.join("config"), LAZY)
            }
            Belief::Grafted { tip, commits } => {
                let parents = commits.join(" ");
                let mut grafts = format!("{tip} {parents}").trim_end().to_owned() + "\n";
                for commit in commits {
                    grafts.push_str(commit);
                    grafts.push('\n');
                }
                fs::write(outbox.join("info/grafts"), grafts)
            }
        }
    }

    /// Returns what a private ref of the ledgers' repository points at.
    pub(super) fn tip(&self, private: &str) -> Result<Option<String>> {
        let told = read_if_there(&self.ledgers().join(private)).map_err(not_made)?;
        let told = String::from_utf8_lossy(&told).trim().to_owned();
        Ok(Some(told).filter(|told| !told.is_empty()))
    }

    /// Points a private ref of the ledgers' repository at a commit.
    pub(super) fn set_tip(&self, private: &str, commit: &str) -> Result<()> {
        let file = self.ledgers().join(private);
        let write = || {
            fs::create_dir_all(file.parent().unwrap_or(&file))?;
            fs::write(&file, format!("{commit}\n"))
        };
        write().map_err(not_made)
    }

    /// Forgets a private ref of the ledgers' repository.
    pub(super) fn forget_tip(&self, private: &str) -> Result<()> {
        match fs::remove_file(self.ledgers().join(private)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(not_made(cause)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Names the object folders that a repository reads beside its own.
fn borrow_from(repository: &Path, folders: &[PathBuf]) -> io::Result<()> {
    let mut alternates = Vec::new();
    for folder in folders {
        alternates.extend_from_slice(folder.as_os_str().as_encoded_bytes());
        alternates.push(b'\n');
    }
    fs::write(repository.join("objects/info/alternates"), alternates)
}

/// By hand: it is what `git init --bare` would do, without its process, templates or defaults.
fn lay_out(folder: &Path) -> io::Result<()> {
    for sub in ["objects/info", "objects/pack", "refs/heads", "info"] {
        fs::create_dir_all(folder.join(sub))?;
    }
    fs::write(folder.join("HEAD"), "ref: refs/heads/none\n")?;
    fs::write(folder.join("config"), CONFIG)
}

fn read_if_there(file: &Path) -> io::Result<Vec<u8>> {
    match fs::read(file) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

fn not_made(cause: io::Error) -> Error {
    Error::failed("could not use a temporary folder for the ledger")
        .because(cause)
        .hint("make sure that `TMPDIR` is there and has room")
}
