//! Changes the file that nginx includes, such that an interruption shows.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::hold;
use super::workers::Worker;
use crate::domain::text;
use crate::error::{Error, Result};

/// The file that nginx includes.
#[derive(Debug, Clone)]
pub(super) struct Include {
    file: PathBuf,
}

/// The right to change it, which one process has at a time.
#[derive(Debug)]
pub(super) struct Hold {
    file: PathBuf,
    _folder: File,
}

/// A change that was begun, and not seen to be loaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// The workers that served then.
    workers: Vec<Worker>,
    /// What the file held before.
    pub(super) before: String,
}

impl Unfinished {
    /// Returns whether a worker from before it still serves, so that what was before it still counts.
    pub(super) fn is_unread(&self, serving: &[Worker]) -> bool {
        serving.iter().any(|worker| self.workers.contains(worker))
    }
}

impl Include {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// Returns what it holds.
    pub(super) fn text(&self) -> Result<String> {
        std::fs::read_to_string(&self.file).map_err(|cause| {
            let error = self.failed("read", cause.to_string());
            match cause.kind() {
                ErrorKind::NotFound => error.hint("write it first: an `upstream` with the servers of both slots, and an `include` of it in nginx"),
                _ => error,
            }
        })
    }

    /// Returns the change that nobody has ended, where there is one.
    pub(super) fn unfinished(&self) -> Result<Option<Unfinished>> {
        let note = note(&self.target()?);
        match std::fs::read_to_string(&note) {
            Ok(text) => Ok(Some(parse(&text))),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.failed("read the note beside", cause.to_string())),
        }
    }

    /// Waits for the right to change it.
    pub(super) async fn hold(&self, limit: Duration) -> Result<Hold> {
        let file = self.target()?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        match hold::folder(folder, limit).await {
            Ok(folder) => Ok(Hold { file, _folder: folder }),
            Err(cause) => Err(self.failed("hold", cause.to_string())),
        }
    }

    /// A link stays one: what it points to is changed.
    fn target(&self) -> Result<PathBuf> {
        self.file.canonicalize().map_err(|cause| self.failed("find", cause.to_string()))
    }

    fn failed(&self, what: &str, why: String) -> Error {
        Error::failed(format!("could not {what} `{self}`")).because(why)
    }
}

impl fmt::Display for Include {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text::clean(&self.file.to_string_lossy(), 300))
    }
}

impl Hold {
    /// Writes the new text; beside it first what was before, and who runs on that.
    pub(super) fn change(&self, text: &str, before: &str, serving: &[Worker]) -> Result<()> {
        let workers: Vec<String> = serving.iter().map(ToString::to_string).collect();
        let note_text = format!("{MARK}{}\n{before}", workers.join(" "));
        self.write(&note(&self.file), &note_text)?;
        self.write(&self.file, text)
    }

    /// Notes that the new text is what runs.
    pub(super) fn over(&self) -> Result<()> {
        std::fs::remove_file(note(&self.file)).map_err(|cause| self.failed(&cause))
    }

    /// Writes what was before.
    pub(super) fn put_back(&self, before: &str) -> Result<()> {
        self.write(&self.file, before)?;
        self.over()
    }

    /// Writes a file such that nobody ever reads half of it.
    fn write(&self, file: &Path, text: &str) -> Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("/"));
        let written = || {
            let mut new = tempfile::Builder::new().prefix(".lastgood-").tempfile_in(folder)?;
            new.write_all(text.as_bytes())?;
            new.as_file().set_permissions(std::fs::metadata(&self.file)?.permissions())?;
            new.as_file().sync_all()?;
            new.persist(file).map_err(|error| error.error)?;
            Ok(())
        };
        written().map_err(|cause: std::io::Error| self.failed(&cause))
    }

    fn failed(&self, cause: &std::io::Error) -> Error {
        let file = text::clean(&self.file.to_string_lossy(), 300);
        Error::failed(format!("could not write `{file}`"))
            .because(cause.to_string())
            .hint("lastgood needs the right to write in that folder")
    }
}

/// How the note begins.
const MARK: &str = "# lastgood: not seen to be loaded; before it ran workers ";

/// A name with a dot in front is not found by `include conf.d/*`.
fn note(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.lastgood"))
}

fn parse(note: &str) -> Unfinished {
    let (first, before) = note.split_once('\n').unwrap_or((note, ""));
    let workers = first.strip_prefix(MARK).unwrap_or_default().split_whitespace();
    let workers = workers.filter_map(|worker| worker.parse().ok()).collect();
    Unfinished { workers, before: before.to_owned() }
}
