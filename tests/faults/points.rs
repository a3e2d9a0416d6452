//! Names fault points, and kills or pauses the process there.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;
use std::sync::Mutex;

use lastgood::ports::{Batch, Shelf};

/// Names a write by the types of its lines.
pub fn name(shelf: Shelf, batch: &Batch) -> String {
    let kind = |line: &str| -> String {
        let value: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        value["type"].as_str().unwrap_or("line").to_owned()
    };
    match shelf {
        Shelf::Archive => "archive".to_owned(),
        Shelf::Live => {
            let kinds: Vec<String> = batch.add.iter().map(|(_, line)| kind(line)).collect();
            kinds.join("+")
        }
    }
}

/// How often each point was passed.
static PASSED: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

/// Tells apart the times at which one point is passed.
fn numbered(point: &str) -> String {
    let mut passed = PASSED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let count = passed.entry(point.to_owned()).or_default();
    *count += 1;
    format!("{point} {count}")
}

/// Writes a point down, and dies or pauses there where that was asked.
pub fn reach(point: &str) {
    let point = &numbered(point);
    if let Ok(file) = std::env::var("LASTGOOD_FAULT_LOG") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(file);
        let _ = file.and_then(|mut file| writeln!(file, "{point}"));
    }
    let Ok(wanted) = std::env::var("LASTGOOD_FAULT") else { return };
    if wanted.strip_prefix("stop:") == Some(point) {
        signal("STOP");
    }
    if wanted == *point {
        loop {
            signal("KILL");
        }
    }
}

/// By the shell, which knows `kill` also where no package has brought the program.
fn signal(name: &str) {
    let id = std::process::id().to_string();
    let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &id]).status();
    assert!(sent.is_ok_and(|sent| sent.success()), "SIG{name} could not be sent");
}
