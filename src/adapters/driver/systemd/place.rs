//! The folders, the link and the drop-in on disk.

use std::io;
use std::path::{Path, PathBuf};

use super::Settings;
use super::process::VARIABLE;
use crate::domain::text;

/// Where the releases and the link to one of them lie.
pub(super) struct Place {
    releases: PathBuf,
    current: PathBuf,
    drop_in: Option<PathBuf>,
}

/// Whether a link had to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Linked {
    /// It led there before.
    Same,
    /// It leads there now.
    Anew,
}

/// Whether a file had to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// It said so before.
    Same,
    /// It says so now.
    Anew,
}

impl Place {
    pub(super) fn new(settings: &Settings, folder: &Path) -> Self {
        // A link that was made from a relative path would lead somewhere else.
        let whole = |path: &Path| {
            let path = folder.join(path);
            std::path::absolute(&path).unwrap_or(path)
        };
        let releases = whole(&settings.releases);
        let beside = || releases.parent().unwrap_or(&releases).join("current");
        let current = settings.current.as_deref().map_or_else(beside, whole);
        Self { current, drop_in: settings.drop_in.as_deref().map(whole), releases }
    }

    pub(super) fn releases(&self) -> &Path {
        &self.releases
    }

    pub(super) fn drop_in(&self) -> Option<PathBuf> {
        self.drop_in.clone()
    }

    /// Returns the folder of a release, which is there.
    pub(super) fn release(&self, name: &str) -> Result<PathBuf, String> {
        let release = self.releases.join(name);
        if release.is_dir() {
            Ok(release)
        } else {
            Err(format!("there is no folder `{}`", shown(&release)))
        }
    }

    /// Returns the name of the release that the link leads to; all of the path where it leads elsewhere.
    pub(super) fn linked(&self) -> Option<String> {
        let target = self.target()?;
        let inside = target.parent() == Some(&self.releases);
        let name = target.file_name().filter(|_| inside).and_then(|name| name.to_str());
        Some(name.map_or_else(|| target.to_string_lossy().into_owned(), str::to_owned))
    }

    /// Leads the link to a release in one step: at every moment it leads to one or the other.
    pub(super) fn switch(&self, release: &Path) -> Result<Linked, String> {
        if self.target().as_deref() == Some(release) {
            return Ok(Linked::Same);
        }
        let (current, next) = (&self.current, self.next());
        if current.symlink_metadata().is_ok_and(|there| !there.is_symlink()) {
            return Err(format!("`{}` is in the way: it is no symbolic link", shown(current)));
        }
        let made = gone(&next).and_then(|()| symlink(release, &next));
        let moved = made.and_then(|()| std::fs::rename(&next, current));
        moved.map_err(|cause| format!("`{}` could not be switched: {cause}", shown(current)))?;
        Ok(Linked::Anew)
    }

    /// Writes the version into the drop-in, whole or not at all.
    pub(super) fn tell(&self, version: &str) -> Result<Written, String> {
        let Some(file) = &self.drop_in else { return Ok(Written::Same) };
        let wanted = drop_in(version);
        if std::fs::read_to_string(file).is_ok_and(|there| there == wanted) {
            return Ok(Written::Same);
        }
        let written = write(file, &wanted);
        written.map_err(|cause| format!("`{}` could not be written: {cause}", shown(file)))?;
        Ok(Written::Anew)
    }

    /// Returns what a shell would do to switch.
    pub(super) fn switched(&self, name: &str) -> String {
        let paths = [&self.releases.join(name), &self.next(), &self.current];
        let [release, next, current] = paths.map(|path| path.to_string_lossy().into_owned());
        let link = shell_words::join(["ln", "-sfn", &release, &next]);
        format!("{link} && {}", shell_words::join(["mv", "-T", &next, &current]))
    }

    /// Returns what is written into the drop-in.
    pub(super) fn told(&self, version: &str) -> Option<String> {
        let file = self.drop_in.as_ref()?;
        Some(format!("write to {}: {}", shown(file), setting(version)))
    }

    /// Remembers that the unit started with the machine before it was stopped.
    pub(super) fn remember_enabled(&self) -> Result<(), String> {
        let file = self.enabled();
        let written = write(&file, "lastgood stopped this unit, and enables it again.\n");
        written.map_err(|cause| format!("`{}` could not be written: {cause}", shown(&file)))
    }

    /// Returns whether that is remembered.
    pub(super) fn was_enabled(&self) -> bool {
        self.enabled().exists()
    }

