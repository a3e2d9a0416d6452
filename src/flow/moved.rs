//! Finds out which commits a command took away or brought back.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::announce::{GRACE, complaint};
use super::desk::Desk;
use crate::domain::moved::Moved;
use crate::domain::outcome::Outcome;
use crate::ports::{Lineage, Progress};

impl Desk {
    /// Returns the commits that an outcome took away or brought back; a list that is slow is left out.
    pub async fn moved(&self, outcome: &Outcome) -> Option<Moved> {
        let listed = moved(&*self.ports.lineage, &*self.ports.progress, outcome);
        match select(pin!(listed), self.ports.clock.sleep(GRACE)).await {
            Either::Left((moved, _)) => moved,
            Either::Right(_) => Moved::by(outcome),
        }
    }
}

/// Returns the commits between what ran and what runs, listed as far as anybody can list them.
pub(super) async fn moved(
    lineage: &dyn Lineage,
    progress: &dyn Progress,
    outcome: &Outcome,
) -> Option<Moved> {
    let moved = Moved::by(outcome)?;
    match lineage.between(&moved.after, &moved.upto).await {
        Ok(between) => Some(Moved { between, ..moved }),
        Err(error) => {
            progress.tell(&complaint(&error));
            Some(moved)
        }
    }
}
