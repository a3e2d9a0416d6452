//! Leaves the checks where a CI system looks for test results.

use super::args::Global;
use super::run::Told;
use super::tell::Voice;
use crate::report;

/// Writes the checks as JUnit XML to the file that was named; what broke has none.
pub(super) fn leave(global: &Global, told: &Told, voice: Voice) {
    let (Some(file), Ok(outcome)) = (&global.junit, &told.result) else { return };
    let written = std::fs::write(file, report::junit(&told.context, outcome));
    if let Err(cause) = written {
        let file = file.display();
        voice.progress().tell(&format!("could not write the checks to `{file}`: {cause}"));
    }
}
