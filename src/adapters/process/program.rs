//! A platform's own program: `docker`, `kubectl`, `systemctl`, `nginx`.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{Ended, Failure, Listener, Run};
use crate::adapters::secret::{Secret, masked, variables_holding};
use crate::domain::duration::Span;
use crate::domain::text;
use crate::error::Error;

/// The longest answer that is read.
const LONGEST: usize = 16 * 1024 * 1024;

/// The longest reason that is passed on.
const WORD: usize = 300;

/// A program as it is found in `PATH`, and what it finds around itself.
#[derive(Clone)]
pub struct Program {
    name: OsString,
    folder: PathBuf,
    env: Vec<(OsString, OsString)>,
    withheld: Vec<Secret>,
    timeout: Duration,
    listener: Option<Listener>,
}

/// Why a program did not do what it was to do.
#[derive(Debug)]
pub enum Trouble {
    /// It ran and ended badly; what it wrote to its standard error, cleaned, its newest lines.
    Said {
        /// How it ended.
        ended: Ended,
        /// What it said.
        said: String,
    },
    /// It did not end in its time, and was killed with all that it had started.
    Slow(Duration),
    /// It could not be run, or its answer could not be read.
    Broken(String),
}

impl Program {
    /// Returns a program that runs in this folder and sees none of these secrets.
    pub fn new(name: impl Into<OsString>, folder: PathBuf, withheld: Vec<Secret>) -> Self {
        let timeout = Duration::from_secs(600);
        Self { name: name.into(), folder, env: Vec::new(), withheld, timeout, listener: None }
    }

    /// Sets a variable for it.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets the time that each run of it has; ten minutes unless set.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Tells somebody every line that it writes.
    #[must_use]
    pub fn listen(self, listener: Listener) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// Returns what is run, as a shell would read it; for the plan.
    pub fn shown<S: AsRef<str>>(&self, args: &[S]) -> String {
        let name = self.name.to_string_lossy();
        let words = std::iter::once(name.as_ref()).chain(args.iter().map(AsRef::as_ref));
        let line = shell_words::join(words);
        masked(&text::clean(&line, usize::MAX), &self.withheld)
    }

    /// Runs it, and returns what it wrote to its standard output.
    pub async fn run<S: AsRef<str>>(&self, args: &[S]) -> Result<String, Trouble> {
        self.feed(args, None).await
    }

    /// Runs it with this on its standard input.
    pub async fn feed<S: AsRef<str>>(
        &self,
        args: &[S],
        input: Option<&str>,
    ) -> Result<String, Trouble> {
        let args = args.iter().map(|arg| OsString::from(arg.as_ref()));
        // What it says is read, so it must not be said in another language.
        let run = Run::new(self.name.clone()).args(args).folder(&self.folder).env("LC_ALL", "C");
        let run = run.timeout(self.timeout).cap(LONGEST);
        let run = self.listener.iter().fold(run, |run, listener| run.listen(listener.clone()));
        let run = variables_holding(&self.withheld).into_iter().fold(run, Run::without);
        let run = self.env.iter().fold(run, |run, (name, value)| run.env(name, value));
        let run = input.into_iter().fold(run, Run::stdin);
        self.read(run.finish().await)
    }

    fn read(&self, ran: Result<super::Finished, Failure>) -> Result<String, Trouble> {
        match ran {
            Ok(finished) if finished.succeeded() && finished.stdout.dropped() == 0 => {
                Ok(finished.stdout.text())
            }
            Ok(finished) if finished.succeeded() => {
                let most = LONGEST / 1024 / 1024;
                let name = self.name.to_string_lossy();
                Err(Trouble::Broken(format!("the answer of `{name}` is longer than {most} MiB")))
            }
            Ok(finished) => {
                let said = masked(&finished.stderr.text(), &self.withheld);
                Err(Trouble::Said { ended: finished.ended, said })
            }
            Err(Failure::TimedOut { after, .. }) => Err(Trouble::Slow(after)),
            Err(failure) => Err(Trouble::Broken(failure.to_string())),
        }
    }

    /// Returns an error of something that was being done, with the trouble as its cause.
    pub fn failed(&self, doing: impl Into<String>, trouble: &Trouble) -> Error {
        let name = text::clean(&self.name.to_string_lossy(), 80);
        let error = Error::failed(doing).because(format!("`{name}`: {trouble}"));
        match trouble {
            Trouble::Said { .. } => error,
            Trouble::Slow(_) => error.hint("give it a longer `timeout`"),
            Trouble::Broken(_) => error.hint(format!("install `{name}` where lastgood runs")),
        }
    }
}

impl Trouble {
    /// Returns whether it said this.
    pub fn says(&self, text: &str) -> bool {
        match self {
            Self::Said { said, .. } => said.contains(text),
            Self::Slow(_) | Self::Broken(_) => false,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { ended, said } => {
                let line = said.lines().rev().map(str::trim).find(|line| tells(line));
                match line {
                    Some(line) => write!(out, "{}", text::clean(line, WORD)),
                    None => write!(out, "{ended}, and it said nothing"),
                }
            }
            Self::Slow(after) => {
                write!(out, "it did not end within {} and was killed", Span::from(*after))
            }
            Self::Broken(why) => out.write_str(why),
        }
    }
}

/// Where to read more comes after what went wrong.
fn tells(line: &str) -> bool {
    !line.is_empty() && !["Run '", "See '", "Try '"].iter().any(|advice| line.starts_with(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(folder: &std::path::Path, withheld: Vec<Secret>) -> Program {
        Program::new("sh", folder.to_owned(), withheld)
    }

    #[tokio::test]
    async fn what_it_writes_comes_back_and_what_it_complains_of_is_the_cause() {
        let folder = tempfile::tempdir().unwrap();
        let program = sh(folder.path(), Vec::new()).env("GIVEN", "yes");
        assert_eq!(program.run(&["-c", "echo $GIVEN $LC_ALL"]).await.unwrap(), "yes C\n");
        let trouble =
            program.run(&["-c", "echo first >&2; echo why >&2; exit 3"]).await.unwrap_err();
        let error = program.failed("could not do it", &trouble);
        assert_eq!(error.causes(), ["`sh`: why"]);
        let silent = program.run(&["-c", "exit 3"]).await.unwrap_err();
        assert_eq!(silent.to_string(), "exit code 3, and it said nothing");
    }

    #[tokio::test]
    async fn one_that_hangs_is_killed_and_one_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let slow = sh(folder.path(), Vec::new()).timeout(Duration::from_millis(100));
        let trouble = slow.run(&["-c", "exec tail -f /dev/null"]).await.unwrap_err();
        assert_eq!(trouble.to_string(), "it did not end within 100ms and was killed");
        let none = Program::new("lastgood-no-such-program", folder.path().to_owned(), Vec::new());
        let trouble = none.run::<&str>(&[]).await.unwrap_err();
        assert_eq!(trouble.to_string(), "no program `lastgood-no-such-program` was found");
    }

    #[tokio::test]
    async fn a_secret_is_neither_shown_nor_passed_on() {
        let folder = tempfile::tempdir().unwrap();
        let program = sh(folder.path(), vec![Secret::new("correct horse")]);
        assert_eq!(program.shown(&["-c", "echo correct horse"]), "sh -c 'echo ***'");
        let trouble = program.run(&["-c", "echo correct horse >&2; exit 1"]).await.unwrap_err();
        assert_eq!(trouble.to_string(), "***");
    }
}
