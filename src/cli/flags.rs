//! Lists every flag with the variable that stands for it.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory as _};

use super::args::Cli;

/// Returns every flag of every verb, without its dashes, and its environment variable.
pub fn flags() -> Vec<(String, Option<String>)> {
    let mut found = BTreeSet::new();
    collect(&Cli::command(), &mut found);
    found.into_iter().collect()
}

fn collect(command: &Command, found: &mut BTreeSet<(String, Option<String>)>) {
    for argument in command.get_arguments() {
        if let Some(flag) = argument.get_long() {
            let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned());
            found.insert((flag.to_owned(), variable));
        }
    }
    for verb in command.get_subcommands() {
        collect(verb, found);
    }
}
