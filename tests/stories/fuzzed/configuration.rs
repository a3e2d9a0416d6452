//! What holds of every configuration, whatever it is made of.

use std::io::Write as _;

use lastgood::config::{load, load_checks, mistakes, show};
use lastgood::domain::text::is_unprintable;
use lastgood::error::Error;

/// What the one variable holds that there is.
const SECRET: &str = "s3cr3t-0f-the-fuzzer";

/// Checks what is said of a configuration, and of a file of checks.
pub fn holds(data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(data).unwrap();
    let lookup = |name: &str| (name == "TOKEN").then(|| SECRET.to_owned());
    match load(file.path(), &lookup) {
        Ok(config) => is_silent(data, &show(&config).to_string()),
        Err(error) => is_explained(data, &error),
    }
    if let Err(error) = load_checks(file.path(), &lookup) {
        is_explained(data, &error);
    }
}

/// Every mistake has a place in the file, and nothing of the environment is told.
fn is_explained(data: &[u8], error: &Error) {
    let lines = String::from_utf8_lossy(data).split('\n').count().max(1);
    assert!(!mistakes(error).is_empty(), "{error}");
    for mistake in mistakes(error) {
        assert!((1..=lines).contains(&mistake.line) && mistake.column >= 1, "{mistake:?}");
        assert!(!mistake.message.is_empty());
        assert!(!mistake.message.contains(is_unprintable), "{mistake:?}");
        is_silent(data, &format!("{mistake:?}"));
    }
    let steers = |c: char| c != '\n' && is_unprintable(c);
    assert!(!error.message().contains(steers), "{:?}", error.message());
    is_silent(data, error.message());
}

fn is_silent(data: &[u8], told: &str) {
    let is_written = String::from_utf8_lossy(data).contains(SECRET);
    assert!(is_written || !told.contains(SECRET), "the secret is told: {told}");
}
