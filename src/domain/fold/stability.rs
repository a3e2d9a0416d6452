//! Whether a deployment is good, as it is said.

use super::super::event::{Event, Judge, Judged};
use super::super::operation::{Ended, Operation, Stability};
use super::super::quarantine;
use super::Fold;

impl Fold {
    pub(super) fn stable(&mut self, event: &Event, judged: &Judged) {
        let stability = Stability::Stable { by: judged.by, since: event.at };
        self.of(event, |operation| {
            // What never ran is good for nothing.
            if operation.deployed.is_some() {
                operation.stability = stability;
            }
        });
        if judged.by == Judge::Person && self.is_after_pruned(event) {
            let good = self.state.operation(event.op).and_then(Operation::versions).cloned();
            quarantine::lift(&mut self.state.quarantine, &good.unwrap_or_default());
        }
    }

    pub(super) fn unstable(&mut self, event: &Event, judged: &Judged) {
        let ended = match judged.by {
            Judge::Gate => Ended::Demoted,
            Judge::Person => Ended::MarkedBad,
        };
        self.of(event, |operation| {
            // Being fled from is the stronger fact; a later look does not soften it.
            let fled = operation.stability == Stability::Ended(Ended::Fled);
            if !(fled && ended == Ended::Demoted) {
                operation.stability = Stability::Ended(ended);
            }
        });
        if judged.by == Judge::Person && self.is_after_pruned(event) {
            let bad = self.state.operation(event.op).map(quarantine::brought).unwrap_or_default();
            quarantine::hold(&mut self.state.quarantine, event.op, event.n, &bad);
        }
    }
}
