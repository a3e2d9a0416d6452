//! Since when an environment has not been on its last release.

use jiff::Timestamp;

use super::event::{Change, Kind};
use super::names::Service;
use super::operation::Operation;
use super::state::State;

/// Returns what an environment was rolled back from and since when; nothing where it was not.
pub fn fallen_back(state: &State) -> Option<String> {
    let current = state.current().filter(|current| current.kind == Kind::Rollback)?;
    let deployed = current.deployed.as_ref()?;
    let changed = &deployed.what.changed;
    let only = deployed.what.versions.len() == 1;
    let one = |service: &Service, version: &str| {
        if only { version.to_owned() } else { format!("{service} {version}") }
    };
    let runs = |(service, change): (&Service, &Change)| one(service, &change.to.version);
    let fled =
        |(service, change): (&Service, &Change)| Some(one(service, &change.from.as_ref()?.version));
    let runs: Vec<String> = changed.iter().map(runs).collect();
    let fled: Vec<String> = changed.iter().filter_map(fled).collect();
    if fled.is_empty() {
        return None;
    }
    Some(format!(
        "`{}` runs {} since {}; {} {} rolled back from{}",
        state.environment,
        runs.join(", "),
        moment(deployed.at),
        fled.join(", "),
        if fled.len() == 1 { "was" } else { "were" },
        why(current),
    ))
}

fn why(current: &Operation) -> String {
    current.reason().map(|reason| format!(" ({reason})")).unwrap_or_default()
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::history::History;

    fn told(history: &History) -> Option<String> {
        fallen_back(&history.state())
    }

    #[test]
    fn an_environment_that_was_rolled_back_says_since_when_and_from_what() {
        let history = History::new().deployed(1, "1.1").deployed(2, "2.0");
        assert_eq!(told(&history), None);
        let fled = history.fled(3, 2, "1.1", "2.0");
        let since = "`production` runs 1.1 since 2026-03-02 08:03 UTC; 2.0 was rolled back from";
        assert_eq!(told(&fled).unwrap(), since);
        assert_eq!(told(&fled.deployed(4, "2.1")), None, "the next release ends it");
    }

    #[test]
    fn services_are_named_where_there_are_several() {
        let history = History::new().deployed(1, "api=1 web=1").deployed(2, "api=2 web=2");
        let fled = history.fled(3, 2, "api=1 web=1", "");
        let since = "`production` runs api 1, web 1 since 2026-03-02 08:03 UTC; \
                     api 2, web 2 were rolled back from";
        assert_eq!(told(&fled).unwrap(), since);
    }
}
