//! What was asked, how it is told, and with which exit code.

mod action;
mod alone;
mod args;
mod ask;
mod ci;
mod demo;
mod doctor;
mod init;
mod run;
mod secret;
mod tell;
mod verbs;
mod versions;

pub use run::{Wrap, main};
