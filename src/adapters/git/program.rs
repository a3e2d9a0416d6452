//! Runs git so that it neither asks, translates nor tells secrets.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::adapters::process::{Ended, Failure, Finished, Run};
use crate::adapters::secret::without_credentials;
use crate::domain::text;
use crate::error::{Error, Result};

/// The oldest git that does all that is asked of it here.
const OLDEST: (u32, u32) = (2, 34);

/// More than any list of refs that a server should hold.
const MOST_OUTPUT: usize = 256 * 1024 * 1024;

/// How much of what git said is told, in characters.
pub(super) const MOST_CAUSE: usize = 600;

/// What a caller's shell, hook or CI may have set and would lead git elsewhere.
const MISLEADING: [&str; 13] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_QUARANTINE_PATH",
    "GIT_LITERAL_PATHSPECS",
];

/// The git program with all that every call of it shares.
#[derive(Clone)]
pub(super) struct Git {
    program: OsString,
    env: Vec<(OsString, OsString)>,
    config: Config,
    secrets: Vec<String>,
    timeout: Duration,
}

/// Which configuration a call sees beside that of its repository.
#[derive(Clone)]
pub(super) enum Config {
    /// What is found on this machine, as it is.
    Found,
    /// What is found, and these entries over it.
    Added(Vec<(String, String)>),
    /// These entries alone.
    Only(Vec<(String, String)>),
}

/// What a call of git came to.
pub(super) struct Answer {
    finished: Finished,
    said: String,
}

impl Git {
    pub(super) fn new(
        program: OsString,
        env: Vec<(OsString, OsString)>,
        timeout: Duration,
    ) -> Self {
        Self { program, env, config: Config::Found, secrets: Vec::new(), timeout }
    }

    pub(super) fn with_config(&self, config: Config) -> Self {
        Self { config, ..self.clone() }
    }

    pub(super) fn hiding(&self, secrets: Vec<String>) -> Self {
        Self { secrets, ..self.clone() }
    }

    /// Runs git in a folder, for what is there.
    pub(super) async fn at(&self, folder: &Path, args: &[&str]) -> Result<Answer> {
        self.call(self.run().folder(folder).args(args.iter().copied())).await
    }

    /// Runs git on a repository of our own.
    pub(super) async fn on(&self, own: &Path, args: &[&str]) -> Result<Answer> {
        let mut git_dir = OsString::from("--git-dir=");
        git_dir.push(own);
        self.call(self.run().folder(own).arg(git_dir).args(args.iter().copied())).await
    }

    /// Returns the program's major and minor version, or refuses it.
    pub(super) async fn version(&self) -> Result<(u32, u32)> {
        let answer = self.call(self.run().arg("version")).await?;
        let told = answer.stdout();
        let version = parse_version(&told)
            .ok_or_else(|| Error::failed(format!("`git version` said `{}`", told.trim())))?;
        if version >= OLDEST {
            return Ok(version);
        }
        let (major, minor) = OLDEST;
        Err(Error::failed(format!("git {}.{} is too old", version.0, version.1))
            .hint(format!("install git {major}.{minor} or newer")))
    }

    /// Takes secrets and whatever could mislead out of what a program said.
    pub(super) fn redact(&self, said: &str) -> String {
        let mut told = without_credentials(said);
        for secret in &self.secrets {
            told = told.replace(secret.as_str(), "***");
        }
        text::clean(&told, MOST_CAUSE)
    }

    fn run(&self) -> Run {
        let mut run = Run::new(&self.program).timeout(self.timeout).cap(MOST_OUTPUT);
        for name in MISLEADING {
            run = run.without(name);
        }
        for (name, value) in &self.env {
            run = run.env(name, value);
        }
        let quiet = [("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never")];
        for (name, value) in quiet {
            run = run.env(name, value);
        }
        self.configure(run)
    }

    fn configure(&self, run: Run) -> Run {
        let (first, entries, run) = match &self.config {
            Config::Found => return run,
            Config::Added(entries) => (inherited(&self.env), entries, run),
            Config::Only(entries) => {
                let run = run.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
                (0, entries, run.without("GIT_CONFIG_PARAMETERS"))
            }
        };
        let mut run = run.env("GIT_CONFIG_COUNT", (first + entries.len()).to_string());
        for (at, (key, value)) in entries.iter().enumerate() {
            run = run.env(format!("GIT_CONFIG_KEY_{}", first + at), key);
            run = run.env(format!("GIT_CONFIG_VALUE_{}", first + at), value);
        }
        run
    }

    async fn call(&self, run: Run) -> Result<Answer> {
        let finished = run.finish().await.map_err(not_run)?;
        if finished.stdout.dropped() > 0 {
            return Err(Error::failed("git said more than can be held"));
        }
        let said = self.redact(&telling(&finished.stderr.text()));
        Ok(Answer { finished, said })
    }
}

impl Answer {
    pub(super) fn succeeded(&self) -> bool {
        self.finished.succeeded()
    }

    /// Returns the code with which git left; `None` where it was killed.
    pub(super) fn code(&self) -> Option<i32> {
        match self.finished.ended {
            Ended::Code(code) => Some(code),
            Ended::Signal(_) => None,
        }
    }

    pub(super) fn stdout(&self) -> String {
        self.finished.stdout.text()
    }

    pub(super) fn stdout_bytes(&self) -> &[u8] {
        self.finished.stdout.bytes()
    }

    /// Returns what git complained of, fit to be shown.
    pub(super) fn complaint(&self) -> String {
        if self.said.is_empty() {
            format!("git: {}", self.finished.ended)
        } else {
            self.said.clone()
        }
    }
}

fn not_run(failure: Failure) -> Error {
    match failure {
        Failure::NotFound(_) | Failure::NotStarted(..) => {
            Error::failed("the `git` program could not be run")
                .because(failure)
                .hint("install git 2.34 or newer and make sure it is in `PATH`")
        }
        Failure::NoFolder(_) => Error::invalid("there is no such folder").because(failure),
        Failure::TimedOut { .. } | Failure::Lost(..) => {
            Error::unreachable("git did not come to an end").because(failure)
        }
    }
}

/// How many entries the caller's environment already brings.
fn inherited(env: &[(OsString, OsString)]) -> usize {
    let given = env.iter().find(|(name, _)| name == "GIT_CONFIG_COUNT").map(|(_, v)| v.clone());
    let count = given.or_else(|| std::env::var_os("GIT_CONFIG_COUNT"));
    count.and_then(|count| count.to_str()?.parse().ok()).unwrap_or(0)
}

/// Leaves out what git says while all is well.
fn telling(said: &str) -> String {
    let (mut told, noise) = (Vec::new(), ["hint:", "warning:", "To ", "From "]);
    for line in said.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if !noise.iter().any(|start| line.starts_with(start)) && line != "remote:" {
            told.push(line);
        }
    }
    told.join("; ")
}

fn parse_version(told: &str) -> Option<(u32, u32)> {
    let mut numbers = told.trim().strip_prefix("git version ")?.split(['.', ' ']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_makers_are_read() {
        assert_eq!(parse_version("git version 2.47.3\n"), Some((2, 47)));
        assert_eq!(parse_version("git version 2.39.2 (Apple Git-143)"), Some((2, 39)));
        assert_eq!(parse_version("git version 2.34.1.windows.1"), Some((2, 34)));
        assert_eq!(parse_version("gut 1"), None);
    }
}
