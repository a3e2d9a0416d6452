//! A router that shares as told, unless it is to fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::Transcript;
use crate::domain::slots::{Pair, Shares, Slot};
use crate::error::{Error, Result};
use crate::ports::{Drained, Router};

type Errand = Box<dyn FnOnce() + Send>;

/// Shares traffic between `blue` and `green`.
pub(in crate::flow) struct FakeRouter {
    name: String,
    pair: Pair,
    shares: Arc<Mutex<Shares>>,
    transcript: Transcript,
    fails: Mutex<u32>,
    mute: Mutex<bool>,
    stammers: Mutex<Option<u32>>,
    meanwhile: Mutex<Option<Errand>>,
}

/// Returns the two slots of every story.
pub(in crate::flow) fn pair() -> Pair {
    let slot = |name: &str| Slot::new(name).unwrap();
    Pair { stable: slot("blue"), candidate: slot("green") }
}

impl FakeRouter {
    pub(super) fn new(name: &str, shares: Arc<Mutex<Shares>>, transcript: Transcript) -> Self {
        Self {
            name: name.to_owned(),
            pair: pair(),
            shares,
            transcript,
            fails: Mutex::default(),
            mute: Mutex::default(),
            stammers: Mutex::default(),
            meanwhile: Mutex::new(None),
        }
    }

    /// Makes it fail so many times.
    pub(in crate::flow) fn fail(&self, times: u32) {
        *self.fails.lock().unwrap() = times;
    }

    /// Makes it say nothing from now on.
    pub(in crate::flow) fn mute(&self) {
        *self.mute.lock().unwrap() = true;
    }

    /// Makes it say nothing once, after so many times that it was asked.
    pub(in crate::flow) fn stammer(&self, after: u32) {
        *self.stammers.lock().unwrap() = Some(after);
    }

    /// Lets something happen right after the traffic was moved next.
    pub(in crate::flow) fn meanwhile(&self, errand: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(errand));
    }
}

#[async_trait]
impl Router for FakeRouter {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn pair(&self) -> &Pair {
        &self.pair
    }

    fn plan(&self, shares: &Shares) -> Vec<String> {
        vec![format!("share {shares}")]
    }

    async fn read(&self) -> Result<Shares> {
        if *self.mute.lock().unwrap() {
            return Err(Error::failed("it says nothing"));
        }
        let mut stammers = self.stammers.lock().unwrap();
        match *stammers {
            Some(0) => {
                *stammers = None;
                return Err(Error::failed("it says nothing"));
            }
            Some(more) => *stammers = Some(more - 1),
            None => {}
        }
        drop(stammers);
        Ok(self.shares.lock().unwrap().clone())
    }

    async fn share(&self, shares: &Shares) -> Result<Shares> {
        // A router takes a while: who shows what happens gets its turn.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let mut fails = self.fails.lock().unwrap();
        if *fails > 0 {
            *fails -= 1;
            self.transcript.tell(format!("{}: {shares} fails", self.name));
            return Err(Error::failed("No such server"));
        }
        drop(fails);
        self.transcript.tell(format!("{}: {shares}", self.name));
        *self.shares.lock().unwrap() = shares.clone();
        let errand = self.meanwhile.lock().unwrap().take();
        if let Some(errand) = errand {
            errand();
        }
        Ok(shares.clone())
    }

    async fn drain(&self, slot: &Slot, _: Duration) -> Result<Drained> {
        self.transcript.tell(format!("{}: drain {slot}", self.name));
        Ok(Drained::Empty)
    }
}
