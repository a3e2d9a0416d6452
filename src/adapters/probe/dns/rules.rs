//! What holds of the records of one section.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::pattern::{Pattern, Several};
use super::record::Line;

/// Regular expressions over records as a zone file shows them: name, time to live, class, type, data.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DnsRules")]
pub struct Rules {
    /// At least one record matches at least one of these.
    #[serde(default)]
    pub any: Several,
    /// Every record matches every one of these, and there is a record.
    #[serde(default)]
    pub all: Several,
    /// No record matches any of these.
    #[serde(default)]
    pub none: Several,
    /// Not every record matches all of these; where there is no record, nothing is wrong.
    #[serde(default)]
    pub not_all: Several,
}

/// What is wrong with a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// What is wrong, behind the section's name.
    pub(super) message: String,
    /// The record that was judged, or how many there are.
    pub(super) value: String,
    /// The rule it was held against.
    pub(super) limit: String,
}

impl Rules {
    /// Returns what makes the section impossible to satisfy.
    pub(super) fn mistake(&self, section: &str) -> Option<String> {
        let positive = self.any.iter().chain(&self.all);
        let both = positive.into_iter().find(|pattern| self.none.contains(pattern))?;
        let pattern = both.as_str();
        Some(format!(
            "`{section}` both demands and forbids `{pattern}`, so the check could never pass"
        ))
    }

    /// Returns the first thing that is wrong with these records.
    pub(super) fn complaint(&self, records: &[Line]) -> Option<Complaint> {
        self.empty(records)
            .or_else(|| self.forbidden(records))
            .or_else(|| self.missed(records))
            .or_else(|| self.unmatched(records))
            .or_else(|| self.uniform(records))
    }

    fn empty(&self, records: &[Line]) -> Option<Complaint> {
        let rule = [("any", &self.any), ("all", &self.all)];
        let (key, demanded) = rule.into_iter().find(|(_, patterns)| !patterns.is_empty())?;
        records.is_empty().then(|| Complaint {
            message: "has no record".to_owned(),
            value: "no record".to_owned(),
            limit: limit(key, demanded),
        })
    }

    fn forbidden(&self, records: &[Line]) -> Option<Complaint> {
        let hit = |record: &&Line| self.none.iter().any(|pattern| record.matches(pattern));
        let record = records.iter().find(hit)?;
        Some(Complaint {
            message: format!("has `{record}`, which is not to be there"),
            value: record.to_string(),
            limit: limit("none", &self.none),
        })
    }

    fn missed(&self, records: &[Line]) -> Option<Complaint> {
        let misses = |record: &&Line| self.all.iter().any(|pattern| !record.matches(pattern));
        let record = records.iter().find(misses)?;
        Some(Complaint {
            message: format!("has `{record}`, which does not match"),
            value: record.to_string(),
            limit: limit("all", &self.all),
        })
    }

    fn unmatched(&self, records: &[Line]) -> Option<Complaint> {
        let hit = |record: &Line| self.any.iter().any(|pattern| record.matches(pattern));
        let first = records.first().filter(|_| !self.any.is_empty() && !records.iter().any(hit))?;
        Some(Complaint {
            message: format!("has no record that matches; the first is `{first}`"),
            value: first.to_string(),
            limit: limit("any", &self.any),
        })
    }

    fn uniform(&self, records: &[Line]) -> Option<Complaint> {
        let hit = |record: &Line| self.not_all.iter().all(|pattern| record.matches(pattern));
        let asked = !self.not_all.is_empty() && records.iter().all(hit);
        let first = records.first().filter(|_| asked)?;
        Some(Complaint {
            message: format!("has nothing but records that match; the first is `{first}`"),
            value: first.to_string(),
            limit: limit("not_all", &self.not_all),
        })
    }
}

fn limit(key: &str, patterns: &[Pattern]) -> String {
    let patterns: Vec<_> =
        patterns.iter().map(|pattern| format!("`{}`", pattern.as_str())).collect();
    format!("{key} of {}", patterns.join(", "))
}
