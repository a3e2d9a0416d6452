//! An environment that stays sick has one ticket.

use std::sync::Arc;
use std::time::Duration;

use super::super::fakes::{FakeTickets, Stage, run};
use super::super::verify::VerifyOrder;
use super::verifying::{guard, look, sick};
use crate::domain::ticket::TicketText;

struct Night {
    stage: Stage,
    tickets: Arc<FakeTickets>,
}

impl Night {
    fn after(stage: Stage) -> Self {
        Self { stage, tickets: Arc::default() }
    }

    /// Looks as the schedule does, and returns what it said to the platform.
    fn looks(&self, order: &VerifyOrder) -> Vec<&'static str> {
        let tickets = self.tickets.clone();
        let desk = self.stage.desk_with("schedule", Duration::ZERO, 1, |desk| {
            desk.ports.tickets = Some(tickets);
        });
        let ending = run(desk.verify(order)).unwrap().ending;
        let body = ending.message.clone();
        let text = TicketText { title: String::new(), body, farewell: String::new() };
        run(desk.keep_ticket(&ending, &text));
        std::mem::take(&mut *self.tickets.told.lock().unwrap())
    }
}

#[test]
fn what_stays_sick_has_one_ticket_until_it_is_well() {
    let night = Night::after(sick());
    assert_eq!(night.looks(&look()), ["find", "open"]);
    assert_eq!(night.looks(&look()), ["find", "rewrite"]);
    assert_eq!(night.tickets.open.lock().unwrap().len(), 1);
    night.stage.heal();
    assert_eq!(night.looks(&look()), ["find", "close"]);
    assert_eq!(night.looks(&look()), ["find"]);
}

#[test]
fn what_a_rollback_has_healed_needs_no_ticket() {
    let night = Night::after(sick());
    assert_eq!(night.looks(&guard()), ["find"]);
}

#[test]
fn a_look_says_since_when_the_last_release_does_not_run() {
    let night = Night::after(sick());
    night.looks(&guard());
    let outcome = run(night.stage.desk("schedule").verify(&look())).unwrap();
    let message = outcome.ending.message;
    let since = "; `production` runs 1.0 since 2026-03-02 09:00 UTC; 2.0 was rolled back from";
    assert!(message.contains(since), "{message}");
}

#[test]
fn a_platform_that_never_answers_keeps_no_look_for_long() {
    let night = Night::after(sick());
    *night.tickets.silent.lock().unwrap() = true;
    assert_eq!(night.looks(&look()), [""; 0]);
}
