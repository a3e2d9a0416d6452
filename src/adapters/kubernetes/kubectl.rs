//! Asks and changes one place in one cluster by `kubectl`.

use super::place::Place;
use super::resource::Name;
use crate::adapters::process::{Program, Trouble};
use crate::domain::text;

/// `kubectl`, and where it asks.
#[derive(Clone)]
pub struct Kubectl {
    program: Program,
    place: Vec<String>,
}

/// A change of one thing, in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is changed: `deployments.apps/shop`.
    pub of: String,
    /// How the text is meant.
    pub form: Form,
    /// The text, which `kubectl` reads from its standard input: nothing in it can be an argument.
    pub text: String,
}

/// How a change is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a part of the whole, whose lists are merged by their names.
    Strategic,
    /// As a part of the whole, whose lists are replaced.
    Merge,
    /// As operations on paths.
    Json,
}

impl Kubectl {
    /// Asks this place.
    pub fn new(program: Program, place: &Place) -> Self {
        Self { program, place: place.flags() }
    }

    /// Returns the same with every line told to whom a program is given.
    #[must_use]
    pub fn with(&self, program: impl FnOnce(Program) -> Program) -> Self {
        Self { program: program(self.program.clone()), place: self.place.clone() }
    }

    /// Returns the program itself, for its errors.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Returns what is there, as JSON.
    pub async fn get(&self, asked: &[&str]) -> Result<String, Trouble> {
        let words = ["get"].into_iter().chain(asked.iter().copied()).chain(["--output=json"]);
        self.program.run(&self.placed(words)).await
    }

    /// Has the server check a change, and changes nothing.
    pub async fn check(&self, change: &Change) -> Result<(), Trouble> {
        self.program.feed(&self.checking(change), Some(&change.text)).await.map(drop)
    }

    /// Changes it.
    pub async fn patch(&self, change: &Change) -> Result<(), Trouble> {
        self.program.feed(&self.patching(change), Some(&change.text)).await.map(drop)
    }

    /// Deletes a pod, which whoever made it makes anew; waits for nothing.
    pub async fn delete_pod(&self, name: &Name) -> Result<(), Trouble> {
        let pod = format!("pods/{name}");
        self.program.run(&self.placed(["delete", &pod, "--wait=false"])).await.map(drop)
    }

    /// Returns what checks and what changes, as a shell would read it.
    pub fn shown(&self, change: &Change) -> [String; 2] {
        let quoted = shell_words::quote(&change.text);
        [self.checking(change), self.patching(change)].map(|words| {
            let line = format!("{} <<< {quoted}", self.program.shown(&words));
            text::clean(&line, usize::MAX)
        })
    }

    /// Returns a command of this place, for a hint.
    pub fn command(&self, words: &[&str]) -> String {
        self.program.shown(&self.placed(words.iter().copied()))
    }

    fn checking(&self, change: &Change) -> Vec<String> {
        let mut words = self.patching(change);
        words.push("--dry-run=server".to_owned());
        words
    }

    fn patching(&self, change: &Change) -> Vec<String> {
        let form = format!("--type={}", change.form.as_str());
        self.placed(["patch", &change.of, &form, "--patch-file=/dev/stdin"])
    }

    fn placed<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let words = words.into_iter().map(str::to_owned);
        words.chain(self.place.iter().cloned()).collect()
    }
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::Strategic => "strategic",
            Self::Merge => "merge",
            Self::Json => "json",
        }
    }
}