    /// Forgets it again.
    pub(super) fn forget_enabled(&self) -> Result<(), String> {
        let file = self.enabled();
        gone(&file).map_err(|cause| format!("`{}` could not be removed: {cause}", shown(&file)))
    }

    fn target(&self) -> Option<PathBuf> {
        let target = std::fs::read_link(&self.current).ok()?;
        // A relative one is read from where the link lies.
        Some(self.current.parent().unwrap_or(Path::new("/")).join(target))
    }

    fn next(&self) -> PathBuf {
        let name = self.current.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.current.with_file_name(format!(".{name}.lastgood"))
    }

    fn enabled(&self) -> PathBuf {
        let name = self.current.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.current.with_file_name(format!(".{name}.lastgood-enabled"))
    }
}

fn drop_in(version: &str) -> String {
    format!("# Kept by lastgood.\n[Service]\n{}\n", setting(version))
}

/// In quotes nothing but these three has a meaning for systemd.
fn setting(version: &str) -> String {
    let version = version.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("Environment=\"{VARIABLE}={version}\"")
}

fn write(file: &Path, content: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new();
    readable(&mut new);
    let mut new = new.prefix(".lastgood-").tempfile_in(folder)?;
    io::Write::write_all(&mut new, content.as_bytes())?;
    new.persist(file)?;
    Ok(())
}

fn gone(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Who asks systemd for a unit's files reads them too.
#[cfg(unix)]
fn readable(new: &mut tempfile::Builder<'_, '_>) {
    let all = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
    new.permissions(all);
}

#[cfg(not(unix))]
fn readable(_: &mut tempfile::Builder<'_, '_>) {}

fn shown(path: &Path) -> String {
    text::clean(&path.to_string_lossy(), usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path) -> Place {
        for release in ["1.0", "2.0"] {
            std::fs::create_dir_all(folder.join("releases").join(release)).unwrap();
        }
        let settings = r#"{"unit": "shop", "releases": "releases", "drop_in": "shop.d/a.conf"}"#;
        Place::new(&serde_json::from_str(settings).unwrap(), folder)
    }

    #[test]
    fn the_link_is_never_missing_while_it_is_switched() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let to = |name: &str| place.switch(&place.release(name).unwrap()).unwrap();
        assert_eq!(place.linked(), None);
        assert_eq!((to("1.0"), to("1.0")), (Linked::Anew, Linked::Same));
        let current = folder.path().join("current");
        let missing = std::thread::scope(|scope| {
            let switching = scope.spawn(|| {
                for _ in 0..500 {
                    to("2.0");
                    to("1.0");
                }
            });
            let mut missing = 0;
            while !switching.is_finished() {
                missing += u32::from(std::fs::read_dir(&current).is_err());
            }
            missing
        });
        assert_eq!(missing, 0);
        assert_eq!(place.linked().as_deref(), Some("1.0"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_a_killed_run_left_is_no_obstacle_and_a_real_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        symlink(Path::new("/nowhere"), &folder.path().join(".current.lastgood")).unwrap();
        let release = place.release("1.0").unwrap();
        assert_eq!(place.switch(&release), Ok(Linked::Anew));
        std::fs::remove_file(folder.path().join("current")).unwrap();
        std::fs::create_dir(folder.path().join("current")).unwrap();
        let refused = place.switch(&release).unwrap_err();
        assert!(refused.ends_with("is in the way: it is no symbolic link"), "{refused}");
    }

    #[test]
    fn a_link_that_leads_elsewhere_or_is_relative_is_told_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let current = folder.path().join("current");
        symlink(Path::new("releases/2.0"), &current).unwrap();
        assert_eq!(place.linked().as_deref(), Some("2.0"));
        std::fs::remove_file(&current).unwrap();
        symlink(Path::new("/opt/shop"), &current).unwrap();
        assert_eq!(place.linked().as_deref(), Some("/opt/shop"));
    }

    #[test]
    fn a_drop_in_holds_the_version_as_text_and_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let version = r#"1.0 "100%" \n $HOME"#;
        assert_eq!(place.tell(version), Ok(Written::Anew));
        assert_eq!(place.tell(version), Ok(Written::Same));
        let text = std::fs::read_to_string(folder.path().join("shop.d/a.conf")).unwrap();
        let expected = "# Kept by lastgood.\n[Service]\n\
                        Environment=\"LASTGOOD_VERSION=1.0 \\\"100%%\\\" \\\\n $HOME\"\n";
        assert_eq!(text, expected);
    }
}
