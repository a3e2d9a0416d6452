//! The ledger and its tags in git, and the user's repository.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use crate::adapters::secret::Secret;
use crate::domain::names::{Commit, Environment};
use crate::domain::text;
use crate::error::Result;
use crate::ports::{
    Batch, FoundTag, Image, Ledger, Shelf, TagOrder, TagResult, TagThere, Tagger, Written,
};

mod checkout;
mod clone;
mod compare;
mod content;
pub mod driver;
mod fetch;
mod ladder;
pub mod leftovers;
mod lineage;
mod objects;
mod program;
mod push;
mod refs;
mod remote;
mod source;
mod store;
mod tagging;
mod tree;
mod unshared;
mod write;

use remote::Remote;

pub use remote::RemoteChoice;
pub use source::{UserRepository, is_in_repository, top_of};

/// The first git that is said to know no grafts any more.
const NO_GRAFTS: (u32, u32) = (3, 0);

/// How long one call of git may take when nobody says.
const PATIENCE: Duration = Duration::from_secs(120);

/// The longest name of a user that is told, in characters.
const USER: usize = 100;

/// Where the ledger lies and how it is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The user's repository, or a folder in it.
    pub repository: Option<PathBuf>,
    /// Which remote holds the ledger.
    pub remote: RemoteChoice,
    /// What proves to a web server who we are.
    pub token: Option<Secret>,
    /// What may make tags there, where the token may not.
    pub tag_token: Option<Secret>,
    /// How long one call of git may take.
    pub timeout: Duration,
    /// The git program.
    pub program: OsString,
    /// What its children's environment has beside our own.
    pub env: Vec<(OsString, OsString)>,
}

impl Settings {
    /// Returns settings for a repository and its usual remote.
    pub fn new(repository: Option<PathBuf>, remote: RemoteChoice) -> Self {
        Self {
            repository,
            remote,
            token: None,
            tag_token: None,
            timeout: PATIENCE,
            program: "git".into(),
            env: Vec::new(),
        }
    }

    fn git(&self) -> program::Git {
        program::Git::new(self.program.clone(), self.env.clone(), self.timeout)
    }
}

/// The ledger on a git remote, or in the user's repository where there is none.
pub struct GitLedger {
    git: program::Git,
    version: (u32, u32),
    clone: Option<clone::UserClone>,
    remote: remote::Remote,
    token: Option<Secret>,
    /// The remote as the tag token's owner reaches it.
    tag_remote: Option<remote::Remote>,
    tagger: Option<Arc<dyn Tagger>>,
    store: store::Store,
    fetching: tokio::sync::Mutex<()>,
    obtained: Mutex<HashMap<Commit, Obtained>>,
    last: Mutex<Option<String>>,
}

/// Whether a commit could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obtained {
    Yes,
    No,
}

impl GitLedger {
    /// Finds the remote and prepares to reach it; nothing is read from it yet.
    pub async fn connect(settings: Settings) -> Result<Self> {
        let git = settings.git();
        let looked = async {
            match &settings.repository {
                Some(path) => clone::UserClone::find(&git, path).await,
                None => Ok(None),
            }
        };
        let (version, clone) = tokio::join!(git.version(), looked);
        // An old git fails in other ways too; its age explains them.
        let (version, clone) = (version?, clone?);
        let from = settings.repository.as_deref().unwrap_or(Path::new("."));
        let token = settings.token.as_ref();
        let choose = |token: Option<&Secret>| {
            remote::Remote::choose(&git, &settings.remote, from, clone.as_ref(), token)
        };
        let remote = choose(token)?;
        let tag_token = settings.tag_token.as_ref();
        let tag_remote = tag_token.map(|token| choose(Some(token))).transpose()?;
        let store = store::Store::create(clone.as_ref())?;
        let ledger = Self::over(git, version, clone, remote, store);
        Ok(Self { token: settings.token, tag_remote, ..ledger })
    }

    /// Puts a ledger together that knows no token.
    fn over(
        git: program::Git,
        version: (u32, u32),
        clone: Option<clone::UserClone>,
        remote: Remote,
        store: store::Store,
    ) -> Self {
        let (fetching, obtained, last) = Default::default();
        let (token, tag_remote, tagger) = (None, None, None);
        Self {
            git,
            version,
            clone,
            remote,
            token,
            tag_remote,
            tagger,
            store,
            fetching,
            obtained,
            last,
        }
    }

    /// Gives another way to make tags.
    #[must_use]
    pub fn with_tagger(self, tagger: Arc<dyn Tagger>) -> Self {
        Self { tagger: Some(tagger), ..self }
    }

