//! A forge, an outbox, and nobody watching.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;

use crate::domain::event::CiRun;
use crate::domain::names::Commit;
use crate::domain::vouch::Descent;
use crate::error::Result;
use crate::ports::{Branch, Forge, Lineage, Outbox, Progress, RunState};

#[derive(Default)]
pub(in crate::flow) struct FakeForge {
    pub(in crate::flow) over: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl Forge for FakeForge {
    async fn run_state(&self, ci: &CiRun) -> RunState {
        if self.over.lock().unwrap().contains(&ci.id) { RunState::Over } else { RunState::Running }
    }
}

/// A repository whose branches hold every commit but a few.
#[derive(Default)]
pub(in crate::flow) struct FakeLineage {
    pub(in crate::flow) apart: Mutex<BTreeSet<String>>,
    pub(in crate::flow) away: Mutex<bool>,
    pub(in crate::flow) asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Lineage for FakeLineage {
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        self.asked.lock().unwrap().push(format!("{} {branch:?}", &commit.as_str()[..1]));
        if *self.away.lock().unwrap() {
            return Descent::Unknown("nobody was there".to_owned());
        }
        let apart = self.apart.lock().unwrap().contains(commit.as_str());
        if apart { Descent::Apart } else { Descent::Part }
    }
}

#[derive(Default)]
pub(in crate::flow) struct FakeOutbox {
    pub(in crate::flow) letters: Mutex<BTreeMap<String, String>>,
}

impl Outbox for FakeOutbox {
    fn save(&self, name: &str, text: &str) -> Result<String> {
        self.letters.lock().unwrap().insert(name.to_owned(), text.to_owned());
        Ok(format!("outbox/{name}"))
    }

    fn waiting(&self) -> Result<Vec<(String, String)>> {
        let letters = self.letters.lock().unwrap();
        Ok(letters.iter().map(|(name, text)| (name.clone(), text.clone())).collect())
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.letters.lock().unwrap().remove(name);
        Ok(())
    }
}

pub(in crate::flow) struct Silence;

impl Progress for Silence {
    fn tell(&self, _: &str) {}
}
