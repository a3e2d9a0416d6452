//! How a unit is, as systemd tells it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::text;

/// What is asked for.
pub(super) const ASKED: &str = "LoadState,ActiveState,SubState,Result,NRestarts,MainPID,NeedDaemonReload,DropInPaths,UnitFileState";

/// How a unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    load: String,
    active: String,
    sub: String,
    result: String,
    /// How often it was restarted by itself.
    pub restarts: Option<u32>,
    /// Its first process; none where it has none.
    pub pid: Option<u32>,
    stale: bool,
    drop_ins: String,
    file: String,
}

impl State {
    /// Reads `Name=value` lines; an `Err` names the line that is missing.
    pub(super) fn read(answer: &str) -> Result<Self, &'static str> {
        let lines: BTreeMap<_, _> =
            answer.lines().filter_map(|line| line.split_once('=')).collect();
        let get = |name: &'static str| lines.get(name).copied().ok_or(name);
        let shown = |name: &'static str| get(name).map(|value| text::clean(value, 40));
        let number = |name: &'static str| get(name).ok().and_then(|value| value.parse().ok());
        Ok(Self {
            load: shown("LoadState")?,
            active: shown("ActiveState")?,
            sub: shown("SubState")?,
            result: shown("Result").unwrap_or_default(),
            restarts: number("NRestarts"),
            pid: number("MainPID").filter(|pid| *pid > 0),
            stale: get("NeedDaemonReload").is_ok_and(|value| value == "yes"),
            drop_ins: get("DropInPaths").unwrap_or_default().to_owned(),
            file: shown("UnitFileState").unwrap_or_default(),
        })
    }

    /// Returns how it is, in systemd's words.
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.active, self.sub)
    }

    /// Returns why systemd has no such unit.
    pub(super) fn unloaded(&self, unit: &str) -> Option<String> {
        match self.load.as_str() {
            "loaded" => None,
            "not-found" => Some(format!("systemd knows no unit `{unit}`")),
            other => Some(format!("systemd could not load `{unit}`: it is {other}")),
        }
    }

    /// Returns whether it is active; one that reads its settings again still is.
    pub(super) fn is_active(&self) -> bool {
        matches!(self.active.as_str(), "active" | "reloading" | "refreshing")
    }

    /// Returns whether it is started when the machine is.
    pub(super) fn is_enabled(&self) -> bool {
        self.file == "enabled"
    }

    /// Returns whether it neither runs nor is about to.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.active.as_str(), "inactive" | "failed")
    }

    /// Returns why it will not become active by itself, or was not all the time.
    pub(super) fn fell(&self, unit: &str, restarts: u32) -> Option<String> {
        let again = self.restarts.unwrap_or(0).saturating_sub(restarts);
        let waits = self.is_active() || (self.active == "activating" && self.sub != "auto-restart");
        let why = match self.result.as_str() {
            "" | "success" => String::new(),
            result => format!(": {result}"),
        };
        match (waits, again) {
            (true, 0) => None,
            (true, 1) => Some(format!("`{unit}` ended and was started again{why}")),
            (true, _) => Some(format!("`{unit}` ended and was started again {again} times{why}")),
            (false, _) => Some(format!("`{unit}` is {}{why}", self.shown())),
        }
    }

    /// Returns whether files of the unit are newer than what systemd has read.
    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Returns whether systemd reads this drop-in.
    pub(super) fn reads(&self, drop_in: &Path) -> bool {
        self.drop_ins.split_whitespace().any(|path| Path::new(path) == drop_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(active: &str, sub: &str, result: &str, restarts: u32) -> State {
        let answer = format!(
            "Result={result}\nNRestarts={restarts}\nMainPID=0\nLoadState=loaded\n\
             ActiveState={active}\nSubState={sub}\nNeedDaemonReload=no\n\
             DropInPaths=/etc/systemd/system/shop.service.d/a.conf /run/b.conf\n"
        );
        State::read(&answer).unwrap()
    }

    #[test]
    fn one_that_starts_is_waited_for_and_one_that_died_is_not() {
        assert_eq!(told("active", "running", "success", 0).fell("shop", 0), None);
        assert_eq!(told("activating", "start", "success", 0).fell("shop", 0), None);
        assert_eq!(told("reloading", "reload", "success", 2).fell("shop", 2), None);
        let fell = |state: State| state.fell("shop", 0).unwrap();
        assert_eq!(
            fell(told("activating", "auto-restart", "exit-code", 0)),
            "`shop` is activating (auto-restart): exit-code"
        );
        assert_eq!(
            fell(told("active", "running", "success", 1)),
            "`shop` ended and was started again"
        );
        assert_eq!(fell(told("inactive", "dead", "success", 0)), "`shop` is inactive (dead)");
    }

    #[test]
    fn a_drop_in_is_read_when_it_is_listed() {
        let state = told("active", "running", "success", 0);
        assert!(state.reads(Path::new("/run/b.conf")));
        assert!(!state.reads(Path::new("/run/b.con")));
        assert_eq!((state.pid, state.is_stale()), (None, false));
        assert_eq!(State::read("LoadState=loaded\n").unwrap_err(), "ActiveState");
    }
}
