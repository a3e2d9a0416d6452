//! Reads arguments, and the environment as CI systems fill it.

use std::ffi::OsString;

use clap::builder::{BoolishValueParser, Resettable};
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::args::Cli;
use super::ci::variable;
use crate::domain::outcome::Context;

/// Returns what the arguments and the environment ask for.
pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|mistake| mistake.format(&mut command))
}

/// Returns the verb and the environment that arguments name which cannot be read as a whole.
pub fn guessed(args: impl IntoIterator<Item = OsString>) -> Context {
    let command = command().ignore_errors(true);
    let matches = command.try_get_matches_from(args).ok();
    let verb = matches.as_ref().and_then(|matches| matches.subcommand());
    let global = verb.map(|(_, matches)| matches).or(matches.as_ref());
    let environment = global.and_then(|m| m.try_get_one::<String>("environment").ok().flatten());
    Context {
        command: verb.map_or("lastgood".into(), |(name, _)| name.to_owned().into()),
        environment: environment.and_then(|name| name.parse().ok()),
    }
}

fn command() -> Command {
    lenient(Cli::command())
}

fn lenient(command: Command) -> Command {
    command.mut_args(as_filled).mut_subcommands(lenient)
}

/// A workflow cannot leave a variable out by a condition, only empty; and spells `true` in many ways.
fn as_filled(arg: Arg) -> Arg {
    let name = arg.get_env().map(|name| name.to_string_lossy().into_owned());
    let arg = match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(BoolishValueParser::new()),
        _ => arg,
    };
    match name {
        Some(name) if variable(&name).is_none() => arg.env(Resettable::Reset),
        Some(_) | None => arg,
    }
}
