//! Finds out which commits a command took away or brought back.

use super::announce::complaint;
use crate::domain::moved::Moved;
use crate::domain::outcome::Outcome;
use crate::ports::{Lineage, Progress};

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
