//! The ground: what is true, with no input, output, clock or async.

pub mod admission;
pub mod archive;
pub mod argv;
pub mod check;
pub mod comment;
pub mod company;
pub mod decision;
pub mod duration;
pub mod ending;
pub mod event;
pub mod facts;
pub mod fold;
pub mod gate;
pub mod graph;
pub mod guard;
pub mod ids;
pub mod limits;
pub mod line;
pub mod moment;
pub mod moved;
pub mod names;
pub mod operation;
pub mod outcome;
pub mod permission;
pub mod plan;
pub mod policy;
pub mod quarantine;
pub mod rehearsal;
pub mod remainder;
pub mod request;
pub mod rollout;
pub mod showcase;
pub mod sighting;
pub mod slots;
pub mod slotted;
pub mod standing;
pub mod state;
pub mod tagging;
pub mod target;
pub mod text;
pub mod ticket;
pub mod verdict;
pub mod version;
pub mod vouch;
pub mod watch;

#[cfg(test)]
pub(crate) mod history;
#[cfg(test)]
pub(crate) mod vectors;
