//! Which rules of the platform keep others from making and moving tags.

use std::collections::BTreeSet;

/// One set of rules for refs, as the platform tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ruleset {
    /// Its name.
    pub name: String,
    /// What it forbids.
    pub forbids: BTreeSet<Deed>,
    /// The patterns of the refs that it is about.
    pub include: Vec<String>,
    /// The patterns of those that it spares.
    pub exclude: Vec<String>,
    /// Who may do it all the same; `None` where that was not told.
    pub bypass: Option<Vec<Bypass>>,
}

/// What can be forbidden of a ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// To make it.
    Create,
    /// To move it.
    Move,
    /// To remove it.
    Remove,
}

/// Who may do what a ruleset forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bypass {
    /// One App, by its id.
    App(Option<u64>),
    /// People, in the platform's word for which.
    People(String),
}

/// How a ref is protected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protection {
    /// What no ruleset forbids.
    pub free: BTreeSet<Deed>,
    /// The rulesets that are about it.
    pub by: Vec<String>,
    /// The people who may go around all of them.
    pub people: BTreeSet<String>,
    /// The rulesets of which it was not told who may go around them.
    pub untold: Vec<String>,
}

/// All that can be forbidden.
pub const DEEDS: [Deed; 3] = [Deed::Create, Deed::Move, Deed::Remove];

/// Returns how a ref is protected by rulesets that are in force.
pub fn protection(rulesets: &[Ruleset], reference: &str) -> Protection {
    let about: Vec<&Ruleset> = rulesets.iter().filter(|set| set.is_about(reference)).collect();
    let forbidden: BTreeSet<Deed> = about.iter().flat_map(|set| set.forbids.clone()).collect();
    let people = about.iter().flat_map(|set| set.bypass.iter().flatten());
    let people = people.filter_map(|who| match who {
        Bypass::App(_) => None,
        Bypass::People(who) => Some(who.clone()),
    });
    Protection {
        free: DEEDS.into_iter().filter(|deed| !forbidden.contains(deed)).collect(),
        by: about.iter().map(|set| set.name.clone()).collect(),
        people: people.collect(),
        untold: about
            .iter()
            .filter(|set| set.bypass.is_none())
            .map(|set| set.name.clone())
            .collect(),
    }
}

impl Ruleset {
    fn is_about(&self, reference: &str) -> bool {
        let fits = |pattern: &String| pattern == "~ALL" || fits(pattern, reference);
        self.include.iter().any(fits) && !self.exclude.iter().any(fits)
    }
}

/// Returns whether a pattern of the platform fits a ref: `*` stays within a part, `**` does not.
fn fits(pattern: &str, text: &str) -> bool {
    fit(&pattern.split('/').collect::<Vec<_>>(), &text.split('/').collect::<Vec<_>>())
}

fn fit(pattern: &[&str], text: &[&str]) -> bool {
    match (pattern, text) {
        ([], []) | (["**"], [_, ..]) => true,
        (["**", rest @ ..], _) => (0..=text.len()).any(|skip| fit(rest, &text[skip..])),
        ([first, rest @ ..], [part, others @ ..]) => {
            fits_part(first.as_bytes(), part.as_bytes()) && fit(rest, others)
        }
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

fn fits_part(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|skip| fits_part(rest, &text[skip..])),
        ([b'?', rest @ ..], [_, others @ ..]) => fits_part(rest, others),
        ([one, rest @ ..], [other, others @ ..]) => one == other && fits_part(rest, others),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(include: &[&str], forbids: &[Deed]) -> Ruleset {
        Ruleset {
            name: "tags".into(),
            forbids: forbids.iter().copied().collect(),
            include: include.iter().map(ToString::to_string).collect(),
            bypass: Some(vec![Bypass::App(Some(7))]),
            ..Ruleset::default()
        }
    }

    #[test]
    fn a_pattern_fits_as_the_platform_reads_it() {
        let reference = "refs/tags/deploy/production/1";
        for (pattern, is_about) in [
            ("~ALL", true),
            (reference, true),
            ("refs/tags/deploy/**", true),
            ("refs/tags/deploy/**/*", true),
            ("refs/tags/**/*", true),
            ("refs/tags/deploy/*/*", true),
            ("refs/tags/d*y/prod?ction/*", true),
            ("refs/tags/deploy/*", false),
            ("refs/tags/*", false),
            ("refs/tags/stable/**/*", false),
            ("refs/tags/deploy/production", false),
            ("refs/tags/deploy/production/1/2", false),
            ("", false),
        ] {
            assert_eq!(set(&[pattern], &[]).is_about(reference), is_about, "{pattern}");
        }
        let spared = Ruleset { exclude: vec!["refs/tags/deploy/**".into()], ..set(&["~ALL"], &[]) };
        assert!(!spared.is_about(reference));
    }

    #[test]
    fn what_no_ruleset_forbids_is_free_to_whoever_may_write() {
        let about = "refs/tags/deploy/production/1";
        assert_eq!(protection(&[], about).free, DEEDS.into_iter().collect());
        let two = [
            set(&["refs/tags/deploy/**"], &[Deed::Create]),
            set(&["~ALL"], &[Deed::Move]),
            set(&["refs/tags/other/**"], &[Deed::Remove]),
        ];
        let found = protection(&two, about);
        assert_eq!((found.free, found.by.len()), ([Deed::Remove].into(), 2));
        assert!(found.people.is_empty());
        let open = Ruleset {
            bypass: Some(vec![Bypass::People("a role of the repository".into())]),
            ..set(&["~ALL"], &DEEDS)
        };
        assert_eq!(protection(&[open], about).people.len(), 1);
        let hidden = Ruleset { bypass: None, ..set(&["~ALL"], &DEEDS) };
        assert_eq!(protection(&[hidden], about).untold, ["tags"]);
    }
}
