//! Whole stories, through the real binary and real git.

mod house;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod main_job;
mod pages;
#[cfg(unix)]
mod world;
