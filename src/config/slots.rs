//! What `${slot}` and `${slot:KEY}` stand for.

use std::collections::BTreeMap;

use super::near;
use super::node::Node;
use crate::domain::text::clean;

/// Which of an environment's two slots a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that serves before anything was ever switched.
    Stable,
    /// The other one.
    Candidate,
}

impl Side {
    fn key(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Candidate => "candidate",
        }
    }
}

/// One slot of an environment, as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SlotView {
    name: String,
    values: BTreeMap<String, String>,
}

impl SlotView {
    /// Reads the slot of an environment; none where it has no router, or that names none.
    pub(super) fn of(environment: &Node, side: Side) -> Option<Self> {
        let router = &environment.entry("router")?.node.entries().first()?.node;
        let name = router.entry(side.key())?.node.text()?.to_owned();
        let own = environment.entry("slots").and_then(|slots| slots.node.entry(&name));
        let values = own.into_iter().flat_map(|own| own.node.entries());
        let text = |node: &Node| node.text().map(str::to_owned);
        let values = values.filter_map(|entry| Some((entry.key.clone(), text(&entry.node)?)));
        let values = values.collect();
        Some(Self { name, values })
    }
}

/// What a reference to a slot names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// The slot itself.
    Slot,
    /// A value of it.
    Value(String),
}

/// Returns what a reference names, where it is one to a slot.
pub(super) fn named(written: &str) -> Option<Named> {
    let inner = written.strip_prefix("${slot")?.strip_suffix('}')?;
    match inner.strip_prefix(':') {
        Some(key) => Some(Named::Value(key.to_owned())),
        None => inner.is_empty().then_some(Named::Slot),
    }
}

/// Returns the value; else what is wrong, and what to write.
pub(super) fn value<'a>(
    named: &Named,
    slot: Option<&'a SlotView>,
) -> Result<&'a str, (String, String)> {
    let Some(slot) = slot else {
        let message = "there is no slot here: the environment has no `router`".to_owned();
        return Err((message, "write `$$` for a dollar sign".to_owned()));
    };
    match named {
        Named::Slot => Ok(&slot.name),
        Named::Value(key) => slot.values.get(key).map(String::as_str).ok_or_else(|| {
            let (key, name) = (clean(key, 60), clean(&slot.name, 60));
            let near = near::nearest(&key, slot.values.keys().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean `${{slot:{near}}}`?"),
                None => format!("give it below `slots`: `{name}: {{{key}: …}}`"),
            };
            (format!("the slot `{name}` has no value `{key}`"), hint)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn green() -> SlotView {
        let values = BTreeMap::from([("port".to_owned(), "8082".to_owned())]);
        SlotView { name: "green".to_owned(), values }
    }

    fn filled(written: &str) -> Result<String, String> {
        let named = named(written).expect("it names a slot");
        let slot = green();
        value(&named, Some(&slot))
            .map(str::to_owned)
            .map_err(|(message, hint)| format!("{message}; {hint}"))
    }

    #[test]
    fn a_slot_is_named_and_so_are_its_values() {
        assert_eq!(filled("${slot}").unwrap(), "green");
        assert_eq!(filled("${slot:port}").unwrap(), "8082");
        assert_eq!(named("${slots}"), None);
        assert_eq!(named("${env:SLOT}"), None);
    }

    #[test]
    fn a_value_that_is_not_there_is_told_with_what_is_near() {
        assert_eq!(
            filled("${slot:prt}").unwrap_err(),
            "the slot `green` has no value `prt`; did you mean `${slot:port}`?"
        );
        assert_eq!(
            filled("${slot:folder}").unwrap_err(),
            "the slot `green` has no value `folder`; give it below `slots`: `green: {folder: …}`"
        );
        assert!(value(&Named::Slot, None).is_err());
    }
}
