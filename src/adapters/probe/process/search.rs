//! Finds the processes that are meant.

use std::path::Path;
use std::time::Duration;

use super::super::pattern::Pattern;
use super::Settings;
use super::table::{self, Process};

/// The longest name that the kernel keeps.
const KEPT: usize = 15;

/// A process that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: u32,
    pub(super) uptime: Duration,
}

/// Why there is nothing to count.
#[derive(Debug)]
pub(super) enum Missing {
    /// What was looked for is wrong.
    Subject(String),
    /// It could not be looked for.
    Instrument(String),
}

/// Returns every process that fits all the settings.
pub(super) fn look(settings: &Settings, folder: &Path) -> Result<Vec<Found>, Missing> {
    let user = settings.user.as_deref().map(table::user).transpose();
    let user = user.map_err(Missing::Instrument)?;
    let since_boot = table::since_boot().map_err(Missing::Instrument)?;
    let pids = match &settings.pid_file {
        Some(file) => vec![named_in(&folder.join(file))?],
        None => table::all().map_err(Missing::Instrument)?,
    };
    let own = std::process::id();
    let processes = pids.into_iter().filter(|pid| *pid != own);
    let processes = processes.filter_map(|pid| table::process(pid, since_boot));
    let meant = processes.filter(|process| {
        !process.ended
            && user.is_none_or(|user| process.user == user)
            && settings.name.as_deref().is_none_or(|name| is_called(process, name))
            && settings.command_line.as_ref().is_none_or(|line| has_line(process, line))
    });
    Ok(meant.map(|Process { pid, uptime, .. }| Found { pid, uptime }).collect())
}

fn named_in(file: &Path) -> Result<u32, Missing> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|cause| Missing::Subject(format!("`{shown}` names no process: {cause}")))?;
    let first = text.lines().next().unwrap_or_default().trim();
    first.parse().map_err(|_| {
        let first = crate::domain::text::clean(first, 40);
        Missing::Subject(format!("`{shown}` names no process, but holds `{first}`"))
    })
}

/// The name that it calls itself, or the file that was started.
fn is_called(process: &Process, name: &str) -> bool {
    let program = process.args.first().map(Vec::as_slice).unwrap_or_default();
    let file = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let cut = &name.as_bytes()[..name.len().min(KEPT)];
    file == name.as_bytes() || (name.len() <= KEPT && process.name.as_bytes() == cut)
}

fn has_line(process: &Process, pattern: &Pattern) -> bool {
    pattern.matches(&process.args.join(&b' '))
}
