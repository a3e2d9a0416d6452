//! What the settings say, each part checked where it enters.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::WORD;
use crate::domain::text;

/// The label by which lastgood tells the version of a container.
pub(super) const LABEL: &str = "lastgood.version";

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
        #[serde(try_from = "String")]
        #[schemars(inline, extend("examples" = [$example]))]
        pub struct $name(String);

        impl $name {
            /// Returns it as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

word!(
    /// The name of an environment variable.
    Variable,
    "SHOP_IMAGE"
);
word!(
    /// The name of a label.
    Label,
    "org.opencontainers.image.version"
);

/// One file or several, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "OneOrMore")]
#[schemars(inline, with = "OneOrMore")]
pub struct Files(Vec<String>);

/// Files as they are written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl Files {
    /// Returns each as it was written.
    pub(in crate::adapters::driver) fn each(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl TryFrom<OneOrMore> for Files {
    type Error = String;

    /// A dash would be standard input, where lastgood's own part comes from.
    fn try_from(written: OneOrMore) -> Result<Self, String> {
        let files = match written {
            OneOrMore::One(file) => vec![file],
            OneOrMore::More(files) => files,
        };
        if files.is_empty() {
            return Err("no file is named".to_owned());
        }
        let odd = |file: &&String| {
            file.trim().is_empty() || *file == "-" || file.contains(text::is_unprintable)
        };
        match files.iter().find(odd) {
            Some(file) => Err(format!("`{}` is no path of a file", text::clean(file, WORD))),
            None => Ok(Self(files)),
        }
    }
}

impl Default for Label {
    fn default() -> Self {
        Self(LABEL.to_owned())
    }
}

impl TryFrom<String> for Label {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let rule = "write it like `org.opencontainers.image.version`";
        checked(written, "name of a label", rule, "_.-/").map(Self)
    }
}

impl TryFrom<String> for Variable {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let rule = "write it like `SHOP_IMAGE`";
        checked(written, "name of a variable", rule, "_").map(Self)
    }
}

fn checked(written: String, what: &str, rule: &str, beside: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || beside.contains(c);
    if written.starts_with(|c: char| c.is_ascii_alphanumeric()) && written.chars().all(fits) {
        return Ok(written);
    }
    Err(format!("`{}` is no {what}; {rule}", text::clean(&written, WORD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_become_a_flag_or_two_words_is_no_variable() {
        for name in ["--help", "-a", "a b", "", ".a", "_a", "a/b", "a=b", "a\nb", "ä", "{{.}}"] {
            assert!(Variable::try_from(name.to_owned()).is_err(), "{name}");
        }
        for name in ["SHOP_IMAGE", "shop2"] {
            assert_eq!(Variable::try_from(name.to_owned()).unwrap().as_str(), name);
        }
    }

    #[test]
    fn one_file_or_several_are_named_and_standard_input_is_none() {
        let read = |json: &str| serde_json::from_str::<Files>(json).map(|files| files.0);
        assert_eq!(read(r#""compose.yml""#).unwrap(), ["compose.yml"]);
        assert_eq!(read(r#"["a.yml", "b.yml"]"#).unwrap(), ["a.yml", "b.yml"]);
        for bad in ["[]", r#""-""#, r#"["a.yml", ""]"#, r#"" ""#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
