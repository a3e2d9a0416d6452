//! All that lastgood asks of the outside.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::check::{Check, Measurement, Reach};
use crate::domain::names::{Commit, Environment, Service};
use crate::domain::slots::Slot;
use crate::domain::version::Version;
use crate::error::{Error, Result};

mod conversation;
mod decider;
mod driver;
mod forge;
mod lineage;
mod outbox;
mod progress;
mod router;
mod showcase;
mod side;
mod tickets;

pub use conversation::{Conversation, Reaction};
pub use decider::Decider;
pub use driver::{Action, Availability, Drive, Driven, Driver, Running, Site};
pub use forge::{Forge, RunState};
pub use lineage::{Branch, Lineage};
pub use outbox::Outbox;
pub use progress::{Glimpse, Progress};
pub use router::{Drained, Router};
pub use showcase::Showcase;
pub use side::{Side, StageChecks};
pub use tickets::Tickets;

/// Which of an environment's two ledgers is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// `refs/notes/lastgood/<env>`: the newest deployments.
    Live,
    /// `refs/notes/lastgood-archive/<env>`: all that moved out of it.
    Archive,
}

/// One line where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FoundLine {
    /// The object id, in hexadecimal, on whose note it lies.
    pub note: String,
    /// The line, byte for byte, without its line end.
    pub text: String,
}

/// A ledger as it was read; what is written next is leased on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The commit the ref pointed at; `None` where there was no ref.
    pub revision: Option<String>,
    /// Every line of every note, also those that are no events.
    pub lines: Vec<FoundLine>,
}

/// Where a new line is to lie.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// On the environment's anchor.
    Anchor,
    /// On this commit, or on the anchor where it is no commit of this repository.
    Commit(Commit),
    /// On the note of this object id, whatever it is (archiving keeps places).
    Note(String),
}

/// What one compare-and-swap writes.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Lines to add, in order.
    pub add: Vec<(Place, String)>,
    /// Lines to take away, exactly as they were found.
    pub remove: Vec<FoundLine>,
    /// Tags to create or remove with them.
    pub tags: Vec<TagOrder>,
    /// The subject of the ledger's commit, for `git log`.
    pub summary: String,
}

/// A change to one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagOrder {
    /// Makes an annotated tag; the same order always makes the same object.
    Create {
        /// The name below `refs/tags/`.
        name: String,
        /// What it is put on.
        target: Commit,
        /// The whole message.
        message: String,
        /// The tagger's date.
        at: Timestamp,
    },
    /// Removes a tag while it is still this tag object.
    Remove {
        /// The name below `refs/tags/`.
        name: String,
        /// The tag object's id.
        object: String,
    },
}

impl TagOrder {
    /// Returns the name below `refs/tags/`.
    pub fn name(&self) -> &str {
        match self {
            Self::Create { name, .. } | Self::Remove { name, .. } => name,
        }
    }
}

/// What became of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagResult {
    /// It is on the remote now.
    Created,
    /// The very same object was there before.
    Exists,
    /// Another object bears the name.
    Conflict,
    /// There is no such commit here, so there is no tag.
    None,
    /// It is gone now (or was).
    Removed,
    /// The remote refused it, with this cause.
    Refused(String),
}

/// What became of one compare-and-swap.
#[derive(Debug)]
pub enum Written {
    /// The ledger is on the remote, and the tags as told, in the order they were given.
    Accepted(Vec<(String, TagResult)>),
    /// The ref had moved: read again, decide again.
    Moved,
    /// It is not known whether it arrived: read again and look for one's own event.
    Lost(Error),
    /// The remote refuses it for good; the ref had not moved.
    Refused(Error),
}

/// A tag as the remote shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTag {
    /// The name below `refs/tags/`.
    pub name: String,
    /// The tag object's id (the commit's where the tag is not annotated).
    pub object: String,
    /// The commit it stands for, where the remote told it.
    pub target: Option<String>,
}

/// What the remote has under the name of a tag that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagThere {
    /// The very same object.
    Same,
    /// Another object.
    Other {
        /// What it stands for, where the remote told it.
        target: Option<String>,
        /// What it says; none where it is no annotated tag.
        message: Option<String>,
    },
    /// Nothing.
    Absent,
}

