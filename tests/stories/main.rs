//! Whole stories, through the real binary and real git.

mod house;
mod pages;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod main_job;
#[cfg(unix)]
mod world;
