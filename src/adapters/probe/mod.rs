//! How a running service is looked at, one file a kind.

pub mod access;
pub mod command;
pub mod condition;
pub mod container;
pub mod database;
mod discreet;
pub mod dns;
pub mod error_rate;
pub mod file;
pub mod foreign_json;
pub mod git;
pub mod grpc;
pub mod http;
pub mod identity;
pub mod image;
pub mod instrument;
pub mod json_path;
pub mod kubernetes;
pub mod latency;
pub mod metrics;
pub mod pattern;
pub mod process;
pub mod prometheus;
pub mod question;
pub mod service;
mod settings;
pub mod share;
pub mod success_rate;
pub mod tcp;
pub mod tls;
pub mod way;
#[cfg(test)]
pub(crate) mod web;
pub mod websocket;

pub use discreet::discreet;
pub use question::{Around, Question, Subject};
pub use settings::Settings;
