//! What the user's repository tells about itself; it is only ever read.

use std::path::{Path, PathBuf};

use super::program::{Answer, Git};
use super::refs;
use crate::error::{Error, Result};

/// A clone of the user's, as the git program found it.
#[derive(Debug, Clone)]
pub(super) struct UserClone {
    /// What all its worktrees share.
    pub(super) common: PathBuf,
    /// Where its objects lie.
    pub(super) objects: PathBuf,
    /// Lists the commits where a shallow clone ends; there is no such file in a full one.
    pub(super) shallow: PathBuf,
    /// What relative URLs of its configuration start from.
    pub(super) top: PathBuf,
    /// The refs that mark ledgers written while there was no remote.
    pub(super) unshared: Vec<String>,
    /// All its configuration, included files too, in order.
    pub(super) config: Vec<(String, String)>,
}

impl UserClone {
    /// Looks at the repository that `path` is in; `None` where it is in none.
    pub(super) async fn find(git: &Git, path: &Path) -> Result<Option<Self>> {
        let glob = format!("--glob={}/*", refs::UNSHARED);
        let asked = [
            "rev-parse",
            "--path-format=absolute",
            "--git-common-dir",
            "--git-path",
            "objects",
            "--git-path",
            "shallow",
            "--show-object-format",
            "--show-cdup",
            "--symbolic-full-name",
            &glob,
        ];
        let config = ["config", "--list", "--includes", "-z"];
        let (told, config) = tokio::join!(git.at(path, &asked), git.at(path, &config));
        let told = told?;
        if !told.succeeded() {
            return not_found(&told, path);
        }
        let config = config?;
        if !config.succeeded() {
            return Err(Error::failed(format!(
                "could not read the git configuration of `{}`",
                path.display()
            ))
            .because(config.complaint()));
        }
        Self::read(path, told.stdout_bytes(), config.stdout_bytes()).map(Some)
    }

    fn read(path: &Path, told: &[u8], config: &[u8]) -> Result<Self> {
        let mut lines = told.split(|&byte| byte == b'\n');
        let mut next = || lines.next().filter(|line| !line.is_empty()).unwrap_or_default();
        let (common, objects, shallow) = (path_of(next()), path_of(next()), path_of(next()));
        let format = String::from_utf8_lossy(next()).into_owned();
        if format != "sha1" {
            let what = format!("`{}` names its objects by {format}", path.display());
            let why = "lastgood keeps ledgers in repositories that name them by sha1";
            return Err(Error::invalid(what)
                .because(why)
                .hint("name a remote with `--remote URL`"));
        }
        let (marks, rest): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with(b"refs/"));
        // A bare repository has no way up to its top: not even an empty line.
        let top = match rest.as_slice() {
            [up, _, ..] => path.join(path_of(up)),
            _ => common.clone(),
        };
        let unshared = marks.iter().map(|name| String::from_utf8_lossy(name).into_owned());
        let config = entries(config);
        Ok(Self { common, objects, shallow, top, unshared: unshared.collect(), config })
    }

    /// Returns the last value of a configuration key.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.config.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Returns the names of its remotes, in order.
    pub(super) fn remotes(&self) -> Vec<&str> {
        let mut remotes: Vec<&str> = Vec::new();
        for (key, _) in &self.config {
            let name = key.strip_prefix("remote.").and_then(|key| key.strip_suffix(".url"));
            if let Some(name) = name.filter(|name| !remotes.contains(name)) {
                remotes.push(name);
            }
        }
        remotes
    }
}

fn not_found(told: &Answer, path: &Path) -> Result<Option<UserClone>> {
    let complaint = told.complaint();
    if complaint.contains("not a git repository") {
        return Ok(None);
    }
    let error = Error::failed(format!("git would not open `{}`", path.display()));
    let owner = complaint.contains("dubious ownership");
    let trust = format!("git config --global --add safe.directory '{}'", path.display());
    Err(if owner { error.hint(trust) } else { error }.because(complaint))
}

fn entries(told: &[u8]) -> Vec<(String, String)> {
    let told = String::from_utf8_lossy(told);
    let one = |entry: &str| match entry.split_once('\n') {
        Some((key, value)) => (key.to_owned(), value.to_owned()),
        // A key alone means yes, and the environment has no such form.
        None => (entry.to_owned(), "true".to_owned()),
    };
    told.split('\0').filter(|entry| !entry.is_empty()).map(one).collect()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
