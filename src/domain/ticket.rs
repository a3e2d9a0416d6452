//! The one ticket of an environment that stays sick.

use super::ending::{Ending, Outcome, Reason};
use super::names::Environment;

/// What is written on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketText {
    /// Its title.
    pub title: String,
    /// Its body; the mark by which it is known again stands in it.
    pub body: String,
    /// What is said when it is closed.
    pub farewell: String,
}

/// Whether an environment needs people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It is sick, and nothing has healed it.
    Sick,
    /// It was found good.
    Well,
    /// Nobody could tell.
    Unsure,
}

/// Returns what the end of a look says of an environment.
pub fn health(ending: &Ending) -> Health {
    match ending.reason.outcome() {
        Outcome::Unhealthy | Outcome::NeedsHelp => Health::Sick,
        Outcome::RolledBack => Health::Well,
        Outcome::Ok => match ending.reason {
            Reason::Healthy | Reason::Soaking | Reason::NotMarked => Health::Well,
            _ => Health::Unsure,
        },
        Outcome::Failed
        | Outcome::Invalid
        | Outcome::Refused
        | Outcome::Inconclusive
        | Outcome::Unreachable => Health::Unsure,
    }
}

/// Returns the line by which the ticket of an environment is known; no reader sees it.
pub fn mark(env: &Environment) -> String {
    format!("<!-- lastgood {} -->", env.ref_component())
}

/// Returns whether a text bears the mark of an environment on a line of its own.
pub fn is_marked(body: &str, env: &Environment) -> bool {
    let mark = mark(env);
    body.lines().any(|line| line.trim() == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_look_that_saw_something_says_how_an_environment_is() {
        for (reason, told) in [
            (Reason::Healthy, Health::Well),
            (Reason::NotMarked, Health::Well),
            (Reason::RolledBack, Health::Well),
            (Reason::NotAsked, Health::Sick),
            (Reason::Flapping, Health::Sick),
            (Reason::RollbackUnproven, Health::Sick),
            (Reason::RolledBackSick, Health::Sick),
            (Reason::Planned, Health::Unsure),
            (Reason::NoData, Health::Unsure),
            (Reason::Busy, Health::Unsure),
            (Reason::Drift, Health::Unsure),
            (Reason::Unreachable, Health::Unsure),
        ] {
            assert_eq!(health(&Ending::new(reason, "")), told, "{reason:?}");
        }
    }

    #[test]
    fn a_mark_is_of_one_environment_and_cannot_be_closed_by_its_name() {
        let of = |name: &str| Environment::new(name).unwrap();
        let body = format!("sick\n{}\n", mark(&of("production")));
        assert!(is_marked(&body, &of("production")));
        assert!(!is_marked(&body, &of("production-2")));
        assert!(!is_marked("> <!-- lastgood production -->", &of("production")));
        assert_eq!(mark(&of("a --> b")).matches("-->").count(), 1);
    }
}
