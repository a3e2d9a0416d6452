//! Clean checkouts of commits, made beside the user's repository.

use async_trait::async_trait;
use tempfile::TempDir;

use super::clone::UserClone;
use super::fetch::{self, Part};
use super::objects;
use super::program::{Config, Git};
use super::remote::Remote;
use super::source::UserRepository;
use super::store::Store;
use crate::domain::names::Commit;
use crate::error::{Error, Result};
use crate::ports::Checkouts;

/// A plain tree of files: no `.git`, submodules as empty folders, large files as their pointers.
///
/// Symbolic links and executable bits are as in the commit, line ends and encodings as its
/// `.gitattributes` say; no configuration of the machine has a say in it, so no filter runs.
#[async_trait]
impl Checkouts for UserRepository {
    async fn checkout(&self, commit: &Commit) -> Result<TempDir> {
        let settings = &self.settings;
        let clone = match &settings.repository {
            Some(path) => UserClone::find(&self.git, path).await?,
            None => None,
        };
        let store = Store::create(clone.as_ref())?;
        if objects::has_commit(&store.objects(), commit) {
            match unpacked(&self.git, &store, commit).await {
                Ok(folder) => return Ok(folder),
                Err(error) => tracing::debug!("{error}: {:?}", error.causes()),
            }
        }
        let from = settings.repository.as_deref().unwrap_or(".".as_ref());
        let token = settings.token.as_ref();
        let Remote { git, shown, .. } =
            Remote::choose(&self.git, &settings.remote, from, clone.as_ref(), token)?;
        fetch::commits(&git, &store, &shown, &[commit], Part::Files).await?;
        unpacked(&self.git, &store, commit).await
    }
}

async fn unpacked(git: &Git, store: &Store, commit: &Commit) -> Result<TempDir> {
    let failed = || Error::failed(format!("could not check out `{}`", commit.short()));
    let folder = tempfile::Builder::new().prefix("lastgood-").tempdir();
    let folder = folder.map_err(|cause| failed().because(cause))?;
    let tree = format!("--work-tree={}", folder.path().display());
    let args = [&tree, "read-tree", "--reset", "-u", commit.as_str()];
    let git = git.with_config(Config::Only(plain()));
    let answer = git.on(&store.joined()?, &args).await?;
    if answer.succeeded() {
        return Ok(folder);
    }
    Err(failed().because(answer.complaint()).hint("make sure that `TMPDIR` is there and has room"))
}

/// Keeps out what the machine may say of how files are written.
fn plain() -> Vec<(String, String)> {
    let entries = [
        ("core.hooksPath", "/dev/null"),
        ("core.attributesFile", "/dev/null"),
        ("core.longpaths", "true"),
    ];
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}
