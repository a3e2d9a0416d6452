//! What is said to GitHub, and what is made of its answers.

mod conversation;
mod driving;
mod fake;
mod guards;
mod lineage;
mod showcase;
mod tags;
mod tickets;
mod transport;
