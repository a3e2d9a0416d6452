//! What the system tells of its processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where Linux tells of processes.
const TABLE: &str = "/proc";

/// The file in which names of users lie beside their numbers.
const USERS: &str = "/etc/passwd";

/// How often a second the kernel counts for programs, on every machine that this is built for.
const TICKS: u64 = 100;

/// The longest command line that is looked at.
const LONGEST: usize = 128 * 1024;

/// A process as it was a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// What it calls itself, cut at 15 bytes.
    pub(super) name: String,
    /// The program and its arguments.
    pub(super) args: Vec<Vec<u8>>,
    /// Whose it is.
    pub(super) user: u32,
    /// Whether it has ended and nobody fetched it yet.
    pub(super) ended: bool,
    /// How long it has been there.
    pub(super) uptime: Duration,
}

/// Returns the numbers of all processes.
pub(super) fn all() -> Result<Vec<u32>, String> {
    let entries = fs::read_dir(TABLE).map_err(|cause| {
        format!("`{TABLE}` could not be read, so no process can be seen: {cause}")
    })?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// Returns how long the machine has been running.
pub(super) fn since_boot() -> Result<Duration, String> {
    let file = of("uptime");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let seconds = text.split_whitespace().next().and_then(|seconds| seconds.parse().ok());
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| {
        format!("`{}` tells no time; only on Linux can processes be seen", file.display())
    })
}

/// Returns a process, unless it is gone.
pub(super) fn process(pid: u32, since_boot: Duration) -> Option<Process> {
    let folder = of(&pid.to_string());
    let stat = fs::read(folder.join("stat")).ok()?;
    let status = fs::read(folder.join("status")).ok()?;
    let line = fs::read(folder.join("cmdline")).ok()?;
    let (name, fields) = stat_of(&String::from_utf8_lossy(&stat))?;
    let started = Duration::from_millis(fields.get(19)?.parse::<u64>().ok()? * 1000 / TICKS);
    Some(Process {
        pid,
        name,
        args: arguments(&line),
        user: user_of(&String::from_utf8_lossy(&status))?,
        ended: matches!(fields.first()?.as_str(), "Z" | "X"),
        uptime: since_boot.saturating_sub(started),
    })
}

/// Returns the number of a user's, who may be named by it.
pub(super) fn user(name: &str) -> Result<u32, String> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let text = fs::read_to_string(USERS).unwrap_or_default();
    let mut lines = text.lines().map(|line| line.split(':'));
    let number = lines.find_map(|mut fields| {
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok()).flatten()
    });
    number.ok_or_else(|| format!("`{USERS}` names no user `{name}`; give the number"))
}

fn of(part: &str) -> PathBuf {
    Path::new(TABLE).join(part)
}

/// The name stands in brackets and may hold any of what follows, brackets among it.
fn stat_of(text: &str) -> Option<(String, Vec<String>)> {
    let (head, tail) = text.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    Some((name, tail.split_whitespace().map(str::to_owned).collect()))
}

fn user_of(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn arguments(line: &[u8]) -> Vec<Vec<u8>> {
    let line = &line[..line.len().min(LONGEST)];
    let line = line.strip_suffix(b"\0").unwrap_or(line);
    line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_brackets_and_spaces() {
        let (name, fields) = stat_of("12 (a) b (c)) S 1 2 3").unwrap();
        assert_eq!((name.as_str(), fields[0].as_str()), ("a) b (c)", "S"));
        assert_eq!(stat_of("nonsense"), None);
    }

    #[test]
    fn the_effective_user_counts() {
        assert_eq!(user_of("Name:\tx\nUid:\t0\t33\t0\t0\n"), Some(33));
        assert_eq!(user_of("Name:\tx\n"), None);
    }

    #[test]
    fn a_user_is_known_by_name_or_number() {
        assert_eq!(user("root"), Ok(0));
        assert_eq!(user("33"), Ok(33));
        assert!(user("nobody at all").unwrap_err().contains("names no user `nobody at all`"));
    }
}
