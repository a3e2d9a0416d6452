//! What is said to GitHub, and what is made of its answers.

mod conversation;
mod fake;
mod showcase;
mod tickets;
mod transport;
