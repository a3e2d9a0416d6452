//! A forge, an outbox, and nobody watching.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;

use crate::domain::event::CiRun;
use crate::error::Result;
use crate::ports::{Forge, Outbox, Progress, RunState};

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
