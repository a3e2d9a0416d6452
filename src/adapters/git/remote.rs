//! Finds the remote of the ledger, and how to reach it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::clone::UserClone;
use super::program::{Config, Git};
use crate::adapters::secret::{Secret, without_credentials};
use crate::error::{Error, Result};

/// The name our own repositories know the remote by: a URL in argv could hold a password.
pub(super) const NAME: &str = "lastgood";

/// What a remote's own section may say about reaching it.
const OF_REMOTE: [&str; 4] = ["proxy", "proxyauthmethod", "uploadpack", "receivepack"];

/// What the configuration may say about reaching any remote.
const OF_NETWORK: [&str; 5] = ["http.", "credential.", "url.", "ssh.", "protocol."];

/// Single keys that belong to them.
const OF_CORE: [&str; 3] = ["core.sshcommand", "core.askpass", "core.gitproxy"];

/// Nobody can answer a question of a program in the background: it would wait for ever.
const UNATTENDED_SSH: &str = "ssh -o BatchMode=yes";

/// Which remote is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RemoteChoice {
    /// `origin`, else the only one, else the repository itself.
    #[default]
    Discovered,
    /// A remote of the repository by its name, or a URL.
    Given(String),
}

/// The place the ledger lies in.
pub(super) struct Remote {
    /// As it is shown to people.
    pub(super) shown: String,
    /// Whether it is the user's repository itself.
    pub(super) home: Home,
    /// Git, prepared to reach it under [`NAME`].
    pub(super) git: Git,
}

/// Where the ledger is at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// On a remote.
    Away,
    /// In the user's repository itself.
    Here,
}

struct Found {
    url: String,
    name: Option<String>,
    home: Home,
}

impl Remote {
    pub(super) fn choose(
        git: &Git,
        choice: &RemoteChoice,
        from: &Path,
        clone: Option<&UserClone>,
        token: Option<&Secret>,
    ) -> Result<Self> {
        let found = find(choice, from, clone)?;
        let none = Vec::new();
        let config = clone.map_or(&none, |clone| &clone.config);
        let reached = rewritten(&found.url, config);
        let local = is_path(&reached) || reached.starts_with("file:");
        let mut url = found.url.clone();
        let mut entries = reach(config, found.name.as_deref(), local);
        let mut secrets = passwords(&url);
        if let Some((token, server)) = token.zip(web_server(&reached)) {
            // Two Authorization headers are a bad request, so that of the URL goes.
            url = without_credentials(&url);
            let basic = BASE64.encode(format!("x-access-token:{}", token.reveal()));
            let key = format!("http.{server}/.extraheader");
            entries.push((key.clone(), String::new()));
            entries.push((key, format!("AUTHORIZATION: basic {basic}")));
            secrets.extend([token.reveal().to_owned(), basic]);
        }
        if clone.is_some() && !asks_otherwise(config) {
            entries.push(("core.sshCommand".to_owned(), UNATTENDED_SSH.to_owned()));
        }
        entries.push((format!("remote.{NAME}.url"), url));
        entries.extend(ours());
        let config = match (clone, local) {
            // The machine's own configuration also steers a server that is only a folder.
            (Some(_), true) | (None, _) => Config::Added(entries),
            (Some(_), false) => Config::Only(entries),
        };
        let shown = match found.home {
            Home::Away => without_credentials(&found.url),
            Home::Here => format!("the repository itself, `{}`", found.url),
        };
        Ok(Self { shown, home: found.home, git: git.with_config(config).hiding(secrets) })
    }
}

/// Returns whether the user has said how ssh is to be run.
fn asks_otherwise(config: &[(String, String)]) -> bool {
    let by_env = ["GIT_SSH", "GIT_SSH_COMMAND"].iter().any(|name| std::env::var_os(name).is_some());
    by_env || config.iter().any(|(key, _)| key == "core.sshcommand")
}

