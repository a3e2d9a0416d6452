//! What platforms and routers say runs, beside what the ledger says.

use futures_util::future::join_all;

use super::desk::Desk;
use crate::domain::names::Service;
use crate::domain::outcome::SlotTold;
use crate::domain::slots::{Shares, Slot};
use crate::domain::slotted::{SlotState, Slots};
use crate::domain::state::State;
use crate::domain::text;
use crate::domain::version::Version;
use crate::ports::{Running, Site};

/// What was seen of an environment just now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SeenNow {
    /// Both slots, where there are slots.
    pub(super) slots: Vec<SlotTold>,
    /// What the platform runs that the ledger does not say.
    pub(super) strays: Vec<String>,
    /// What stands against the router; none where it does as it should.
    pub(super) router: Option<Misrouted>,
}

/// What is wrong with the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misrouted {
    /// The router does not say.
    Unread {
        /// What it says instead.
        why: String,
        /// What to do about that, as far as is known.
        hints: Vec<String>,
    },
    /// The slot that serves has not all of it, and nothing is under way.
    Astray(String),
}

impl SeenNow {
    /// Returns all that is not as the ledger says, for people.
    pub(super) fn drift(&self) -> Vec<String> {
        let router = self.router.iter().map(|wrong| match wrong {
            Misrouted::Unread { why, .. } | Misrouted::Astray(why) => why.clone(),
        });
        self.strays.iter().cloned().chain(router).collect()
    }
}

impl Desk {
    /// Returns both slots, and all that is not as the ledger says.
    pub(super) async fn seen_now(&self, state: &State) -> SeenNow {
        let slots = self.slots(state);
        let live = slots.as_ref().map(|slots| slots.live().clone());
        let strays = self.drift(state, live.as_ref()).await;
        let (Some(slots), Some(router)) = (slots, &self.ports.router) else {
            return SeenNow { strays, ..SeenNow::default() };
        };
        let (read, router) = match router.read().await {
            Ok(shares) => {
                let astray = misrouted(&shares, &slots, state);
                (Some(shares), astray.map(Misrouted::Astray))
            }
            Err(error) => {
                let why = format!("how traffic is shared could not be read: {}", error.whole());
                let hints = error.hints().iter().map(ToString::to_string).collect();
                (None, Some(Misrouted::Unread { why, hints }))
            }
        };
        let told = |state: SlotState| SlotTold {
            traffic: read.as_ref().map(|shares| shares.share(&state.slot)),
            slot: state.slot,
            state: state.standing,
            versions: state.holds,
            deployment: state.by,
        };
        SeenNow { slots: slots.each().into_iter().map(told).collect(), strays, router }
    }

    /// Asks each driver that can tell what really runs where traffic goes.
    async fn drift(&self, state: &State, live: Option<&Slot>) -> Vec<String> {
        let versions = state.versions();
        let asked = versions.iter().map(|(service, version)| self.strays(service, version, live));
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn strays(
        &self,
        service: &Service,
        version: &Version,
        slot: Option<&Slot>,
    ) -> Option<String> {
        let driver = self.ports.driver_at(service, slot)?;
        let (environment, service) = (self.environment.clone(), service.clone());
        let site = Site { environment, service, slot: slot.cloned() };
        let told = match driver.current(&site).await {
            Ok(Running::Untold) => return None,
            Ok(Running::Nothing) => "nothing runs".to_owned(),
            Ok(Running::Seen(seen)) => {
                let differences = seen.differs_from(version);
                let each: Vec<String> = differences.iter().map(ToString::to_string).collect();
                if each.is_empty() {
                    return None;
                }
                each.join(", ")
            }
            Err(error) => format!("what runs could not be seen: {}", error.whole()),
        };
        Some(text::message(&format!("{}: {told}", site.service)))
    }
}

/// While nothing is under way all traffic belongs to the slot that serves.
fn misrouted(shares: &Shares, slots: &Slots, state: &State) -> Option<String> {
    let is_open = state.open().next().is_some();
    (!is_open && shares.sole() != Some(slots.live())).then(|| {
        format!("the router gives {shares}, and by the ledger `{}` has all of it", slots.live())
    })
}
