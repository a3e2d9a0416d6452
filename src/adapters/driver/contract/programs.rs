//! Programs before the platform's own: a recorder, a liar, a hanging one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A program of the suite's own.
pub(super) struct Stand {
    pub path: String,
    notes: PathBuf,
}

/// What lies between two arguments, and between two calls.
const BETWEEN: [char; 2] = ['\u{1f}', '\u{1e}'];

impl Stand {
    /// Writes down each call before it is made.
    pub(super) fn recorder(folder: &Path, real: &str) -> Self {
        Self::new(folder, "recorder", &format!("{}exec '{real}' \"$@\"\n", note()))
    }

    /// Does not make a call that would change something, and says that all went well.
    pub(super) fn liar(folder: &Path, real: &str, changing: &[&str]) -> Self {
        let changes = match changing {
            [] => "exit 0".to_owned(),
            words => {
                format!("for word; do case \"$word\" in {}) exit 0;; esac; done", words.join("|"))
            }
        };
        let body = format!("{changes}\nexec '{real}' \"$@\"\n");
        Self::new(folder, "liar", &body)
    }

    /// Starts another one, and neither ends.
    pub(super) fn hanging(folder: &Path) -> Self {
        let body = "tail -f /dev/null & echo $$ $! >>\"$0.notes\"\nexec tail -f /dev/null\n";
        Self::new(folder, "hanging", body)
    }

    /// Is not there.
    pub(super) fn missing(folder: &Path) -> Self {
        let path = folder.join("no-such-program");
        Self { notes: path.clone(), path: path.display().to_string() }
    }

    fn new(folder: &Path, name: &str, body: &str) -> Self {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let notes = folder.join(format!("{name}.notes"));
        let _ = std::fs::remove_file(&notes);
        Self { path: path.display().to_string(), notes }
    }

    /// Returns the calls since it was last asked, each with its arguments.
    pub(super) fn calls(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(&self.notes).unwrap_or_default();
        let _ = std::fs::remove_file(&self.notes);
        let [between, end] = BETWEEN;
        let calls = text.split_terminator(end);
        let args = |call: &str| call.split_terminator(between).map(str::to_owned).collect();
        calls.map(args).collect()
    }

    /// Returns whether it was started and came as far as to write that down.
    pub(super) fn ran(&self) -> bool {
        self.notes.exists()
    }

    /// Returns what it started and still runs, after giving it the time to die.
    pub(super) fn survivors(&self) -> Result<Vec<String>, String> {
        let text = std::fs::read_to_string(&self.notes).map_err(|_| "it never ran".to_owned())?;
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            let alive = text.split_whitespace().filter(|pid| is_alive(pid));
            let alive: Vec<String> = alive.map(str::to_owned).collect();
            if alive.is_empty() || Instant::now() > until {
                return Ok(alive);
            }
        }
    }
}

/// One that died and was not buried has no command line.
fn is_alive(pid: &str) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Adds a call in one write, so that calls made side by side stay whole.
fn note() -> String {
    r#"own=$0.$$
{ for word; do printf '%s\037' "$word"; done; printf '\036'; } >"$own"
cat "$own" >>"$0.notes"
rm "$own"
"#
    .to_owned()
}
