//! Calls of the program under test.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Running, Told, World, scrub};

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
        Running::new(what, command.spawn().unwrap())
    }
}
