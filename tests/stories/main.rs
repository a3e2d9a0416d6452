//! Whole stories, through the real binary and real git.

// Everything here is a test, also what is not marked as one.
#![cfg(test)]
#![cfg_attr(
    all(unix, not(feature = "faults")),
    expect(dead_code, reason = "only the stories of killed runs need all of it")
)]

#[cfg(unix)]
mod asking;
#[cfg(unix)]
mod attacked;
#[cfg(unix)]
mod bad_input;
#[cfg(unix)]
mod comments;
#[cfg(unix)]
mod dispatched;
#[cfg(unix)]
mod examples;
#[cfg(unix)]
mod fronts;
mod fuzzed;
#[cfg(unix)]
mod github;
#[cfg(unix)]
mod hand_over;
mod house;
#[cfg(all(unix, feature = "faults"))]
mod killed;
#[cfg(unix)]
mod main_job;
mod pages;
#[cfg(unix)]
mod races;
#[cfg(unix)]
mod remotes;
#[cfg(unix)]
mod retention;
#[cfg(unix)]
mod secrets;
#[cfg(unix)]
mod starting;
#[cfg(all(unix, feature = "faults"))]
mod time;
#[cfg(unix)]
mod trusted;
#[cfg(unix)]
mod world;
#[cfg(all(unix, feature = "faults"))]
mod zombies;
