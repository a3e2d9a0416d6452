//! The HAProxy router, with a real HAProxy under load.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::super::contract::load::{self, Load};
use super::super::contract::real::{Balancer, free_port, program, until};
use super::super::contract::slot::Service;
use super::super::contract::traffic::{Street, has_its_share};
use super::super::contract::{around, candidate, example, holds, pair, settings};
use super::*;

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
        let Made { each, green: only, backend, level } = made;
        Self::configured(|folder, [front, blue, green]| {
            format!(
                "global\n stats socket {folder}/admin.sock mode 600 level {level}\n\
                 defaults\n mode http\n timeout connect 1s\n timeout client 20s\n timeout server 20s\n\
                 frontend shop\n bind {front}\n default_backend shop\n\
                 backend shop\n {backend}\n server blue {blue} {each}\n server green {green} {each} {only}\n",
            )
        })
        .await
    }

    /// Starts HAProxy with a configuration for a folder, its own address and those of both slots.
    async fn configured(config: impl Fn(&str, [SocketAddr; 3]) -> String) -> Option<Self> {
        let haproxy = program("haproxy")?;
        let (blue, green) = (Service::start("blue").await, Service::start("green").await);
        let front = free_port();
        let folder = tempfile::Builder::new().prefix("la st").tempdir().unwrap();
        let file = folder.path().join("haproxy.cfg");
        let escaped = folder.path().display().to_string().replace(' ', "\\ ");
        std::fs::write(&file, config(&escaped, [front, blue.at, green.at])).unwrap();
        let mut command = Command::new(haproxy);
        command.args(["-db", "-q", "-f"]).arg(file);
        let haproxy = Balancer::start(command, &folder.path().join("log"), front);
        let socket = folder.path().join("admin.sock");
        until("it takes commands", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
        Some(Self { folder, front, blue, green, _haproxy: haproxy })
    }

    fn router(&self) -> HaproxyRouter {
        router(&self.folder, "{}")
    }

    fn street<'a>(&'a self, router: &'a HaproxyRouter) -> Street<'a> {
        let slots = [&self.blue, &self.green];
        Street { router, front: self.front, slots, has_workers: false }
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
    connect(&serde_json::from_value(settings).unwrap(), pair(), around(folder.path()))
}

#[test]
fn what_is_not_written_is_as_documented() {
    let text = r#"{"socket": "/run/haproxy/admin.sock", "backend": "shop", "stable": "blue", "candidate": "green"}"#;
    let settings: Settings = serde_json::from_str(text).unwrap();
    assert_eq!((settings.up_within, settings.timeout), (Span::secs(30), Span::secs(5)));
    assert!(settings.servers.is_empty());
    assert!(serde_json::from_str::<Settings>(&text.replace("socket", "sokcet")).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_does_as_it_is() {
    let world = World::configured(|folder, [front, blue, green]| {
        let others = [
            ("/run/haproxy", folder.to_owned()),
            ("/var/lib/haproxy", folder.to_owned()),
            ("127.0.0.1:8080", front.to_string()),
            ("127.0.0.1:8081", blue.to_string()),
            ("127.0.0.1:8082", green.to_string()),
        ];
        example("haproxy/haproxy.cfg", &others)
    });
    let Some(world) = world.await else { return };
    let folder = world.folder.path();
    let text = example("haproxy/lastgood.yml", &[("/run/haproxy", folder.display().to_string())]);
    let settings: Settings = settings(&text, "haproxy");
    assert_eq!([&settings.stable, &settings.candidate], pair().both().map(Slot::as_str));
    holds(&connect(&settings, pair(), around("/".as_ref())).unwrap()).await;
}
