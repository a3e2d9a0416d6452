//! Whole stories, through the real binary and real git.

mod house;
mod pages;

#[cfg(all(unix, feature = "faults"))]
mod killed;
#[cfg(unix)]
mod main_job;
#[cfg(unix)]
mod races;
#[cfg(unix)]
mod remotes;
#[cfg(unix)]
mod world;
#[cfg(all(unix, feature = "faults"))]
mod zombies;
