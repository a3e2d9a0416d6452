//! A platform that shows what it is told.

use std::sync::Mutex;

use async_trait::async_trait;

use super::{Stage, Transcript};
use crate::domain::names::Environment;
use crate::domain::showcase::{CommitWord, Display, Saying, Seen, Shown};
use crate::error::{Error, Result};
use crate::ports::Showcase;

/// How it bears being asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::flow) enum Mood {
    #[default]
    Well,
    /// It never answers.
    Silent,
    /// It cannot be reached.
    Away,
    /// It refuses commit statuses.
    NoCommitStatuses,
}

#[derive(Default)]
pub(in crate::flow) struct FakeShowcase {
    pub(in crate::flow) mood: Mutex<Mood>,
    made: Mutex<Vec<(Shown, Vec<Saying>)>>,
    transcript: Transcript,
}

impl FakeShowcase {
    pub(in crate::flow) fn on(stage: &Stage) -> Self {
        Self { transcript: stage.transcript.clone(), ..Self::default() }
    }

    async fn answer(&self, what: String) -> Result<()> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well => {}
            Mood::NoCommitStatuses if !what.starts_with("commit") => {}
            Mood::Silent => std::future::pending().await,
            Mood::Away => return Err(Error::unreachable("could not reach the platform")),
            Mood::NoCommitStatuses => {
                return Err(Error::refused("not_permitted", "could not set the commit status"));
            }
        }
        self.transcript.tell(format!("shown: {what}"));
        Ok(())
    }

    /// Returns each deployment in the order of making, with all that was said of it.
    pub(in crate::flow) fn shows(&self) -> Vec<String> {
        let made = self.made.lock().unwrap();
        let states = |sayings: &[Saying]| {
            let word = |said: &Saying| format!("{:?}", said.showing.unwrap());
            sayings.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        made.iter().map(|(shown, said)| format!("{} {}", shown.id, states(said))).collect()
    }
}

#[async_trait]
impl Showcase for FakeShowcase {
    async fn deployments(&self, _: &Environment) -> Result<Vec<Shown>> {
        self.answer("list".to_owned()).await?;
        Ok(self.made.lock().unwrap().iter().rev().map(|(shown, _)| shown.clone()).collect())
    }

    async fn look(&self, id: u64) -> Result<Seen> {
        self.answer(format!("look at {id}")).await?;
        let made = self.made.lock().unwrap();
        let (_, sayings) = made.iter().find(|(shown, _)| shown.id == id).unwrap();
        Ok(Seen::new(&sayings.iter().rev().cloned().collect::<Vec<_>>()))
    }

    async fn make(&self, _: &Environment, display: &Display) -> Result<u64> {
        self.answer(format!("make {}", display.title)).await?;
        let (commit, operation) = (display.commit.clone(), Some(display.operation));
        let shown = Shown { id: display.n, commit, operation, seen: None };
        self.made.lock().unwrap().push((shown, Vec::new()));
        Ok(display.n)
    }

    async fn tell(&self, _: &Environment, id: u64, display: &Display) -> Result<()> {
        self.answer(format!("{:?}, {}", display.showing, display.words)).await?;
        let mut made = self.made.lock().unwrap();
        let (_, sayings) = made.iter_mut().find(|(shown, _)| shown.id == id).unwrap();
        let (showing, words) = (Some(display.showing), display.words.clone());
        sayings.push(Saying { showing, words, log: String::new() });
        Ok(())
    }

    async fn mark_commit(&self, _: &Environment, of: &Display, word: CommitWord) -> Result<()> {
        self.answer(format!("commit {} {word:?}", of.commit.short())).await
    }
}
