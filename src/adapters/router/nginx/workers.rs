//! Sees which workers of nginx serve, and which only finish.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::domain::text;
use crate::error::{Error, Result};

/// The wait between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

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
        let serving = serving(self.workers()?);
        if serving.is_empty() {
            return Err(failed("it runs, and has no worker that takes connections"));
        }
        Ok(serving)
    }

    /// Waits while none serves, as it looks in a reload until the new workers have their titles.
    pub(super) async fn served(&self, limit: Duration) -> Result<Vec<Worker>> {
        let until = Instant::now() + limit;
        while serving(self.workers()?).is_empty() && Instant::now() < until {
            tokio::time::sleep(PAUSE).await;
        }
        self.serving()
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

/// Returns whether new workers serve and none of those from before does.
pub(super) fn took_over(now: Vec<Worker>, before: &[Worker]) -> bool {
    let serving = serving(now);
    !serving.is_empty() && !serving.iter().any(|worker| before.contains(worker))
}

fn serving(mut workers: Vec<Worker>) -> Vec<Worker> {
    workers.retain(|worker| !worker.is_leaving());
    workers
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

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(process: u32, title: &str) -> Worker {
        Worker { process, born: 7, title: format!("nginx: worker process{title}") }
    }

    #[test]
    fn new_workers_have_taken_over_once_one_is_seen_and_no_old_one_serves() {
        let (old, leaving, new) = (worker(1, ""), worker(1, " is shutting down"), worker(2, ""));
        let table = [
            (vec![old.clone()], false),
            (vec![old.clone(), new.clone()], false),
            // A new worker has its master's title at first.
            (vec![leaving.clone()], false),
            (vec![], false),
            (vec![leaving, new.clone()], true),
            (vec![new], true),
        ];
        for (now, expected) in table {
            assert_eq!(took_over(now.clone(), std::slice::from_ref(&old)), expected, "{now:?}");
        }
    }
}
