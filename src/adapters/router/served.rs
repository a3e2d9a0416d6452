//! Asks whichever slot serves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::check::{Measurement, Reach};
use crate::domain::slots::Slot;
use crate::domain::version::Version;
use crate::ports::{Probe, Router};

/// Puts a check that asks a slot itself to the one that serves, by the router's own word.
pub struct Served {
    router: Arc<dyn Router>,
    sides: BTreeMap<Slot, Arc<dyn Probe>>,
    kind: &'static str,
    reach: Reach,
}

/// Makes the probe of the same check at either slot.
pub fn connect(router: Arc<dyn Router>, sides: [(Slot, Arc<dyn Probe>); 2]) -> Served {
    let (kind, reach) = (sides[0].1.kind(), sides[0].1.reach());
    Served { router, sides: sides.into(), kind, reach }
}

#[async_trait]
impl Probe for Served {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    /// While traffic is shared, the slot with the greater part of it is asked.
    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let shares = match self.router.read().await {
            Ok(shares) => shares,
            Err(error) => return Measurement::error(format!("which slot serves: {error}")),
        };
        let most = shares.each().filter(|(_, share)| *share > 0).max_by_key(|(_, share)| *share);
        match most.and_then(|(slot, _)| self.sides.get(slot)) {
            Some(probe) => probe.measure(expected, timeout).await,
            None => Measurement::fail("no slot gets any traffic"),
        }
    }
}
