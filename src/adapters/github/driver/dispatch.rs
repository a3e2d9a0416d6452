//! Starts a workflow's run once, whatever becomes of the answer.

use std::time::Duration;

use serde::Serialize;

use super::super::refusal;
use super::runs::Runs;
use super::{Driving, Order};
use crate::error::{Error, Kind, Result};

/// The pauses, in seconds, before the list of runs is looked at for a run that must be there.
const SEARCH: [u64; 8] = [1, 2, 3, 5, 8, 13, 21, 34];

/// How many of these are given to a run of which it is not known whether it is there.
const SEARCH_IN_DOUBT: usize = 5;

/// How often it is sent: again only when nothing came of it.
const TRIES: usize = 2;

#[derive(Serialize)]
struct Dispatch<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    inputs: &'a std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_run_details: Option<bool>,
}

/// What a dispatch was answered: the run's id, by servers that tell it.
struct Accepted(Option<u64>);

/// What became of a run that was looked for.
enum Trace {
    Found(u64),
    /// No run has begun since.
    Nothing,
    /// Others have begun, and none bears the id.
    Others,
}

impl Driving<'_> {
    /// Starts the run and returns its id.
    pub(super) async fn dispatch(&self, order: &Order, earlier: &Runs) -> Result<u64> {
        let mut tried = 1;
        loop {
            let error = match self.send(order).await {
                Ok(Accepted(Some(run))) => return Ok(run),
                Ok(Accepted(None)) => return self.find(order, earlier).await,
                Err(error) if error.kind() == Kind::Unreachable => error,
                Err(error) => return Err(self.unknown_workflow(error)),
            };
            self.tell("GitHub's answer was lost; looking whether the run has begun");
            match self.search(order, earlier, &SEARCH[..SEARCH_IN_DOUBT]).await {
                Ok(Trace::Found(run)) => return Ok(run),
                Ok(Trace::Nothing) if tried < TRIES => tried += 1,
                Ok(Trace::Nothing) | Err(_) => return Err(error),
                Ok(Trace::Others) => return Err(self.in_doubt(error)),
            }
        }
    }

    async fn send(&self, order: &Order) -> Result<Accepted> {
        match self.post(order, Some(true)).await {
            // A server that does not know the word yet has refused the whole for it.
            Err(error) if told(&error).contains("return_run_details") => {
                self.post(order, None).await
            }
            answer => answer,
        }
    }

    async fn post(&self, order: &Order, return_run_details: Option<bool>) -> Result<Accepted> {
        let file = &self.driver.settings.file;
        let Order { reference, inputs, .. } = order;
        let body = Dispatch { reference, inputs, return_run_details };
        let path = format!("actions/workflows/{file}/dispatches");
        let doing = format!("dispatch `{file}` on `{reference}`");
        let answer = self.github.post_for_any(&doing, &path, Some(&body)).await?;
        Ok(Accepted(answer.as_ref().and_then(|details| details["workflow_run_id"].as_u64())))
    }

    /// Finds a run that was begun, by a server that does not say which.
    async fn find(&self, order: &Order, earlier: &Runs) -> Result<u64> {
        let file = &self.driver.settings.file;
        match self.search(order, earlier, &SEARCH).await? {
            Trace::Found(run) => Ok(run),
            Trace::Nothing | Trace::Others => {
                let id = &order.id;
                Err(Error::failed(format!("no run of `{file}` bears the id `{id}` in its name"))
                    .because("this server does not say which run a dispatch has begun")
                    .hint(self.run_name())
                    .hint("see what runs now, then `lastgood resume`"))
            }
        }
    }

    async fn search(&self, order: &Order, earlier: &Runs, pauses: &[u64]) -> Result<Trace> {
        let mut last = Ok(Trace::Nothing);
        for pause in pauses {
            self.driver.around.clock.sleep(Duration::from_secs(*pause)).await;
            self.github.allow_one_more();
            last = self.dispatched().await.map(|runs| {
                let new = runs.since(earlier);
                match new.bearing(&order.id) {
                    Some(run) => Trace::Found(run.id),
                    None if new.is_empty() => Trace::Nothing,
                    None => Trace::Others,
                }
            });
            if let Ok(Trace::Found(_)) = last {
                break;
            }
        }
        last
    }

    fn in_doubt(&self, error: Error) -> Error {
        error
            .hint(self.run_name())
            .hint("a run has begun meanwhile that may be ours: see to it, then `lastgood resume`")
    }

    fn run_name(&self) -> String {
        let input = super::inputs::ID_INPUT;
        format!(
            "let `run-name` of `{}` hold `${{{{ inputs.{input} }}}}`",
            self.driver.settings.file
        )
    }

    /// Says what a workflow needs that GitHub does not know, or will not start with these inputs.
    pub(super) fn unknown_workflow(&self, error: Error) -> Error {
        let file = &self.driver.settings.file;
        let told = told(&error);
        if refusal::is_not_found(&error) {
            return error.hint(format!(
                "push `.github/workflows/{file}` to the default branch; the token needs `actions: write`"
            ));
        }
        if told.contains("workflow_dispatch") {
            return error.hint(format!("let `{file}` run `on: workflow_dispatch`"));
        }
        if told.contains("nput") {
            return error
                .hint(format!("declare these inputs in `{file}`, or choose others by `inputs`"));
        }
        error
    }
}

fn told(error: &Error) -> String {
    error.causes().join(": ")
}
