//! `PostgreSQL` itself.

use tempfile::tempdir;

use super::servers::{Server, as_nobody, certified, found, free_port, prepared, started};
use super::*;

async fn server() -> Option<Server> {
    let (initdb, postgres) =
        (found("initdb", "PostgreSQL").await?, found("postgres", "PostgreSQL").await?);
    let (folder, port) = (tempdir().unwrap(), free_port());
    let data = folder.path().join("data");
    let password = folder.path().join("password");
    std::fs::write(&password, "hunter2hunter2").unwrap();
    let run = as_nobody(&initdb, &folder).await.arg("-D").arg(&data).arg("--pwfile").arg(&password);
    let run = run.args(["-U", "app", "--auth=scram-sha-256", "--no-sync", "--no-locale", "-EUTF8"]);
    prepared(run.folder(folder.path())).await;
    let [certificate, key, _] = certified(&folder);
    let run = as_nobody(&postgres, &folder).await.arg("-D").arg(&data).arg("-p");
    let run = run.arg(port.to_string()).arg("-k").arg(folder.path()).args(["-c", "fsync=off"]);
    let run = run.args(["-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"]).folder(folder.path());
    let run = run.arg("-c").arg(format!("ssl_cert_file={}", certificate.display()));
    let run = run.arg("-c").arg(format!("ssl_key_file={}", key.display()));
    Some(started(run, "ready to accept connections", port, folder).await)
}

#[tokio::test]
async fn postgresql_is_asked_and_only_read() {
    let Some(server) = server().await else { return };
    let url = format!("postgres://app:hunter2hunter2@127.0.0.1:{}/postgres", server.port);
    for (keys, outcome, told) in [
        ("", Outcome::Pass, "answered `1` in "),
        (r#", "query": "select 41 + 1", "expect": "42""#, Outcome::Pass, "answered `42`"),
        (r#", "query": "select 41 + 1", "expect": "43""#, Outcome::Fail, "answered `42`, not `43`"),
        (r#", "query": "select 'v1.2'", "matches": "^v1\\.""#, Outcome::Pass, "`v1.2`"),
        (r#", "query": "select 'v2'", "matches": "^v1""#, Outcome::Fail, "does not match `^v1`"),
        (r#", "query": "select null", "expect": "1""#, Outcome::Fail, "answered nothing, not `1`"),
        (r#", "query": "select 1 where false", "expect": "1""#, Outcome::Fail, "answered no row"),
        (
            r#", "query": "select generate_series(1, 5)", "rows": {"max": 4}"#,
            Outcome::Fail,
            "answered 5 rows, not at most 4 rows",
        ),
        (r#", "query": "select 0.5", "success": "result < 1.0""#, Outcome::Pass, "`0.5`"),
        (
            r#", "query": "select 2", "success": "result < 1.0""#,
            Outcome::Fail,
            "`success` is `result < 1.0`",
        ),
        (r#", "query": "select 2", "failure": "result > 1.0""#, Outcome::Fail, "`failure` is"),
        (r#", "query": "select 2", "failure": "result > 3.0""#, Outcome::Pass, "`2`"),
        (
            r#", "query": "select 2", "success": "result < 1.0", "failure": "result > 3.0""#,
            Outcome::Inconclusive,
            "`success`",
        ),
        (
            r#", "query": "select 'x'", "success": "result < 1.0""#,
            Outcome::Error,
            "could not be computed",
        ),
        (
            r#", "query": "select now()::date", "max_duration": "0s""#,
            Outcome::Fail,
            ", longer than 0s",
        ),
        (
            r#", "query": "create table t (a int)""#,
            Outcome::Fail,
            "refused: cannot execute CREATE TABLE in a read-only transaction",
        ),
        (
            r#", "query": "select nothing""#,
            Outcome::Fail,
            "refused: column \"nothing\" does not exist",
        ),
        (r#", "query": "selec""#, Outcome::Fail, "refused: syntax error"),
        (r#", "query": "select E'a\\nb', 'c'", "expect": "a\nb""#, Outcome::Pass, "answered `a b`"),
    ] {
        assert_told(&asked(&url, keys).await, outcome, told);
    }
    wrong_people(&server).await;
    over_tls(&server).await;
    too_long_and_too_large(&url).await;
}

async fn wrong_people(server: &Server) {
    let port = server.port;
    let wrong = asked(&format!("postgres://app:nonononono@127.0.0.1:{port}/postgres"), "").await;
    assert_told(&wrong, Outcome::Fail, "refused: password authentication failed for user \"app\"");
    let nowhere = format!("postgres://app:hunter2hunter2@127.0.0.1:{port}/nowhere");
    assert_told(&asked(&nowhere, "").await, Outcome::Fail, "database \"nowhere\" does not exist");
    let beside = format!("postgres://app@127.0.0.1:{port}/postgres");
    assert_told(&asked(&beside, r#", "password": "hunter2hunter2""#).await, Outcome::Pass, "`1`");
}

async fn too_long_and_too_large(url: &str) {
    let json = format!(r#"{{"url": "{url}", "query": "select pg_sleep(600)"}}"#);
    let late = probe(&json, Path::new(".")).measure(None, Duration::from_millis(300)).await;
    assert_eq!(
        (late.outcome, late.answered == Answered::Nobody),
        (Outcome::Fail, true),
        "{}",
        late.message
    );
    let large = asked(url, r#", "query": "select repeat('x', 50000000)""#).await;
    assert_told(&large, Outcome::Error, "its answer has more than 16 MiB");
    let many =
        asked(url, r#", "query": "select repeat('x', 1000) from generate_series(1, 1000000)""#)
            .await;
    assert_told(&many, Outcome::Error, "its answer has more than 16 MiB");
}

async fn over_tls(server: &Server) {
    let url = format!("postgres://app:hunter2hunter2@localhost:{}/postgres", server.port);
    let folder = server.folder.path();
    let spoken = r#""query": "select ssl from pg_stat_ssl where pid = pg_backend_pid()""#;
    for (query, keys, outcome, told) in [
        ("", r#", "expect": "f""#, Outcome::Pass, "answered `f`"),
        ("", r#", "tls": {"ca_file": "ca.pem"}, "expect": "t""#, Outcome::Pass, "answered `t`"),
        ("", r#", "tls": {"insecure": true}, "expect": "t""#, Outcome::Pass, "answered `t`"),
        ("", r#", "tls": {}"#, Outcome::Fail, "could not be reached: "),
        ("?sslmode=require", "", Outcome::Fail, "could not be reached: "),
    ] {
        let json = format!(r#"{{"url": "{url}{query}", {spoken}{keys}}}"#);
        assert_told(&probe(&json, folder).measure(None, PATIENCE).await, outcome, told);
    }
}
