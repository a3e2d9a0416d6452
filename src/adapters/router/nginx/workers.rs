//! Sees which workers of nginx serve, and which only finish.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::domain::text;
use crate::error::{Error, Result};

/// The first process of nginx.
#[derive(Debug, Clone)]
pub(super) struct Master {
    pid: PathBuf,
}

/// One worker; a number alone could be given to another process.
#[derive(Debug, Clone)]
pub(super) struct Worker {
    process: u32,
    born: u64,
    title: String,
}

impl Worker {
    /// Returns whether it takes no new connection any more.
    pub(super) fn is_leaving(&self) -> bool {
        self.title.contains("shutting down")
    }
}

impl PartialEq for Worker {
    fn eq(&self, other: &Self) -> bool {
        (self.process, self.born) == (other.process, other.born)
    }
}

impl Eq for Worker {}

impl fmt::Display for Worker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.process, self.born)
    }
}

impl FromStr for Worker {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (process, born) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self { process: process.parse()?, born: born.parse()?, title: String::new() })
    }
}

impl Master {
    pub(super) fn new(pid: PathBuf) -> Self {
        Self { pid }
    }

    /// Returns the workers that take new connections, of which there is one at least.
    pub(super) fn serving(&self) -> Result<Vec<Worker>> {
        let mut workers = self.workers()?;
        workers.retain(|worker| !worker.is_leaving());
        if workers.is_empty() {
            return Err(failed("it runs, and has no worker that takes connections"));
        }
        Ok(workers)
    }

    /// Returns all its workers.
    pub(super) fn workers(&self) -> Result<Vec<Worker>> {
        let master = self.process()?;
        let all = std::fs::read_dir("/proc").map_err(|cause| failed(&cause.to_string()))?;
        let numbers = all.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Ok(numbers.filter_map(|process| worker(process, master)).collect())
    }

    fn process(&self) -> Result<u32> {
        let text = std::fs::read_to_string(&self.pid);
        let text = text.map_err(|cause| failed(&format!("`{}`: {cause}", self.shown())))?;
        let number = text.trim().parse().ok();
        let runs = number.filter(|number| {
            title(*number).is_some_and(|title| title.starts_with("nginx: master"))
        });
        runs.ok_or_else(|| failed(&format!("`{}` names no running nginx", self.shown())))
    }

    fn shown(&self) -> String {
        text::clean(&self.pid.to_string_lossy(), 200)
    }
}

fn failed(why: &str) -> Error {
    Error::failed("could not see which workers of nginx serve")
        .because(why)
        .hint("start nginx on this machine, and give the file of its `pid` as `pid`")
}

/// Returns a process that is a worker of this master.
fn worker(process: u32, master: u32) -> Option<Worker> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is a name in brackets, which may hold anything.
    let after: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let parent: u32 = after.get(1)?.parse().ok()?;
    let born = after.get(19)?.parse().ok()?;
    if parent != master {
        return None;
    }
    let title = title(process)?;
    title.starts_with("nginx: worker").then_some(Worker { process, born, title })
}

fn title(process: u32) -> Option<String> {
    let title = std::fs::read(format!("/proc/{process}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&title).into_owned())
}
