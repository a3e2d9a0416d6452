//! Reads the first line of a comment.

use super::{Command, Mistake, Said};
use crate::domain::names::{Environment, Service, TargetName};
use crate::domain::text;

/// What commands begin with where nothing is configured.
pub const PREFIX: &str = "/";

/// The longest line that is a command, in characters; a reason is cut long before.
const LONGEST: usize = 500;

/// What commands begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(String);

impl Default for Prefix {
    fn default() -> Self {
        Self(PREFIX.to_owned())
    }
}

impl Prefix {
    /// Takes what nobody writes by chance and what does not run into the command.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let first = text.chars().next().is_some_and(|c| c.is_ascii_punctuation());
        let last = text.chars().last().is_some_and(char::is_alphanumeric);
        if text.chars().any(|c| text::is_unprintable(c) || (c.is_whitespace() && c != ' ')) {
            return Err("it holds a character that cannot be seen");
        }
        match (first, last, text.len()) {
            (_, _, 41..) => Err("it is longer than 40 bytes"),
            (false, _, _) => Err("it begins with no punctuation mark; write it like `/lastgood `"),
            (true, true, _) => Err("it runs into the command; end it with a space"),
            (true, false, _) => Ok(Self(text.to_owned())),
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A prefix with a word in it is ours alone; others may begin their commands with `/` too.
    fn is_ours_alone(&self) -> bool {
        self.0.chars().any(char::is_alphanumeric)
    }
}

/// The commands by their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Rollback,
    Verify,
    Status,
    History,
    Cancel,
    Lock,
    Unlock,
    Approve,
    Help,
}

/// Each verb with its word and what follows it.
const VERBS: [(Verb, &str, &str); 8] = [
    (Verb::Rollback, "rollback", "ENV [SERVICE] [to TARGET] [because TEXT]"),
    (Verb::Verify, "verify", "ENV"),
    (Verb::Status, "status", "ENV"),
    (Verb::History, "history", "ENV"),
    (Verb::Cancel, "cancel", "ENV"),
    (Verb::Lock, "lock", "ENV [because TEXT]"),
    (Verb::Unlock, "unlock", "ENV"),
    (Verb::Approve, "approve", "ID"),
];

const HELP: [&str; 2] = ["/lastgood", "help"];

/// Returns every command as it is written, one each.
pub fn usages(prefix: &Prefix) -> Vec<String> {
    let usage = |(_, word, rest): &(Verb, &str, &str)| format!("{}{word} {rest}", prefix.as_str());
    VERBS.iter().map(usage).chain([HELP.join(" ")]).collect()
}

/// Reads the first line of a comment; all below it is for people.
pub fn read(body: &str, prefix: &Prefix) -> Said {
    let line = body.split(['\n', '\r']).next().unwrap_or_default().trim_end_matches(' ');
    let Some((verb, rest)) = addressed(line, prefix) else { return Said::NotForUs };
    let words = Words::of(rest);
    let mistake = |why| {
        let named = words.plain.first().and_then(|word| Environment::new(*word).ok());
        Said::Mistake(Mistake { environment: named, why })
    };
    if line.chars().count() > LONGEST {
        return mistake("it is longer than 500 characters");
    }
    match verb.ok_or("it is no command").and_then(|verb| command(verb, &words)) {
        Ok(command) => Said::Command(command),
        Err(why) => mistake(why),
    }
}

/// Returns the verb, where it is spelt as it should be, and what follows; `None` where the line is
/// not for us.
fn addressed<'a>(line: &'a str, prefix: &Prefix) -> Option<(Option<Verb>, &'a str)> {
    let [name, _] = HELP;
    if let Some(rest) = line.strip_prefix(name).filter(|rest| rest.trim_matches(' ') == "help") {
        return Some((Some(Verb::Help), &rest[rest.len()..]));
    }
    let rest = line.strip_prefix(prefix.as_str())?;
    let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let known = VERBS.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(word));
    match known {
        Some((verb, spelt, _)) => Some(((*spelt == word).then_some(*verb), rest)),
        None => {
            (prefix.is_ours_alone() || format!("{PREFIX}{word}") == name).then_some((None, rest))
        }
    }
}

/// What follows a verb.
struct Words<'a> {
    plain: Vec<&'a str>,
    because: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(rest: &'a str) -> Self {
        let mut words = Self { plain: Vec::new(), because: None };
        let mut left = rest;
        loop {
            left = left.trim_start_matches(' ');
            let (word, after) = left.split_once(' ').unwrap_or((left, ""));
            match word {
                "" => return words,
                "because" => {
                    words.because = Some(after.trim_matches(' '));
                    return words;
                }
                word => words.plain.push(word),
            }
            left = after;
        }
    }

    fn reason(&self) -> Result<Option<String>, &'static str> {
        match self.because.map(text::message) {
            Some(text) if text.is_empty() => Err("`because` says no reason"),
            reason => Ok(reason),
        }
    }

    fn no_reason(&self) -> Result<(), &'static str> {
        if self.because.is_some() { Err("it takes no `because`") } else { Ok(()) }
    }
}

fn command(verb: Verb, words: &Words<'_>) -> Result<Command, &'static str> {
    match verb {
        Verb::Rollback => rollback(words),
        Verb::Verify => only(words).map(Command::Verify),
        Verb::Status => only(words).map(Command::Status),
        Verb::History => only(words).map(Command::History),
        Verb::Cancel => only(words).map(Command::Cancel),
        Verb::Lock => Ok(Command::Lock { because: words.reason()?, environment: sole(words)? }),
        Verb::Unlock => only(words).map(Command::Unlock),
        Verb::Approve => {
            words.no_reason()?;
            let [id] = words.plain.as_slice() else { return Err("it names no request") };
            id.parse().map(Command::Approve).map_err(|_| "that is no request's id")
        }
        Verb::Help => Ok(Command::Help),
    }
}

fn rollback(words: &Words<'_>) -> Result<Command, &'static str> {
    let (environment, rest) = words.plain.split_first().ok_or("it names no environment")?;
    let (service, rest) = match rest {
        [] | ["to", ..] => (None, rest),
        [service, rest @ ..] => (Some(*service), rest),
    };
    let to = match rest {
        [] => None,
        ["to", target] => Some(*target),
        [..] => return Err("a target is one word after `to`, and a reason comes after `because`"),
    };
    Ok(Command::Rollback {
        environment: name(environment)?,
        service: service.map(Service::new).transpose().map_err(|_| "that is no service's name")?,
        to: to.map(TargetName::new).transpose().map_err(|_| "that is no target's name")?,
        because: words.reason()?,
    })
}

fn only(words: &Words<'_>) -> Result<Environment, &'static str> {
    words.no_reason()?;
    sole(words)
}

fn sole(words: &Words<'_>) -> Result<Environment, &'static str> {
    match words.plain.as_slice() {
        [] => Err("it names no environment"),
        [environment] => name(environment),
        [_, _, ..] => Err("it takes an environment and nothing else"),
    }
}

fn name(word: &str) -> Result<Environment, &'static str> {
    Environment::new(word).map_err(|_| "that is no environment's name")
}
