//! The probe, with real repositories.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::super::web::{Server, answer};
use super::*;
use crate::adapters::process::Run;
use crate::domain::facts::Facts;
use crate::domain::names::Commit;
use crate::domain::verdict::Outcome;

/// A repository with two commits: `main` and `both` at the second, tags at the first.
struct World {
    folder: tempfile::TempDir,
    commits: [String; 2],
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]).await;
        let mut commits = Vec::new();
        for message in ["one", "two"] {
            git(folder.path(), &["commit", "-q", "--allow-empty", "-m", message]).await;
            commits.push(git(folder.path(), &["rev-parse", "HEAD"]).await);
        }
        git(folder.path(), &["tag", "v1", "HEAD~1"]).await;
        git(folder.path(), &["tag", "-a", "v1-annotated", "-m", "v1", "HEAD~1"]).await;
        git(folder.path(), &["branch", "both"]).await;
        git(folder.path(), &["tag", "both", "HEAD~1"]).await;
        git(folder.path(), &["branch", "feature/main", "HEAD~1"]).await;
        Self { folder, commits: commits.try_into().unwrap() }
    }

    fn url(&self) -> String {
        self.folder.path().display().to_string()
    }
}

async fn git(folder: &Path, args: &[&str]) -> String {
    let run = Run::new("git").args(args.iter().copied()).folder(folder);
    let who = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
    let run = who.into_iter().fold(run, |run, name| run.env(name, "somebody"));
    let finished = run.env("GIT_CONFIG_GLOBAL", "/dev/null").finish().await.unwrap();
    assert!(finished.succeeded(), "{args:?}: {}", finished.stderr.text());
    finished.stdout.text().trim().to_owned()
}

async fn measured(json: &Json, folder: &Path, version: &Version) -> Measurement {
    let settings: Settings = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
    let http = crate::adapters::http::Http::new;
    let folder = folder.to_owned();
    let around = Around { folder, facts: Facts::default(), withheld: Vec::new(), http: &http };
    let probe = settings.connect(&around).unwrap();
    probe.measure(Some(version), Duration::from_secs(20)).await
}

#[tokio::test]
async fn a_ref_points_where_it_must_or_not() {
    use Outcome::{Error, Fail, Pass};
    let world = World::new().await;
    let [first, second] = &world.commits;
    let version = Version::named("2.0").at(Commit::new(second).unwrap());
    let here = std::env::temp_dir();
    for (more, expected, message) in [
        (json!({}), Pass, "`HEAD` points at"),
        (json!({"ref": "refs/heads/main"}), Pass, "`refs/heads/main` points at"),
        (json!({"ref": "main", "equals": "{commit}"}), Pass, "`main` points at"),
        (json!({"ref": "feature/main"}), Fail, ", not "),
        (json!({"ref": "v1", "equals": first}), Pass, "`v1` points at"),
        (json!({"ref": "v1-annotated", "equals": first}), Pass, "`v1-annotated` points at"),
        (json!({"ref": "v1-annotated", "equals": first[..7].to_uppercase()}), Pass, "points at"),
        (json!({"ref": "v1"}), Fail, ", not "),
        (json!({"ref": "both"}), Error, "may be `refs/heads/both`, `refs/tags/both`"),
        (json!({"ref": "refs/heads/both"}), Pass, "points at"),
        (json!({"ref": "nobody"}), Fail, "has no ref `nobody`"),
    ] {
        let mut whole = json!({"remote": world.url()});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let measurement = measured(&whole, &here, &version).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
        assert!(measurement.message.contains(message), "{more}: {}", measurement.message);
    }
    let other = measured(&json!({"remote": world.url(), "ref": "v1"}), &here, &version).await;
    assert_eq!((other.value.as_ref(), other.limit.as_ref()), (Some(first), Some(second)));
}

