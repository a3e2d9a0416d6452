//! Calls of the program under test, and how they ended.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::{World, scrub};

/// Where and as whom lastgood is called.
#[derive(Clone)]
pub struct At<'a> {
    world: &'a World,
    folder: PathBuf,
    program: &'static str,
    global: Vec<String>,
    env: Vec<(String, String)>,
    gate: String,
    drive: String,
}

/// A call that is under way.
pub struct Running {
    what: String,
    child: Child,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub struct Told {
    pub what: String,
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub json: Value,
    pub out: String,
    pub err: String,
}

impl<'a> At<'a> {
    pub(super) fn new(world: &'a World, folder: &str) -> Self {
        let global = "--format json -e production --patience 30s --actor deployer";
        Self {
            world,
            folder: world.path(folder),
            program: env!("CARGO_BIN_EXE_lastgood"),
            global: shell_words::split(global).unwrap(),
            env: Vec::new(),
            gate: format!("--check {}", world.path("gate.yml").display()),
            drive: world.path("drive").display().to_string(),
        }
    }

    /// Adds options that go for every verb; later ones win.
    pub fn with(mut self, options: &str) -> Self {
        for pair in shell_words::split(options).unwrap().chunks(2) {
            let place = self.global.iter().position(|known| *known == pair[0]);
            match place {
                Some(place) => self.global[place + 1].clone_from(&pair[1]),
                None => self.global.extend_from_slice(pair),
            }
        }
        self
    }

    /// Leaves an option out that would be given.
    pub fn without(mut self, option: &str) -> Self {
        if let Some(place) = self.global.iter().position(|known| known == option) {
            self.global.drain(place..place + 2);
        }
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Belongs to a run of GitHub's.
    pub fn in_run(self, id: &str) -> Self {
        self.env("GITHUB_ACTIONS", "true").env("GITHUB_RUN_ID", id)
    }

    /// Calls the binary that dies or pauses at a point.
    #[cfg(feature = "faults")]
    pub fn faulty(mut self, variable: &str, value: &str) -> Self {
        self.program = env!("CARGO_BIN_EXE_lastgood-with-faults");
        self.env(variable, value)
    }

    /// Deploys with another command.
    pub fn driving(mut self, command: &str) -> Self {
        command.clone_into(&mut self.drive);
        self
    }

    /// Judges by other checks.
    pub fn judging(mut self, gate: &str) -> Self {
        gate.clone_into(&mut self.gate);
        self
    }

    /// Calls a verb and waits for its end.
    pub fn run(&self, verb: &str) -> Told {
        self.spawn(verb).ended()
    }

    pub fn deploy(&self, versions: &str) -> Told {
        self.run(&format!("deploy {versions} {} -- {}", self.gate, self.drive))
    }

    pub fn verify(&self) -> Told {
        self.run(&format!("verify {}", self.gate))
    }

    pub fn verify_and_act(&self) -> Told {
        self.run(&format!("verify --auto-rollback {} -- {}", self.gate, self.drive))
    }

    pub fn rollback(&self, more: &str) -> Told {
        self.run(&self.rollback_verb(more))
    }

    pub fn rollback_verb(&self, more: &str) -> String {
        format!("rollback --reason sick {more} {} -- {}", self.gate, self.drive)
    }

    pub fn deploy_verb(&self, versions: &str) -> String {
        format!("deploy {versions} {} -- {}", self.gate, self.drive)
    }

    pub fn cancel_verb(&self) -> String {
        format!("cancel --reason repaired {} -- {}", self.gate, self.drive)
    }

    pub fn resume(&self) -> Told {
        self.run(&format!("resume {} -- {}", self.gate, self.drive))
    }

    pub fn undo(&self) -> Told {
        self.run(&format!("resume --undo {} -- {}", self.gate, self.drive))
    }

    pub fn status(&self) -> Value {
        self.run("status").ok().json
    }

    /// Returns the deployments, newest first.
    pub fn history(&self) -> Vec<Value> {
        let told = self.run("history --all").ok();
        told.json["deployments"].as_array().cloned().unwrap_or_default()
    }

    /// Returns number, kind and status of each deployment, oldest first.
    pub fn story(&self) -> Vec<String> {
        let line = |told: &Value| {
            let word = |key: &str| told[key].as_str().unwrap_or("?").to_owned();
            format!("{} {} {}", told["n"], word("kind"), word("status"))
        };
        self.history().iter().rev().map(line).collect()
    }

    /// Calls a verb and goes on at once.
    pub fn spawn(&self, verb: &str) -> Running {
        self.spawn_args(verb, &shell_words::split(verb).unwrap())
    }

    /// Calls with arguments that are taken as they are.
    pub fn run_args(&self, args: &[String]) -> Told {
        self.spawn_args(&args.join(" "), args).ended()
    }

    fn spawn_args(&self, what: &str, args: &[String]) -> Running {
        let mut command = Command::new(self.program);
        scrub(&mut command, self.world.root());
        command.args(&self.global).args(args).envs(self.env.iter().cloned());
        command.current_dir(&self.folder).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running { what: what.to_owned(), child: command.spawn().unwrap() }
    }
}

impl Running {
    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Returns whether it is paused.
    pub fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    }

    /// Returns whether it is over.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Does something once it has said some words on stderr, and waits for its end.
    pub fn after_saying(mut self, words: &str, act: impl FnOnce()) -> Told {
        let mut said = String::new();
        let mut lines = BufReader::new(self.child.stderr.take().unwrap());
        while !said.contains(words) && lines.read_line(&mut said).unwrap() > 0 {}
        act();
        lines.read_to_string(&mut said).unwrap();
        let told = self.ended();
        Told { err: said, ..told }
    }

    pub fn ended(self) -> Told {
        let Output { status, stdout, stderr } = self.child.wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&stdout).into_owned();
        let err = String::from_utf8_lossy(&stderr).into_owned();
        Told {
            what: self.what,
            code: status.code(),
            signal: status.signal(),
            json: serde_json::from_str(&out).unwrap_or_default(),
            out,
            err,
        }
    }
}

impl Told {
    /// Makes sure of the exit code and the reason.
    #[track_caller]
    pub fn ends(self, code: i32, reason: &str) -> Self {
        assert_eq!((self.code, self.reason()), (Some(code), reason), "{self}");
        self
    }

    /// Makes sure that it was done.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Makes sure that it was killed.
    #[track_caller]
    pub fn was_killed(self) -> Self {
        assert_eq!(self.signal, Some(9), "{self}");
        self
    }

    pub fn reason(&self) -> &str {
        self.json["reason"].as_str().unwrap_or("")
    }

    /// Returns the number of the deployment that it tells of.
    pub fn n(&self) -> u64 {
        self.json["deployment"]["n"].as_u64().unwrap_or(0)
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, code, signal, out, err, .. } = self;
        write!(f, "lastgood {what}\nended with {code:?} {signal:?}\n{out}\n{err}")
    }
}
