//! What a workflow is told: outputs, summary, annotations.

mod annotations;
mod commands;
mod markdown;
mod moved;
mod outputs;
mod reply;
mod summary;
mod ticket;
mod timeline;

pub use annotations::annotations;
pub use commands::guard;
pub use outputs::{dotenv, outputs, write_outputs};
pub use reply::Thread;
pub use summary::{Besides, summary};
pub use ticket::ticket;

use crate::domain::outcome::Outcome;
use crate::error::Error;

/// What a command ended with: an outcome, or what broke.
pub type Ended<'a> = std::result::Result<&'a Outcome, &'a Error>;

#[cfg(test)]
mod tests;
