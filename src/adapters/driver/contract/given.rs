//! What a driver is given, as its tests need it.

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tempfile::TempDir;
use ulid::Ulid;

use crate::adapters::driver::Surroundings;
use crate::domain::ids::OperationId;
use crate::domain::names::{Commit, Environment, Service};
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::{Action, Checkouts, Drive};

/// Nobody is given a checkout here.
struct NoCheckouts;

#[async_trait]
impl Checkouts for NoCheckouts {
    async fn checkout(&self, _: &Commit) -> Result<TempDir> {
        Err(Error::failed("nothing is checked out here"))
    }
}

/// What a driver's programs have written.
pub(crate) type Lines = Arc<Mutex<Vec<String>>>;

/// Returns the surroundings of a driver in a folder, to whose output nobody listens.
pub(crate) fn around(folder: &Path) -> Surroundings {
    telling(folder, &Lines::default())
}

/// Returns the surroundings of a driver in a folder, whose output is kept.
pub(crate) fn telling(folder: &Path, lines: &Lines) -> Surroundings {
    let lines = lines.clone();
    Surroundings {
        folder: folder.to_owned(),
        withheld: Vec::new(),
        checkouts: Arc::new(NoCheckouts),
        sink: Arc::new(move |line| lines.lock().unwrap().push(line.to_owned())),
    }
}

/// Returns the way of a service from one version to another.
pub(crate) fn drive(service: &str, to: Version, from: Option<Version>) -> Drive {
    Drive {
        action: Action::Rollback,
        environment: Environment::new("production").unwrap(),
        service: Service::new(service).unwrap(),
        slot: None,
        operation: OperationId(Ulid::nil()),
        deployment: 7,
        to,
        from,
    }
}

/// Returns the way of `web` between versions that have nothing but their names.
pub(crate) fn named(to: &str, from: Option<&str>) -> Drive {
    drive("web", Version::named(to), from.map(Version::named))
}

/// Returns a version of an image.
pub(crate) fn version(name: &str, image: Option<&str>) -> Version {
    Version { image: image.map(str::to_owned), ..Version::named(name) }
}
