//! What is said to GitHub, and what is made of its answers.

mod fake;
mod guards;
mod lineage;
mod showcase;
mod tickets;
mod transport;
