//! The binary with fault points, for the end-to-end tests only.

fn main() {}
