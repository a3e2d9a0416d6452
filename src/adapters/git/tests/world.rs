//! A remote, clones and hooks, all in one folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::adapters::git::{GitLedger, RemoteChoice, Settings};
use crate::domain::names::{Commit, Environment};
use crate::ports::{Batch, Image, Ledger, Place, Shelf, TagOrder, TagResult, Written};

pub struct World {
    pub folder: tempfile::TempDir,
}

impl World {
    /// A bare remote with two commits on `main`, and nothing else.
    pub fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["home", "seed"] {
            std::fs::create_dir(world.path(folder)).unwrap();
        }
        world.git(".", &["init", "-q", "--bare", "-b", "main", "remote.git"]);
        world.git("remote.git", &["config", "uploadpack.allowFilter", "true"]);
        world.git("seed", &["init", "-q", "-b", "main"]);
        world.commit("seed", "one");
        world.commit("seed", "two");
        world.git("seed", &["remote", "add", "origin", &world.url()]);
        world.git("seed", &["push", "-q", "origin", "main"]);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn url(&self) -> String {
        format!("file://{}", self.path("remote.git").display())
    }

    pub fn commit(&self, repo: &str, name: &str) -> Commit {
        std::fs::write(self.path(repo).join(name), name.repeat(1000)).unwrap();
        self.git(repo, &["add", "."]);
        self.git(repo, &["commit", "-q", "-m", name]);
        self.id(repo, "HEAD")
    }

    pub fn id(&self, repo: &str, revision: &str) -> Commit {
        Commit::new(self.git(repo, &["rev-parse", revision])).unwrap()
    }

    pub fn env(&self) -> Vec<(OsString, OsString)> {
        let home = self.path("home");
        let pairs: [(&str, &Path); 9] = [
            ("HOME", &home),
            ("XDG_CONFIG_HOME", &home),
            ("GIT_CONFIG_NOSYSTEM", Path::new("1")),
            ("GIT_AUTHOR_NAME", Path::new("a")),
            ("GIT_AUTHOR_EMAIL", Path::new("a@localhost")),
            ("GIT_COMMITTER_NAME", Path::new("a")),
            ("GIT_COMMITTER_EMAIL", Path::new("a@localhost")),
            ("GIT_CEILING_DIRECTORIES", self.folder.path()),
            ("TZ", Path::new("UTC")),
        ];
        pairs.map(|(name, value)| (name.into(), value.into())).into()
    }

    /// Runs git and returns what it printed; it must succeed.
    pub fn git(&self, folder: &str, args: &[&str]) -> String {
        let mut git = Command::new("git");
        let output =
            git.args(args).current_dir(self.path(folder)).envs(self.env()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub fn clone_full(&self, name: &str) {
        self.git(".", &["clone", "-q", &self.url(), name]);
    }

    pub fn clone_shallow(&self, name: &str) {
        self.git(".", &["clone", "-q", "--depth=1", &self.url(), name]);
    }

    /// Writes a hook of the remote.
    pub fn hook(&self, name: &str, script: &str) {
        self.script(&format!("remote.git/hooks/{name}"), script);
    }

    pub fn script(&self, name: &str, script: &str) {
        let file = self.path(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    pub fn settings(&self, repo: &str) -> Settings {
        let path = Some(self.path(repo));
        Settings { env: self.env(), ..Settings::new(path, RemoteChoice::Discovered) }
    }

    pub fn settings_without_clone(&self) -> Settings {
        let remote = RemoteChoice::Given(self.url());
        Settings { env: self.env(), ..Settings::new(None, remote) }
    }

    pub async fn ledger(&self, repo: &str) -> GitLedger {
        GitLedger::connect(self.settings(repo)).await.unwrap()
    }

    /// Returns the lines that plain git shows on a note.
    pub fn plain_note(&self, env: &str, note: &str) -> String {
        self.git("remote.git", &["notes", &format!("--ref=lastgood/{env}"), "show", note])
    }

    /// Returns everything that a run must leave as it was.
    pub fn untouched(&self, repo: &str) -> Vec<(String, String)> {
        let mut told = vec![
            ("refs".into(), self.git(repo, &["for-each-ref"])),
            ("head".into(), self.git(repo, &["symbolic-ref", "HEAD"])),
            ("status".into(), self.git(repo, &["status", "--porcelain"])),
        ];
        for file in ["config", "shallow", "index", "FETCH_HEAD", "packed-refs"] {
            let bytes = std::fs::read(self.path(repo).join(".git").join(file));
            told.push((file.into(), format!("{:?}", bytes.ok())));
        }
        told.push(("objects".into(), self.git(repo, &["count-objects", "-v"])));
        told
    }
}

pub fn env(name: &str) -> Environment {
    Environment::new(name).unwrap()
}

pub fn production() -> Environment {
    env("production")
}

pub fn on_anchor(line: &str) -> Batch {
    batch(Place::Anchor, line)
}

pub fn on_commit(commit: &Commit, line: &str) -> Batch {
    batch(Place::Commit(commit.clone()), line)
}

fn batch(place: Place, line: &str) -> Batch {
    let add = vec![(place, line.to_owned())];
    Batch { add, summary: "a line".into(), ..Batch::default() }
}

pub fn create(name: &str, target: &Commit) -> TagOrder {
    let at = "2026-01-02T03:04:05.678Z".parse().unwrap();
    TagOrder::Create {
        name: name.into(),
        target: target.clone(),
        message: "deployed app 1.0\n\n{\"n\":1}".into(),
        at,
    }
}

pub fn texts(image: &Image) -> Vec<&str> {
    let mut texts: Vec<&str> = image.lines.iter().map(|line| line.text.as_str()).collect();
    texts.sort_unstable();
    texts
}

/// Reads and writes once; nobody may be in the way.
pub async fn write(ledger: &GitLedger, batch: &Batch) -> Vec<(String, TagResult)> {
    match write_once(ledger, batch).await {
        Written::Accepted(tags) => tags,
        other => panic!("{other:?}"),
    }
}

pub async fn write_once(ledger: &GitLedger, batch: &Batch) -> Written {
    let image = ledger.read(&production(), Shelf::Live).await.unwrap();
    ledger.write(&production(), Shelf::Live, &image, batch).await.unwrap()
}

pub async fn read(ledger: &GitLedger) -> Image {
    ledger.read(&production(), Shelf::Live).await.unwrap()
}
