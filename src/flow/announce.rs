//! Keeps what people see on the platform level with the ledger.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::watch;

use super::desk::Desk;
use crate::domain::ids::OperationId;
use crate::domain::showcase::{self, Display, Move, Outlook, Picture, Showing};
use crate::domain::slots::Slot;
use crate::domain::state::State;
use crate::error::{Error, Kind, Result};
use crate::ports::Showcase;

/// How long a command waits, once it has done all else, for what is still to be shown.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// How the platform keeps up, for all commands of one step: it is waited for in vain only once.
#[derive(Clone, Default)]
pub struct Pace(Arc<AtomicBool>);

/// The newest that a command knows of the ledger, for whoever shows it.
#[derive(Clone)]
pub struct News {
    newest: Arc<watch::Sender<Newest>>,
    pace: Pace,
}

#[derive(Clone, Default)]
struct Newest {
    state: Option<Arc<State>>,
    touched: BTreeSet<OperationId>,
    outlook: Option<Outlook>,
    stage: Stage,
    traffic: Option<Traffic>,
}

/// What an operation has come to while the traffic moves.
#[derive(Clone)]
struct Traffic {
    operation: OperationId,
    slot: Slot,
    percent: u8,
    /// How many shares there were before.
    before: usize,
}

/// How many of an operation's stages are shown: what a command may ask the platform for is finite.
const MOST_STAGES: usize = 5;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    UnderWay,
    Over,
}

impl Default for News {
    fn default() -> Self {
        Self::at(&Pace::default())
    }
}

impl News {
    /// Returns news for a platform that keeps up as was seen before.
    pub fn at(pace: &Pace) -> Self {
        let newest = Arc::new(watch::Sender::new(Newest::default()));
        Self { newest, pace: pace.clone() }
    }

    fn end(&self) {
        self.newest.send_modify(|newest| newest.stage = Stage::Over);
    }
}

impl Desk {
    /// Passes on what the ledger says now, and which operations were written of.
    pub(super) fn pass_on(&self, state: &State, touched: BTreeSet<OperationId>) {
        if self.ports.showcase.is_none() {
            return;
        }
        self.news.newest.send_modify(|newest| {
            newest.state = Some(Arc::new(state.clone()));
            newest.touched.extend(touched);
        });
    }

    /// Passes on that a share of the traffic is moved to a slot.
    pub(super) fn pass_on_stage(&self, operation: OperationId, slot: &Slot, percent: u8) {
        self.news.newest.send_modify(|newest| {
            let before = newest.traffic.as_ref().map_or(0, |it| it.before + 1);
            if before < MOST_STAGES {
                let slot = slot.clone();
                newest.traffic = Some(Traffic { operation, slot, percent, before });
            }
        });
    }

    /// Passes on that an environment was closed, and what ran in it until then.
    pub(super) fn pass_on_closed(&self, last: &State) {
        self.pass_on(last, BTreeSet::new());
        self.news.newest.send_modify(|newest| newest.outlook = Some(Outlook::Closed));
    }

    /// Does something, and shows beside it what comes of it; showing neither delays nor fails it.
    pub async fn announcing<T>(&self, act: impl Future<Output = T>) -> T {
        let Some(showcase) = &self.ports.showcase else { return act.await };
        let herald =
            Herald { desk: self, showcase: &**showcase, picture: None, leave: Leave::Given };
        let herald = pin!(herald.keep_level());
        let (done, herald) = match select(pin!(act), herald).await {
            Either::Left(both) => both,
            Either::Right(((), act)) => return act.await,
        };
        self.news.end();
        let was_slow = self.news.pace.0.load(Ordering::SeqCst);
        let grace = if was_slow { Duration::ZERO } else { GRACE };
        if let Either::Right(_) = select(herald, self.ports.clock.sleep(grace)).await {
            self.news.pace.0.store(true, Ordering::SeqCst);
            if !was_slow {
                self.tell("the platform was too slow to be told all; the next command tells it");
            }
        }
        done
    }
}

/// Shows one environment's deployments for the time of one command.
struct Herald<'a> {
    desk: &'a Desk,
    showcase: &'a dyn Showcase,
    picture: Option<Picture>,
    leave: Leave,
}

