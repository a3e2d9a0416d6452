//! The rules of the ledger in git, on real remotes.

mod checkout;
mod comparing;
mod driving;
mod ladder;
mod lineage;
mod local;
mod reading;
mod refusals;
mod shape;
mod tags;
mod transport;
mod web;
mod world;
mod writing;
