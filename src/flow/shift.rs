//! Moves traffic from one slot to the other, in stages.

use std::time::Duration;

use super::desk::Desk;
use super::halt::{Halt, Step};
use super::hold::Held;
use super::stay::Kept;
use crate::domain::event::Kind;
use crate::domain::gate::GateReport;
use crate::domain::operation::Operation;
use crate::domain::slots::{Shares, Slot, WHOLE};
use crate::domain::verdict::Verdict;
use crate::ports::{Drained, Glimpse, Router};

/// The time that requests in flight have to end.
const DRAIN: Duration = Duration::from_secs(30);

/// Where the traffic ended.
pub(super) enum Shifted {
    /// All of it at the slot that it was moved to, as the router read it back.
    All(Shares),
    /// All of it where it was.
    Back(Kept),
}

/// Which of the two slots is the good one while the traffic moves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Good {
    /// The one that it comes from: what is new must prove itself.
    From,
    /// The one that it goes to: what is sick is fled from.
    To,
}

impl Good {
    fn of(operation: &Operation) -> Self {
        if operation.kind == Kind::Rollback { Self::To } else { Self::From }
    }
}

/// What was seen of a stage that was not healthy, and how the traffic was shared in it.
type Seen = (GateReport, Shares);

/// How a stage ended.
enum Ended {
    /// The next one may come.
    Well,
    /// The slot that the traffic comes from is left at once.
    Sooner(Seen),
    /// All traffic is where it was.
    Back(Kept, Option<Seen>),
}

impl Desk {
    /// Moves all traffic to a slot; where what it goes to is new and gets worse, all goes back at once.
    ///
    /// Where nothing can be written down any more, all of it goes to the good slot, and whoever resumes goes on.
    pub(super) async fn shift(
        &self,
        operation: &Operation,
        slot: &Slot,
        router: &dyn Router,
    ) -> Step<Shifted> {
        let shifted = self.in_stages(operation, slot, router).await;
        if let Err(Halt::Broke(_)) = &shifted {
            let good = match Good::of(operation) {
                Good::From => router.pair().other(slot),
                Good::To => slot,
            };
            match self.traffic_home(router, good).await {
                Ok(shares) => self.tell(format!("nothing can be written down: {shares}")),
                Err(halt) => self.tell(halt.to_string()),
            }
        }
        shifted.map_err(|halt| self.left_open(halt))
    }

    async fn in_stages(
        &self,
        operation: &Operation,
        slot: &Slot,
        router: &dyn Router,
    ) -> Step<Shifted> {
        let mut last = None;
        for held in self.stages(operation, slot) {
            match self.one_stage(operation, slot, &held, router).await? {
                Ended::Well => {}
                Ended::Sooner(seen) => {
                    last = Some(seen);
                    break;
                }
                Ended::Back(kept, seen) => {
                    self.note_stage(operation, seen).await;
                    return Ok(Shifted::Back(kept));
                }
            }
        }
        let shifted = self.all_of_it(operation, slot, router).await?;
        self.note_stage(operation, last).await;
        Ok(shifted)
    }

    /// Gives a slot its share, and holds it.
    async fn one_stage(
        &self,
        operation: &Operation,
        slot: &Slot,
        held: &Held,
        router: &dyn Router,
    ) -> Step<Ended> {
        self.owned(operation.id).await?;
        let (pair, percent) = (router.pair().clone(), held.stage.traffic);
        let from = pair.other(slot).clone();
        let shares = Shares::of(&pair, slot, percent);
        self.tell_stage(operation, slot, &shares);
        let read = match router.share(&shares).await {
            Ok(read) => read,
            Err(error) => {
                let kept = self.give_back(router, &from, error.whole()).await;
                return Ok(Ended::Back(kept, None));
            }
        };
        let Some(report) = self.hold(operation, slot, held, &read).await? else {
            return Ok(Ended::Well);
        };
        Ok(match (report.verdict(), Good::of(operation)) {
            (Verdict::Healthy, _) => Ended::Well,
            // What is fled from is left the sooner the worse it gets.
            (Verdict::Unhealthy, Good::To) => Ended::Sooner((report, read)),
            (Verdict::Error | Verdict::Inconclusive, Good::To) => {
                self.note_stage(operation, Some((report, read))).await;
                Ended::Well
            }
            (_, Good::From) => {
                // First the traffic, then the words: the remote may be away.
                self.tell("it got worse: all traffic goes back");
                if let Err(halt) = self.traffic_home(router, &from).await {
                    self.tell(format!("{halt}; it is tried again"));
                }
                Ended::Back(Kept::Worse(report.clone()), Some((report, read)))
            }
        })
    }

    async fn all_of_it(
        &self,
        operation: &Operation,
        slot: &Slot,
        router: &dyn Router,
    ) -> Step<Shifted> {
        self.owned(operation.id).await?;
        let from = router.pair().other(slot).clone();
        let all = Shares::all(router.pair(), slot);
        self.tell_stage(operation, slot, &all);
        match router.share(&all).await {
            Ok(read) => {
                self.drain(router, &from).await;
                Ok(Shifted::All(read))
            }
            Err(error) => Ok(Shifted::Back(self.give_back(router, &from, error.whole()).await)),
        }
    }

    fn tell_stage(&self, operation: &Operation, slot: &Slot, shares: &Shares) {
        let percent = shares.share(slot);
        self.tell(format!("traffic: {shares}"));
        self.ports.progress.glimpse(&Glimpse::Stage { slot, percent });
        if percent < WHOLE {
            self.pass_on_stage(operation.id, slot, percent);
        }
    }

    /// A router that did not do what it was told is asked for what was there before.
    async fn give_back(&self, router: &dyn Router, from: &Slot, why: String) -> Kept {
        let back = Shares::all(router.pair(), from);
        Kept::Router(match router.share(&back).await {
            Ok(_) => format!("{why}; all traffic is at `{from}` as before"),
            // Whoever closes the operation tries again, and tells what came of it.
            Err(_) => why,
        })
    }

    /// Writes what was seen of a stage; the traffic is where it is, whatever becomes of the words.
    async fn note_stage(&self, operation: &Operation, seen: Option<Seen>) {
        let Some((report, shares)) = seen else { return };
        let none = crate::domain::version::Versions::new();
        if let Err(halt) = self.write_look(operation, &none, &report, Some(shares)).await {
            self.tell(format!("what was seen of the stage is not written down: {halt:?}"));
        }
    }

    async fn drain(&self, router: &dyn Router, slot: &Slot) {
        match router.drain(slot, DRAIN).await {
            Ok(Drained::Empty) => {}
            Ok(Drained::Left(Some(left))) => {
                self.tell(format!("{left} requests are still in flight at `{slot}`"));
            }
            Ok(Drained::Left(None)) => {
                self.tell(format!("requests may still be in flight at `{slot}`"));
            }
            Err(error) => self.tell(format!("`{slot}` could not be drained: {}", error.whole())),
        }
    }
}
