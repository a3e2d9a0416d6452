//! Holds of the seeds what the fuzzer holds of any bytes.

use std::path::PathBuf;

mod comment;
mod configuration;
mod ledger;
mod workflow;

type Property = fn(&[u8]);

/// Every property by its name; `fuzz/targets/` has one file each.
const PROPERTIES: [(&str, Property); 4] = [
    ("comment", comment::holds),
    ("configuration", configuration::holds),
    ("ledger", ledger::holds),
    ("workflow", workflow::holds),
];

fn folder(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), path].iter().collect()
}

fn files(folder: PathBuf) -> Vec<PathBuf> {
    let mut all: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn what_is_fuzzed_holds_of_every_seed() {
    for (name, holds) in PROPERTIES {
        let seeds = files(folder("tests/stories/fuzzed/seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seed");
        for seed in seeds {
            println!("{}", seed.display());
            holds(&std::fs::read(seed).unwrap());
        }
    }
}

#[test]
fn every_property_has_its_target() {
    let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let targets: Vec<String> = files(folder("fuzz/targets")).iter().map(stem).collect();
    assert_eq!(targets, PROPERTIES.map(|(name, _)| name.to_owned()));
    let manifest = std::fs::read_to_string(folder("fuzz/Cargo.toml")).unwrap();
    for name in targets {
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
    }
}
