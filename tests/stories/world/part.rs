//! A real part that a script starts and its story ends.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::skipped;

/// How a script ends where its part cannot be had.
const NOT_HERE: i32 = 3;

/// A part that lives while its standard input is open, so that it ends with its story however that ends.
pub struct Part {
    child: Child,
    told: String,
}

impl Part {
    /// Starts it by a script of ours; says that it is missing where the script says so.
    pub fn start(script: &str, args: &[&str], what: &str) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script);
        let mut command = Command::new(script);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut told = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut told).unwrap();
        if told.is_empty() {
            assert_eq!(child.wait().unwrap().code(), Some(NOT_HERE), "what it said is above");
            skipped(&format!("{what} cannot be had here, so its example is not tried"));
            return None;
        }
        Some(Self { child, told: told.trim_end().to_owned() })
    }

    /// Returns the line by which the part is reached.
    pub fn told(&self) -> &str {
        &self.told
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
