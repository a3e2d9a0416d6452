//! The two slots, and which of them has the traffic.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::domain::slots::{Pair, Shares, Slot};

/// One of the two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Environment {
    /// The one that is live at the start.
    Blue,
    /// The other one.
    Green,
}

impl Environment {
    /// Returns the slot that is not this one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    /// Returns its name: `blue`, `green`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }

    /// Returns it as a pair calls it.
    pub(super) fn in_pair(self, pair: &Pair) -> &Slot {
        match self {
            Self::Blue => &pair.stable,
            Self::Green => &pair.candidate,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// How a slot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EnvironmentState {
    /// It has no traffic; it is empty, or stands by with what had the traffic before.
    Idle,
    /// Something is being done to it, or was left in the middle.
    Deploying,
    /// It holds a deployment that has not failed; without a passed health check it gets no traffic.
    Ready,
    /// It has the traffic. Exactly one slot has.
    Live,
    /// Its deployment or its health check failed.
    Failed,
}

/// What a slot holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentInfo {
    /// The version, as people say it.
    pub version: String,
    /// The image it runs from.
    pub image: String,
    /// How many of it run.
    pub replicas: u32,
    /// When its deployment began.
    pub started_at: SystemTime,
    /// When that was done; none while it is under way, and where it failed.
    pub completed_at: Option<SystemTime>,
    /// Whether the newest health check of it passed.
    pub health_check_passed: bool,
}

/// What one slot holds and how it stands while it has no traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// Never `Live`: that is the traffic's word.
    pub(super) state: EnvironmentState,
    pub(super) info: Option<DeploymentInfo>,
    /// Where its record stands in the history.
    pub(super) record: Option<usize>,
    /// Whether the traffic was taken from it by a switch, so that it can be returned to.
    pub(super) stands_by: bool,
}

impl Held {
    pub(super) fn nothing() -> Self {
        Self { state: EnvironmentState::Idle, info: None, record: None, stands_by: false }
    }
}

/// Both slots and the traffic between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slots {
    pub(super) blue: Held,
    pub(super) green: Held,
    live: Shares,
}

impl Slots {
    /// Returns two empty slots of which blue is live; none where the names were no slots' names.
    pub(super) fn new() -> Self {
        let (blue, green) = (Held::nothing(), Held::nothing());
        let live = pair().map(|pair| Shares::all(&pair, &pair.stable)).unwrap_or_default();
        Self { blue, green, live }
    }

    /// Returns the slot that has all of the traffic.
    pub(super) fn live(&self) -> Environment {
        let is_green = self.live.sole().is_some_and(|slot| slot.as_str() == "green");
        if is_green { Environment::Green } else { Environment::Blue }
    }

    /// Gives all of the traffic to a slot.
    pub(super) fn give_all_to(&mut self, slot: Environment) {
        if let Some(pair) = pair() {
            self.live = Shares::all(&pair, slot.in_pair(&pair));
        }
    }

    pub(super) fn held(&self, slot: Environment) -> &Held {
        match slot {
            Environment::Blue => &self.blue,
            Environment::Green => &self.green,
        }
    }

    pub(super) fn held_mut(&mut self, slot: Environment) -> &mut Held {
        match slot {
            Environment::Blue => &mut self.blue,
            Environment::Green => &mut self.green,
        }
    }

    /// Returns how a slot stands; only the traffic makes one live.
    pub(super) fn state(&self, slot: Environment) -> EnvironmentState {
        if slot == self.live() { EnvironmentState::Live } else { self.held(slot).state }
    }

    /// Returns why what was kept cannot be true.
    pub(super) fn mistake(&self) -> Option<String> {
        let states = [self.blue.state, self.green.state];
        if self.live.sole().is_none_or(|slot| !matches!(slot.as_str(), "blue" | "green")) {
            return Some(format!("the traffic is at `{}`, and one slot has all of it", self.live));
        }
        states.contains(&EnvironmentState::Live).then(|| "a slot calls itself live".to_owned())
    }
}

/// The two slots, as the domain calls them.
fn pair() -> Option<Pair> {
    let name = |slot: Environment| Slot::new(slot.as_str()).ok();
    Some(Pair { stable: name(Environment::Blue)?, candidate: name(Environment::Green)? })
}
