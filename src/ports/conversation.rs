//! What is asked of the thread in which a comment was written.

use async_trait::async_trait;

use crate::domain::comment::{Login, Remark};
use crate::domain::permission::{Role, Team};
use crate::error::Result;

/// How a comment is reacted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It was seen.
    Seen,
    /// It was done.
    Done,
    /// It was not done, or did not end well.
    NotDone,
}

/// A thread on the platform, and the comment in it that asks for something.
#[async_trait]
pub trait Conversation: Send + Sync {
    /// Returns the comment as it is now; `None` where it is gone.
    async fn again(&self) -> Result<Option<Remark>>;

    /// Returns what the platform says that a person may do in the repository.
    async fn role(&self, person: &Login) -> Result<Role>;

    /// Returns whether a person is a member of a team.
    async fn is_in(&self, team: &Team, person: &Login) -> Result<bool>;

    /// Returns a file as the default branch has it; `None` where it has no such file.
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>>;

    /// Reacts to the comment.
    async fn react(&self, reaction: Reaction) -> Result<()>;

    /// Makes the one reply, or edits it.
    async fn reply(&self, text: &str) -> Result<()>;
}
