//! The command line.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    lastgood::cli::main(|ports| ports)
}
