//! Fuzzes the reader of configurations.
#![no_main]

#[path = "../../tests/stories/fuzzed/configuration.rs"]
mod configuration;

libfuzzer_sys::fuzz_target!(|data: &[u8]| configuration::holds(data));
