//! Reads which crates the manifest names, and who uses them.

use std::collections::BTreeSet;

use super::source::{Source, sources};
use super::tokens::tokens;

/// Returns the names of all dependencies, as code writes them.
pub(super) fn crates() -> Vec<String> {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    dependencies(&manifest.unwrap())
}

fn dependencies(manifest: &str) -> Vec<String> {
    let mut in_section = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            in_section = section.trim_end_matches(']').ends_with("dependencies");
        } else if let (true, Some((name, _))) = (in_section, line.split_once('=')) {
            found.push(name.trim().replace('-', "_"));
        }
    }
    found
}

/// Returns the dependencies that no file names.
pub(super) fn unused() -> Vec<String> {
    let used: BTreeSet<String> = sources().iter().flat_map(heads).collect();
    crates().into_iter().filter(|name| !used.contains(name)).collect()
}

/// The words with which a path begins or goes on, or a `use` ends.
fn heads(source: &Source) -> Vec<String> {
    let all = tokens(&source.text);
    let heads = all.windows(2).filter(|pair| pair[1].is("::") || pair[1].is(";"));
    heads.map(|pair| pair[0].text.clone()).collect()
}

#[test]
fn dependencies_are_read_from_every_table() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na-b = \"1\"\n[dev-dependencies]\nc = { version = \"2\" }\n[lints.rust]\nd = \"e\"\n";
    assert_eq!(dependencies(manifest), ["a_b", "c"]);
}

#[test]
fn a_crate_in_a_comment_is_not_used() {
    let serde = "serde".to_owned();
    assert!(heads(&Source::new("src/a.rs", "use serde::Serialize;")).contains(&serde));
    assert!(!heads(&Source::new("src/a.rs", "// serde::A\nfn serde() {}")).contains(&serde));
}
