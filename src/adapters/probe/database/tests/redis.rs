//! Redis itself.

use tempfile::tempdir;

use super::servers::{Server, certified, found, free_port, started};
use super::*;
use crate::adapters::process::Run;

async fn server() -> Option<Server> {
    let redis = found("redis-server", "Redis").await?;
    let (folder, port) = (tempdir().unwrap(), free_port());
    let run = Run::new(redis).arg("--port").arg(port.to_string()).folder(folder.path());
    let run = run.args(["--bind", "127.0.0.1", "--requirepass", "hunter2hunter2", "--save", ""]);
    Some(started(run, "eady to accept connections", port, folder).await)
}

#[tokio::test]
async fn redis_is_asked() {
    let Some(server) = server().await else { return };
    let port = server.port;
    let url = format!("redis://:hunter2hunter2@127.0.0.1:{port}/3");
    for (keys, outcome, told) in [
        ("", Outcome::Pass, "answered `PONG` in "),
        (r#", "query": "set 'a b' 42", "expect": "OK""#, Outcome::Pass, "answered `OK`"),
        (r#", "query": "get 'a b'", "success": "result == 42.0""#, Outcome::Pass, "answered `42`"),
        (r#", "query": "get nothing", "expect": "42""#, Outcome::Fail, "answered no row, not `42`"),
        (r#", "query": "exists 'a b'", "expect": "1""#, Outcome::Pass, "answered `1`"),
        (r#", "query": "keys *", "rows": {"min": 1, "max": 1}"#, Outcome::Pass, "answered `a b`"),
        (r#", "query": "info server", "matches": "redis_version:\\d""#, Outcome::Pass, "# Server"),
        (r#", "query": "nonsense""#, Outcome::Fail, "unknown command"),
        (r#", "query": "lpush 'a b' 1""#, Outcome::Fail, "WRONGTYPE"),
        (r#", "query": "'""#, Outcome::Error, "is no command of Redis"),
    ] {
        assert_told(&asked(&url, keys).await, outcome, told);
    }
    let wrong = asked(&format!("redis://:nonononono@127.0.0.1:{port}"), "").await;
    assert_told(&wrong, Outcome::Fail, "refused: ");
    let nobody = asked(&format!("redis://127.0.0.1:{port}"), "").await;
    assert_told(&nobody, Outcome::Fail, "NOAUTH");
    let filled = r#", "query": "setrange large 20000000 x""#;
    assert_told(&asked(&url, filled).await, Outcome::Pass, "answered `20000001`");
    let large = asked(&url, r#", "query": "get large""#).await;
    assert_told(&large, Outcome::Error, "its answer has more than 16 MiB");
    let json = format!(r#"{{"url": "{url}", "query": "blpop nothing 0"}}"#);
    let late = probe(&json, Path::new(".")).measure(None, Duration::from_millis(300)).await;
    assert_told(&late, Outcome::Fail, "gave no answer within `300ms`");
}

#[tokio::test]
async fn redis_is_asked_over_tls() {
    let Some(redis) = found("redis-server", "Redis").await else { return };
    let (folder, port) = (tempdir().unwrap(), free_port());
    let [certificate, key, authority] = certified(&folder);
    let run = Run::new(redis).args(["--port", "0", "--bind", "127.0.0.1", "--save", ""]);
    let run = run.arg("--tls-port").arg(port.to_string()).arg("--tls-cert-file").arg(certificate);
    let run = run.arg("--tls-key-file").arg(key).arg("--tls-ca-cert-file").arg(authority);
    let run = run.args(["--tls-auth-clients", "no"]).folder(folder.path());
    let server = started(run, "eady to accept connections", port, folder).await;
    for (scheme, keys, outcome, told) in [
        ("rediss", r#", "tls": {"ca_file": "ca.pem"}"#, Outcome::Pass, "answered `PONG`"),
        ("redis", r#", "tls": {"insecure": true}"#, Outcome::Pass, "answered `PONG`"),
        ("rediss", "", Outcome::Fail, "could not be reached: "),
        ("redis", "", Outcome::Fail, "could not be reached: "),
    ] {
        let json = format!(r#"{{"url": "{scheme}://localhost:{port}"{keys}}}"#);
        let probe = probe(&json, server.folder.path());
        assert_told(&probe.measure(None, PATIENCE).await, outcome, told);
    }
}
