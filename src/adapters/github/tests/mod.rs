//! What is said to GitHub, and what is made of its answers.

mod fake;
mod lineage;
mod showcase;
mod tickets;
mod transport;