/// Keeps git from doing in our folders what it does in a user's: they need not outlive a crash.
fn ours() -> Vec<(String, String)> {
    let entries = [
        ("core.fsync", "none"),
        ("core.hooksPath", "/dev/null"),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
        ("fetch.writeCommitGraph", "false"),
        ("pack.useBitmaps", "false"),
        ("pack.threads", "1"),
        ("pack.writeReverseIndex", "false"),
        ("advice.graftFileDeprecated", "false"),
    ];
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn find(choice: &RemoteChoice, from: &Path, clone: Option<&UserClone>) -> Result<Found> {
    match (choice, clone) {
        (RemoteChoice::Given(name), Some(clone)) if clone.remotes().contains(&name.as_str()) => {
            named(clone, name)
        }
        (RemoteChoice::Given(url), _) if is_url(url) => {
            Ok(Found { url: anchored(url, from), name: None, home: Home::Away })
        }
        (RemoteChoice::Given(name), clone) => Err(no_remote(name, clone)),
        (RemoteChoice::Discovered, Some(clone)) => match clone.remotes().as_slice() {
            [] => Ok(here(clone)),
            names if names.contains(&"origin") => named(clone, "origin"),
            [only] => named(clone, only),
            names => Err(which(names)),
        },
        (RemoteChoice::Discovered, None) => {
            Err(Error::invalid(format!("`{}` is not in a git repository", from.display()))
                .hint("run it inside your repository, or name it with `--repo PATH`")
                .hint("without a clone, name the remote with `--remote URL`"))
        }
    }
}

fn here(clone: &UserClone) -> Found {
    Found { url: clone.common.display().to_string(), name: None, home: Home::Here }
}

/// Where both are configured, the ledger is read from where it is written to.
fn named(clone: &UserClone, name: &str) -> Result<Found> {
    let push = clone.value(&format!("remote.{name}.pushurl"));
    let url = push.or_else(|| clone.value(&format!("remote.{name}.url"))).unwrap_or_default();
    if url.is_empty() {
        return Err(Error::invalid(format!("the remote `{name}` has no URL")));
    }
    Ok(Found { url: anchored(url, &clone.top), name: Some(name.to_owned()), home: Home::Away })
}

fn no_remote(name: &str, clone: Option<&UserClone>) -> Error {
    let error = Error::invalid(format!("there is no remote `{name}`"));
    match clone.map(UserClone::remotes).unwrap_or_default().as_slice() {
        [] => error.hint("name it with `--remote URL`"),
        names => error.hint(format!("remotes here: `{}`", names.join("`, `"))),
    }
}

fn which(names: &[&str]) -> Error {
    Error::invalid("it is not clear which remote holds the ledger")
        .because(format!("there are `{}`, and none is called `origin`", names.join("`, `")))
        .hint(format!("say which: `--remote {}`", names[0]))
}

fn is_url(text: &str) -> bool {
    text.contains([':', '/', '\\']) || Path::new(text).is_dir()
}

/// Returns whether git would take it for a path: no colon before the first slash.
fn is_path(url: &str) -> bool {
    let drive = cfg!(windows) && url.as_bytes().get(1) == Some(&b':');
    let before_slash = url.split('/').next().unwrap_or(url);
    drive || !before_slash.contains(':')
}

fn anchored(url: &str, from: &Path) -> String {
    if !is_path(url) || Path::new(url).is_absolute() {
        return url.to_owned();
    }
    let path: PathBuf = from.join(url);
    std::path::absolute(&path).unwrap_or(path).display().to_string()
}

/// What `url.<base>.insteadOf` makes of a URL; the longest match wins, as in git.
fn rewritten(url: &str, config: &[(String, String)]) -> String {
    let bases = config.iter().filter_map(|(key, value)| {
        let base = key.strip_prefix("url.")?.strip_suffix(".insteadof")?;
        Some((base, value.as_str())).filter(|(_, old)| url.starts_with(old))
    });
    match bases.max_by_key(|(_, old)| old.len()) {
        Some((base, old)) => format!("{base}{}", &url[old.len()..]),
        None => url.to_owned(),
    }
}

/// Picks what the user's configuration says about reaching the remote.
fn reach(config: &[(String, String)], name: Option<&str>, local: bool) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    for (key, value) in config {
        let network = OF_NETWORK.iter().any(|section| key.starts_with(section));
        let rewriting = key.starts_with("url.") || key.starts_with("protocol.");
        let of_remote = name.and_then(|name| of_remote(key, name));
        if let Some(setting) = of_remote {
            entries.push((format!("remote.{NAME}.{setting}"), value.clone()));
        } else if (network && (rewriting || !local)) || OF_CORE.contains(&key.as_str()) {
            entries.push((key.clone(), value.clone()));
        }
    }
    entries
}

