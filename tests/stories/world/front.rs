//! Real servers in front of a service, on free ports.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::until;

/// A server that is stopped with the story.
pub struct Front {
    child: Child,
}

impl Front {
    /// Starts nginx with what its `http` section says, and waits until all its ports let in.
    pub fn nginx(folder: &Path, ports: &[SocketAddr], http: &str) -> Self {
        let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temp = temp.map(|what| format!("{what}_temp_path {what};")).join(" ");
        let config = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\n\
             http {{\naccess_log off; default_type text/html; {temp}\n{http}\n}}\n"
        );
        let file = folder.join(format!("nginx-{}.conf", ports[0].port()));
        std::fs::write(&file, config).unwrap();
        let mut nginx = Command::new(program("nginx").unwrap());
        nginx.arg("-e").arg("stderr").arg("-p").arg(folder).arg("-c").arg(file);
        Self::start(nginx, folder, ports)
    }

    /// Starts haproxy with one frontend before these backends.
    pub fn haproxy(folder: &Path, port: SocketAddr, servers: &[SocketAddr], each: &str) -> Self {
        let server = |at: &SocketAddr| format!(" server s{} {at} {each}\n", at.port());
        let servers: String = servers.iter().map(server).collect();
        let config = format!(
            "defaults\n mode http\n option redispatch 1\n timeout connect 1s\n timeout client 5s\n timeout server 5s\n\
             frontend shop\n bind {port}\n default_backend shop\nbackend shop\n{servers}"
        );
        let file = folder.join(format!("haproxy-{}.cfg", port.port()));
        std::fs::write(&file, config).unwrap();
        let mut haproxy = Command::new(program("haproxy").unwrap());
        haproxy.args(["-db", "-q", "-f"]).arg(file);
        Self::start(haproxy, folder, &[port])
    }

    fn start(mut command: Command, folder: &Path, ports: &[SocketAddr]) -> Self {
        let log = folder.join("front.log");
        let said = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let mut front = Self { child: command.spawn().unwrap() };
        until("a server lets in", || {
            let over = front.child.try_wait().unwrap();
            let told = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(over.is_none(), "a server ended with {over:?}: {}", told());
            ports.iter().all(|port| TcpStream::connect(port).is_ok())
        });
        front
    }

    /// Stops it at once.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Below what systems give to whoever listens or connects from any port, which tests do all the time.
const LISTENERS: std::ops::Range<u16> = 10_000..32_000;

/// Returns ports that are free, each another.
pub fn free_ports<const N: usize>() -> [SocketAddr; N] {
    let any = || TcpListener::bind(("127.0.0.1", fastrand::u16(LISTENERS))).ok();
    let held = [(); N].map(|()| std::iter::repeat_with(any).flatten().next().unwrap());
    held.map(|listener| listener.local_addr().unwrap())
}

/// Returns whether the servers are installed; says so where one is not.
pub fn are_there(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|name| program(name).is_none());
    if let Some(name) = missing {
        skipped(&format!("there is no {name}, so nothing is asked behind it"));
    }
    missing.is_none()
}

/// Looks where Debian puts servers, too.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Says why a story is not told, where whoever runs all tests counts it.
pub fn skipped(why: &str) {
    println!("skipped: {why}");
    let Ok(file) = std::env::var("LASTGOOD_SKIPPED") else { return };
    let list = std::fs::OpenOptions::new().create(true).append(true).open(file);
    // In one piece: other tests write beside this one.
    list.unwrap().write_all(format!("{why}\n").as_bytes()).unwrap();
}
