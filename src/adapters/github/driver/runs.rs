//! The runs of a workflow, as GitHub lists and shows them.

use serde::Deserialize;

use super::Driving;
use crate::error::Result;

/// How many of the newest runs are looked through.
const NEWEST: usize = 30;

/// The newest dispatched runs of a workflow.
#[derive(Debug, Deserialize)]
pub(super) struct Runs {
    workflow_runs: Vec<Run>,
}

/// A run of a workflow.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Run {
    pub(super) id: u64,
    name: Option<String>,
    display_title: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
}

impl Runs {
    /// Returns the newest run that bears the id in its name.
    pub(super) fn bearing(&self, id: &str) -> Option<&Run> {
        let bears = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(id));
        let runs = self.workflow_runs.iter();
        let ours = runs.filter(|run| bears(&run.display_title) || bears(&run.name));
        ours.max_by_key(|run| run.id)
    }

    /// Returns only those that were made after others.
    pub(super) fn since(self, earlier: &Self) -> Self {
        let newest = earlier.workflow_runs.iter().map(|run| run.id).max().unwrap_or(0);
        let newer = self.workflow_runs.into_iter().filter(|run| run.id > newest);
        Self { workflow_runs: newer.collect() }
    }

    /// Returns whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.workflow_runs.is_empty()
    }
}

impl Run {
    /// Returns how it ended; `None` while it has not.
    pub(super) fn conclusion(&self) -> Option<&str> {
        let ended = self.status.as_deref() == Some("completed");
        ended.then_some(self.conclusion.as_deref().unwrap_or("unknown"))
    }

    /// Returns whether it waits for a person.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.status.as_deref(), Some("waiting" | "action_required"))
    }
}

impl Driving<'_> {
    /// Returns the newest runs that were dispatched.
    pub(super) async fn dispatched(&self) -> Result<Runs> {
        let file = &self.driver.settings.file;
        let path =
            format!("actions/workflows/{file}/runs?event=workflow_dispatch&per_page={NEWEST}");
        let asked = self.github.get(&format!("ask for the runs of `{file}`"), &path).await;
        asked.map_err(|error| self.unknown_workflow(error))
    }

    /// Returns a run as it is now.
    pub(super) async fn look(&self, run: u64) -> Result<Run> {
        self.github.allow_one_more();
        self.github.get("ask after the run", &format!("actions/runs/{run}")).await
    }
}
