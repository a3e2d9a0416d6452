//! Where a flow works: the ports, the environment, and who asks.

use std::time::Duration;

use jiff::Timestamp;
use ulid::Ulid;

use super::announce::News;
use super::observe;
use crate::domain::event::{CiRun, Trigger};
use crate::domain::fold::{self, Reading};
use crate::domain::ids::{EventId, OperationId, RunId};
use crate::domain::line;
use crate::domain::names::Environment;
use crate::domain::operation::Operation;
use crate::domain::outcome::DeploymentTold;
use crate::domain::plan::Roster;
use crate::domain::policy::Policy;
use crate::domain::state::State;
use crate::domain::target::TagNames;
use crate::error::Result;
use crate::ports::{FoundLine, Image, Ports, Shelf};

/// Where a flow works.
#[derive(Clone)]
pub struct Desk {
    /// What it is connected to.
    pub ports: Ports,
    /// The environment.
    pub environment: Environment,
    /// What the team decided beforehand.
    pub policy: Policy,
    /// The configured services.
    pub roster: Roster,
    /// How the environment's tags are called.
    pub tags: TagNames,
    /// Who asks.
    pub who: Who,
    /// How long a write is tried again.
    pub patience: Duration,
    /// Stops a gate that looks.
    pub halt: observe::Halt,
    /// What is new, for whoever shows it.
    pub news: News,
}

/// Who asks, and in which process.
#[derive(Debug, Clone)]
pub struct Who {
    /// The person or program.
    pub actor: String,
    /// This process.
    pub run: RunId,
    /// The CI run it belongs to.
    pub ci: Option<CiRun>,
    /// The comment that asked for it.
    pub comment: Option<u64>,
}

impl Who {
    /// Returns who sets an operation off that a person asked for.
    pub fn trigger(&self) -> Trigger {
        if self.comment.is_some() { Trigger::Comment } else { Trigger::Manual }
    }
}

/// A ledger as it was read, and what it says.
#[derive(Debug, Clone)]
pub struct Page {
    /// The lines, and what to lease the next write on.
    pub image: Image,
    /// What they say.
    pub state: State,
}

impl Desk {
    /// Reads the live ledger.
    pub async fn read(&self) -> Result<Page> {
        let image = self.ports.ledger.read(&self.environment, Shelf::Live).await?;
        Ok(self.page(image))
    }

    /// Returns what a live ledger says.
    pub fn page(&self, image: Image) -> Page {
        let lines = image.lines.iter().map(|line| line.text.as_str());
        let state = fold::fold(&self.environment, lines, Reading::Live);
        Page { image, state }
    }

    /// Returns what the live ledger and the archive say together, where something was archived.
    pub async fn whole(&self, page: &Page) -> Result<Whole> {
        if page.state.pruned.is_none() {
            return Ok(Whole::default());
        }
        let archive = self.ports.ledger.read(&self.environment, Shelf::Archive).await?;
        Ok(Whole { archived: archive.lines })
    }

    /// Returns what was archived, where the live ledger does not know the last stable deployment.
    pub async fn whole_for_last_stable(&self, page: &Page) -> Result<Whole> {
        if page.state.knows_last_stable() { Ok(Whole::default()) } else { self.whole(page).await }
    }

    /// Returns the state with what was archived in it.
    pub fn with(&self, page: &Page, whole: &Whole) -> State {
        if whole.archived.is_empty() {
            return page.state.clone();
        }
        let live = page.image.lines.iter().map(|line| line.text.as_str());
        let archived = whole.lines();
        fold::fold(&self.environment, live.chain(archived), Reading::Whole)
    }

    /// Returns the wall clock's time.
    pub fn now(&self) -> Timestamp {
        let now = self.ports.clock.now();
        // Milliseconds are all that line ids hold, too.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Draws an operation's identity.
    pub fn new_operation(&self) -> OperationId {
        OperationId(self.draw())
    }

    /// Draws an event's identity.
    pub fn new_event(&self) -> EventId {
        EventId(self.draw())
    }

    fn draw(&self) -> Ulid {
        let ms = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        Ulid::from_parts(ms, self.ports.clock.random())
    }

    /// Tells a deployment.
    pub fn told(&self, state: &State, operation: &Operation) -> DeploymentTold {
        let target = operation.target().and_then(|id| state.operation(id)).map(|target| target.n);
        DeploymentTold::new(operation, self.tags.deploy(operation.n), target, self.now())
    }

    /// Tells whoever watches.
    pub fn tell(&self, line: impl AsRef<str>) {
        self.ports.progress.tell(line.as_ref());
    }
}

/// The lines of the archive, where they were asked for.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    archived: Vec<FoundLine>,
}

impl Whole {
    /// Returns the archived lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.archived.iter().map(|line| line.text.as_str())
    }

    /// Returns the archived lines of an operation.
    pub fn lines_of(&self, env: &Environment, id: OperationId) -> Vec<FoundLine> {
        let is_its = |found: &&FoundLine| line::read(&found.text, env).is_ok_and(|e| e.op == id);
        self.archived.iter().filter(is_its).cloned().collect()
    }
}
