//! The names people give things, each checked once where it enters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: {why}")]
pub struct BadName {
    what: &'static str,
    text: String,
    why: &'static str,
}

const LONGEST: usize = 100;

/// A file's name has at most 255 bytes, and git locks a ref with another that ends in `.lock`.
const LONGEST_COMPONENT: usize = 250;

fn check(what: &'static str, text: &str, fits: fn(&str) -> bool) -> Result<(), BadName> {
    let why = if text.trim().is_empty() {
        "it is empty"
    } else if text.trim() != text {
        "it begins or ends with a space"
    } else if text.starts_with('-') {
        "it begins with a dash, which reads as an option"
    } else if text.len() > LONGEST {
        "it is longer than 100 bytes"
    } else if !fits(text) {
        "encoded as the name of a ref it is longer than 250 bytes"
    } else if text.chars().any(super::text::is_unprintable) {
        "it holds a control, invisible or direction-changing character"
    } else {
        return Ok(());
    };
    Err(BadName { what, text: super::text::clean(text, LONGEST), why })
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $fits:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks a text and makes it a name.
            pub fn new(text: impl Into<String>) -> Result<Self, BadName> {
                let text = text.into();
                check($what, &text, $fits)?;
                Ok(Self(text))
            }

            /// Returns the name as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

name!(
    /// Where versions run: `production`, `staging`, `review-12`.
    Environment,
    "environment name",
    |text| encode(text).len() <= LONGEST_COMPONENT
);
name!(
    /// One deployable unit of an environment.
    Service,
    "service name",
    |_| true
);
name!(
    /// The name of a restore point.
    PointName,
    "restore point name",
    |_| true
);

name!(
    /// What a person calls a deployment to go back to: a number, tag, restore point or version.
    TargetName,
    "target",
    |_| true
);

impl Service {
    /// Returns the one service of an environment that names none.
    pub fn only() -> Self {
        Self("app".to_owned())
    }
}

impl Environment {
    /// Returns the name as one path component of a ref, percent-encoded.
    ///
    /// All but `a-z A-Z 0-9 - _` and inner single dots is encoded, and the dot of a final `.lock`.
    pub fn ref_component(&self) -> String {
        encode(&self.0)
    }

    /// Returns whether it is another name for whoever does not tell great letters from small ones.
    pub fn differs_by_case_from(&self, other: &Self) -> bool {
        self != other && self.0.to_lowercase() == other.0.to_lowercase()
    }

    /// Reads a ref's path component back; `None` where it is not one that we write.
    pub fn from_ref_component(component: &str) -> Option<Self> {
        let name = Self::new(decode(component)?).ok()?;
        (name.ref_component() == component).then_some(name)
    }
}

fn encode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        if stays(bytes, at) {
            out.push(byte as char);
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

fn stays(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => true,
        b'.' => {
            let inner = at > 0 && at + 1 < bytes.len();
            let single = inner && bytes[at - 1] != b'.' && bytes[at + 1] != b'.';
            single && &bytes[at..] != b".lock"
        }
        _ => false,
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = tail.get(..2)?;
            bytes.push(hex::decode(digits).ok()?[0]);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A commit's full object id, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Commit(String);

impl Commit {
    /// Checks that a text is a full object id (40 or 64 hexadecimal digits).
    pub fn new(text: impl AsRef<str>) -> Result<Self, BadName> {
        let text = text.as_ref();
        let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if is_id {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            let why = "it is not a full object id of 40 hexadecimal digits";
            Err(BadName { what: "commit", text: super::text::clean(text, LONGEST), why })
        }
    }

    /// Returns the full id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first ten digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..10]
    }
}

impl TryFrom<String> for Commit {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::new(text)
    }
}

impl From<Commit> for String {
    fn from(commit: Commit) -> Self {
        commit.0
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_in_refs_are_percent_encoded_but_for_the_plain_ones() {
        let cases = [
            ("production", "production"),
            ("review-12", "review-12"),
            ("v1.2", "v1.2"),
            ("a..b", "a%2E%2Eb"),
            (".hidden", "%2Ehidden"),
            ("end.", "end%2E"),
            ("my.lock", "my%2Elock"),
            ("feature/x", "feature%2Fx"),
            ("100%", "100%25"),
            ("Größe", "Gr%C3%B6%C3%9Fe"),
            ("a b", "a%20b"),
        ];
        for (name, component) in cases {
            assert_eq!(Environment::new(name).unwrap().ref_component(), component);
        }
    }

    #[test]
    fn texts_that_could_mislead_are_no_names() {
        let long = "x".repeat(101);
        for bad in ["", " ", "-x", " a", "a\nb", "a\u{202e}b", "a\u{1b}[31m", long.as_str()] {
            assert!(Environment::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_has_at_most_a_hundred_bytes() {
        assert!(Service::new("x".repeat(100)).is_ok());
        assert!(Service::new("x".repeat(101)).is_err());
    }

    #[test]
    fn an_environment_whose_ref_no_file_system_could_keep_is_refused() {
        let wide = "ö".repeat(50);
        assert!(Environment::new(wide.as_str()).is_err(), "it is 300 bytes long in a ref");
        assert!(Environment::new(&wide[..80]).is_ok());
        assert!(Service::new(wide).is_ok(), "no ref is named after a service");
    }

    #[test]
    fn names_that_differ_by_case_alone_are_told_apart_from_others() {
        let differ = |one: &str, other: &str| {
            let other = Environment::new(other).unwrap();
            Environment::new(one).unwrap().differs_by_case_from(&other)
        };
        assert!(differ("Production", "production"));
        assert!(differ("GRÖßE", "größe"));
        assert!(!differ("production", "production"));
        assert!(!differ("production", "staging"));
    }

    #[test]
    fn a_commit_is_a_full_object_id() {
        assert!(Commit::new("a".repeat(40)).is_ok());
        assert!(Commit::new("A".repeat(64)).is_ok());
        for bad in ["main", "abc123", &"g".repeat(40), &"a".repeat(41)] {
            assert!(Commit::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_commit_is_told_in_small_letters_whole_or_by_ten_digits() {
        let commit = Commit::new("0123456789ABCDEF".repeat(4)).unwrap();
        let whole = "0123456789abcdef".repeat(4);
        assert_eq!((commit.as_str(), commit.short()), (whole.as_str(), "0123456789"));
        assert_eq!((commit.to_string(), String::from(commit)), (whole.clone(), whole));
    }

    proptest! {
        #[test]
        fn every_name_survives_the_way_into_a_ref_and_back(text in "[ -~äß☃]{1,30}") {
            if let Ok(name) = Environment::new(text) {
                let component = name.ref_component();
                prop_assert_eq!(Environment::from_ref_component(&component), Some(name));
                let reference = ["refs/notes/lastgood/", &component].concat();
                prop_assert!(git2::Reference::is_valid_name(&reference));
            }
        }
    }
}
