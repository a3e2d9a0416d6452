//! The nginx router, with a real nginx under load.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::super::contract::load::{self, Load};
use super::super::contract::real::{Balancer, free_port, program, until};
use super::super::contract::slot::Service;
use super::super::contract::traffic::Street;
use super::super::contract::{around, candidate, example, holds, pair, settings};
use super::*;

mod abuse;
mod interrupted;
mod traffic;

/// nginx before two slots, in a folder of its own.
struct World {
    folder: TempDir,
    front: SocketAddr,
    blue: Service,
    green: Service,
    nginx: Balancer,
}

impl World {
    async fn usual() -> Option<Self> {
        let nginx = program("nginx")?;
        let (blue, green) = (Service::start("blue").await, Service::start("green").await);
        let front = free_port();
        let folder = tempfile::Builder::new().prefix("la st").tempdir().unwrap();
        let path = folder.path();
        let servers = format!(
            "# Ours; lastgood writes the weights.\nupstream shop {{\n    zone shop 64k;\n    server {} max_fails=0;\n    server {} down;\n    keepalive 32;\n}}\n",
            blue.at, green.at
        );
        std::fs::write(path.join("shop upstream.conf"), servers).unwrap();
        write_config(path, front, "");
        let mut command = Command::new(nginx);
        command.args(["-e", "error.log", "-c", "nginx.conf", "-p"]).arg(path);
        command.args(["-g", "daemon off;"]);
        let nginx = Balancer::start(command, &path.join("log"), front);
        let master = Master::new(path.join("nginx.pid"));
        until("both workers serve", || master.serving().is_ok_and(|all| all.len() == 2));
        Some(Self { folder, front, blue, green, nginx })
    }

    fn router(&self) -> NginxRouter {
        self.with("{}")
    }

    fn street<'a>(&'a self, router: &'a NginxRouter) -> Street<'a> {
        let slots = [&self.blue, &self.green];
        Street { router, front: self.front, slots, has_workers: true }
    }

    /// Returns a router with more or other settings than the usual ones.
    fn with(&self, more: &str) -> NginxRouter {
        connect(&self.settings(more), pair(), around(self.folder.path())).unwrap()
    }

    fn settings(&self, more: &str) -> Settings {
        let program = program("nginx").unwrap();
        let (program, folder) = (program.to_str().unwrap(), self.folder.path().to_str().unwrap());
        let run = [program, "-e", "error.log", "-c", "nginx.conf", "-p", folder];
        let mut settings = serde_json::json!({
            "include": "shop upstream.conf", "upstream": "shop", "pid": "nginx.pid",
            "stable": "blue", "candidate": "green", "timeout": "20s",
            "servers": {"blue": [self.blue.at.to_string()], "green": [self.green.at.to_string()]},
            "nginx": run,
        });
        let more: serde_json::Map<String, serde_json::Value> = serde_json::from_str(more).unwrap();
        settings.as_object_mut().unwrap().extend(more);
        serde_json::from_value(settings).unwrap()
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("shop upstream.conf")).unwrap()
    }

    /// Returns the names of all that lies beside the file and was not there at first.
    fn leftovers(&self) -> Vec<String> {
        let all = std::fs::read_dir(self.folder.path()).unwrap().flatten();
        let names = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("lastgood")).collect()
    }
}

/// Writes the configuration that includes ours, with more in its `http` section.
fn write_config(folder: &std::path::Path, front: SocketAddr, more: &str) {
    let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temp = temp.map(|what| format!("{what}_temp_path {what};")).join(" ");
    let config = format!(
        "worker_processes 2; pid nginx.pid;\nevents {{}}\n\
         http {{\naccess_log off; {temp}\ninclude \"shop upstream.conf\";\n\
         server {{ listen {front}; location / {{ proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }}\n{more}\n}}\n"
    );
    std::fs::write(folder.join("nginx.conf"), config).unwrap();
}

#[test]
fn what_is_not_written_is_as_documented() {
    let text = r#"{"include": "/etc/nginx/shop.conf", "upstream": "shop", "stable": "blue", "candidate": "green", "servers": {"blue": ["127.0.0.1:1"], "green": ["127.0.0.1:2"]}}"#;
    let settings: Settings = serde_json::from_str(text).unwrap();
    assert_eq!((settings.pid.to_str(), settings.timeout), (Some("/run/nginx.pid"), Span::secs(30)));
    let router = connect(&settings, pair(), around("/".as_ref())).unwrap();
    assert_eq!(
        router.plan(&candidate(25)),
        [
            "/etc/nginx/shop.conf: upstream shop: server 127.0.0.1:1 weight=75;",
            "/etc/nginx/shop.conf: upstream shop: server 127.0.0.1:2 weight=25;",
            "nginx -T -q",
            "nginx -s reload",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_does_as_it_is() {
    let Some(world) = World::usual().await else { return };
    let folder = world.folder.path();
    let front = free_port();
    let site = example("nginx/shop.conf", &[("127.0.0.1:8080", front.to_string())]);
    let servers = [("127.0.0.1:8081", world.blue.at), ("127.0.0.1:8082", world.green.at)];
    let servers = servers.map(|(from, to)| (from, to.to_string()));
    let upstream = example("nginx/shop-upstream.conf", &servers);
    std::fs::write(folder.join("shop upstream.conf"), upstream).unwrap();
    write_config(folder, world.front, &site);
    let place = folder.join("shop upstream.conf").display().to_string();
    let place = ("/etc/nginx/conf.d/shop-upstream.conf", place);
    let text = example("nginx/lastgood.yml", &[&[place][..], &servers[..]].concat());
    let example: Settings = settings(&text, "nginx");
    let usual = world.settings("{}");
    let settings = Settings { nginx: usual.nginx, pid: usual.pid, ..example };
    holds(&connect(&settings, pair(), around(folder)).unwrap()).await;
    assert_eq!(load::ask(front, "/").await.unwrap(), (200, "blue".to_owned()));
}
