//! The process probe, with real processes.

use std::sync::Arc as Shared;

use tokio::task::JoinHandle;

use crate::adapters::process::{Listener, Run};
use crate::domain::verdict::Outcome;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// A process that ends with the test.
struct Alive {
    task: JoinHandle<()>,
    pid: u32,
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a shell that waits for an hour, with a mark in its arguments; without one, just a sleeper.
async fn alive(mark: &str) -> Alive {
    match mark {
        "" => running("echo $$; exec sleep 3600", &[]).await,
        _ => running("echo $$; sleep 3600; :", &[mark]).await,
    }
}

/// Runs a script that first tells the number of a process.
async fn running(script: &str, args: &[&str]) -> Alive {
    let (told, mut pid) = tokio::sync::watch::channel(0);
    let listener: Listener = Shared::new(move |_, line| {
        told.send_replace(line.trim().parse().unwrap());
    });
    let run = Run::new("sh").args(["-c", script]).args(args.iter().copied());
    let task = tokio::spawn(async move {
        let _ = run.listen(listener).finish().await;
    });
    let pid = *pid.wait_for(|pid| *pid > 0).await.unwrap();
    Alive { task, pid }
}

async fn measured(json: &str, folder: &std::path::Path) -> Measurement {
    let settings: Settings = serde_json::from_str(json).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
    connect(settings, folder.to_owned()).measure(None, PATIENCE).await
}

/// Marks what one run of one test starts.
fn mark(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

#[track_caller]
fn assert_told(measurement: &Measurement, outcome: Outcome, told: &str) {
    assert_eq!(measurement.outcome, outcome, "{}", measurement.message);
    assert!(measurement.message.contains(told), "{}", measurement.message);
}

#[tokio::test]
async fn a_process_is_found_by_its_command_line_and_counted() {
    let here = std::path::Path::new(".");
    let mark = mark("counted");
    let (one, _two) = (alive(&mark).await, alive(&mark).await);
    for (keys, outcome, told) in [
        ("", Outcome::Pass, "2 processes running"),
        (r#", "name": "sh""#, Outcome::Pass, "2 processes running"),
        (r#", "name": "bash9""#, Outcome::Fail, "0 running, not at least 1"),
        (r#", "count": {"min": 2, "max": 2}"#, Outcome::Pass, "2 processes running"),
        (r#", "count": {"max": 1}"#, Outcome::Fail, "2 running, not at most 1"),
        (r#", "count": {"min": 3}"#, Outcome::Fail, "2 running, not at least 3"),
        (r#", "min_uptime": "1h""#, Outcome::Fail, "2 running, 0 of them for 1h or longer"),
        (r#", "user": "4294967294""#, Outcome::Fail, "0 running"),
        (r#", "user": "nobody at all""#, Outcome::Error, "names no user"),
    ] {
        let json = format!(r#"{{"command_line": "sleep 3600; : {mark}$"{keys}}}"#);
        assert_told(&measured(&json, here).await, outcome, told);
    }
    drop(one);
}

#[tokio::test]
async fn a_process_is_found_by_its_file_and_gone_when_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"pid_file": "run/app.pid", "name": "sleep", "min_uptime": "0s"}"#;
    assert_told(&measured(json, folder.path()).await, Outcome::Fail, "app.pid` names no process: ");
    std::fs::create_dir(folder.path().join("run")).unwrap();
    let file = folder.path().join("run/app.pid");
    std::fs::write(&file, "soon\n").unwrap();
    assert_told(&measured(json, folder.path()).await, Outcome::Fail, "but holds `soon`");
    let sleeping = alive("").await;
    let pid = sleeping.pid;
    std::fs::write(&file, format!("{pid}\n")).unwrap();
    let by_file = r#"{"pid_file": "run/app.pid"}"#;
    assert_told(
        &measured(by_file, folder.path()).await,
        Outcome::Pass,
        &format!("process {pid} running"),
    );
    std::fs::write(&file, "4194305").unwrap();
    assert_told(
        &measured(by_file, folder.path()).await,
        Outcome::Fail,
        "0 running, not at least 1",
    );
}

/// Who started it went on as another program, which fetches nobody.
#[tokio::test]
async fn a_process_that_has_ended_and_was_not_fetched_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let starting =
        running("(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 3600", &[])
            .await;
    std::fs::write(folder.path().join("pid"), starting.pid.to_string()).unwrap();
    for _ in 0..10_000 {
        let seen = measured(r#"{"pid_file": "pid"}"#, folder.path()).await;
        if seen.outcome == Outcome::Fail {
            assert!(std::path::Path::new("/proc").join(starting.pid.to_string()).exists());
            return;
        }
    }
    unreachable!("it never ended");
}

#[tokio::test]
async fn what_looks_is_never_found() {
    let own = std::process::id();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pid"), own.to_string()).unwrap();
    let itself = measured(r#"{"pid_file": "pid"}"#, folder.path()).await;
    assert_told(&itself, Outcome::Fail, "0 running");
}

#[tokio::test]
async fn the_first_process_of_all_is_as_old_as_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pid"), "1").unwrap();
    let json = r#"{"pid_file": "pid", "min_uptime": "1ms"}"#;
    assert_told(&measured(json, folder.path()).await, Outcome::Pass, "process 1 running");
    let json = r#"{"pid_file": "pid", "min_uptime": "36500d"}"#;
    assert_told(&measured(json, folder.path()).await, Outcome::Fail, "0 of them for 36500d");
}

#[test]
fn what_finds_nothing_or_everything_is_a_mistake() {
    for (json, told) in [
        ("{}", "give at least one of"),
        (r#"{"user": "root"}"#, "give at least one of"),
        (r#"{"name": "/usr/bin/app"}"#, "without its folder"),
        (r#"{"name": ""}"#, "without its folder"),
        (r#"{"name": "app", "count": {}}"#, "`count` has neither"),
        (r#"{"name": "app", "count": {"max": 0}, "min_uptime": "1s"}"#, "`min_uptime` needs"),
    ] {
        let mistakes = serde_json::from_str::<Settings>(json).unwrap().mistakes();
        assert!(mistakes.len() == 1 && mistakes[0].contains(told), "{json}: {mistakes:?}");
    }
}
