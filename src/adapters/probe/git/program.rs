//! Runs `git ls-remote` so that it neither asks nor tells.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::percent_decode_str;
use url::Url;

use super::GitProbe;
use crate::adapters::process::Run;
use crate::adapters::secret::{Secret, variables_holding, without_credentials};

/// The most that a list of refs is read of.
const MOST: usize = 16 * 1024 * 1024;

/// What a caller's shell, hook or CI may have set and would lead git elsewhere.
const MISLEADING: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// The name by which git knows a URL that holds a password: arguments are seen by all.
const NAME: &str = "lastgood-check";

impl GitProbe {
    /// Returns the run that lists the ref, and what its tag stands for.
    pub(super) fn listing(&self, time: Duration) -> Run {
        let (remote, entries) = self.told();
        let run = Run::new("git").args(["ls-remote", "--", &remote]);
        let run = run.args(self.settings.name.patterns()).folder(&self.folder);
        let run = MISLEADING.into_iter().fold(run.timeout(time).cap(MOST), Run::without);
        let run = variables_holding(&self.withheld).into_iter().fold(run, Run::without);
        let quiet = [("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never")];
        let run = quiet.into_iter().fold(run, |run, (name, value)| run.env(name, value));
        let run = match std::env::var_os("GIT_SSH_COMMAND") {
            Some(_) => run,
            None => run.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
        };
        configured(run, &entries)
    }

    /// Returns name and password: those of the token, else those of the URL, which git would pass on in its children's arguments.
    fn credentials(&self) -> Option<Secret> {
        if let Some(token) = &self.token {
            return Some(Secret::new(format!("x-access-token:{}", token.reveal())));
        }
        let url = Url::parse(self.settings.remote.as_str()).ok()?;
        let part = |part| percent_decode_str(part).decode_utf8_lossy().into_owned();
        Some(Secret::new(format!("{}:{}", part(url.username()), part(url.password()?))))
    }

    /// Returns the remote as it is named in the arguments, and what git is told beside them.
    fn told(&self) -> (String, Vec<(String, String)>) {
        let remote = self.settings.remote.as_str();
        let plain = without_credentials(remote);
        let mut entries = Vec::new();
        if let Some((pair, server)) = self.credentials().zip(server(remote)) {
            let basic = BASE64.encode(pair.reveal());
            let key = format!("http.{server}/.extraheader");
            // The empty value forgets another's; two such headers are a bad request.
            entries.push((key.clone(), String::new()));
            entries.push((key, format!("AUTHORIZATION: basic {basic}")));
            return (plain, entries);
        }
        if plain != remote {
            entries.push((format!("remote.{NAME}.url"), remote.to_owned()));
            return (NAME.to_owned(), entries);
        }
        (plain, entries)
    }
}

/// Adds entries to what the caller's environment tells git.
fn configured(run: Run, entries: &[(String, String)]) -> Run {
    if entries.is_empty() {
        return run;
    }
    let inherited = std::env::var("GIT_CONFIG_COUNT").ok();
    let first: usize = inherited.and_then(|count| count.parse().ok()).unwrap_or(0);
    let run = run.env("GIT_CONFIG_COUNT", (first + entries.len()).to_string());
    entries.iter().enumerate().fold(run, |run, (at, (key, value))| {
        run.env(format!("GIT_CONFIG_KEY_{}", first + at), key)
            .env(format!("GIT_CONFIG_VALUE_{}", first + at), value)
    })
}

/// Returns `scheme://host:port` of a URL that is reached by HTTP.
fn server(remote: &str) -> Option<String> {
    let url = Url::parse(remote).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}
