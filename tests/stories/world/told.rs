//! A call under way, and how it ended.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output};

use serde_json::Value;

/// A call that is under way.
pub struct Running {
    what: String,
    child: Child,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub struct Told {
    pub what: String,
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub json: Value,
    pub out: String,
    pub err: String,
}

impl Running {
    pub fn new(what: &str, child: Child) -> Self {
        Self { what: what.to_owned(), child }
    }

    /// Sends a signal by name; the shell has `kill` in itself, where no such program is.
    pub fn signal(&self, name: &str) {
        let to_it = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &to_it]).status().unwrap();
        assert!(sent.success());
    }

    /// Returns whether it is paused.
    pub fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    }

    /// Returns whether it is over.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Does something once it has said some words on stderr, and waits for its end.
    pub fn after_saying(mut self, words: &str, act: impl FnOnce()) -> Told {
        let mut said = String::new();
        let mut lines = BufReader::new(self.child.stderr.take().unwrap());
        while !said.contains(words) && lines.read_line(&mut said).unwrap() > 0 {}
        act();
        lines.read_to_string(&mut said).unwrap();
        let told = self.ended();
        Told { err: said, ..told }
    }

    pub fn ended(self) -> Told {
        let Output { status, stdout, stderr } = self.child.wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&stdout).into_owned();
        let err = String::from_utf8_lossy(&stderr).into_owned();
        Told {
            what: self.what,
            code: status.code(),
            signal: status.signal(),
            json: serde_json::from_str(&out).unwrap_or_default(),
            out,
            err,
        }
    }
}

impl Told {
    /// Makes sure of the exit code and the reason.
    #[track_caller]
    pub fn ends(self, code: i32, reason: &str) -> Self {
        assert_eq!((self.code, self.reason()), (Some(code), reason), "{self}");
        self
    }

    /// Makes sure that it was done.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Makes sure that it was killed.
    #[track_caller]
    pub fn was_killed(self) -> Self {
        assert_eq!(self.signal, Some(9), "{self}");
        self
    }

    pub fn reason(&self) -> &str {
        self.json["reason"].as_str().unwrap_or("")
    }

    /// Returns the number of the deployment that it tells of.
    pub fn n(&self) -> u64 {
        self.json["deployment"]["n"].as_u64().unwrap_or(0)
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, code, signal, out, err, .. } = self;
        write!(f, "lastgood {what}\nended with {code:?} {signal:?}\n{out}\n{err}")
    }
}
