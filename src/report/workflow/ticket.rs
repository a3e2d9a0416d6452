//! The page of an environment that stays sick.

use super::super::words;
use super::markdown::{link, prose, sentence};
use super::summary::{body_of, cut_at};
use crate::domain::names::Environment;
use crate::domain::outcome::Outcome;
use crate::domain::ticket::{TicketText, mark};

/// The most that GitHub takes in an issue, in characters; all of ours are counted in bytes.
const MOST: usize = 65_000;

/// Returns what a ticket says of how a look at an environment ended; `page` is where it can be read.
pub fn ticket(env: &Environment, outcome: &Outcome, page: Option<&str>) -> TicketText {
    let name = prose(env.as_str());
    let seen = page.map(|page| format!(" ({})", link("run", page))).unwrap_or_default();
    let message = sentence(&words::capital(&outcome.ending.message));
    let footer = format!(
        "\n---\nLast seen by the scheduled verification{seen}, which writes this page anew each time \
         and closes it once {name} is well.\n"
    );
    let facts = cut_at(body_of(outcome), MOST - footer.len());
    TicketText {
        title: format!("{} stays sick", words::shown(env.as_str())),
        body: format!("{}\n{facts}{footer}", mark(env)),
        farewell: format!("{name} is well again{seen}. {message}\n"),
    }
}
