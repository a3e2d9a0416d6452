//! What comments say, and to whom they are said.

use jiff::Timestamp;

use super::ids::OperationId;
use super::names::{Environment, Service, TargetName};
use super::permission::Deed;

mod grammar;
mod next;

pub use grammar::{PREFIX, Prefix, read, usages};
pub use next::next;

/// What the first line of a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Nothing to us.
    NotForUs,
    /// A command.
    Command(Command),
    /// What was meant for us and is no command.
    Mistake(Mistake),
}

/// A command in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `/rollback ENV [SERVICE] [to TARGET] [because TEXT]`.
    Rollback {
        /// Where.
        environment: Environment,
        /// Which service; all where none is named.
        service: Option<Service>,
        /// Where to; the last stable deployment where nothing is named.
        to: Option<TargetName>,
        /// Why.
        because: Option<String>,
    },
    /// `/verify ENV`.
    Verify(Environment),
    /// `/status ENV`.
    Status(Environment),
    /// `/history ENV`.
    History(Environment),
    /// `/cancel ENV`.
    Cancel(Environment),
    /// `/lock ENV [because TEXT]`.
    Lock {
        /// Where.
        environment: Environment,
        /// Why.
        because: Option<String>,
    },
    /// `/unlock ENV`.
    Unlock(Environment),
    /// `/approve ID`.
    Approve(OperationId),
    /// `/lastgood help`.
    Help,
}

impl Command {
    /// Returns the environment that it names.
    pub fn environment(&self) -> Option<&Environment> {
        match self {
            Self::Rollback { environment, .. }
            | Self::Verify(environment)
            | Self::Status(environment)
            | Self::History(environment)
            | Self::Cancel(environment)
            | Self::Lock { environment, .. }
            | Self::Unlock(environment) => Some(environment),
            Self::Approve(_) | Self::Help => None,
        }
    }

    /// Returns its word.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Rollback { .. } => "rollback",
            Self::Verify(_) => "verify",
            Self::Status(_) => "status",
            Self::History(_) => "history",
            Self::Cancel(_) => "cancel",
            Self::Lock { .. } => "lock",
            Self::Unlock(_) => "unlock",
            Self::Approve(_) => "approve",
            Self::Help => "help",
        }
    }

    /// Returns what permission it takes.
    pub fn deed(&self) -> Deed {
        match self {
            Self::Rollback { .. } => Deed::Rollback,
            Self::Verify(_) => Deed::Verify,
            Self::Status(_) | Self::History(_) | Self::Help => Deed::Look,
            Self::Cancel(_) => Deed::Cancel,
            Self::Lock { .. } | Self::Unlock(_) => Deed::Lock,
            Self::Approve(_) => Deed::Approve,
        }
    }

    /// Returns why, in its author's words.
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::Rollback { because, .. } | Self::Lock { because, .. } => because.as_deref(),
            Self::Verify(_)
            | Self::Status(_)
            | Self::History(_)
            | Self::Cancel(_)
            | Self::Unlock(_)
            | Self::Approve(_)
            | Self::Help => None,
        }
    }
}

/// What was meant for us and is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The environment that it names, be there such a one or not.
    pub environment: Option<Environment>,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A person's name on the platform; it can stand in an address as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

/// The longest name there is: a company's own ones are longer than what people may choose.
const LONGEST_LOGIN: usize = 100;

impl Login {
    /// Takes what is made of letters, digits, dashes and underlines alone.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let fits = !text.is_empty() && text.len() <= LONGEST_LOGIN && text.chars().all(plain);
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether both are one person: the platform does not tell great letters from small.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl std::fmt::Display for Login {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// A comment as the platform has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its id.
    pub id: u64,
    /// The person who wrote it; none where a program did.
    pub author: Option<Login>,
    /// What it says.
    pub body: String,
}

/// A comment that was just written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The comment.
    pub remark: Remark,
    /// Who wrote it.
    pub author: Login,
    /// The number of the pull request or issue.
    pub thread: u64,
    /// When it was written.
    pub written: Timestamp,
    /// Where a person can read it.
    pub url: String,
    /// The branch whose configuration counts.
    pub default_branch: String,
}

/// What every word of ours in a thread begins with, so that we never listen to ourselves.
pub const MARK: &str = "<!-- lastgood";

#[cfg(test)]
mod tests;