/// Whether commit statuses may be set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leave {
    Given,
    Refused,
}

impl Herald<'_> {
    /// Shows whatever is new until the command is over and all is shown.
    async fn keep_level(mut self) {
        let mut news = self.desk.news.newest.subscribe();
        loop {
            let newest = news.borrow_and_update().clone();
            match (self.make_a_move(&newest).await, newest.stage) {
                (Ok(Moved::Yes), _) => {}
                (Ok(Moved::No), Stage::Over) => return,
                (Ok(Moved::No), Stage::UnderWay) => {
                    if news.changed().await.is_err() {
                        return;
                    }
                }
                (Err(error), _) => return self.desk.tell(complaint(&error)),
            }
        }
    }

    /// Does the one thing that is most wanted now: what is newest counts, however much came between.
    async fn make_a_move(&mut self, newest: &Newest) -> Result<Moved> {
        let Some(state) = &newest.state else { return Ok(Moved::No) };
        let outlook = newest.outlook.unwrap_or_else(|| self.outlook());
        let mut wanted = showcase::displays(state, &newest.touched, outlook, self.desk.now());
        if let Some(Traffic { operation, slot, percent, .. }) = &newest.traffic
            && state.open().any(|open| open.id == *operation)
        {
            let meant = wanted.iter_mut().filter(|display| display.operation == *operation);
            meant.for_each(|display| display.at_stage(slot, *percent));
        }
        if wanted.is_empty() {
            return Ok(Moved::No);
        }
        let env = &self.desk.environment;
        if self.picture.is_none() {
            let deployments = self.showcase.deployments(env).await?;
            self.picture = Some(Picture::new(deployments));
        }
        let Some(picture) = &mut self.picture else { return Ok(Moved::No) };
        match picture.next(&wanted, &newest.touched) {
            None => return Ok(Moved::No),
            Some(Move::Look(id)) => picture.looked(id, &self.showcase.look(id).await?),
            Some(Move::Make(display)) => {
                picture.made(self.showcase.make(env, display).await?, display);
            }
            Some(Move::Tell(_, display)) if self.can_wait(newest, display) => return Ok(Moved::No),
            Some(Move::Tell(id, display)) => {
                self.mark_commit(display).await?;
                self.say(id, display).await?;
            }
            Some(Move::Add(id, display)) => self.say(id, display).await?,
        }
        Ok(Moved::Yes)
    }

    /// Who asked by a comment reads there that it is under way, and what a command may ask the platform
    /// for is better spent on how it ended.
    fn can_wait(&self, newest: &Newest, display: &Display) -> bool {
        let by_comment = self.desk.who.comment.is_some();
        by_comment && newest.stage == Stage::UnderWay && display.showing == Showing::InProgress
    }

    async fn say(&mut self, id: u64, display: &Display) -> Result<()> {
        self.showcase.tell(&self.desk.environment, id, display).await?;
        if let Some(picture) = &mut self.picture {
            picture.told(id, display);
        }
        Ok(())
    }

    /// The commit is told first: where the deployment is shown rightly, the commit was told.
    async fn mark_commit(&mut self, display: &Display) -> Result<()> {
        let (Some(word), Leave::Given) = (display.commit_word, self.leave) else { return Ok(()) };
        match self.showcase.mark_commit(&self.desk.environment, display, word).await {
            // Deployments can be shown without it.
            Err(error) if error.kind() == Kind::Refused => {
                self.leave = Leave::Refused;
                self.desk.tell(complaint(&error));
                Ok(())
            }
            told => told,
        }
    }

    fn outlook(&self) -> Outlook {
        if self.desk.ports.checks.is_empty() { Outlook::NoGate } else { Outlook::Gate }
    }
}

#[derive(PartialEq, Eq)]
enum Moved {
    Yes,
    No,
}

/// Returns an error on one line.
pub(super) fn complaint(error: &Error) -> String {
    let mut told = error.to_string();
    for cause in error.causes() {
        told = format!("{told}: {cause}");
    }
    for hint in error.hints() {
        told = format!("{told}; {hint}");
    }
    told
}
