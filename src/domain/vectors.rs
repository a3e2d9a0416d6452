//! Finds the cases that other projects' tests are made of.

use std::io::Write as _;

use serde_json::Value;

/// Returns a file of cases; where it is absent, says so and returns none.
pub(crate) fn load(name: &str) -> Option<Value> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors");
    let folder = std::env::var("LASTGOOD_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let file = std::path::Path::new(&folder).join(name);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(cause) => {
            skipped(&format!("no cases in {} ({cause}); set LASTGOOD_VECTORS", file.display()));
            None
        }
    }
}

/// Says why a test looks at nothing, where whoever runs all of them counts it.
pub(crate) fn skipped(why: &str) {
    println!("skipped: {why}");
    let Ok(file) = std::env::var("LASTGOOD_SKIPPED") else { return };
    let list = std::fs::OpenOptions::new().create(true).append(true).open(file);
    // In one piece: other tests write beside this one.
    list.unwrap().write_all(format!("{why}\n").as_bytes()).unwrap();
}

/// Returns the cases of a list, each with its name.
pub(crate) fn cases<'a>(file: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let cases = file[list].as_array().unwrap().iter();
    cases.map(|case| (case["id"].as_str().unwrap_or_default(), case))
}
