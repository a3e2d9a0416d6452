//! Fuzzes the reader of ledgers.
#![no_main]

#[path = "../../tests/stories/fuzzed/ledger.rs"]
mod ledger;

libfuzzer_sys::fuzz_target!(|data: &[u8]| ledger::holds(data));
