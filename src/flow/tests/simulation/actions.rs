//! What the writers of a history do.

use std::time::Duration;

use super::super::super::begin::BeginOrder;
use super::super::super::fakes::{Stage, Writer, commit, morning, run, versions};
use super::super::super::mark::Mark;
use super::super::super::resume::Ways;
use super::super::rolling_back::back;
use super::super::verifying::{guard, look};
use super::town::Town;
use crate::domain::admission::Insistence;
use crate::domain::archive::Extent;
use crate::domain::event::{Act, LockScope, Locked};
use crate::flow::cancel::CancelOrder;

impl Town {
    /// Lets one writer do one thing, and judges what came of it.
    pub(super) fn act(&self) {
        self.stage().later(Duration::from_secs(self.dice(1, 300) as u64));
        let writer = self.writer();
        match self.dice(1, 27) {
            1..=5 => self.records(&writer),
            6..=9 => self.deploys(&writer),
            10..=11 => self.sees(&writer),
            12..=13 => self.guards(&writer),
            14 => drop(run(writer.rollback(&back()))),
            15..=16 => drop(run(writer.resume(Ways::Finish))),
            17 => drop(run(writer.resume(Ways::Undo))),
            18 => drop(run(writer.cancel(&CancelOrder::default()))),
            19 => self.marks(&writer),
            20 if self.one_in(2) => self.locks(&writer),
            20..=21 => drop(run(writer.prune(Extent::Keep(2)))),
            22 => self.begins(&writer),
            23..=24 => self.brings_back(),
            25 => self.asks(&writer),
            26 => self.approves(),
            _ => self.retires_rarely(&writer),
        }
        self.judge();
    }

    fn some_versions(&self) -> String {
        let version = self.dice(1, 9);
        match self.dice(0, 3) {
            0 => format!("api={version}.0 web={version}.0"),
            1 => format!("api={version}.0"),
            2 => format!("web={version}.0"),
            _ => format!("db={version}.0"),
        }
    }

    fn order(&self, act: Act) -> BeginOrder {
        let digit = char::from_digit(u32::try_from(self.dice(1, 9)).unwrap(), 10).unwrap();
        BeginOrder {
            versions: versions(&self.some_versions()),
            commit: Some(commit(digit)),
            reason: None,
            insistence: Insistence::None,
            act,
            strategy: None,
            unity: crate::domain::event::Unity::Each,
        }
    }

    fn records(&self, writer: &Writer) {
        let order = self.order(Act::HandedOver);
        let order = writer.record_order(order.versions, order.commit);
        let _ = run(writer.record(&order));
    }

    fn deploys(&self, writer: &Writer) {
        if self.one_in(3) {
            self.stage().sicken(&format!("{}.0", self.dice(1, 9)));
        }
        let _ = run(writer.deploy(&self.order(Act::Driven)));
        self.stage().heal();
    }

    fn begins(&self, writer: &Writer) {
        if run(writer.begin(&self.order(Act::HandedOver))).is_ok() && self.one_in(2) {
            self.interrupts();
            self.records(writer);
        }
    }

    fn sees(&self, writer: &Writer) {
        if self.one_in(4) {
            self.stage().sicken(&format!("{}.0", self.dice(1, 9)));
        }
        let _ = run(writer.verify(&look()));
        self.stage().heal();
    }

    fn guards(&self, writer: &Writer) {
        let current = self.stage().state().versions().into_values().next();
        if let (Some(current), true) = (current, self.one_in(2)) {
            self.stage().sicken(&current.version);
        }
        let _ = run(writer.verify(&guard()));
        self.stage().heal();
    }

    fn marks(&self, writer: &Writer) {
        let n = self.dice(1, 8) as u64;
        let mark = if self.one_in(2) { Mark::Good } else { Mark::Bad };
        let _ = run(writer.mark(n, &mark, None));
    }

    fn locks(&self, writer: &Writer) {
        let scope = if self.one_in(2) { LockScope::All } else { LockScope::Rollback };
        if self.one_in(2) {
            let _ = run(writer.lock(Locked { scope, reason: None, until: None }));
        } else {
            let _ = run(writer.unlock(scope, Some("it is over".to_owned())));
        }
    }

    /// Somebody asks for a rollback, and others may approve it soon.
    fn asks(&self, writer: &Writer) {
        let later = morning_and(self.stage(), self.dice(1, 1000));
        let (approvals, time) = match self.dice(0, 3) {
            0 => (0, Some(later)),
            1 => (1, Some(later)),
            2 => (1, None),
            _ => (2, None),
        };
        let _ = run(writer.request(&back(), approvals, time));
        for _ in 0..self.dice(0, 4) {
            self.approves();
        }
    }

    /// Somebody approves, and now and then tries whether his word counts twice.
    fn approves(&self) {
        let asked: Vec<_> = self.stage().state().requests.keys().copied().collect();
        let Some(id) = asked.last() else { return };
        let machine = self.some_machine();
        for _ in 0..self.dice(1, 2) {
            let _ = run(self.writer_at(machine).approve(*id));
        }
    }

    fn retires_rarely(&self, writer: &Writer) {
        if self.one_in(3) {
            let _ = run(writer.prune(Extent::Retire));
        }
    }
}

/// Returns the moment that comes in so many seconds.
fn morning_and(stage: &Stage, seconds: usize) -> jiff::Timestamp {
    let passed = *stage.time.lock().unwrap() + Duration::from_secs(seconds as u64);
    morning() + jiff::SignedDuration::try_from(passed).unwrap()
}
