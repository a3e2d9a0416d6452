//! Finds every value that does not fit, not just the first.
//!
//! serde stops at the first misfit. So what does not fit is told and taken out of the tree, and the rest is read again. What only
//! fails because something was taken out is not told.

use std::ops::Range;

use serde::de::DeserializeOwned;

use super::later;
use super::misfit::{Misfit, On, Why};
use super::mistake::Finding;
use super::near::{self, Near};
use super::node::{Node, Value};

/// Past so many mistakes the file is something else altogether.
const MOST: usize = 100;

/// Reads a tree as a typed value, as far as it fits, and tells all that does not, without a word of the secrets.
pub(super) fn fit<T: DeserializeOwned>(
    tree: &mut Node,
    secrets: &[Range<usize>],
) -> (Option<T>, Vec<Finding>) {
    let mut findings = Vec::new();
    while findings.len() < MOST {
        let misfit = match T::deserialize(&*tree) {
            Ok(value) => return (Some(value), findings),
            Err(misfit) => misfit,
        };
        let path = misfit.path();
        findings.extend(tell(tree, &misfit, &path, secrets));
        if take_out(tree, &misfit, &path).is_none() {
            break;
        }
    }
    (None, findings)
}

fn take_out(tree: &mut Node, misfit: &Misfit, path: &[usize]) -> Option<()> {
    tree.take_out(path)?;
    let Why::Unknown(name, known) = &misfit.why else { return Some(()) };
    let (_, holder) = path.split_last()?;
    let lost = &mut tree.walk_mut(holder)?.lost;
    if misfit.on == On::Key {
        // Nothing is lost with a key that nobody knows, but for the one that was meant.
        lost.pop();
        let meant = near::nearest(name, known.iter().copied()).map(str::to_owned);
        let announced = later::is_announced(name, known).then(|| name.clone());
        lost.extend(announced.or(meant));
    }
    Some(())
}

fn tell(tree: &Node, misfit: &Misfit, path: &[usize], secrets: &[Range<usize>]) -> Option<Finding> {
    let node = tree.walk(path)?;
    let place = place(tree, misfit, path)?;
    let is_secret = secrets.contains(&node.place);
    match &misfit.why {
        Why::Unknown(..) if is_secret && misfit.on == On::Value => {
            Some(Finding::new(place, "the word that is written here is not known"))
        }
        Why::Unknown(name, known) => Some(unknown(node, misfit.on, place, name, known)),
        Why::Missing(key) if node.lost.iter().any(|lost| lost == key) => None,
        Why::Missing(key) => Some(Finding::new(place, format!("`{key}` is missing here"))),
        Why::Other { .. } if node.has_lost() => None,
        Why::Other { told, blind } => {
            Some(other(node, place, if is_secret { blind } else { told }))
        }
    }
}

/// A map is best shown by the key that holds it.
fn place(tree: &Node, misfit: &Misfit, path: &[usize]) -> Option<Range<usize>> {
    let node = tree.walk(path)?;
    let Some((&last, holder)) = path.split_last() else { return Some(node.place.clone()) };
    let entry = tree.walk(holder)?.entries().get(last);
    let by_key = misfit.on == On::Key
        || matches!(misfit.why, Why::Missing(_))
        || matches!(node.value, Value::Map(_) | Value::Null);
    Some(match entry {
        Some(entry) if by_key => entry.place.clone(),
        Some(_) | None => node.place.clone(),
    })
}

fn unknown(node: &Node, on: On, place: Range<usize>, name: &str, known: &[&str]) -> Finding {
    if on == On::Value && !node.foreign.is_empty() {
        return Finding::hidden(place);
    }
    if later::is_announced(name, known) {
        return Finding::new(place, format!("this version does not know `{name}` yet"))
            .hint("take it away; the changelog says which version brings it");
    }
    let what = match on {
        On::Key => "key",
        On::Value => "word",
    };
    let finding = Finding::new(place, format!("the {what} `{name}` is not known here"));
    match near::find(name, known.iter().copied()) {
        Near::One(meant) => finding.hint(format!("did you mean `{meant}`?")),
        Near::Any(list) => finding.hint(format!("known here: {list}")),
        Near::None => finding,
    }
}

fn other(node: &Node, place: Range<usize>, why: &str) -> Finding {
    if shows_foreign(node, why) {
        return Finding::hidden(place);
    }
    let finding = Finding::new(place, why);
    let is_word = matches!(node.value, Value::Bool(_));
    if is_word && why.ends_with("a text") { finding.hint("put it in quotes") } else { finding }
}

/// What comes from outside the file may be a secret, and a message may show part of it.
pub(super) fn shows_foreign(node: &Node, why: &str) -> bool {
    const TELLING: usize = 4;
    let part = |text: &str| text.chars().take(TELLING).collect::<String>();
    !node.foreign.is_empty()
        || node
            .foreign_within()
            .into_iter()
            .any(|text| !text.is_empty() && why.contains(&part(text)))
}
