//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    lastgood::cli::main(|ports| ports)
}
