//! What every driver promises, with real git and a real remote.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use super::*;
use crate::adapters::driver::contract::{Departure, PLANS, Stage, keeps};
use crate::adapters::git::remote::Remote;
use crate::adapters::git::store::Store;

/// What stands where an id or a folder was.
const VARIES: &str = "\u{2026}";

/// A branch with one file, in which the version stands.
struct Branch {
    deployed: Deployed,
    commits: Mutex<BTreeMap<String, Commit>>,
}

impl Branch {
    /// Returns a version of the file, which the remote has.
    fn version(&self, name: &str) -> Version {
        let world = &self.deployed.world;
        let mut commits = self.commits.lock().unwrap();
        let commit = commits.entry(name.to_owned()).or_insert_with(|| {
            world.write("app", name);
            world.git("seed", &["commit", "-q", "-a", "-m", "a version"]);
            world.git("seed", &["push", "-q", "origin", "main"]);
            world.id("seed", "HEAD")
        });
        Version::named(name).at(commit.clone())
    }

    /// Returns a ledger that was connected with git, and has this program in its place since.
    fn ledger(&self, program: &str, timeout: Duration) -> GitLedger {
        let usual = self.deployed.world.settings_without_clone();
        let settings = Settings { program: program.into(), timeout, ..usual };
        let git = settings.git();
        let remote = Remote::choose(&git, &settings.remote, Path::new("."), None, None).unwrap();
        GitLedger::over(git, (2, 34), None, remote, Store::create(None).unwrap())
    }
}

#[async_trait]
impl Stage for Branch {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let settings = serde_json::from_str(r#"{"branch": "production"}"#).unwrap();
        Box::new(driver::connect(settings, Arc::new(self.ledger(program, timeout)), None))
    }

    fn program(&self) -> Option<String> {
        Some("git".to_owned())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["push"]
    }

    fn departures(&self) -> Vec<Departure> {
        vec![(
            PLANS,
            "it says what is pushed where, and not with which commands git is asked for it",
        )]
    }

    /// Commits are made, and folders of our own named, anew each time.
    fn steady(&self, word: &str) -> String {
        let is_id = |part: &str| part.len() == 40 && part.bytes().all(|b| b.is_ascii_hexdigit());
        let is_own = |part: &str| part.starts_with("lastgood-") || part.starts_with("push-");
        let varies = |part: &&str| is_id(part) || is_own(part);
        let parts = word.split(['/', ':', '^']).filter(varies);
        parts.fold(word.to_owned(), |word, part| word.replace(part, VARIES))
    }

    fn folder(&self) -> &Path {
        self.deployed.world.folder.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        given::drive("app", self.version(to), from.map(|from| self.version(from)))
    }

    async fn runs(&self) -> Option<String> {
        Some(self.deployed.world.git("remote.git", &["show", "production:app"]))
    }

    async fn incarnation(&self) -> String {
        self.deployed.world.id("remote.git", "production").to_string()
    }
}

#[tokio::test]
async fn a_branch_keeps_what_every_driver_promises() {
    keeps(&Branch { deployed: Deployed::new(), commits: Mutex::default() }).await;
}
