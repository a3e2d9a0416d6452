//! What holds of every ledger, whoever wrote its lines.

use lastgood::domain::fold::{Reading, fold};
use lastgood::domain::line::{read, write};
use lastgood::domain::names::Environment;
use lastgood::domain::text::is_unprintable;

/// Checks every line alone, and all of them together.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let production = Environment::new("production").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines {
        match read(line, &production) {
            Ok(event) => {
                let written = write(&event);
                assert!(!written.contains('\n'), "{written:?}");
                assert_eq!(read(&written, &production), Ok(event), "{written}");
            }
            Err(foreign) => {
                assert!(!foreign.why.is_empty());
                assert!(!foreign.excerpt.contains(is_unprintable), "{:?}", foreign.excerpt);
            }
        }
    }
    for reading in [Reading::Live, Reading::Whole] {
        let once = fold(&production, lines.iter().copied(), reading);
        let turned = fold(&production, lines.iter().rev().copied(), reading);
        assert_eq!(once, turned, "the order of the lines counts");
        let twice = fold(&production, lines.iter().chain(&lines).copied(), reading);
        assert_eq!(once, twice, "a line that is there twice counts twice");
    }
}
