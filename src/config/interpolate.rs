//! Puts environment variables where `${env:NAME}` stands.

use std::ops::Range;

use super::mistake::Finding;
use super::near;
use super::node::{Node, Value};
use super::place;
use super::slots::{self, Side, SlotView};

/// Returns the value of an environment variable.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Fills in every text of the tree, and tells each reference that cannot be filled in.
///
/// In an environment with two slots `${slot}` and `${slot:KEY}` are those of one of them.
pub(super) fn interpolate(
    node: &mut Node,
    text: &str,
    lookup: &Lookup<'_>,
    side: Side,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut each = vec![(node, 0)];
    // Environments are two keys deep: `environments`, then their names.
    while let Some((node, depth)) = each.pop() {
        if !matches!(node.value, Value::Map(_)) {
            fill(node, text, &Known { lookup, slot: None }, &mut findings);
            continue;
        }
        let Value::Map(entries) = &mut node.value else { continue };
        for entry in entries {
            match depth {
                0 if entry.key == "environments" => each.push((&mut entry.node, 1)),
                1 => {
                    let slot = SlotView::of(&entry.node, side);
                    let known = Known { lookup, slot: slot.as_ref() };
                    fill(&mut entry.node, text, &known, &mut findings);
                }
                _ => fill(&mut entry.node, text, &Known { lookup, slot: None }, &mut findings),
            }
        }
    }
    findings
}

/// All that a reference may name.
struct Known<'a> {
    lookup: &'a Lookup<'a>,
    slot: Option<&'a SlotView>,
}

fn fill(node: &mut Node, source: &str, lookup: &Known<'_>, findings: &mut Vec<Finding>) {
    if let Value::Text(text) = &node.value {
        let filled = fill_text(text, lookup);
        findings.extend(filled.wrong.into_iter().map(|wrong| wrong.at(source, &node.place)));
        node.value = Value::Text(filled.text);
        node.foreign = filled.foreign;
        node.slotted = filled.slotted;
    }
    let mut at = 0;
    while let Some(child) = node.child_mut(at) {
        fill(child, source, lookup, findings);
        at += 1;
    }
}

#[derive(Default)]
struct Filled {
    text: String,
    foreign: Vec<String>,
    slotted: Vec<String>,
    wrong: Vec<Wrong>,
}

/// A reference that cannot be filled in.
struct Wrong {
    written: String,
    message: String,
    hint: String,
}

impl Wrong {
    /// Points at the reference itself where the file shows it as it is.
    fn at(self, source: &str, place: &Range<usize>) -> Finding {
        let held = source.get(place.clone()).unwrap_or_default();
        let found = held.find(&self.written).map(|at| place.start + at);
        let exact = found.map(|start| start..start + self.written.len());
        let place = place::within(source, exact.unwrap_or_else(|| place.clone()));
        Finding::new(place, self.message).hint(self.hint)
    }
}

fn fill_text(text: &str, lookup: &Known<'_>) -> Filled {
    let mut filled = Filled::default();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            filled.text.push('$');
            rest = after;
        } else if rest.starts_with("${") {
            let end = rest.find('}').map_or(rest.len(), |end| end + 1);
            filled.reference(&rest[..end], lookup);
            rest = &rest[end..];
        } else {
            filled.text.push('$');
            rest = &rest[1..];
        }
    }
    filled.text.push_str(rest);
    filled
}

impl Filled {
    fn reference(&mut self, written: &str, known: &Known<'_>) {
        if let Some(named) = slots::named(written) {
            return match slots::value(&named, known.slot) {
                Ok(value) => {
                    self.text.push_str(value);
                    self.slotted.push(value.to_owned());
                }
                Err((message, hint)) => {
                    self.wrong.push(Wrong { written: written.to_owned(), message, hint });
                }
            };
        }
        let shown = crate::domain::text::clean(written, 60);
        let inner = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let name = inner.and_then(|inner| inner.strip_prefix("env:")).filter(|name| is_name(name));
        let (message, hint) = match (name, name.and_then(known.lookup)) {
            (Some(_), Some(value)) => {
                self.text.push_str(&value);
                return self.foreign.push(value);
            }
            (Some(name), None) => (
                format!("the environment variable `{name}` is not set"),
                format!("set `{name}` where lastgood runs"),
            ),
            (None, _) => (
                format!("`{shown}` is no reference to an environment variable"),
                meant(&crate::domain::text::clean(inner.unwrap_or_default(), 60)),
            ),
        };
        self.wrong.push(Wrong { written: written.to_owned(), message, hint });
    }
}

fn meant(inner: &str) -> String {
    let name = inner.rsplit(':').next().unwrap_or_default();
    let prefix = inner.split_once(':').map(|(prefix, _)| prefix);
    let near_env = prefix.is_none_or(|prefix| near::nearest(prefix, ["env"].into_iter()).is_some());
    if near_env && is_name(name) {
        format!("write `${{env:{name}}}`, or `$${{{inner}}}` to keep it as it is")
    } else {
        "write `${env:NAME}`, or `$$` for a dollar sign".to_owned()
    }
}

fn is_name(name: &str) -> bool {
    let first = name.bytes().next();
    first.is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Filled {
        let lookup = |name: &str| (name == "HOST").then(|| "shop.example".to_owned());
        fill_text(text, &Known { lookup: &lookup, slot: None })
    }

    #[test]
    fn a_reference_is_filled_in_and_remembered_as_foreign() {
        let filled = filled("https://${env:HOST}/health");
        assert_eq!(filled.text, "https://shop.example/health");
        assert_eq!(filled.foreign, ["shop.example"]);
    }

    #[test]
    fn two_dollars_are_one_and_a_lone_one_stays() {
        assert_eq!(
            filled("$${env:HOST} costs $5 and $HOME$").text,
            "${env:HOST} costs $5 and $HOME$"
        );
    }

    #[test]
    fn what_cannot_be_filled_in_is_told_with_what_to_write() {
        for (text, hint) in [
            ("${env:NONE}", "set `NONE` where lastgood runs"),
            ("${HOST}", "write `${env:HOST}`, or `$${HOST}` to keep it as it is"),
            ("${env:}", "write `${env:NAME}`, or `$$` for a dollar sign"),
            ("${env:HOST", "write `${env:NAME}`, or `$$` for a dollar sign"),
            ("${file:HOST}", "write `${env:NAME}`, or `$$` for a dollar sign"),
        ] {
            let hints: Vec<String> =
                filled(text).wrong.into_iter().map(|wrong| wrong.hint).collect();
            assert_eq!(hints, [hint], "{text}");
        }
    }
}