fn of_remote<'a>(key: &'a str, name: &str) -> Option<&'a str> {
    let setting = key.strip_prefix("remote.")?.strip_prefix(name)?.strip_prefix('.')?;
    OF_REMOTE.contains(&setting).then_some(setting)
}

/// Returns `scheme://host:port` of a URL that is reached by HTTP.
pub(super) fn web_server(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    let host = parsed.host_str()?;
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    matches!(parsed.scheme(), "http" | "https")
        .then(|| format!("{}://{host}{port}", parsed.scheme()))
}

/// Returns whether a URL is of this repository (`owner/name`) of this host, by whatever protocol.
pub(super) fn leads_to(url: &str, host: &str, repository: &str) -> bool {
    let url = url.trim_end_matches('/').to_lowercase();
    let url = url.strip_suffix(".git").unwrap_or(&url);
    // `git@host:owner/name` is how ssh is written for short.
    let (rest, mark) = match url.split_once("://") {
        Some((_, rest)) => (rest, '/'),
        None => (url, ':'),
    };
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    rest == format!("{host}{mark}{repository}").to_lowercase()
}

fn passwords(url: &str) -> Vec<String> {
    let parsed = url::Url::parse(url).ok();
    parsed.and_then(|url| url.password().map(str::to_owned)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(entries: &[(&str, &str)]) -> Vec<(String, String)> {
        entries.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_longest_insteadof_wins() {
        let config = config(&[
            ("url.https://a/.insteadof", "gh:"),
            ("url.https://b/.insteadof", "gh:team/"),
        ]);
        assert_eq!(rewritten("gh:team/x", &config), "https://b/x");
        assert_eq!(rewritten("gh:other/x", &config), "https://a/other/x");
        assert_eq!(rewritten("ssh://h/x", &config), "ssh://h/x");
    }

    #[test]
    fn a_path_is_told_from_a_url_as_git_does_it() {
        for path in ["/a/b", "../x.git", "./a:b", "x"] {
            assert!(is_path(path), "{path}");
        }
        for url in ["https://h/x", "git@h:x/y", "h:x", "file:///x"] {
            assert!(!is_path(url), "{url}");
        }
    }

    #[test]
    fn only_what_helps_to_reach_the_remote_is_taken_along() {
        let config = config(&[
            ("user.name", "n"),
            ("http.https://h/.extraheader", "x"),
            ("credential.helper", "store"),
            ("core.worktree", "/w"),
            ("core.sshcommand", "ssh -i k"),
            ("remote.origin.proxy", "p"),
            ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
        ]);
        let keys = |local| -> Vec<String> {
            reach(&config, Some("origin"), local).into_iter().map(|(key, _)| key).collect()
        };
        let all = ["http.https://h/.extraheader", "credential.helper", "core.sshcommand"];
        assert_eq!(keys(false), [&all[..], &["remote.lastgood.proxy"]].concat());
        assert_eq!(keys(true), ["core.sshcommand", "remote.lastgood.proxy"]);
    }

    #[test]
    fn the_token_is_for_the_server_of_the_url_alone() {
        assert_eq!(web_server("https://u@h:8443/a/b").as_deref(), Some("https://h:8443"));
        assert_eq!(web_server("ssh://h/a"), None);
    }
}
