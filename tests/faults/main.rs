//! The binary with fault points, for the end-to-end tests only.
//!
//! `LASTGOOD_FAULT_LOG=FILE` writes down every point that is reached; `LASTGOOD_FAULT=POINT` kills
//! the process there (SIGKILL), and `LASTGOOD_FAULT=stop:POINT` pauses it (SIGSTOP).

mod points;

use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use lastgood::domain::names::Environment;
use lastgood::error::Result;
use lastgood::ports::{
    Batch, Drive, Driven, Driver, FoundTag, Image, Ledger, Outbox, Ports, Shelf, TagOrder,
    TagResult, TagThere, Written,
};

use points::reach;

fn main() -> anyhow::Result<ExitCode> {
    lastgood::cli::main(with_faults)
}

/// Puts a fault point before and after every write, every driver call, and every letter kept.
fn with_faults(ports: Ports) -> Ports {
    let with = |driver: Arc<dyn Driver>| -> Arc<dyn Driver> { Arc::new(FaultyDriver(driver)) };
    Ports {
        ledger: Arc::new(FaultyLedger(ports.ledger)),
        drivers: ports.drivers.into_iter().map(|(service, d)| (service, with(d))).collect(),
        driver: ports.driver.map(with),
        outbox: Arc::new(FaultyOutbox(ports.outbox)),
        ..ports
    }
}

struct FaultyLedger(Arc<dyn Ledger>);

#[async_trait]
impl Ledger for FaultyLedger {
    async fn read(&self, env: &Environment, shelf: Shelf) -> Result<Image> {
        self.0.read(env, shelf).await
    }

    async fn write(
        &self,
        env: &Environment,
        shelf: Shelf,
        image: &Image,
        batch: &Batch,
    ) -> Result<Written> {
        let what = format!("write {}", points::name(shelf, batch));
        reach(&format!("{what} before"));
        let written = self.0.write(env, shelf, image, batch).await;
        reach(&format!("{what} after"));
        written
    }

    async fn tag(&self, orders: &[TagOrder]) -> Result<Vec<(String, TagResult)>> {
        reach("tag before");
        let tagged = self.0.tag(orders).await;
        reach("tag after");
        tagged
    }

    async fn environments(&self) -> Result<Vec<Environment>> {
        self.0.environments().await
    }

    async fn tags(&self, prefix: &str) -> Result<Vec<FoundTag>> {
        self.0.tags(prefix).await
    }

    async fn compare(&self, orders: &[TagOrder]) -> Result<Vec<TagThere>> {
        self.0.compare(orders).await
    }

    fn location(&self) -> String {
        self.0.location()
    }
}

struct FaultyDriver(Arc<dyn Driver>);

#[async_trait]
impl Driver for FaultyDriver {
    fn ready(&self) -> Result<()> {
        self.0.ready()
    }

    fn plan(&self, drive: &Drive) -> Vec<String> {
        self.0.plan(drive)
    }

    async fn apply(&self, drive: &Drive) -> Result<Driven> {
        let what = format!("drive {} {}", drive.action.as_str(), drive.service);
        reach(&format!("{what} before"));
        let applied = self.0.apply(drive).await;
        reach(&format!("{what} after"));
        applied
    }
}

struct FaultyOutbox(Arc<dyn Outbox>);

impl Outbox for FaultyOutbox {
    fn save(&self, name: &str, text: &str) -> Result<String> {
        reach("keep before");
        let kept = self.0.save(name, text);
        reach("keep after");
        kept
    }

    fn waiting(&self) -> Result<Vec<(String, String)>> {
        self.0.waiting()
    }

    fn remove(&self, name: &str) -> Result<()> {
        reach("forget before");
        let forgotten = self.0.remove(name);
        reach("forget after");
        forgotten
    }
}
