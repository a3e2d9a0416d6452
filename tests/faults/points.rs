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
        signal("KILL");
        // Whoever cannot be killed must not pass for one who was.
        std::process::abort();
    }
}

/// Through the shell, which has `kill` in itself: not every machine has it as a program.
fn signal(name: &str) {
    let to_us = format!("kill -{name} {}", std::process::id());
    let _ = Command::new("sh").args(["-c", &to_us]).status();
}
