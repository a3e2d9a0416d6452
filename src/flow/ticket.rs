//! Keeps one ticket for an environment that stays sick.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::announce::complaint;
use super::desk::Desk;
use crate::domain::ending::Ending;
use crate::domain::ticket::{Health, TicketText, health};
use crate::error::Result;
use crate::ports::Tickets;

/// How long a command waits for the platform to take it.
const PATIENCE: Duration = Duration::from_secs(5);

impl Desk {
    /// Opens or rewrites the ticket of a sick environment, and closes it once it is well; where that
    /// cannot be done it is said, and nothing else comes of it.
    pub async fn keep_ticket(&self, ending: &Ending, text: &TicketText) {
        let Some(tickets) = &self.ports.tickets else { return };
        let kept = pin!(self.level_ticket(tickets, health(ending), text));
        match select(kept, self.ports.clock.sleep(PATIENCE)).await {
            Either::Left((Ok(()), _)) => {}
            Either::Left((Err(error), _)) => self.tell(complaint(&error)),
            Either::Right(_) => self.tell("the platform was too slow to keep the ticket"),
        }
    }

    async fn level_ticket(
        &self,
        tickets: &Arc<dyn Tickets>,
        health: Health,
        text: &TicketText,
    ) -> Result<()> {
        if health == Health::Unsure {
            return Ok(());
        }
        match (tickets.find(&self.environment).await?, health) {
            (None, Health::Sick) => tickets.open(text).await,
            (Some(number), Health::Sick) => tickets.rewrite(number, text).await,
            (Some(number), Health::Well) => tickets.close(number, text).await,
            (None, Health::Well) | (_, Health::Unsure) => Ok(()),
        }
    }
}
