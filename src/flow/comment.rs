//! Hears a comment, does what it asks for, and answers.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::announce::complaint;
use super::halt::{Halt, Step};
use super::moved::moved;
use crate::domain::comment::{Command, Heard, Login, Mistake, Said};
use crate::domain::ending::{Ending, Outcome as End, Reason};
use crate::domain::moved::Moved;
use crate::domain::names::{Commit, Environment};
use crate::domain::outcome::Outcome;
use crate::domain::permission::{Deed, Permissions};
use crate::error::{Error, Result};
use crate::ports::{Clock, Conversation, Lineage, Progress, Reaction};

mod admit;
mod obey;

/// How long a word to the thread may keep back what was asked for, or what else is to be said.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the last words may take, which keep nothing back but the end.
const LAST_PATIENCE: Duration = Duration::from_secs(10);

/// One comment, and how it is answered.
pub struct Hearing<'a> {
    /// The thread.
    pub talk: &'a dyn Conversation,
    /// Who knows the commits of the platform's repository.
    pub lineage: &'a dyn Lineage,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Who watches.
    pub progress: &'a dyn Progress,
    /// The comment.
    pub heard: &'a Heard,
    /// What holds for it.
    pub rules: &'a Rules,
    /// Puts an answer into words.
    pub words: &'a (dyn Fn(&Answer<'_>) -> String + Send + Sync),
}

/// What holds for the commands of a repository.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Who may ask for what, by environment; no other environment is listened for.
    pub permissions: BTreeMap<Environment, Permissions>,
    /// Who set this attempt off.
    pub attempt: Attempt,
    /// What is checked out here.
    pub checkout: Checkout,
}

/// Which attempt at a run it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The one that the comment set off.
    First,
    /// Somebody ran it again; none where nobody can say who.
    Again(Option<Login>),
}

/// What is checked out, of which only the default branch's counts.
#[derive(Debug, Clone, Default)]
pub struct Checkout {
    /// The configuration's path from the top of the repository; none where it lies in none.
    pub file: Option<String>,
    /// The configuration, byte for byte.
    pub bytes: Vec<u8>,
    /// The commit that is checked out.
    pub head: Option<Commit>,
    /// The default branch's commit, as the platform told this run.
    pub told: Option<Commit>,
}

