//! A file in, a report out.

use std::path::Path;

use super::*;
use crate::error::{Error, Kind};

mod accepted;
mod documents;
mod fuzzed;
mod gates;
mod helm;
mod meaning;
mod permissions;
mod placed;
mod secrets;
mod structure;
mod traffic;
mod vectors;

use reference::EXAMPLE;

fn loaded(text: impl AsRef<[u8]>) -> Result<Config, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lastgood.yml");
    std::fs::write(&path, text).unwrap();
    load(&path, &variables)
}

fn variables(name: &str) -> Option<String> {
    match name {
        "HOST" => Some("shop.example".to_owned()),
        "TOKEN" => Some("hunter2hunter2".to_owned()),
        "EMPTY" => Some(String::new()),
        "TIMES" => Some("7".to_owned()),
        _ => None,
    }
}

/// Returns what a person sees of the mistakes.
fn report(text: impl AsRef<[u8]>) -> String {
    let error = loaded(text).expect_err("a mistake");
    assert_eq!(error.kind(), Kind::Invalid);
    let file = &mistakes(&error).first().expect("a place").file;
    let folder = Path::new(file).parent().unwrap().display().to_string();
    let cause = error.causes().join("; ");
    [error.message(), &cause].join("\n\n").replace(&format!("{folder}/"), "")
}
