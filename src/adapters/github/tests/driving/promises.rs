//! What every driver promises, with a workflow that always ends well.

use std::path::Path;

use async_trait::async_trait;
use tempfile::TempDir;

use super::*;
use crate::adapters::driver::contract::{Departure, OF_PROGRAMS, Stage, keeps};
use crate::domain::ids::OperationId;
use crate::ports::Driver;

/// A service that runs what was dispatched last.
struct Shop {
    world: World,
    folder: TempDir,
    last: Mutex<(String, u64)>,
}

#[async_trait]
impl Stage for Shop {
    fn driver(&self, _: &str, timeout: Duration) -> Box<dyn Driver> {
        let timeout = format!("{}ms", timeout.as_millis());
        Box::new(self.world.driver(&json!({"file": "deploy.yml", "timeout": timeout})))
    }

    fn program(&self) -> Option<String> {
        None
    }

    fn changing(&self) -> &'static [&'static str] {
        &[]
    }

    fn departures(&self) -> Vec<Departure> {
        let why = "it runs no program here: what GitHub is asked and what becomes of a late run has tests of its own";
        OF_PROGRAMS.map(|promise| (promise, why)).into()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same way again is the same operation; another one is another, whose runs are its own.
    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        let mut last = self.last.lock().unwrap();
        if last.0 != to {
            *last = (to.to_owned(), last.1 + 1);
        }
        let operation = OperationId(ulid::Ulid::from_parts(last.1, 0));
        Drive { operation, ..given::named(to, from) }
    }

    async fn runs(&self) -> Option<String> {
        let sent = self.world.dispatches().await;
        Some(sent.last()?["inputs"]["lastgood_version"].as_str()?.to_owned())
    }

    async fn incarnation(&self) -> String {
        self.world.dispatches().await.len().to_string()
    }
}

#[tokio::test]
async fn a_workflow_keeps_what_every_driver_promises() {
    let (world, folder) = (World::new(json!({})).await, tempfile::tempdir().unwrap());
    keeps(&Shop { world, folder, last: Mutex::default() }).await;
}
