//! What happened, one row an event.

use serde_json::Value;

use super::super::{timeline, words};
use super::markdown::{heading, prose, row, sentence};
use crate::domain::outcome::DeploymentTold;

/// The most rows that a summary has; what is older is in `lastgood show`.
const MOST: usize = 40;

/// Returns the events of one deployment; nothing where they were not asked for.
pub(super) fn of_one(told: &DeploymentTold) -> String {
    let Some(events) = &told.events else { return String::new() };
    let row = |moment: timeline::Moment| {
        let [at, who, what] = cells(&moment);
        row([at, who, what])
    };
    let rows: String = timeline::moments(events, told).into_iter().map(row).collect();
    format!("\n### Timeline\n\n{}{rows}", heading(["When", "Who", "What"]))
}

/// Returns the events of several deployments in the order of writing; nothing where there are none.
pub(super) fn section(chapters: &[DeploymentTold]) -> String {
    fn events(told: &DeploymentTold) -> Vec<(String, &DeploymentTold, Value)> {
        let events = told.events.clone().unwrap_or_default().into_iter();
        events
            .map(|event| (event["id"].as_str().unwrap_or_default().to_owned(), told, event))
            .collect()
    }
    let mut all: Vec<_> = chapters.iter().flat_map(events).collect();
    all.sort_by(|one, other| (&one.0, one.1.n).cmp(&(&other.0, other.1.n)));
    let older = all.len().saturating_sub(MOST);
    let rows: String =
        all.split_off(older).iter().map(|(_, told, event)| line(told, event)).collect();
    if rows.is_empty() {
        return rows;
    }
    let heading = heading(["When", "Deployment", "Who", "What"]);
    let older = if older == 0 { String::new() } else { left_out(older) };
    format!("\n### Timeline\n\n{heading}{rows}{older}")
}

fn left_out(older: usize) -> String {
    format!("\n{} before are in `lastgood show`.\n", words::count(older, "event"))
}

fn line(of: &DeploymentTold, event: &Value) -> String {
    let moments = timeline::moments(std::slice::from_ref(event), of);
    let told = |moment: &timeline::Moment| {
        let [at, who, what] = cells(moment);
        row([at, of.n.to_string(), who, what])
    };
    moments.iter().map(told).collect()
}

fn cells(moment: &timeline::Moment) -> [String; 3] {
    let at = moment.at.map(words::moment).unwrap_or_default();
    [at, prose(&moment.actor), sentence(&moment.what)]
}
