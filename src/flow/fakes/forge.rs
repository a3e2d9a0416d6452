//! A forge, an outbox, and nobody watching.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;

use crate::domain::event::CiRun;
use crate::domain::names::{Commit, Environment};
use crate::domain::ticket::TicketText;
use crate::domain::vouch::Descent;
use crate::error::Result;
use crate::ports::{Branch, Forge, Lineage, Outbox, Progress, RunState, Tickets};

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

/// Tickets, each with its body; a closed one is gone.
#[derive(Default)]
pub(in crate::flow) struct FakeTickets {
    pub(in crate::flow) open: Mutex<Vec<String>>,
    pub(in crate::flow) told: Mutex<Vec<&'static str>>,
    pub(in crate::flow) silent: Mutex<bool>,
}

impl FakeTickets {
    async fn tell(&self, what: &'static str) {
        if *self.silent.lock().unwrap() {
            std::future::pending::<()>().await;
        }
        self.told.lock().unwrap().push(what);
    }
}

#[async_trait]
impl Tickets for FakeTickets {
    async fn find(&self, _: &Environment) -> Result<Option<u64>> {
        self.tell("find").await;
        Ok((!self.open.lock().unwrap().is_empty()).then_some(0))
    }

    async fn open(&self, text: &TicketText) -> Result<()> {
        self.tell("open").await;
        self.open.lock().unwrap().push(text.body.clone());
        Ok(())
    }

    async fn rewrite(&self, _: u64, text: &TicketText) -> Result<()> {
        self.tell("rewrite").await;
        self.open.lock().unwrap()[0].clone_from(&text.body);
        Ok(())
    }

    async fn close(&self, _: u64, _: &TicketText) -> Result<()> {
        self.tell("close").await;
        self.open.lock().unwrap().clear();
        Ok(())
    }
}
