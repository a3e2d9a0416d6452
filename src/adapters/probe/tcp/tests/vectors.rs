//! Cases from the tests of `blackbox_exporter`.

use serde_json::{Map, Value, json};
use tokio::io::AsyncBufReadExt;

use super::*;
use crate::adapters::tls::tests::Identity;
use crate::domain::vectors::{Count, load, of_kind};

const LOOKING_UP: &str = ":ircd.localhost NOTICE AUTH :*** Looking up your hostname...";

/// Starts what a case's words mean.
async fn server(words: &str, sent: usize, authority: &Authority) -> u16 {
    if words.contains("TLS") || words.contains("leaf") || words.starts_with("same; target") {
        let Identity { mut chain, key, pem } = authority.sign(&["localhost"], -1, 1);
        if words.contains("older root") {
            chain.push(authority.der());
        }
        let acceptor = Identity { chain, key, pem }.acceptor(&[]);
        return serve(acceptor, |_| async {}).await;
    }
    let quoted = regex::Regex::new("\"([^\"]*)\"").unwrap();
    let mut says: Vec<_> = quoted.captures_iter(words).map(|one| one[1].to_owned()).collect();
    if words.starts_with("same NOTICE") {
        says.insert(0, LOOKING_UP.to_owned());
    }
    let end = if words.contains("(no newline)") { "" } else { "\n" };
    let closes = words.contains("close") || words.contains("listener");
    assert!(closes, "`{words}` is not understood");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = tokio::io::BufStream::new(stream);
        for (at, line) in says.iter().enumerate() {
            for _ in 0..if at == 1 { sent } else { 0 } {
                let _ = stream.read_line(&mut String::new()).await;
            }
            let _ = stream.write_all(format!("{line}{end}").as_bytes()).await;
            let _ = stream.flush().await;
        }
    });
    port
}

/// Returns the settings that a case means.
fn settings(config: &Map<String, Value>, ca: &std::path::Path) -> Value {
    let mut settings = json!({});
    for (name, value) in config {
        let (name, value) = match name.as_str() {
            "query_response" => ("dialogue", value.clone()),
            "preferred_ip_protocol" => ("ip", value.clone()),
            "ip_protocol_fallback" => ("ip_fallback", value.clone()),
            "tls" => continue,
            "tls_config" if value["insecure_skip_verify"] == true => {
                ("tls", json!({ "insecure": true }))
            }
            "tls_config" => ("tls", json!({ "ca_file": ca, "server_name": value["server_name"] })),
            other => panic!("`{other}` is not understood"),
        };
        settings[name] = value;
    }
    settings
}

#[tokio::test]
async fn dialogues_end_as_in_blackbox_exporters_tests() {
    let Some(file) = load("direct_probes.json") else { return };
    let (authority, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let ca = authority.file(&folder);
    let mut count = Count::default();
    let all = of_kind(&file, "tcp");
    for (id, case) in &all {
        let config = case["config"]["tcp"].as_object().unwrap();
        let words = case["server"].as_str().unwrap();
        let turns = config.get("query_response").and_then(Value::as_array);
        let sent =
            turns.map_or(0, |turns| turns.iter().filter(|one| !one["send"].is_null()).count());
        let mut settings = settings(config, &ca);
        let port = server(words, sent, &authority).await;
        let host = if words.contains("localhost:PORT") || words.contains("target localhost") {
            "localhost"
        } else {
            "127.0.0.1"
        };
        settings["address"] = format!("{host}:{port}").into();
        let found = made(settings).measure(None, Duration::from_secs(2)).await;
        let passed = found.outcome == Outcome::Pass;
        assert_eq!(Some(passed), case["expect_success"].as_bool(), "{id}: {}", found.message);
        count.held();
    }
    count.of("direct_probes, tcp", all.len());
}

#[cfg(unix)]
#[tokio::test]
async fn sockets_are_judged_as_in_blackbox_exporters_tests() {
    let Some(file) = load("direct_probes.json") else { return };
    let (mut count, all) = (Count::default(), of_kind(&file, "unix"));
    for (id, case) in &all {
        let words = case["server"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.sock");
        let is_there = !words.contains("does not exist");
        // Being bound is enough to be let in.
        let _listener = is_there.then(|| tokio::net::UnixListener::bind(&path).unwrap());
        let mut settings = settings(case["config"]["unix"].as_object().unwrap(), &path);
        settings["address"] = format!("unix:{}", path.display()).into();
        let found = made(settings).measure(None, Duration::from_secs(2)).await;
        let passed = found.outcome == Outcome::Pass;
        assert_eq!(Some(passed), case["expect_success"].as_bool(), "{id}: {}", found.message);
        count.held();
    }
    count.of("direct_probes, unix", all.len());
}