    /// Returns whether the remote is this repository (`owner/name`) of this host.
    pub fn is_at(&self, host: &str, repository: &str) -> bool {
        remote::leads_to(&self.remote.shown, host, repository)
    }

    /// Returns where results that could not be written may wait: a folder that git takes no notice of.
    pub fn private_folder(&self) -> Option<PathBuf> {
        self.clone.as_ref().map(|clone| clone.common.join("lastgood"))
    }

    /// Returns git's `user.name` as the user's repository has it, fit to be shown.
    pub fn user(&self) -> Option<String> {
        let name = text::clean(self.clone.as_ref()?.value("user.name")?.trim(), USER);
        Some(name).filter(|name| !name.is_empty())
    }

    /// Fetches a ledger, and returns its newest commit; `None` where there is no ref.
    async fn fetch(&self, reference: &str) -> Result<Option<String>> {
        let _alone = self.fetching.lock().await;
        let Remote { git, shown, .. } = &self.remote;
        fetch::ledger(git, &self.store, shown, reference).await
    }

    /// Makes sure of a commit: the user's clone has it, or the remote gives it.
    async fn obtain(&self, commit: &Commit) -> bool {
        let known = self.obtained.lock().ok().and_then(|known| known.get(commit).copied());
        if let Some(known) = known {
            return known == Obtained::Yes;
        }
        let mut here = objects::has_commit(&self.store.objects(), commit);
        if !here {
            let _alone = self.fetching.lock().await;
            here = fetch::commit(&self.remote.git, &self.store, commit).await
                && objects::has_commit(&self.store.objects(), commit);
        }
        let obtained = if here { Obtained::Yes } else { Obtained::No };
        if let Ok(mut known) = self.obtained.lock() {
            known.insert(commit.clone(), obtained);
        }
        here
    }

    /// Returns whether a commit is in the user's clone, with its tree.
    fn is_whole(&self, commit: &str) -> bool {
        let objects = self.clone.as_ref().map(|clone| clone.objects.clone());
        let commit = Commit::new(commit);
        commit.is_ok_and(|commit| objects::has_commit(objects.as_slice(), &commit))
    }

    /// Returns a commit that the remote shows and that is here too.
    async fn shown_tip(&self) -> Result<Option<String>> {
        let last = self.last.lock().ok().and_then(|last| last.clone());
        match last {
            Some(reference) => self.fetch(&reference).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Ledger for GitLedger {
    async fn read(&self, env: &Environment, which: Shelf) -> Result<Image> {
        let reference = refs::ledger(env, which);
        let revision = self.fetch(&reference).await?;
        let mut lines = match &revision {
            Some(commit) => objects::lines(&self.store.ledgers(), commit)?,
            None => Vec::new(),
        };
        if let Some(unshared) = self.unshared(env, which).await? {
            lines.extend(unshared.lines);
        }
        if let Ok(mut last) = self.last.lock() {
            *last = Some(reference);
        }
        Ok(Image { revision, lines })
    }

    async fn write(
        &self,
        env: &Environment,
        which: Shelf,
        image: &Image,
        batch: &Batch,
    ) -> Result<Written> {
        if batch.add.is_empty() && batch.remove.is_empty() {
            return self.tag(&batch.tags).await.map(Written::Accepted);
        }
        self.swap(env, which, image, batch).await
    }

    async fn tag(&self, orders: &[TagOrder]) -> Result<Vec<(String, TagResult)>> {
        let tags = self.ordered(orders).await?;
        let tip = self.shown_tip().await?;
        self.push_tags(&tags, tip.as_deref()).await
    }

    async fn environments(&self) -> Result<Vec<Environment>> {
        let folder = refs::folder(Shelf::Live);
        let pattern = format!("{folder}/*");
        let Remote { git, shown, .. } = &self.remote;
        let listed = fetch::list(git, &self.store, shown, &[&pattern]).await?;
        let name = |listed: &fetch::Listed| {
            let component = listed.name.strip_prefix(folder)?.strip_prefix('/')?;
            Environment::from_ref_component(component)
        };
        Ok(listed.iter().filter_map(name).collect())
    }

    async fn tags(&self, prefix: &str) -> Result<Vec<FoundTag>> {
        let Remote { git, shown, .. } = &self.remote;
        fetch::tags(git, &self.store, shown, &[prefix]).await
    }

    async fn compare(&self, orders: &[TagOrder]) -> Result<Vec<TagThere>> {
        self.compared(orders).await
    }

    fn location(&self) -> String {
        self.remote.shown.clone()
    }
}

#[cfg(test)]
mod tests;
