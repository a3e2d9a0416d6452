//! The process runner, with real programs.

use std::sync::Mutex;

use super::*;
use crate::adapters::testbed::SHORT;

fn sh(script: &str) -> Run {
    Run::new("sh").args(["-c", script])
}

#[tokio::test]
async fn a_program_ends_with_its_code_and_both_channels_apart() {
    let run = sh("printf out; printf err >&2; exit 3").finish().await.unwrap();
    assert_eq!(run.ended, Ended::Code(3));
    assert_eq!(run.stdout.text(), "out");
    assert_eq!(run.stderr.text(), "err");
    assert!(!run.succeeded());
}

#[tokio::test]
async fn a_killing_signal_is_told_from_an_exit_code() {
    let run = sh("kill -9 $$").finish().await.unwrap();
    assert_eq!(run.ended, Ended::Signal(9));
    assert_eq!(run.ended.to_string(), "killed by signal 9");
}

#[tokio::test]
async fn a_missing_program_a_missing_folder_and_a_file_without_rights_are_three_things() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Run::new("lastgood-no-such-program").finish().await.unwrap_err();
    assert!(matches!(missing, Failure::NotFound(name) if name == "lastgood-no-such-program"));
    let nowhere = sh("true").folder(folder.path().join("gone")).finish().await.unwrap_err();
    assert!(matches!(nowhere, Failure::NoFolder(_)));
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "true").unwrap();
    assert!(matches!(Run::new(plain).finish().await.unwrap_err(), Failure::NotStarted(..)));
}

/// Makes a named pipe and a reader that ends when the last process that writes to it is gone.
pub(crate) fn writers_end(folder: &Path) -> (PathBuf, tokio::task::JoinHandle<Finished>) {
    let fifo = folder.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let read = Run::new("cat").arg(&fifo).timeout(Duration::from_secs(60));
    (fifo, tokio::spawn(async { read.finish().await.expect("someone of the group lives on") }))
}

#[tokio::test]
async fn at_the_timeout_the_whole_group_is_killed_and_what_was_said_is_kept() {
    for short in SHORT {
        let folder = tempfile::tempdir().unwrap();
        let (fifo, end) = writers_end(folder.path());
        let script = format!("(exec 3>{}; echo ready; sleep 600) & wait", fifo.display());
        let run = sh(&script).timeout(short).finish().await.unwrap_err();
        let Failure::TimedOut { stdout, after, .. } = run else { panic!("{run:?}") };
        assert_eq!(after, short);
        if !stdout.text().is_empty() {
            assert_eq!(stdout.text(), "ready\n");
            assert!(end.await.unwrap().succeeded());
            return;
        }
        end.abort();
    }
    panic!("it was never ready, or what it said was lost");
}

#[tokio::test]
async fn a_dropped_run_is_killed_with_its_group() {
    let folder = tempfile::tempdir().unwrap();
    let (fifo, end) = writers_end(folder.path());
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let script = format!("(exec 3>{}; echo ready; sleep 600) & wait", fifo.display());
    let run = sh(&script).listen(Arc::new(move |_, line| told.send(line.to_owned()).unwrap()));
    let task = tokio::spawn(run.finish());
    assert_eq!(hears.recv().await.unwrap(), "ready");
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(end.await.unwrap().succeeded());
}

#[tokio::test]
async fn a_service_left_in_the_background_does_not_hold_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    // It lives until the fifo is opened for reading.
    let script = format!("mkfifo {0}; (echo alive 3>&1 > {0}) & echo started", fifo.display());
    let run = sh(&script).timeout(Duration::from_secs(20)).finish().await.unwrap();
    assert_eq!(run.stdout.text(), "started\n");
    assert!(run.took < Duration::from_secs(10));
    let heard = Run::new("cat").arg(&fifo).finish().await.unwrap();
    assert_eq!(heard.stdout.text(), "alive\n", "it survives an ordinary end");
}

#[tokio::test]
async fn lines_are_told_as_they_come_and_also_the_last_one_without_an_end() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&lines);
    let listener: Listener = Arc::new(move |channel, line| {
        into.lock().unwrap().push((channel, line.to_owned()));
    });
    sh(r"printf 'a\r\n\nb'; printf e >&2").listen(listener).finish().await.unwrap();
    let told = lines.lock().unwrap();
    let of = |wanted| -> Vec<&str> {
        told.iter().filter(|(channel, _)| *channel == wanted).map(|(_, l)| l.as_str()).collect()
    };
    assert_eq!(of(Channel::Stdout), ["a", "", "b"]);
    assert_eq!(of(Channel::Stderr), ["e"]);
}

#[tokio::test]
async fn only_the_newest_output_is_kept_and_the_rest_counted() {
    let script = "i=0; while [ $i -lt 1000 ]; do echo 0123456789; i=$((i+1)); done; printf end";
    let run = sh(script).cap(100).finish().await.unwrap();
    assert_eq!(run.stdout.bytes().len(), 100);
    assert!(run.stdout.text().ends_with("end"));
    assert_eq!(run.stdout.dropped(), 11_003 - 100);
}

#[tokio::test]
async fn standard_input_is_what_was_given_or_nothing() {
    let fed = Run::new("cat").stdin("hello").finish().await.unwrap();
    assert_eq!(fed.stdout.text(), "hello");
    let empty = Run::new("cat").finish().await.unwrap();
    assert_eq!(empty.stdout.text(), "");
}

#[tokio::test]
async fn our_own_inputs_never_reach_a_child_however_they_come() {
    const NAME: &str = "our_own_inputs_never_reach_a_child_however_they_come";
    if std::env::var_os("LASTGOOD_IN_TOKEN").is_none() {
        let again = ["--exact", &format!("adapters::process::tests::{NAME}")].map(str::to_owned);
        let mut with_input = std::process::Command::new(std::env::current_exe().unwrap());
        let status = with_input.args(again).env("LASTGOOD_IN_TOKEN", "t0p").status().unwrap();
        assert!(status.success());
        return;
    }
    let run = sh("env").env("LASTGOOD_IN_OTHER", "x").env("LASTGOOD_ACTION", "deploy");
    let seen = run.without("HOME").finish().await.unwrap().stdout.text();
    assert!(seen.contains("LASTGOOD_ACTION=deploy"));
    assert!(!seen.contains("LASTGOOD_IN_"));
    assert!(!seen.lines().any(|line| line.starts_with("HOME=")));
}

#[tokio::test]
async fn a_torrent_of_output_lets_others_have_their_turn() {
    let lines = Arc::new(Mutex::new(0_usize));
    let into = Arc::clone(&lines);
    let listener: Listener = Arc::new(move |_, _| *into.lock().unwrap() += 1);
    let mut captured = Captured::new(1024);
    let torrent =
        capture::pump(tokio::io::repeat(b'\n'), Channel::Stdout, &mut captured, Some(&listener));
    tokio::select! {
        biased;
        () = torrent => unreachable!("it never ends"),
        () = async { for _ in 0..3 { tokio::task::yield_now().await; } } => {}
    }
    let told = *lines.lock().unwrap();
    assert!(told <= 5 * 16 * 1024, "{told} lines were told before another had three turns");
}
