//! Tells whether the gateways of an `HTTPRoute` have taken over its change.

use serde::Deserialize;

use super::WORD;
use crate::domain::text;

/// What each gateway says of the route.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    parents: Vec<Parent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parent {
    parent_ref: ParentRef,
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
struct ParentRef {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    #[serde(default)]
    reason: String,
    observed_generation: Option<u64>,
}

impl Status {
    /// Returns which gateway does not go by this generation of the route; one that tells nothing is taken to.
    pub(super) fn complaint(&self, generation: u64) -> Option<String> {
        self.parents.iter().find_map(|parent| {
            let name = text::clean(&parent.parent_ref.name, WORD);
            let judged = ["Accepted", "ResolvedRefs"];
            let mut all = parent.conditions.iter();
            all.find_map(|it| {
                if !judged.contains(&it.kind.as_str()) {
                    return None;
                }
                if it.observed_generation.is_some_and(|seen| seen < generation) {
                    return Some(format!("gateway `{name}` has not taken it over"));
                }
                let reason = text::clean(&it.reason, WORD);
                (it.status != "True").then(|| format!("gateway `{name}` refuses it: {reason}"))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(conditions: &Value) -> Option<String> {
        let parents = json!([
            { "parentRef": { "name": "inner" } },
            { "parentRef": { "name": "outer" }, "conditions": conditions },
        ]);
        let status: Status = serde_json::from_value(json!({ "parents": parents })).unwrap();
        status.complaint(7)
    }

    #[test]
    fn a_gateway_goes_by_what_it_has_seen_and_accepted() {
        let is = |kind: &str, status: &str, reason: &str, seen: u64| json!({ "type": kind, "status": status, "reason": reason, "observedGeneration": seen });
        let late = Some("gateway `outer` has not taken it over".to_owned());
        let refused = |reason: &str| Some(format!("gateway `outer` refuses it: {reason}"));
        let accepted = is("Accepted", "True", "Accepted", 7);
        let table = [
            (json!([]), None),
            (json!([accepted, is("ResolvedRefs", "True", "ResolvedRefs", 7)]), None),
            (json!([{ "type": "Accepted", "status": "True" }]), None),
            (json!([accepted, is("Other", "False", "Odd", 1)]), None),
            (json!([is("Accepted", "True", "Accepted", 6)]), late.clone()),
            (json!([accepted, is("ResolvedRefs", "True", "ResolvedRefs", 6)]), late),
            (json!([is("Accepted", "False", "NoMatchingParent", 7)]), refused("NoMatchingParent")),
            (
                json!([accepted, is("ResolvedRefs", "False", "BackendNotFound", 7)]),
                refused("BackendNotFound"),
            ),
        ];
        for (conditions, complaint) in table {
            assert_eq!(told(&conditions), complaint, "{conditions}");
        }
        assert_eq!(Status::default().complaint(7), None);
    }
}
