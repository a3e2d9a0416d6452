//! Whole stories, through the real binary and real git.

// Everything here is a test, also what is not marked as one.
#![cfg(test)]

mod house;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod main_job;
mod pages;
#[cfg(unix)]
mod world;
