//! What the settings say, each part checked where it enters.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::WORD;
use crate::domain::text;

/// The label by which lastgood tells the version of a container.
pub(super) const LABEL: &str = "lastgood.version";

/// How Docker can be spoken to.
const SCHEMES: [&str; 4] = ["unix://", "tcp://", "ssh://", "npipe://"];

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
    /// The name of a project or a service.
    Name,
    "shop"
);
word!(
    /// Where Docker listens: `unix:///run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://me@shop.example`.
    Host,
    "unix:///run/docker.sock"
);
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

impl TryFrom<String> for Name {
    type Error = String;

    /// A name begins with a letter or digit, so it is never taken for a flag.
    fn try_from(written: String) -> Result<Self, String> {
        let rule = "names are letters, digits, `_`, `.` and `-`, and begin with a letter or digit";
        checked(written, "name in Docker Compose", rule, "_.-").map(Self)
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

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let address = SCHEMES.iter().find_map(|scheme| written.strip_prefix(scheme));
        if address.is_some_and(|address| !address.is_empty()) {
            return Ok(Self(written));
        }
        let shown = text::clean(&written, WORD);
        Err(format!("`{shown}` is no address of Docker; write it like `unix:///run/docker.sock`"))
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
    fn what_could_become_a_flag_or_two_words_is_no_name() {
        for name in ["--help", "-a", "a b", "", ".a", "_a", "a/b", "a=b", "a\nb", "ä", "{{.}}"] {
            let refused = Name::try_from(name.to_owned()).unwrap_err();
            assert!(refused.contains("is no name in Docker Compose"), "{refused}");
            assert!(Variable::try_from(name.to_owned()).is_err());
        }
        for name in ["shop", "shop-web-1", "Shop_2.0", "0a"] {
            assert_eq!(Name::try_from(name.to_owned()).unwrap().as_str(), name);
        }
        for host in ["", "/run/docker.sock", "--help", "unix://", "http://docker"] {
            assert!(Host::try_from(host.to_owned()).is_err(), "{host}");
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
