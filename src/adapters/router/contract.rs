//! What every router must hold to, tried on each.

use std::path::Path;
use std::time::Duration;

use super::Surroundings;
use crate::domain::facts::Facts;
use crate::domain::slots::{Pair, Shares, Slot, WHOLE};
use crate::ports::{Drained, Router};

pub(crate) mod load;
pub(crate) mod real;
pub(crate) mod slot;
pub(crate) mod traffic;

/// Returns the slots of all tests.
pub(crate) fn pair() -> Pair {
    let slot = |name: &str| Slot::new(name).unwrap();
    Pair { stable: slot("blue"), candidate: slot("green") }
}

/// Returns shares with so much for the candidate.
pub(crate) fn candidate(percent: u8) -> Shares {
    Shares::of(&pair(), &pair().candidate, percent)
}

/// Returns the surroundings of a router in a folder.
pub(crate) fn around(folder: &Path) -> Surroundings {
    Surroundings { folder: folder.to_owned(), withheld: Vec::new(), facts: Facts::default() }
}

/// Returns a file of `examples/`, with other texts in the place of some.
pub(crate) fn example(name: &str, others: &[(&str, String)]) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let text = std::fs::read_to_string(file).unwrap();
    others.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{name} has no {from}");
        text.replace(from, to)
    })
}

/// Returns the settings of an example's router.
pub(crate) fn settings<S: serde::de::DeserializeOwned>(text: &str, router: &str) -> S {
    let config: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    let settings = &config["environments"]["production"]["router"][router];
    serde_json::from_value(settings.clone()).unwrap()
}

/// Passes the port's promises on a router whose slots both serve.
pub(crate) async fn holds(router: &dyn Router) {
    assert!(!router.kind().is_empty());
    assert_eq!(router.pair(), &pair());
    router.ready().unwrap();
    // Twice each: sharing again the same way ends as it does once.
    for percent in [0, 0, 25, 25, 1, 50, 99, WHOLE, WHOLE, 75, 0] {
        let shares = candidate(percent);
        showing_changes_nothing(router, &shares).await;
        let back = router.share(&shares).await.unwrap();
        assert!(back.is_near(&shares, 1), "asked for {shares}, told {back}");
        assert_eq!(router.read().await.unwrap(), back, "what it told is what it tells");
    }
    let [stable, candidate] = [&router.pair().stable, &router.pair().candidate];
    assert_eq!(router.read().await.unwrap().sole(), Some(stable));
    let drained = router.drain(candidate, Duration::from_secs(20)).await.unwrap();
    assert!(matches!(drained, Drained::Empty | Drained::Left(None)), "{drained:?}");
}

async fn showing_changes_nothing(router: &dyn Router, shares: &Shares) {
    let before = router.read().await.unwrap();
    let lines = router.plan(shares);
    assert!(!lines.is_empty());
    for line in &lines {
        assert_eq!(line, &crate::domain::text::clean(line, usize::MAX));
    }
    assert_eq!(router.read().await.unwrap(), before);
}
