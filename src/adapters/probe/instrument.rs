//! Runs the program that knows the subject: `docker`, `kubectl`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::adapters::process::{Captured, Failure, Finished, Run};
use crate::adapters::secret::{Secret, variables_holding};
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::text;

use super::question::Around;

/// The longest answer that is read.
const LONGEST: usize = 16 * 1024 * 1024;

/// A program that is asked in place of the subject.
#[derive(Debug, Clone)]
pub struct Instrument {
    program: OsString,
    env: Vec<(&'static str, OsString)>,
    folder: PathBuf,
    withheld: Vec<Secret>,
}

/// What it was asked, and how much time is left for the answers.
#[derive(Debug)]
pub struct Asking<'a> {
    instrument: &'a Instrument,
    begun: Instant,
    timeout: Duration,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// It ran and said why, in these lines.
    Said(String),
    /// It did not run to its end, or answered nothing that can be read.
    Broken(String),
}

impl Instrument {
    /// Returns the program as it is found in `PATH`, run in the configuration's folder.
    pub fn new(program: impl Into<OsString>, around: &Around<'_>) -> Self {
        Self {
            program: program.into(),
            env: Vec::new(),
            folder: around.folder.clone(),
            withheld: around.withheld.clone(),
        }
    }

    /// Sets a variable for it.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// Begins a measurement, which may ask several times within its `timeout`.
    pub fn within(&self, timeout: Duration) -> Asking<'_> {
        Asking { instrument: self, begun: Instant::now(), timeout }
    }

    fn name(&self) -> String {
        text::clean(&self.program.to_string_lossy(), 80)
    }
}

impl Asking<'_> {
    /// Asks once, and returns what it wrote to its standard output.
    pub async fn ask(&self, args: impl IntoIterator<Item = String>) -> Result<Captured, Trouble> {
        let Instrument { program, env, folder, withheld } = self.instrument;
        let left = self.timeout.saturating_sub(self.begun.elapsed());
        let run = Run::new(program).args(args).folder(folder).timeout(left).cap(LONGEST);
        // What it says is read, so it must not be said in another language.
        let run = run.env("LC_ALL", "C");
        let run = env.iter().fold(run, |run, (name, value)| run.env(name, value));
        let run = variables_holding(withheld).into_iter().fold(run, Run::without);
        self.read(run.finish().await)
    }

    fn read(&self, ran: Result<Finished, Failure>) -> Result<Captured, Trouble> {
        let name = self.instrument.name();
        match ran {
            Ok(finished) if !finished.succeeded() => {
                let said = finished.stderr.text();
                let silent = said.trim().is_empty();
                let ended = format!("`{name}` ended with {} and said nothing", finished.ended);
                Err(if silent { Trouble::Broken(ended) } else { Trouble::Said(said) })
            }
            Ok(finished) if finished.stdout.dropped() > 0 => {
                let most = LONGEST / 1024 / 1024;
                Err(Trouble::Broken(format!("the answer of `{name}` is longer than {most} MiB")))
            }
            Ok(finished) => Ok(finished.stdout),
            Err(Failure::TimedOut { .. }) => {
                let time = Span::from(self.timeout);
                Err(Trouble::Broken(format!("`{name}` gave no answer within `{time}`")))
            }
            Err(failure @ Failure::NotFound(_)) => {
                Err(Trouble::Broken(format!("{failure}; install it where lastgood runs")))
            }
            Err(failure @ (Failure::NoFolder(_) | Failure::NotStarted(..) | Failure::Lost(..))) => {
                Err(Trouble::Broken(failure.to_string()))
            }
        }
    }

    /// Returns the error for an answer that is not what its program promises.
    pub fn unreadable(&self, cause: impl std::fmt::Display) -> Measurement {
        let name = self.instrument.name();
        Measurement::error(format!("the answer of `{name}` could not be read: {cause}"))
    }
}

impl Trouble {
    /// Returns it as a measurement: the subject may be well, for all that is known.
    pub fn measurement(&self) -> Measurement {
        match self {
            Self::Said(said) => {
                let tells = |line: &&str| !line.trim().is_empty() && !is_advice(line);
                let last = said.lines().rev().find(tells);
                Measurement::unreached(Reach::Instrument, last.unwrap_or_default())
            }
            Self::Broken(why) => Measurement::unreached(Reach::Instrument, why),
        }
    }
}

/// Where to read more, which comes after what went wrong.
fn is_advice(line: &str) -> bool {
    ["Run '", "See '", "Try '"].iter().any(|advice| line.starts_with(advice))
}

#[cfg(test)]
mod tests {
    use crate::domain::facts::Facts;

    use super::*;

    fn sh(folder: &std::path::Path, withheld: Vec<Secret>) -> Instrument {
        let http = &|| Err(crate::error::Error::invalid("nobody asks over HTTP here"));
        let around = Around { folder: folder.to_owned(), facts: Facts::default(), withheld, http };
        Instrument::new("sh", &around)
    }

    async fn ask(asking: &Asking<'_>, script: &str) -> Result<String, Trouble> {
        let answer = asking.ask(["-c", script].map(str::to_owned)).await;
        answer.map(|answer| answer.text())
    }

    #[tokio::test]
    async fn it_runs_in_the_folder_with_what_it_is_given_and_without_what_is_withheld() {
        let (name, value) = std::env::vars().find(|(name, _)| name == "CARGO_PKG_NAME").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let instrument = sh(folder.path(), vec![Secret::new(value)]).env("GIVEN", "yes");
        let asking = instrument.within(Duration::from_secs(20));
        let script = format!("pwd -P; echo \"$GIVEN ${{{name}-none}} $LC_ALL\"");
        let real = folder.path().canonicalize().unwrap();
        let expected = format!("{}\nyes none C\n", real.display());
        assert_eq!(ask(&asking, &script).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn all_questions_of_a_look_share_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let instrument = sh(folder.path(), vec![]);
        let asking = instrument.within(Duration::from_millis(200));
        let late = "`sh` gave no answer within `200ms`";
        for _ in 0..2 {
            let Err(Trouble::Broken(why)) = ask(&asking, "exec tail -f /dev/null").await else {
                panic!("it answered");
            };
            assert_eq!(why, late);
        }
        assert!(asking.begun.elapsed() < Duration::from_millis(400));
    }

    #[tokio::test]
    async fn one_that_ends_badly_and_says_nothing_is_told_by_its_code() {
        let folder = tempfile::tempdir().unwrap();
        let instrument = sh(folder.path(), vec![]);
        let asking = instrument.within(Duration::from_secs(20));
        let Err(trouble) = ask(&asking, "exit 3").await else { panic!("it answered") };
        let measurement = trouble.measurement();
        assert_eq!(measurement.message, "`sh` ended with exit code 3 and said nothing");
    }

    #[test]
    fn the_last_line_that_tells_something_is_told() {
        let table = [
            ("E1 retry\nThe connection was refused\n", "The connection was refused"),
            (
                "docker: unknown command\n\nRun 'docker --help' for more\n",
                "docker: unknown command",
            ),
            (
                "docker: 'compose' is no command.\nSee 'docker --help'",
                "docker: 'compose' is no command.",
            ),
            ("\n", ""),
        ];
        for (said, told) in table {
            assert_eq!(Trouble::Said(said.to_owned()).measurement().message, told);
        }
    }
}