/// The append-only list of events of each environment, and the tags that name them.
///
/// Every call is one attempt; retrying and deciding anew is the flow's.
/// An `Err` of kind `Unreachable` means that nothing was done.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Reads all lines of an environment's ledger as the remote has it now.
    async fn read(&self, env: &Environment, shelf: Shelf) -> Result<Image>;

    /// Writes on top of `image`, or tells that the ref has moved since.
    async fn write(
        &self,
        env: &Environment,
        shelf: Shelf,
        image: &Image,
        batch: &Batch,
    ) -> Result<Written>;

    /// Makes or removes tags alone; the ledger is not touched.
    async fn tag(&self, orders: &[TagOrder]) -> Result<Vec<(String, TagResult)>>;

    /// Returns the environments that have a live ledger.
    async fn environments(&self) -> Result<Vec<Environment>>;

    /// Returns the remote's tags whose names begin with `prefix`.
    async fn tags(&self, prefix: &str) -> Result<Vec<FoundTag>>;

    /// Returns what the remote has under the names of tags that are to be made, in their order.
    async fn compare(&self, orders: &[TagOrder]) -> Result<Vec<TagThere>>;

    /// Returns where the ledger lies, for people, with no secret in it.
    fn location(&self) -> String;
}

/// Another way to make a tag, for where a push of it is refused.
#[async_trait]
pub trait Tagger: Send + Sync {
    /// Makes the tag, whose object must be the one with this id; `Created`, `Exists` or `Conflict`.
    async fn make(&self, order: &TagOrder, object: &str) -> Result<TagResult>;
}

/// The user's repository, where there is one: read, never changed.
#[async_trait]
pub trait Source: Send + Sync {
    /// Returns the full id of a revision (`HEAD`, a tag, a short id); `None` where there is no such commit.
    async fn commit(&self, revision: &str) -> Result<Option<Commit>>;
}

/// Makes clean checkouts of commits.
#[async_trait]
pub trait Checkouts: Send + Sync {
    /// Returns a folder with the commit's files, which is removed when it is let go of.
    async fn checkout(&self, commit: &Commit) -> Result<tempfile::TempDir>;
}

/// One look at a running service.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Returns the kind as the configuration names it: `http`, `tcp`, `command` …
    fn kind(&self) -> &'static str;

    /// Returns what stands between us and the subject.
    fn reach(&self) -> Reach;

    /// Looks once, within `timeout`; `expected` is the version that should answer.
    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement;
}

/// A check with the probe that answers it.
#[derive(Clone)]
pub struct BoundCheck {
    /// What is asked, how often, and what is tolerated.
    pub check: Check,
    /// How it is asked.
    pub probe: Arc<dyn Probe>,
}

/// Time and chance.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the wall clock's time.
    fn now(&self) -> Timestamp;

    /// Returns time since some fixed moment; it never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits.
    async fn sleep(&self, time: Duration);

    /// Returns random bits.
    fn random(&self) -> u128;
}

/// All that a flow is connected to.
#[derive(Clone)]
pub struct Ports {
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// The platform.
    pub forge: Arc<dyn Forge>,
    /// Who knows what a branch holds.
    pub lineage: Arc<dyn Lineage>,
    /// Where people see what is live, where there is such a place.
    pub showcase: Option<Arc<dyn Showcase>>,
    /// Where people are told of what stays sick, where this command is to tell them.
    pub tickets: Option<Arc<dyn Tickets>>,
    /// Where what could not be written waits.
    pub outbox: Arc<dyn Outbox>,
    /// Who watches.
    pub progress: Arc<dyn Progress>,
    /// How each service is brought to a version.
    pub drivers: std::collections::BTreeMap<Service, Arc<dyn Driver>>,
    /// How a service without a driver of its own is, for this call.
    pub driver: Option<Arc<dyn Driver>>,
    /// The gate.
    pub checks: Vec<BoundCheck>,
    /// Who shares the traffic between two slots, where there are slots.
    pub router: Option<Arc<dyn Router>>,
    /// What each slot has of its own.
    pub sides: std::collections::BTreeMap<Slot, Side>,
    /// What must be reachable from here for "cannot be reached" to mean anything.
    pub control: Option<BoundCheck>,
    /// A policy of the user's own, which has the last word on a verdict.
    pub decider: Option<Arc<dyn Decider>>,
}

impl Ports {
    /// Returns how a service is brought to a version at a slot, or where there are no slots.
    pub fn driver_at(&self, service: &Service, slot: Option<&Slot>) -> Option<&Arc<dyn Driver>> {
        let own = slot.and_then(|slot| self.sides.get(slot)?.drivers.get(service));
        self.driver.as_ref().or(own).or_else(|| self.drivers.get(service))
    }
}
