//! Where people are told of an environment that stays sick.

use async_trait::async_trait;

use crate::domain::names::Environment;
use crate::domain::ticket::TicketText;
use crate::error::Result;

/// The tickets of the platform that hosts the repository.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Returns the number of the environment's open ticket.
    async fn find(&self, env: &Environment) -> Result<Option<u64>>;

    /// Opens one.
    async fn open(&self, text: &TicketText) -> Result<()>;

    /// Writes it anew.
    async fn rewrite(&self, number: u64, text: &TicketText) -> Result<()>;

    /// Says why, and closes it.
    async fn close(&self, number: u64, text: &TicketText) -> Result<()>;
}
