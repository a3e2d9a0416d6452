//! What the pages tell people to type is what the program takes.

use std::process::Command;

use super::{all, page};

/// Returns each `lastgood …` line that stands in a block for the shell.
fn typed(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(str::trim);
    lines.filter(|line| line.starts_with("lastgood ")).collect()
}

/// Returns the arguments without the remark behind them.
fn words(line: &str) -> Vec<String> {
    let words = shell_words::split(line).unwrap_or_else(|cause| panic!("`{line}`: {cause}"));
    words.into_iter().skip(1).collect()
}

/// Asks for help behind the verb's own arguments: what stands before is checked, and nothing is done.
fn is_taken(args: &[String]) -> bool {
    let own = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let mut lastgood = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    lastgood.args(&args[..own]).arg("--help").output().unwrap().status.success()
}

#[test]
fn every_command_that_the_pages_show_is_one_of_the_program() {
    let mut count = 0;
    for name in all() {
        let text = page(&name);
        for line in typed(&text) {
            assert!(is_taken(&words(line)), "{name} shows `{line}`");
            count += 1;
        }
    }
    assert!(count > 20, "the pages show commands in another way now");
}

#[test]
fn a_command_that_is_none_is_noticed() {
    for line in ["lastgood rolback --to 3", "lastgood rollback --too 3", "lastgood lock --for 2"] {
        assert!(!is_taken(&words(line)), "{line}");
    }
}
