//! What the process of a unit itself shows of its version.

use std::path::{Path, PathBuf};

/// The variable that the drop-in sets.
pub(super) const VARIABLE: &str = "LASTGOOD_VERSION";

/// What was seen of a process; nothing of it may be shown to this user.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Process {
    release: Option<String>,
    told: Option<String>,
}

impl Process {
    /// Looks at a process: where its program and its folder lie, and what it was told.
    pub(super) fn of(pid: Option<u32>, releases: &Path) -> Self {
        let Some(pid) = pid else { return Self::default() };
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let releases = releases.canonicalize().unwrap_or_else(|_| releases.to_owned());
        let link = |name: &str| std::fs::read_link(folder.join(name)).ok();
        let mut places = ["exe", "cwd"].into_iter().filter_map(link);
        let release = places.find_map(|place| below(&place, &releases));
        let variables = std::fs::read(folder.join("environ")).unwrap_or_default();
        Self { release, told: told(&variables) }
    }

    /// Returns the name of the release that it runs from.
    pub(super) fn release(&self) -> Option<&str> {
        self.release.as_deref()
    }

    /// Returns the version that it was told when it was started.
    pub(super) fn told(&self) -> Option<&str> {
        self.told.as_deref()
    }
}

/// A program that was replaced since it started is shown as deleted, and proves nothing.
fn below(place: &Path, releases: &Path) -> Option<String> {
    if place.to_string_lossy().ends_with(" (deleted)") {
        return None;
    }
    let first = place.strip_prefix(releases).ok()?.components().next()?;
    Some(first.as_os_str().to_str()?.to_owned())
}

fn told(variables: &[u8]) -> Option<String> {
    let mut all =
        variables.split(|byte| *byte == 0).filter_map(|line| std::str::from_utf8(line).ok());
    let value = all.find_map(|line| line.strip_prefix(VARIABLE)?.strip_prefix('='))?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_runs_from_the_first_folder_below_the_releases() {
        let releases = Path::new("/srv/shop/releases");
        let below = |place: &str| below(Path::new(place), releases);
        assert_eq!(below("/srv/shop/releases/1.4/bin/shop").as_deref(), Some("1.4"));
        assert_eq!(below("/srv/shop/releases/1.4").as_deref(), Some("1.4"));
        for elsewhere in ["/srv/shop/releases", "/usr/bin/sh", "/srv/shop/releases/1/x (deleted)"] {
            assert_eq!(below(elsewhere), None);
        }
    }

    #[test]
    fn what_it_was_told_is_one_variable_whole() {
        let all = b"A=1\0LASTGOOD_VERSION_X=2\0LASTGOOD_VERSION=1.4 \"a\"=b\0B=\0";
        assert_eq!(told(all).as_deref(), Some("1.4 \"a\"=b"));
        assert_eq!(told(b"A=1\0"), None);
        assert_eq!(Process::of(None, Path::new("/")), Process::default());
    }
}
