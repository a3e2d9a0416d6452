//! Whether a commit is part of a branch.

use async_trait::async_trait;

use crate::domain::names::Commit;
use crate::domain::vouch::Descent;

/// A branch of the repository that holds the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Branch {
    /// The one that the repository calls its default.
    Default,
    /// The one of this name.
    Named(String),
}

/// Who knows which commits a branch holds.
#[async_trait]
pub trait Lineage: Send + Sync {
    /// Returns whether a branch holds a commit; what goes wrong is a "nobody could tell".
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent;
}
