//! Moves traffic from one slot to the other, in stages.

use std::time::Duration;

use super::desk::Desk;
use super::halt::Step;
use super::look::Look;
use super::slots::Kept;
use crate::domain::event::Kind;
use crate::domain::gate::GateReport;
use crate::domain::operation::Operation;
use crate::domain::policy::{Stage, Strategy};
use crate::domain::slots::{Shares, Slot};
use crate::domain::verdict::Verdict;
use crate::ports::{BoundCheck, Drained, Glimpse, Router};

/// The time that requests in flight have to end.
const DRAIN: Duration = Duration::from_secs(30);

/// How long a stage is held before a line says so: far shorter than what a takeover waits for.
const TURN: Duration = Duration::from_secs(300);

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

impl Desk {
    /// Moves all traffic to a slot; where what it goes to is new and gets worse, all goes back at once.
    pub(super) async fn shift(
        &self,
        operation: &Operation,
        slot: &Slot,
        router: &dyn Router,
    ) -> Step<Shifted> {
        let pair = router.pair().clone();
        let from = pair.other(slot).clone();
        let good = if operation.kind == Kind::Rollback { Good::To } else { Good::From };
        for stage in self.stages(operation) {
            self.owned(operation.id).await?;
            let shares = Shares::of(&pair, slot, stage.traffic);
            self.tell(format!("traffic: {shares}"));
            self.ports.progress.glimpse(&Glimpse::Stage { slot, percent: stage.traffic });
            let read = match router.share(&shares).await {
                Ok(read) => read,
                Err(error) => return self.give_back(router, &from, error.to_string()).await,
            };
            let report = self.hold(operation, slot, &stage, &read).await?;
            let verdict = report.as_ref().map_or(Verdict::Healthy, GateReport::verdict);
            match (report, good) {
                (Some(report), Good::From) if verdict != Verdict::Healthy => {
                    // First the traffic, then the words: the remote may be away.
                    self.tell("it got worse: all traffic goes back");
                    let kept = match self.traffic_home(router, &from).await {
                        Ok(_) => Kept::Worse(report.clone()),
                        Err(_) => Kept::Router("the traffic could not be given back".to_owned()),
                    };
                    self.note_stage(operation, &report, read).await;
                    return Ok(Shifted::Back(kept));
                }
                // What is fled from is left the sooner the worse it gets.
                (Some(_), Good::To) if verdict == Verdict::Unhealthy => break,
                (Some(_) | None, _) => {}
            }
        }
        self.owned(operation.id).await?;
        let all = Shares::all(&pair, slot);
        match router.share(&all).await {
            Ok(read) => {
                self.drain(router, &from).await;
                Ok(Shifted::All(read))
            }
            Err(error) => self.give_back(router, &from, error.to_string()).await,
        }
    }

    /// A router that did not do what it was told is asked for what was there before.
    async fn give_back(&self, router: &dyn Router, from: &Slot, why: String) -> Step<Shifted> {
        let back = Shares::all(router.pair(), from);
        let ended = match router.share(&back).await {
            Ok(_) => format!("{why}; all traffic is at `{from}` as before"),
            Err(error) => format!("{why}; and it could not be put back: {error}"),
        };
        Ok(Shifted::Back(Kept::Router(ended)))
    }

    /// Holds a stage, and judges it by the gate; none where nothing is held or asked.
    ///
    /// A line every few minutes says that this run is alive: it is not to be taken over meanwhile.
    async fn hold(
        &self,
        operation: &Operation,
        slot: &Slot,
        stage: &Stage,
        shares: &Shares,
    ) -> Step<Option<GateReport>> {
        let checks = self.checks_of_stage(slot);
        if checks.is_empty() {
            self.ports.clock.sleep(stage.hold).await;
            return Ok(None);
        }
        // Two versions answer meanwhile, so that no check is told which one should.
        let none = crate::domain::version::Versions::new();
        let mut left = stage.hold;
        let mut seen = None;
        while !left.is_zero() {
            let turn = left.min(TURN);
            left -= turn;
            let look = Look { checks: Some(&checks), watch: Some(turn), ..Look::all(&none) };
            let report = self.look(look).await;
            if report.verdict() != Verdict::Healthy {
                return Ok(Some(report));
            }
            self.write_look(operation, &none, &report, Some(shares.clone())).await?;
            seen = Some(report);
        }
        Ok(seen)
    }

    /// Returns the checks of what serves; those that ask a slot itself ask the one that traffic goes to.
    fn checks_of_stage(&self, slot: &Slot) -> Vec<BoundCheck> {
        let own = self.ports.sides.get(slot).map(|side| side.checks.clone()).unwrap_or_default();
        let is_own = |bound: &&BoundCheck| own.iter().any(|own| own.check.name == bound.check.name);
        let others = self.ports.checks.iter().filter(|bound| !is_own(bound));
        others.chain(&own).cloned().collect()
    }

    /// Writes what was seen of a stage; the traffic is back, whatever becomes of the words.
    async fn note_stage(&self, operation: &Operation, report: &GateReport, shares: Shares) {
        let none = crate::domain::version::Versions::new();
        if let Err(halt) = self.write_look(operation, &none, report, Some(shares)).await {
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
            Err(error) => self.tell(format!("`{slot}` could not be drained: {error}")),
        }
    }

    fn stages(&self, operation: &Operation) -> Vec<Stage> {
        let told = operation.started.as_ref().and_then(|started| started.strategy);
        let (usual, stages) = match operation.kind {
            Kind::Deploy | Kind::RollForward | Kind::Switch => {
                (self.policy.deploy.strategy, &self.policy.deploy.stages)
            }
            Kind::Rollback => (self.policy.rollback.strategy, &self.policy.rollback.stages),
        };
        match told.unwrap_or(usual) {
            Strategy::Gradual => {
                stages.iter().filter(|stage| stage.traffic < 100).cloned().collect()
            }
            Strategy::Immediate | Strategy::ServiceByService => Vec::new(),
        }
    }
}
