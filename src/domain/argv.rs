//! A program and its arguments, never a shell line.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A program and its arguments; written as a list, or as a text that is split like a shell would.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Argv(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a command is a list of texts, or one text; put numbers in quotes")]
enum Written {
    List(Vec<String>),
    Line(String),
}

/// Why a text or list is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadArgv {
    /// There is no program.
    #[error("the command names no program; write it like `[\"./deploy.sh\"]`")]
    Empty,
    /// A quotation mark is not closed.
    #[error("the command `{0}` has a quotation mark that is not closed")]
    Quotes(String),
}

impl Argv {
    /// Returns the command of a program and its arguments.
    pub fn new(words: Vec<String>) -> Result<Self, BadArgv> {
        match words.first() {
            Some(program) if !program.is_empty() => Ok(Self(words)),
            Some(_) | None => Err(BadArgv::Empty),
        }
    }

    /// Returns the program.
    pub fn program(&self) -> &str {
        &self.0[0]
    }

    /// Returns the arguments.
    pub fn args(&self) -> &[String] {
        &self.0[1..]
    }
}

impl TryFrom<Written> for Argv {
    type Error = BadArgv;

    fn try_from(written: Written) -> Result<Self, BadArgv> {
        match written {
            Written::List(words) => Self::new(words),
            Written::Line(line) => match shell_words::split(&line) {
                Ok(words) => Self::new(words),
                Err(_) => Err(BadArgv::Quotes(super::text::clean(&line, 80))),
            },
        }
    }
}

impl fmt::Display for Argv {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&shell_words::join(&self.0))
    }
}

impl JsonSchema for Argv {
    fn schema_name() -> Cow<'static, str> {
        "Command".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                { "type": "string", "minLength": 1 },
            ],
            "examples": [["./deploy.sh", "--wait"], "./deploy.sh --wait"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Argv, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_is_a_list_or_a_line_and_neither_meets_a_shell() {
        let list = read(r#"["./deploy.sh", "a b", "$HOME; rm -rf /"]"#).unwrap();
        assert_eq!(list.program(), "./deploy.sh");
        assert_eq!(list.args(), ["a b", "$HOME; rm -rf /"]);
        let line = read(r#""./deploy.sh 'a b' $HOME && c""#).unwrap();
        assert_eq!(line.args(), ["a b", "$HOME", "&&", "c"]);
    }

    #[test]
    fn what_names_no_program_is_refused() {
        for json in ["[]", "\"\"", "\"  \"", "[\"\", \"a\"]"] {
            let error = read(json).unwrap_err();
            assert!(error.starts_with("the command names no program"), "{json}: {error}");
        }
        assert!(read("\"a 'b\"").unwrap_err().contains("not closed"));
        assert!(read("7").unwrap_err().contains("a list of texts, or one text"));
    }

    #[test]
    fn the_schema_shows_a_list_and_a_line_where_a_command_stands() {
        let schema = serde_json::to_value(schemars::schema_for!(Argv)).unwrap();
        assert_eq!(schema["title"], "Command");
        assert_eq!(schema["anyOf"][0]["type"], "array");
        assert_eq!(schema["anyOf"][1]["type"], "string");
        let list = serde_json::to_value(schemars::schema_for!(Vec<Argv>)).unwrap();
        assert_eq!(list["items"]["anyOf"], schema["anyOf"]);
    }

    #[test]
    fn a_command_is_shown_so_that_it_can_be_typed() {
        assert_eq!(read(r#"["a", "b c", "d'e"]"#).unwrap().to_string(), r"a 'b c' 'd'\''e'");
    }
}
