//! Fuzzes the gate before a workflow's outputs and pages.
#![no_main]

#[path = "../../tests/stories/fuzzed/workflow.rs"]
mod workflow;

libfuzzer_sys::fuzz_target!(|data: &[u8]| workflow::holds(data));
