//! Which commits a branch holds, and which lie between two.

use async_trait::async_trait;

use crate::domain::moved::Between;
use crate::domain::names::Commit;
use crate::domain::vouch::Descent;
use crate::error::Result;

/// A branch of the repository that holds the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Branch {
    /// The one that the repository calls its default.
    Default,
    /// The one of this name.
    Named(String),
}

/// Who knows how commits follow each other.
#[async_trait]
pub trait Lineage: Send + Sync {
    /// Returns whether a branch holds a commit; what goes wrong is a "nobody could tell".
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent;

    /// Returns the commits that came after one up to another; `None` from whoever cannot list them.
    async fn between(&self, _after: &Commit, _upto: &Commit) -> Result<Option<Between>> {
        Ok(None)
    }
}
