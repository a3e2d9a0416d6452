//! A remote, clones of it, and a service that runs.

mod call;
mod fates;
mod forge;
mod front;
mod ledger;
mod part;
mod service;
mod told;

use std::path::{Path, PathBuf};
use std::process::Command;

pub use call::At;
pub use fates::{for_each_at_once, until};
pub use forge::Forge;
pub use front::{Front, are_there, free_ports, skipped};
pub use part::Part;
pub use service::Service;
pub use told::{Running, Told};

/// The one command that deploys: it notes the call and puts the version where the service reads it.
const DRIVE: &str = r#"live=$(dirname "$0")/live
echo "$LASTGOOD_ACTION $LASTGOOD_SERVICE $LASTGOOD_VERSION" >>"$live/.calls"
printf %s "$LASTGOOD_VERSION" >"$live/.$LASTGOOD_SERVICE.$$"
mv "$live/.$LASTGOOD_SERVICE.$$" "$live/$LASTGOOD_SERVICE""#;

/// All of one story, in a folder of its own.
pub struct World {
    folder: tempfile::TempDir,
    service: Service,
}

impl World {
    /// A bare remote with two commits on `main`, and a full clone of it named `ci`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "live", "seed", "tmp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let service = Service::start(&folder.path().join("live"));
        let world = Self { folder, service };
        world.git(".", "init -q --bare -b main remote.git");
        world.git("remote.git", "config uploadpack.allowFilter true");
        world.git("seed", "init -q -b main");
        world.commit("one");
        world.git("seed", "remote add origin ../remote.git");
        world.commit("two");
        world.clone("ci");
        world.script("drive", DRIVE);
        world.write_gate();
        world
    }

    /// The same again, in another folder and with another service.
    pub fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all = self.path(".");
        let copied = Command::new("cp").arg("-a").arg(all).arg(folder.path()).status().unwrap();
        assert!(copied.success());
        let service = Service::start(&folder.path().join("live"));
        let world = Self { folder, service };
        world.write_gate();
        world
    }

    /// Writes a gate that is soon through where all is well.
    fn write_gate(&self) {
        let limits = "interval: 50ms, success_streak: 2, deadline: 2s";
        let http = format!("http: {{url: \"{}\"}}", self.health(""));
        let gate = format!("checks:\n  - {{name: all answer, {limits}, {http}}}\n");
        std::fs::write(self.path("gate.yml"), gate).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the remote's address as one that is no path.
    pub fn url(&self) -> String {
        format!("file://{}", self.path("remote.git").display())
    }

    /// Pushes one more commit to `main` and returns its id.
    pub fn commit(&self, name: &str) -> String {
        std::fs::write(self.path("seed").join(name), name.repeat(1000)).unwrap();
        self.git("seed", "add .");
        self.git("seed", &format!("commit -q -m {name}"));
        if name != "one" {
            self.git("seed", "push -q origin main");
        }
        self.git("seed", "rev-parse HEAD")
    }

    /// Makes a full clone.
    pub fn clone(&self, name: &str) {
        self.git(".", &format!("clone -q remote.git {name}"));
        // A path that is relative stays right in a copy of the world.
        self.git(name, "config remote.origin.url ../remote.git");
    }

    /// Makes a clone of depth 1.
    pub fn clone_shallow(&self, name: &str) {
        self.git(".", &format!("clone -q --depth=1 {} {name}", self.url()));
    }

    /// Runs git and returns what it printed; it must succeed.
    pub fn git(&self, folder: &str, args: &str) -> String {
        let args = shell_words::split(args).unwrap();
        let mut git = Command::new("git");
        scrub(&mut git, self.folder.path());
        let output = git.args(&args).current_dir(self.path(folder)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?} in {folder}: {said}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Writes a shell script and returns its path.
    pub fn script(&self, name: &str, body: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let file = self.path(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("#!/bin/sh\nset -eu\n{body}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file.display().to_string()
    }

    /// Writes a hook of the remote.
    pub fn hook(&self, name: &str, body: &str) {
        self.script(&format!("remote.git/hooks/{name}"), body);
    }

    /// Takes a hook of the remote away.
    pub fn unhook(&self, name: &str) {
        std::fs::remove_file(self.path("remote.git/hooks").join(name)).unwrap();
    }

    /// Writes a command that deploys, with something else that happens first.
    pub fn driver_that(&self, name: &str, first: &str) -> String {
        self.script(name, &format!("{first}\n{DRIVE}"))
    }

    /// Makes a version of a service sick; every other is well.
    pub fn sicken(&self, service: &str, version: &str) {
        self.service.sicken(service, version);
    }

    /// Sets what a service runs, by other means than lastgood's.
    pub fn runs(&self, service: &str, version: &str) {
        std::fs::write(self.path("live").join(service), version).unwrap();
    }

    /// Returns what a service really runs.
    pub fn running(&self, service: &str) -> Option<String> {
        std::fs::read_to_string(self.path("live").join(service)).ok()
    }

    /// Returns each call of the deploy command: action, service, version.
    pub fn calls(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(self.path("live/.calls")).unwrap_or_default();
        calls.lines().map(ToOwned::to_owned).collect()
    }

    /// Returns the address of a service's health, or of all with an empty name.
    pub fn health(&self, service: &str) -> String {
        self.service.health(service)
    }

    /// Returns how often the service was asked.
    #[cfg(feature = "faults")]
    pub fn asked(&self) -> usize {
        self.service.asked()
    }

    /// Works in a folder of this world as whoever deploys.
    pub fn at(&self, folder: &str) -> At<'_> {
        At::new(self, folder)
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }
}

/// Leaves a child nothing of this machine but its programs.
fn scrub(command: &mut Command, root: &Path) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", root.join("home"));
    command.env("TMPDIR", root.join("tmp"));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_CEILING_DIRECTORIES", root).env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "deployer");
        command.env(format!("GIT_{role}_EMAIL"), "deployer@localhost");
    }
}
