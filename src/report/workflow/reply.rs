//! The one reply in the thread of a comment.

use super::super::words;
use super::Ended;
use super::markdown::{code, link, prose, sentence};
use super::summary::{Besides, summary};
use crate::domain::comment::{Mistake, Prefix, next, usages};
use crate::domain::ending::{Ending, Reason};
use crate::domain::moved::Moved;
use crate::domain::names::Environment;
use crate::domain::outcome::{Context, More, Outcome};

/// A thread in which a command was written.
#[derive(Debug, Clone)]
pub struct Thread {
    /// What commands begin with.
    pub prefix: Prefix,
    /// The command, as it was written.
    pub line: String,
    /// Who wrote it.
    pub by: String,
    /// The page of the CI run.
    pub run: Option<String>,
    /// The repository's page.
    pub repository: String,
}

impl Thread {
    /// Returns what is said while it is being done.
    pub fn begun(&self) -> String {
        format!("{} is being done.\n{}", self.command(), self.links(None))
    }

    /// Returns what is said once it is over.
    pub fn ended(&self, context: &Context, ended: Ended<'_>, moved: Option<&Moved>) -> String {
        let told = ended.map(|outcome| self.with_next(context, outcome));
        let besides = Besides { moved, repository: Some(&self.repository), ..Besides::default() };
        let page = match &told {
            Ok(outcome) => summary(context, Ok(outcome), &besides),
            Err(error) => summary(context, Err(error), &besides),
        };
        let tag = told.ok().and_then(|told| told.deployment).map(|told| told.tag);
        format!("{page}\n{}\n{}", self.command(), self.links(tag.as_deref()))
    }

    /// Returns what is said to someone who nearly wrote a command.
    pub fn mistaken(&self, mistake: &Mistake) -> String {
        let why = words::capital(mistake.why);
        format!("{} is no command. {}.\n\n{}", code(&self.line), sentence(&why), self.usages())
    }

    /// Returns what can be written.
    pub fn help<'a>(&self, environments: impl Iterator<Item = &'a Environment>) -> String {
        let names: Vec<String> = environments.map(|name| code(name.as_str())).collect();
        format!("{}\nEnvironments: {}\n", self.usages(), names.join(", "))
    }

    fn usages(&self) -> String {
        let line = |usage: String| format!("- {}\n", code(&usage));
        let all: String = usages(&self.prefix).into_iter().map(line).collect();
        format!("On the first line of a new comment:\n\n{all}")
    }

    fn command(&self) -> String {
        format!("{} by {}", code(&self.line), prose(&self.by))
    }

    /// The next move is one that can be made in the thread, where there is such a one.
    fn with_next(&self, context: &Context, outcome: &Outcome) -> Outcome {
        let Outcome { ending, .. } = outcome.clone();
        let named = context.environment.as_ref();
        let next = match (&outcome.more, ending.reason) {
            (More::Requested { request }, Reason::NeedsApproval) => {
                let command = format!("`{}approve {}`", self.prefix.as_str(), request.id);
                Some(format!("another person who may writes {command}"))
            }
            (_, _) => named.and_then(|name| next(&ending, name, &self.prefix)),
        };
        let next = next.unwrap_or_else(|| ending.next.clone());
        Outcome { ending: Ending { next, ..ending }, ..outcome.clone() }
    }

    fn links(&self, tag: Option<&str>) -> String {
        let tag = tag
            .map(|tag| link(tag, &format!("{}/tree/{}", self.repository, tag.replace('%', "%25"))));
        let run = self.run.as_ref().map(|run| link("run", run));
        let all: Vec<String> = tag.into_iter().chain(run).collect();
        if all.is_empty() { String::new() } else { format!("\n{}\n", all.join(" · ")) }
    }
}

#[cfg(test)]
mod tests;
