//! What runs that were killed left in the temporary folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How our private folders are called.
pub(super) const PREFIX: &str = "lastgood-";

/// The file in a private folder whose lock its owner holds for life.
const ALIVE: &str = "alive";

/// How old a folder without an owner must be: younger ones may not be locked yet.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// Tells other runs that a private folder is in use, until what is returned is dropped.
pub(super) fn claim(folder: &Path) -> io::Result<File> {
    let alive = File::create_new(folder.join(ALIVE))?;
    // Where no locks are known, nobody gets this one either, and the folder is never swept.
    let _ = alive.try_lock();
    Ok(alive)
}

/// Returns how many folders killed runs left there, a day ago or longer.
pub fn left_behind() -> usize {
    left_in(&std::env::temp_dir(), SystemTime::now()).len()
}

/// Removes what killed runs left there, a day ago or longer, and returns how many they were.
pub fn sweep() -> usize {
    sweep_in(&std::env::temp_dir(), SystemTime::now())
}

fn sweep_in(folder: &Path, now: SystemTime) -> usize {
    let left = left_in(folder, now);
    let gone = left.iter().filter(|(path, _owned)| fs::remove_dir_all(path).is_ok());
    gone.count()
}

/// Returns each folder that nobody owns, with its lock: nobody gets it meanwhile.
fn left_in(folder: &Path, now: SystemTime) -> Vec<(PathBuf, File)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let ours = folders.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    ours.filter_map(|entry| Some((entry.path(), unowned(&entry.path(), now)?))).collect()
}

/// Returns the lock of a folder that is old and that no living run holds.
fn unowned(folder: &Path, now: SystemTime) -> Option<File> {
    let file = folder.join(ALIVE);
    let told = fs::symlink_metadata(&file).ok().filter(fs::Metadata::is_file)?;
    let age = now.duration_since(told.modified().ok()?).ok()?;
    let alive = File::open(&file).ok().filter(|_| age >= OLD)?;
    alive.try_lock().is_ok().then_some(alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(folder: &Path, name: &str) -> (PathBuf, File) {
        let path = folder.join(format!("{PREFIX}{name}"));
        fs::create_dir_all(path.join("ledgers.git/refs")).unwrap();
        let alive = claim(&path).unwrap();
        (path, alive)
    }

    #[test]
    fn only_old_folders_of_runs_that_are_over_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let (dead, lock) = private(folder.path(), "dead");
        drop(lock);
        let (alive, _lock) = private(folder.path(), "alive");
        let kept = folder.path().join("lastgood-demo-kept");
        fs::create_dir(&kept).unwrap();
        let now = SystemTime::now();
        assert_eq!(sweep_in(folder.path(), now), 0);
        assert_eq!(sweep_in(folder.path(), now + OLD * 2), 1);
        assert!(!dead.exists() && alive.exists() && kept.exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_points_at_is_not_swept() {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, lock) = private(&folder.path().join("elsewhere"), "dead");
        drop(lock);
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("lastgood-link")).unwrap();
        assert_eq!(sweep_in(folder.path(), SystemTime::now() + OLD * 2), 0);
        assert!(elsewhere.exists());
    }
}
