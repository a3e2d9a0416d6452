//! The ground: what is true, with no input, output, clock or async.

pub mod argv;
pub mod check;
pub mod duration;
pub mod event;
pub mod facts;
pub mod gate;
pub mod ids;
pub mod limits;
pub mod names;
pub mod policy;
pub mod text;
pub mod verdict;
pub mod version;
pub mod watch;

#[cfg(test)]
pub(crate) mod vectors;
