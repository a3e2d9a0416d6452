//! Tells whether the version under test is the one that answered.

use crate::domain::check::Answered;
use crate::domain::text;
use crate::domain::version::Version;

/// A shorter piece of a commit is no proof.
const SHORTEST_COMMIT: usize = 7;

/// Who answered, and what speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who answered.
    pub answered: Answered,
    /// Why that is wrong, where it is.
    pub complaint: Option<String>,
}

impl Identity {
    /// Returns the identity of an answer that nobody asked for its version.
    pub fn unasked() -> Self {
        Self { answered: Answered::Unknown, complaint: None }
    }

    /// Holds the version that an answer names against the one that is expected.
    pub fn of(named: Option<&str>, expected: Option<&Version>) -> Self {
        match (named.map(str::trim).filter(|named| !named.is_empty()), expected) {
            (_, None) => Self::unasked(),
            (None, Some(_)) => Self {
                answered: Answered::Unknown,
                complaint: Some("the answer names no version".to_owned()),
            },
            (Some(named), Some(expected)) if is_same(named, expected) => {
                Self { answered: Answered::Expected, complaint: None }
            }
            (Some(named), Some(expected)) => Self::other(text::clean(named, 100), expected),
        }
    }

    fn other(named: String, expected: &Version) -> Self {
        let version = text::clean(&expected.version, 100);
        let complaint = format!("version `{named}` answered, `{version}` was expected");
        Self { answered: Answered::Other(named), complaint: Some(complaint) }
    }
}

fn is_same(named: &str, expected: &Version) -> bool {
    let named_commit = named.to_ascii_lowercase();
    let is_commit = expected.commit.as_ref().is_some_and(|commit| {
        named_commit.len() >= SHORTEST_COMMIT && commit.as_str().starts_with(&named_commit)
    });
    named == expected.version || is_commit
}

#[cfg(test)]
mod tests {
    use crate::domain::names::Commit;

    use super::*;

    #[test]
    fn a_version_is_known_by_its_name_or_its_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let expected = Version::named("2.0").at(Commit::new(commit).unwrap());
        for named in ["2.0", " 2.0\n", commit, "0123456", "0123456789ABCDEF"] {
            let identity = Identity::of(Some(named), Some(&expected));
            assert_eq!((identity.answered, identity.complaint), (Answered::Expected, None));
        }
        for named in ["2.0.1", "v2.0", "012345", "1123456"] {
            let identity = Identity::of(Some(named), Some(&expected));
            assert_eq!(identity.answered, Answered::Other(named.to_owned()));
        }
    }

    #[test]
    fn another_version_is_told_with_both_names() {
        let identity = Identity::of(Some("1.0"), Some(&Version::named("2.0")));
        let complaint = "version `1.0` answered, `2.0` was expected";
        assert_eq!(identity.complaint.as_deref(), Some(complaint));
    }

    #[test]
    fn an_answer_that_names_no_version_proves_nothing() {
        for named in [None, Some(""), Some("  ")] {
            let identity = Identity::of(named, Some(&Version::named("2.0")));
            assert_eq!(identity.answered, Answered::Unknown);
            assert_eq!(identity.complaint.as_deref(), Some("the answer names no version"));
        }
    }

    #[test]
    fn where_no_version_is_expected_nothing_is_held_against_the_answer() {
        assert_eq!(Identity::of(Some("1.0"), None), Identity::unasked());
        assert_eq!(Identity::of(None, None), Identity::unasked());
    }
}
