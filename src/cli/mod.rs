//! What was asked, how it is told, and with which exit code.

mod action;
mod alone;
mod args;
mod ask;
mod ci;
mod comment;
mod demo;
mod doctor;
mod events;
mod flags;
mod init;
mod inputs;
mod junit;
mod live;
mod moment;
mod run;
mod secret;
mod signals;
mod tell;
mod verbs;
mod versions;

pub use flags::flags;
pub use run::{Wrap, main};