#[tokio::test]
async fn a_remote_is_known_by_its_name_in_the_folder_of_the_configuration() {
    let world = World::new().await;
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), &["clone", "-q", &world.url(), "."]).await;
    let version = Version::named("2.0").at(Commit::new(&world.commits[1]).unwrap());
    let measurement = measured(&json!({"ref": "main"}), clone.path(), &version).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn what_cannot_be_asked_is_an_error() {
    let empty = tempfile::tempdir().unwrap();
    let version = Version::named("2.0");
    let unknown = measured(&json!({}), empty.path(), &version).await;
    assert_eq!(unknown.outcome, Outcome::Error);
    assert!(unknown.message.contains("the commit of the version under test is not known"));
    let equals = json!({"equals": "0123456789"});
    let gone = measured(&equals, empty.path(), &version).await;
    assert_eq!(gone.outcome, Outcome::Error);
    assert!(gone.message.starts_with("`origin` could not be asked: fatal:"), "{}", gone.message);
}

#[tokio::test]
async fn a_token_goes_to_the_server_and_nowhere_else() {
    let server = Server::always(answer(403, "text/plain", "no")).await;
    let url = server.url.replace("://", "://user:hunter2hunter2@") + "/shop.git";
    let json = json!({"remote": url, "token": "topsecrettoken", "equals": "0123456789"});
    let measurement = measured(&json, &std::env::temp_dir(), &Version::named("1")).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    for secret in ["hunter2", "topsecrettoken"] {
        assert!(!measurement.message.contains(secret), "{}", measurement.message);
    }
    let settings: Settings = serde_json::from_value(json).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    let pair = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        "x-access-token:topsecrettoken",
    );
    let asked = server.asked();
    assert!(asked[0].contains(&pair), "{asked:?}");
}

#[tokio::test]
async fn a_password_in_the_url_is_in_no_argument() {
    let server = Server::always(answer(401, "text/plain", "no")).await;
    let url = server.url.replace("://", "://user:hunter2hunter2@");
    let json = json!({"remote": url, "equals": "0123456789"});
    let settings: Settings = serde_json::from_value(json.clone()).unwrap();
    let (token, withheld, folder) = (None, Vec::new(), std::env::temp_dir());
    let probe = GitProbe { settings, folder, token, withheld };
    let run = probe.listing(Duration::from_secs(20));
    let argv: Vec<_> = run.argv().map(|arg| arg.to_string_lossy().into_owned()).collect();
    assert!(!argv.concat().contains("hunter2"), "{argv:?}");
    let measurement = measured(&json, &std::env::temp_dir(), &Version::named("1")).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    assert!(!measurement.message.contains("hunter2"), "{}", measurement.message);
    let pair =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "user:hunter2hunter2");
    let asked = server.asked();
    assert!(asked[0].contains(&pair), "{asked:?}");
}

#[test]
fn a_url_with_a_query_is_refused_without_a_word_of_it_and_with_what_to_write() {
    for remote in ["https://git.example/shop.git?token=hunter2", "https://git.example/#hunter2"] {
        let refused = serde_json::from_value::<Settings>(json!({"remote": remote})).unwrap_err();
        let refused = refused.to_string();
        assert!(!refused.contains("hunter2") && refused.contains("token_file"), "{refused}");
    }
}

#[test]
fn what_git_could_take_for_something_else_is_refused() {
    for json in [
        json!({"remote": "--upload-pack=x"}),
        json!({"remote": ""}),
        json!({"ref": "-x"}),
        json!({"ref": "refs/heads/*"}),
        json!({"ref": "a..b"}),
        json!({"ref": "a^{}"}),
        json!({"equals": "main"}),
        json!({"equals": "abc"}),
    ] {
        assert!(serde_json::from_value::<Settings>(json.clone()).is_err(), "{json}");
    }
    let twice = json!({"token": "a", "token_file": "b"});
    let twice: Settings = serde_json::from_value(twice).unwrap();
    assert_eq!(twice.mistakes(), ["`token` is given twice"]);
}
