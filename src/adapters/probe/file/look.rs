//! One look at a file, and what it came to.

use std::fs::{self, Metadata};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::content::{self, NoContent};
use super::written::Sort;
use super::{ExpectVersion, Settings};
use crate::adapters::probe::identity::Identity;
use crate::domain::check::Measurement;
use crate::domain::duration::Span;
use crate::domain::version::Version;

/// What is looked at, and where it lies.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) settings: Settings,
    pub(super) path: PathBuf,
}

/// What speaks against a file: the measurement that says so.
type Held = Result<(), Box<Measurement>>;

fn fail(message: impl Into<String>) -> Box<Measurement> {
    Box::new(Measurement::fail(message))
}

fn differs(what: &str, value: &str, limit: &str) -> Box<Measurement> {
    let message = format!("its {what} is {value}, not {limit}");
    Box::new(Measurement::fail(message).judged(value, limit))
}

impl Look {
    /// Looks, and says what was found.
    pub(super) fn measurement(&self, expected: Option<&Version>) -> Measurement {
        let settings = &self.settings;
        let found = match settings.sort {
            Some(Sort::Link) => fs::symlink_metadata(&self.path),
            Some(Sort::File | Sort::Folder) | None => fs::metadata(&self.path),
        };
        match found {
            Ok(found) if settings.absent => {
                Measurement::fail(format!("it is there, a {}", sort_of(&found)))
            }
            Ok(found) => self.held(&found, expected),
            Err(cause) => match (cause.kind(), settings.absent) {
                (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory, true) => {
                    Measurement::pass("it is not there")
                }
                (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory, false) => {
                    Measurement::fail("it is not there")
                }
                _ => Measurement::error(format!("it cannot be looked at: {cause}")),
            },
        }
    }

    fn held(&self, found: &Metadata, expected: Option<&Version>) -> Measurement {
        let held = self
            .is_of_sort(found)
            .and_then(|()| self.is_of_size(found))
            .and_then(|()| self.is_young(found))
            .and_then(|()| self.is_owned(found))
            .and_then(|()| self.has_digest());
        match held.and_then(|()| self.has_content(expected)) {
            Err(instead) => *instead,
            Ok(identity) => {
                let (sort, size) = (sort_of(found), found.len());
                let message = match sort {
                    "file" => format!("a file of {size} bytes"),
                    other => format!("a {other}"),
                };
                Measurement::pass(message).answered_by(identity.answered)
            }
        }
    }

    fn is_of_sort(&self, found: &Metadata) -> Held {
        let (is, wanted) = (sort_of(found), self.settings.sort);
        match wanted.map(|wanted| wanted.to_string()) {
            Some(wanted) if wanted != is => Err(fail(format!("it is a {is}, not a {wanted}"))),
            Some(_) | None => Ok(()),
        }
    }

    fn is_of_size(&self, found: &Metadata) -> Held {
        let Settings { min_bytes, max_bytes, .. } = &self.settings;
        let size = found.len();
        let below = min_bytes.filter(|least| size < *least);
        let above = max_bytes.filter(|most| size > *most);
        let (words, limit) = match (below, above) {
            (Some(least), _) => ("fewer than", least),
            (None, Some(most)) => ("more than", most),
            (None, None) => return Ok(()),
        };
        let message = format!("it has {size} bytes, {words} {limit}");
        Err(Box::new(Measurement::fail(message).judged(&size.to_string(), &limit.to_string())))
    }

    fn is_young(&self, found: &Metadata) -> Held {
        let Some(most) = self.settings.max_age else { return Ok(()) };
        let changed = found.modified().map_err(|cause| {
            Box::new(Measurement::error(format!("its age cannot be told: {cause}")))
        })?;
        // What was changed in the future is as young as can be.
        let age = SystemTime::now().duration_since(changed).unwrap_or(Duration::ZERO);
        if age <= most.get() {
            return Ok(());
        }
        let (age, most) = (Span::from(Duration::from_secs(age.as_secs())), most.to_string());
        let message = format!("it was changed {age} ago, longer than {most}");
        Err(Box::new(Measurement::fail(message).judged(&age.to_string(), &most)))
    }

    #[cfg(unix)]
    fn is_owned(&self, found: &Metadata) -> Held {
        use std::os::unix::fs::MetadataExt;

        use super::owner::{GROUPS, USERS, name, number};

        let Settings { mode, owner, group, .. } = &self.settings;
        let is = found.mode() & 0o7777;
        if let Some(mode) = mode.filter(|mode| mode.0 != is) {
            return Err(differs("mode", &format!("{is:04o}"), &mode.to_string()));
        }
        let rows = [("owner", owner, USERS, found.uid()), ("group", group, GROUPS, found.gid())];
        for (what, wanted, list, is) in rows {
            let Some(wanted) = wanted else { continue };
            let number = number(wanted, list).map_err(|why| Box::new(Measurement::error(why)))?;
            if number != is {
                return Err(differs(what, &name(is, list), wanted));
            }
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn is_owned(&self, _: &Metadata) -> Held {
        Ok(())
    }

    fn has_digest(&self) -> Held {
        let Some(wanted) = &self.settings.sha256 else { return Ok(()) };
        let digest = content::digest(&self.path).map_err(told)?;
        if digest == wanted.0 { Ok(()) } else { Err(differs("sha256", &digest, &wanted.0)) }
    }

    fn has_content(&self, expected: Option<&Version>) -> Result<Identity, Box<Measurement>> {
        let settings = &self.settings;
        if !settings.reads_content() {
            return Ok(Identity::unasked());
        }
        let content = content::read(&self.path).map_err(told)?;
        let identity = match &settings.expect_version {
            None => Identity::unasked(),
            Some(ExpectVersion::Regexp(pattern)) => {
                Identity::of(pattern.find(&content).as_deref(), expected)
            }
        };
        if let Some(complaint) = &identity.complaint {
            let failed = Measurement::fail(complaint).answered_by(identity.answered);
            return Err(Box::new(failed));
        }
        let missed = settings.contains.iter().find(|pattern| !pattern.matches(&content));
        if let Some(pattern) = missed {
            return Err(fail(format!("it does not contain `{}`", pattern.as_str())));
        }
        match settings.lacks.iter().find(|pattern| pattern.matches(&content)) {
            Some(pattern) => Err(fail(format!("it contains `{}`", pattern.as_str()))),
            None => Ok(identity),
        }
    }
}

fn told(why: NoContent) -> Box<Measurement> {
    Box::new(match why {
        NoContent::Above(most) => {
            Measurement::fail(format!("it has more than {most} bytes, too many to look at"))
        }
        NoContent::NoFile => Measurement::fail("it is no file, and has no content"),
        NoContent::Io(cause) if cause.kind() == io::ErrorKind::NotFound => {
            Measurement::fail("it is not there any more")
        }
        NoContent::Io(cause) => Measurement::error(format!("it cannot be read: {cause}")),
    })
}

fn sort_of(found: &Metadata) -> &'static str {
    let kind = found.file_type();
    match (kind.is_file(), kind.is_dir(), kind.is_symlink()) {
        (true, ..) => "file",
        (_, true, _) => "folder",
        (.., true) => "link",
        _ => "device, pipe or socket",
    }
}
