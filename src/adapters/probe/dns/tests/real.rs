//! A real name server: dnsmasq.

use crate::adapters::process::{Listener, Run};
use crate::adapters::testbed::port::free_port;

use super::*;

const ARGS: [&str; 7] = [
    "--no-daemon",
    "--no-resolv",
    "--no-hosts",
    "--conf-file=/dev/null",
    "--listen-address=127.0.0.1",
    "--bind-interfaces",
    "--pid-file=",
];

const ZONE: [&str; 5] = [
    "--address=/shop.example/10.1.2.3",
    "--txt-record=shop.example,v=1 \"quoted\"",
    "--mx-host=shop.example,mail.shop.example,10",
    "--srv-host=_api._tcp.shop.example,api.shop.example,8443,1,5",
    "--user=nobody",
];

/// Stops it when it is let go.
struct Dnsmasq {
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn started() -> Option<Dnsmasq> {
    if Run::new("dnsmasq").arg("--version").finish().await.is_err() {
        crate::domain::vectors::skipped(
            "dnsmasq is not installed, so there is no real name server",
        );
        return None;
    }
    let port = free_port().port();
    let (told, mut up) = tokio::sync::watch::channel(false);
    let listener: Listener = Arc::new(move |_, line| {
        if line.contains("started, version") {
            told.send_replace(true);
        }
    });
    let run = Run::new("dnsmasq").args(ARGS).args(ZONE).arg(format!("--port={port}"));
    let task = tokio::spawn(async move {
        let ended = run.listen(listener).finish().await;
        unreachable!("dnsmasq ended: {:?}", ended.map(|ended| ended.stderr.text()));
    });
    up.wait_for(|up| *up).await.unwrap();
    Some(Dnsmasq { port, task })
}

#[tokio::test]
async fn dnsmasq_is_understood_by_datagram_and_by_connection() {
    let Some(dnsmasq) = started().await else { return };
    let port = dnsmasq.port;
    for transport in ["udp", "tcp"] {
        for (kind, name, all) in [
            ("A", "shop.example", r"^shop.example. 0 IN A 10\\.1\\.2\\.3$"),
            ("TXT", "shop.example", r#"IN TXT \"v=1 \\\\\"quoted\\\\\"\"$"#),
            ("MX", "shop.example", r"IN MX 10 mail\\.shop\\.example\\.$"),
            ("SRV", "_api._tcp.shop.example", r"IN SRV 1 5 8443 api\\.shop\\.example\\.$"),
        ] {
            let json = format!(
                r#"{{"server": "127.0.0.1:{port}", "transport": "{transport}", "type": "{kind}",
                    "name": "{name}", "answer": {{"all": ["{all}"]}}}}"#
            );
            let measurement = connect(settings(&json).unwrap()).measure(None, PATIENCE).await;
            assert_eq!(measurement.outcome, Outcome::Pass, "{kind}: {}", measurement.message);
        }
    }
    let json = format!(r#"{{"server": "127.0.0.1:{port}", "name": "nobody.example"}}"#);
    let measurement = connect(settings(&json).unwrap()).measure(None, PATIENCE).await;
    assert!(measurement.message.contains("answered REFUSED"), "{}", measurement.message);
}