/// What the reply is about.
#[derive(Debug)]
pub enum Answer<'a> {
    /// It is being done.
    Begun(&'a Command),
    /// It is over.
    Ended(&'a Outcome, Option<&'a Moved>),
    /// A rule stands against it, or it could not be done.
    Broke(&'a Error),
    /// What was written is no command.
    Mistaken(&'a Mistake),
    /// What can be written.
    Help,
}

impl Hearing<'_> {
    /// Does what a comment asks for, if it asks us and its author may; `act` is given the environments
    /// in which that is so.
    pub async fn hear<F>(
        &self,
        said: &Said,
        act: impl FnOnce(Vec<Environment>) -> F,
    ) -> Result<Outcome>
    where
        F: Future<Output = Result<Outcome>>,
    {
        let asked = match self.asked(said) {
            Ok(asked) => asked,
            Err(why) => return Ok(ended(Reason::Ignored, why)),
        };
        let thread = self.react(Reaction::Seen).await;
        let result = match self.admit(&asked).await {
            Ok(environments) => self.answer(&asked, thread, environments, act).await,
            Err(halt) => settled(halt),
        };
        if let Some(reaction) = reaction(&result) {
            self.react(reaction).await;
        }
        result
    }

    /// Returns what is asked of us; what names no environment of ours is another's.
    fn asked<'s>(&self, said: &'s Said) -> std::result::Result<Asked<'s>, String> {
        let (asked, environment) = match said {
            Said::NotForUs => return Err("the comment asks nothing of lastgood".to_owned()),
            Said::Command(command) => (Asked::Command(command), command.environment()),
            Said::Mistake(mistake) => (Asked::Mistake(mistake), mistake.environment.as_ref()),
        };
        match (environment, &asked) {
            (Some(name), _) if !self.rules.permissions.contains_key(name) => {
                Err(format!("`{name}` is no environment that is listened for here"))
            }
            (None, Asked::Mistake(_)) => Err("the comment names no environment".to_owned()),
            (Some(_), _) | (None, Asked::Command(_)) => Ok(asked),
        }
    }

    async fn answer<F>(
        &self,
        asked: &Asked<'_>,
        thread: Thread,
        environments: Vec<Environment>,
        act: impl FnOnce(Vec<Environment>) -> F,
    ) -> Result<Outcome>
    where
        F: Future<Output = Result<Outcome>>,
    {
        let command = match asked {
            Asked::Mistake(mistake) => {
                self.reply(&Answer::Mistaken(mistake), LAST_PATIENCE).await;
                return Ok(ended(Reason::BadCommand, mistake.why));
            }
            Asked::Command(Command::Help) => {
                self.reply(&Answer::Help, LAST_PATIENCE).await;
                return Ok(ended(Reason::Done, "told which commands there are"));
            }
            Asked::Command(command) => *command,
        };
        let result = match self.is_trusted().await {
            Ok(()) => {
                self.tell_begun(command, thread).await;
                act(environments).await
            }
            Err(halt) => settled(halt),
        };
        match &result {
            Ok(outcome) => {
                let moved = self.moved(outcome).await;
                self.reply(&Answer::Ended(outcome, moved.as_ref()), LAST_PATIENCE).await;
            }
            Err(error) => {
                self.reply(&Answer::Broke(error), LAST_PATIENCE).await;
            }
        }
        result
    }

    /// A first attempt says what it is about to do; a later one may have nothing left to do.
    async fn tell_begun(&self, command: &Command, thread: Thread) {
        let is_first = self.rules.attempt == Attempt::First;
        if command.deed() != Deed::Look && is_first && thread == Thread::Prompt {
            self.reply(&Answer::Begun(command), PATIENCE).await;
        }
    }

    /// Reacts, which is decoration: what it cannot say is said in the log.
    async fn react(&self, reaction: Reaction) -> Thread {
        self.decorate(self.talk.react(reaction), PATIENCE).await.1
    }

    async fn reply(&self, answer: &Answer<'_>, patience: Duration) {
        self.decorate(self.talk.reply(&(self.words)(answer)), patience).await;
    }

    /// Returns the commits that went or came; a list that is slow is left out.
    async fn moved(&self, outcome: &Outcome) -> Option<Moved> {
        let listed = moved(self.lineage, self.progress, outcome);
        match select(pin!(listed), self.clock.sleep(PATIENCE)).await {
            Either::Left((moved, _)) => moved,
            Either::Right(_) => Moved::by(outcome),
        }
    }

    /// Waits for decoration as long as it may take, and returns what came of it.
    async fn decorate<T>(
        &self,
        asked: impl Future<Output = Result<T>>,
        patience: Duration,
    ) -> (Option<T>, Thread) {
        match select(pin!(asked), self.clock.sleep(patience)).await {
            Either::Left((Ok(told), _)) => (Some(told), Thread::Prompt),
            Either::Left((Err(error), _)) => {
                self.progress.tell(&complaint(&error));
                (None, Thread::Prompt)
            }
            Either::Right(_) => {
                self.progress.tell("the platform was too slow to be told all in the thread");
                (None, Thread::Slow)
            }
        }
    }
}

/// How the thread keeps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thread {
    Prompt,
    Slow,
}

/// What is asked of us.
enum Asked<'a> {
    Command(&'a Command),
    Mistake(&'a Mistake),
}

impl Asked<'_> {
    fn deed(&self) -> Deed {
        match self {
            Self::Command(command) => command.deed(),
            Self::Mistake(_) => Deed::Look,
        }
    }

    fn environment(&self) -> Option<&Environment> {
        match self {
            Self::Command(command) => command.environment(),
            Self::Mistake(mistake) => mistake.environment.as_ref(),
        }
    }
}

fn ended(reason: Reason, message: impl Into<String>) -> Outcome {
    Outcome::ended(Ending::new(reason, message))
}

fn settled(halt: Halt) -> Result<Outcome> {
    match halt {
        Halt::Ended(ending) => Ok(Outcome::ended(ending)),
        Halt::Broke(error) => Err(error),
    }
}

/// What waits for others has been seen, and no more.
fn reaction(result: &Result<Outcome>) -> Option<Reaction> {
    let ending = result.as_ref().map(|outcome| &outcome.ending);
    if ending.is_ok_and(|ending| ending.reason == Reason::NeedsApproval) {
        return None;
    }
    Some(match ending.map(|ending| ending.reason.outcome()) {
        Ok(End::Ok) => Reaction::Done,
        Ok(
            End::Failed
            | End::Invalid
            | End::Unhealthy
            | End::RolledBack
            | End::NeedsHelp
            | End::Refused
            | End::Inconclusive
            | End::Unreachable,
        )
        | Err(_) => Reaction::NotDone,
    })
}

/// What could not be asked is a no.
fn unsure(error: &Error) -> Halt {
    let ending = Ending::new(Reason::NotPermitted, complaint(error));
    ending.next("Write the comment again once that is mended.").into()
}

/// The result of a question that must have a clear yes.
type Clear = Step<()>;

#[cfg(test)]
mod tests;
