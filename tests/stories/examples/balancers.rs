//! Two slots behind HAProxy and nginx, as Debian has them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::{Unit, done, machine_is_ours, place, taken, walk_in_slots};
use crate::world::{At, Service, World, are_there, until};

/// Both examples have the same addresses.
static PORTS: Mutex<()> = Mutex::new(());

/// The team's own script: it brings a version to a slot.
const DEPLOY: &str = r#"live="$(dirname "$0")/../live"
printf %s "$LASTGOOD_VERSION" >"$live/.$LASTGOOD_SLOT"
mv "$live/.$LASTGOOD_SLOT" "$live/$LASTGOOD_SLOT""#;

/// The shop of an example, and what answers in its two slots; one version is sick in both.
fn shop(example: &str) -> (World, [Service; 2]) {
    let world = taken(example);
    world.script("ci/deploy.sh", DEPLOY);
    let live = world.path("live");
    let slots = [("127.0.0.1:8081", "blue"), ("127.0.0.1:8082", "green")].map(|(address, slot)| {
        world.sicken(slot, "1.2");
        Service::start_at(address, &live, slot)
    });
    (world, slots)
}

/// Returns what a client gets from the address that all know.
fn answer() -> Option<String> {
    let mut stream = TcpStream::connect("127.0.0.1:8080").ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: shop.example\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).ok()?;
    body["version"].as_str().map(ToOwned::to_owned)
}

/// Walks with a balancer, which is told in the middle to read its configuration again.
fn walk(ci: &At<'_>, reload: impl Fn()) {
    let serves = |_: &str, version: &str| {
        let answers: Vec<_> = (0..20).map(|_| answer()).collect();
        assert!(answers.iter().flatten().eq([version; 20]), "{version}: {answers:?}");
    };
    walk_in_slots(ci, "1.2", serves, reload);
}

#[test]
fn the_example_of_haproxy_is_walked_as_its_page_tells() {
    if !machine_is_ours() || !are_there(&["haproxy"]) {
        return;
    }
    let _ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
    let (world, _slots) = shop("haproxy");
    std::fs::copy(place("haproxy/haproxy.cfg"), "/etc/haproxy/haproxy.cfg").unwrap();
    let _haproxy = Unit::start("haproxy");
    walk(&world.at("ci"), || {
        let mut socket = UnixStream::connect("/run/haproxy/admin.sock").unwrap();
        socket.write_all(b"show servers state\n").unwrap();
        let mut state = String::new();
        socket.read_to_string(&mut state).unwrap();
        std::fs::write("/var/lib/haproxy/server-state", state).unwrap();
        done("systemctl", &["reload", "haproxy"]);
        until("the shop answers again", || answer().is_some());
    });
}

#[test]
fn the_example_of_nginx_is_walked_as_its_page_tells() {
    if !machine_is_ours() || !are_there(&["nginx"]) {
        return;
    }
    let _ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
    let (world, _slots) = shop("nginx");
    for file in ["shop.conf", "shop-upstream.conf"] {
        std::fs::copy(place("nginx").join(file), format!("/etc/nginx/conf.d/{file}")).unwrap();
    }
    let _nginx = Unit::start("nginx");
    walk(&world.at("ci"), || {
        done("systemctl", &["reload", "nginx"]);
    });
}
