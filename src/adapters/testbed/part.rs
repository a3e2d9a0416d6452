//! A real part that a script starts and its test ends.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How a script ends where its part cannot be had.
const NOT_HERE: i32 = 3;

/// A part that lives while its standard input is open, so that it ends with its test however that ends.
pub(super) struct Part {
    child: Child,
    told: String,
}

impl Part {
    /// Starts it by a script of ours; none where the script says that it cannot be had.
    pub(super) fn start(script: &str, args: &[&str]) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script);
        let mut command = Command::new(script);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        // What kills a test with its whole group leaves the script the time to end its part in order.
        let mut child = command.process_group(0).spawn().unwrap();
        let mut told = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut told).unwrap();
        if told.is_empty() {
            let code = child.wait().unwrap().code();
            assert_eq!(code, Some(NOT_HERE), "what it said of itself is above");
            return None;
        }
        Some(Self { child, told: told.trim_end().to_owned() })
    }

    /// Returns the line by which the part is reached.
    pub(super) fn told(&self) -> &str {
        &self.told
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
