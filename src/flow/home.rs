//! Gives the traffic to the slot that serves by the ledger.

use super::desk::Desk;
use super::halt::Step;
use crate::domain::ending::{Ending, Reason};
use crate::domain::outcome::Outcome;
use crate::domain::slots::{Shares, Slot};
use crate::domain::state::State;
use crate::ports::Router;

impl Desk {
    /// Gives all traffic to the slot that serves by the ledger; an error leaves the operation open.
    pub(super) async fn traffic_home(&self, router: &dyn Router, live: &Slot) -> Step<Shares> {
        let all = Shares::all(router.pair(), live);
        if let Ok(read) = router.read().await
            && read.is_near(&all, 0)
        {
            return Ok(read);
        }
        self.tell(format!("traffic: {all}"));
        router.share(&all).await.map_err(|error| {
            let message = format!(
                "the traffic of `{}` could not be given to `{live}`, which serves: {}",
                self.environment,
                error.whole()
            );
            let resume = format!(
                "mend the router, then lastgood resume -e {}",
                shell_words::quote(self.environment.as_str())
            );
            Ending::new(Reason::RouterFailed, message).next(resume).into()
        })
    }

    /// Gives the traffic back to the slot that serves by the ledger, where nothing is open; tells what
    /// it did, or nothing where there was nothing to do.
    pub(super) async fn realigned(&self, state: &State) -> Step<Option<Outcome>> {
        let Some(live) = self.astray(state).await? else { return Ok(None) };
        // Whoever moved the traffic while the router was asked knows better.
        let page = self.read().await?;
        let still_live = self.slots(&page.state).is_some_and(|now| *now.live() == live);
        let Some(router) = self.ports.router.as_ref().filter(|_| still_live) else {
            return Ok(None);
        };
        if page.state.open().next().is_some() {
            return Ok(None);
        }
        let shares = self.traffic_home(&**router, &live).await?;
        let message = format!("gave the traffic of `{}` back: {shares}", self.environment);
        Ok(Some(Outcome::ended(Ending::new(Reason::Done, message))))
    }

    /// Returns the slot that serves by the ledger, where nothing is open and it has not all the traffic.
    pub(super) async fn astray(&self, state: &State) -> Step<Option<Slot>> {
        let (Some(slots), Some(router)) = (self.slots(state), &self.ports.router) else {
            return Ok(None);
        };
        let is_open = state.open().next().is_some();
        let before = router.read().await?;
        let is_home = is_open || state.current().is_none() || before.sole() == Some(slots.live());
        Ok((!is_home).then(|| slots.live().clone()))
    }

    /// Gives the traffic back after an operation was given up for something newer, as far as that goes.
    pub(super) async fn traffic_settles(&self) {
        let settled = async {
            let page = self.read().await?;
            self.realigned(&page.state).await
        };
        match settled.await {
            Ok(Some(outcome)) => self.tell(outcome.ending.message),
            Ok(None) => {}
            Err(halt) => self.tell(format!("the traffic may not be where it should: {halt:?}")),
        }
    }
}
