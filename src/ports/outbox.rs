//! Where a finished act waits to be written down.

use crate::error::Result;

/// Where a finished act waits that could not be written down.
pub trait Outbox: Send + Sync {
    /// Keeps a text under a name and returns where it lies.
    fn save(&self, name: &str, text: &str) -> Result<String>;

    /// Returns all that waits, by name.
    fn waiting(&self) -> Result<Vec<(String, String)>>;

    /// Forgets what has been written down since.
    fn remove(&self, name: &str) -> Result<()>;
}
