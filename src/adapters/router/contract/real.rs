//! Real balancers in front of two slots, on free ports.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use crate::adapters::testbed::port::free_port;
use crate::domain::vectors::skipped;

/// A balancer that is stopped with the test.
pub(crate) struct Balancer {
    child: Child,
}

impl Balancer {
    /// Starts one, and waits until it lets in.
    pub(crate) fn start(mut command: Command, log: &Path, port: SocketAddr) -> Self {
        let said = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let mut balancer = Self { child: command.spawn().unwrap() };
        until("a balancer lets in", || {
            let over = balancer.child.try_wait().unwrap();
            let told = || std::fs::read_to_string(log).unwrap_or_default();
            assert!(over.is_none(), "it ended with {over:?}: {}", told());
            TcpStream::connect(port).is_ok()
        });
        balancer
    }
}

impl Drop for Balancer {
    /// Asks it to end, so that its workers end with it.
    fn drop(&mut self) {
        let process = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &process]).status();
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::yield_now();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < limit, "not within 20 s: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns where a program is; says so, where whoever runs all tests counts it, if it is not there.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        skipped(&format!("there is no {name}, so no traffic is shared by it"));
    }
    found
}
