//! Fuzzes the grammar of comments.
#![no_main]

#[path = "../../tests/stories/fuzzed/comment.rs"]
mod comment;

libfuzzer_sys::fuzz_target!(|data: &[u8]| comment::holds(data));
