//! Whole stories, through the real binary and real git.

mod house;
mod pages;
