//! The HAProxy router, with a real HAProxy under load.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::super::contract::load::{self, Load};
use super::super::contract::real::{Balancer, free_port, program};
use super::super::contract::slot::Service;
use super::super::contract::{candidate, holds, pair, told};
use super::*;
use crate::domain::facts::Facts;

mod abuse;
mod traffic;

/// HAProxy before two slots, in a folder of its own.
struct World {
    folder: TempDir,
    front: SocketAddr,
    blue: Service,
    green: Service,
    _haproxy: Balancer,
}

/// How a world differs from the usual one.
struct Made<'a> {
    /// What is written to both servers.
    each: &'a str,
    /// What is written to the candidate's alone.
    green: &'a str,
    /// What else the backend says.
    backend: &'a str,
    /// The level of the socket.
    level: &'a str,
}

const USUAL: Made<'_> =
    Made { each: "check inter 50ms", green: "weight 0", backend: "", level: "admin" };

impl World {
    async fn usual() -> Option<Self> {
        Self::made(USUAL).await
    }

    async fn made(made: Made<'_>) -> Option<Self> {
        let haproxy = program("haproxy")?;
        let (blue, green) = (Service::start("blue").await, Service::start("green").await);
        let front = free_port();
        let folder = tempfile::Builder::new().prefix("la st").tempdir().unwrap();
        let file = folder.path().join("haproxy.cfg");
        let socket = folder.path().join("admin.sock").display().to_string().replace(' ', "\\ ");
        let Made { each, green: only, backend, level } = made;
        let config = format!(
            "global\n stats socket {socket} mode 600 level {level}\n\
             defaults\n mode http\n timeout connect 1s\n timeout client 20s\n timeout server 20s\n\
             frontend shop\n bind {front}\n default_backend shop\n\
             backend shop\n {backend}\n server blue {} {each}\n server green {} {each} {only}\n",
            blue.at, green.at
        );
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(haproxy);
        command.args(["-db", "-q", "-f"]).arg(file);
        let haproxy = Balancer::start(command, &folder.path().join("log"), front);
        Some(Self { folder, front, blue, green, _haproxy: haproxy })
    }

    fn router(&self) -> HaproxyRouter {
        router(&self.folder, "{}")
    }
}

/// A router in a folder, with more or other settings than the usual ones.
fn router(folder: &TempDir, more: &str) -> HaproxyRouter {
    tried(folder, more).unwrap()
}

fn tried(folder: &TempDir, more: &str) -> Result<HaproxyRouter> {
    let mut settings = serde_json::json!({
        "socket": "admin.sock", "backend": "shop", "stable": "blue", "candidate": "green",
        "up_within": "20s",
    });
    let more: serde_json::Map<String, serde_json::Value> = serde_json::from_str(more).unwrap();
    settings.as_object_mut().unwrap().extend(more);
    let folder = folder.path().to_owned();
    let around = Surroundings { folder, withheld: Vec::new(), facts: Facts::default() };
    connect(&serde_json::from_value(settings).unwrap(), pair(), around)
}

#[test]
fn what_is_not_written_is_as_documented() {
    let text = r#"{"socket": "/run/haproxy/admin.sock", "backend": "shop", "stable": "blue", "candidate": "green"}"#;
    let settings: Settings = serde_json::from_str(text).unwrap();
    assert_eq!((settings.up_within, settings.timeout), (Span::secs(30), Span::secs(5)));
    assert!(settings.servers.is_empty());
    assert!(serde_json::from_str::<Settings>(&text.replace("socket", "sokcet")).is_err());
}
