//! What is shown now, and the next move that makes it truer.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ids::OperationId;
use super::super::names::Commit;
use super::words::{flight, marked, share};
use super::{Display, Showing};

/// One deployment as the forge has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The forge's number for it.
    pub id: u64,
    /// The commit it is of.
    pub commit: Commit,
    /// The operation that it was made for, where its payload says so.
    pub operation: Option<OperationId>,
    /// What was said of it; nothing where that was not asked yet.
    pub seen: Option<Seen>,
}

/// What was said of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How it is shown; nothing where that is in no word of ours.
    pub showing: Option<Showing>,
    /// The CI runs that its log addresses name.
    pub runs: BTreeSet<String>,
    /// The deployments that sentences of ours call it.
    pub numbers: BTreeSet<u64>,
    /// By what it was rolled back from, where the newest sentence of ours says so.
    pub flight: Option<String>,
    /// How much of the traffic it has, where the newest sentence of ours says so.
    pub share: Option<String>,
}

/// One thing that was said of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saying {
    /// How it was shown from then on; nothing where that is in no word of ours.
    pub showing: Option<Showing>,
    /// Why, in words.
    pub words: String,
    /// Where the log is.
    pub log: String,
}

impl Seen {
    /// Takes all that was said of a deployment, newest first.
    pub fn new(sayings: &[Saying]) -> Self {
        Self {
            showing: sayings.first().and_then(|newest| newest.showing),
            runs: sayings.iter().filter_map(|said| run_of(&said.log)).collect(),
            numbers: sayings.iter().filter_map(|said| marked(&said.words)).collect(),
            flight: sayings.first().and_then(|said| flight(&said.words)).map(ToOwned::to_owned),
            share: sayings.first().and_then(|said| share(&said.words)).map(ToOwned::to_owned),
        }
    }
}

impl Seen {
    /// What is red already is told once more when it is rolled back from: people ask by what. What is
    /// under way is told once more when it has another share of the traffic.
    fn is_level(&self, display: &Display) -> bool {
        let (fled, share) = (flight(&display.words), share(&display.words));
        self.showing == Some(display.showing)
            && (fled.is_none() || fled == self.flight.as_deref())
            && (share.is_none() || share == self.share.as_deref())
    }
}

/// Returns the run that a log address names, as in `…/actions/runs/17/job/4`.
fn run_of(log: &str) -> Option<String> {
    let (_, after) = log.split_once("/actions/runs/")?;
    let id = after.split(['/', '?', '#']).next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// All that the forge shows of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// The deployments, newest first.
    pub deployments: Vec<Shown>,
    /// The operations that were found to be shown so without being asked for.
    level: BTreeMap<OperationId, Showing>,
}

/// How many deployments that jobs have made are looked at for one of ours.
const MOST_LIKE: usize = 3;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move<'a> {
    /// Ask what was said of a deployment.
    Look(u64),
    /// Make a deployment.
    Make(&'a Display),
    /// Say how a deployment is.
    Tell(u64, &'a Display),
    /// Say more of a deployment that is shown as it ought to be.
    Add(u64, &'a Display),
}

enum Found<'a> {
    Shown(&'a Shown, &'a Seen),
    Unasked(u64),
    Spoiled,
    Nothing,
}

impl Picture {
    /// Takes the deployments that the forge has, newest first.
    pub fn new(deployments: Vec<Shown>) -> Self {
        Self { deployments, level: BTreeMap::new() }
    }

    /// Returns the next move; nothing where all is as it ought to be.
    ///
    /// What is older is told first. So where the newest is shown rightly, all that is older is too, and
    /// need not be asked for, then or later.
    pub fn next<'a>(
        &mut self,
        wanted: &'a [Display],
        touched: &BTreeSet<OperationId>,
    ) -> Option<Move<'a>> {
        let mut wrong = None;
        let mut is_level = false;
        for display in wanted.iter().rev() {
            let operation = display.operation;
            let was_level = self.level.get(&operation) == Some(&display.showing);
            if (is_level || was_level) && !touched.contains(&operation) {
                self.level.insert(operation, display.showing);
                continue;
            }
            match self.find(display) {
                Found::Unasked(id) => return Some(Move::Look(id)),
                Found::Shown(_, seen) if seen.is_level(display) => {
                    is_level |= display.showing != Showing::InProgress;
                }
                Found::Shown(shown, seen) if seen.showing == Some(display.showing) => {
                    wrong = Some(Move::Add(shown.id, display));
                }
                Found::Shown(shown, _) => wrong = Some(Move::Tell(shown.id, display)),
                Found::Nothing if display.showing != Showing::Inactive => {
                    wrong = Some(Move::Make(display));
                }
                // What was never shown need not be taken down.
                Found::Nothing | Found::Spoiled => {}
            }
        }
        wrong
    }

    fn find(&self, display: &Display) -> Found<'_> {
        let is_named = |shown: &&Shown| shown.operation == Some(display.operation);
        match self.deployments.iter().find(is_named) {
            Some(shown) if shown.commit != display.commit => Found::Spoiled,
            Some(shown) => asked(shown),
            None => self.find_made_by_its_job(display),
        }
    }

    /// A job with an `environment:` has made a deployment of its own, which is that of the job's commit
    /// and not always of what was deployed.
    fn find_made_by_its_job(&self, display: &Display) -> Found<'_> {
        let Some(ci) = display.ci.as_ref().filter(|ci| ci.provider == "github") else {
            return Found::Nothing;
        };
        let is_like = |shown: &&Shown| shown.operation.is_none() && shown.commit == display.commit;
        for shown in self.deployments.iter().filter(is_like).take(MOST_LIKE) {
            match asked(shown) {
                Found::Shown(shown, seen) => {
                    let free = seen.numbers.is_empty() && seen.runs.contains(&ci.id);
                    if free || seen.numbers.contains(&display.n) {
                        return Found::Shown(shown, seen);
                    }
                }
                found => return found,
            }
        }
        Found::Nothing
    }

    /// Adds a deployment that was just made.
    pub fn made(&mut self, id: u64, display: &Display) {
        let (commit, operation) = (display.commit.clone(), Some(display.operation));
        let shown = Shown { id, commit, operation, seen: Some(Seen::default()) };
        self.deployments.insert(0, shown);
    }

    /// Takes what was said of a deployment.
    pub fn looked(&mut self, id: u64, seen: &Seen) {
        for shown in self.deployments.iter_mut().filter(|shown| shown.id == id) {
            shown.seen = Some(seen.clone());
        }
    }

    /// Takes what was just said of a deployment.
    pub fn told(&mut self, id: u64, display: &Display) {
        for shown in self.deployments.iter_mut().filter(|shown| shown.id == id) {
            let seen = shown.seen.get_or_insert_default();
            seen.showing = Some(display.showing);
            seen.flight = flight(&display.words).map(ToOwned::to_owned);
            seen.share = share(&display.words).map(ToOwned::to_owned);
            seen.numbers.insert(display.n);
        }
    }
}

fn asked(shown: &Shown) -> Found<'_> {
    match &shown.seen {
        Some(seen) => Found::Shown(shown, seen),
        None => Found::Unasked(shown.id),
    }
}
