//! `MariaDB` itself, by its own client.

use tempfile::tempdir;

use super::servers::{Server, as_nobody, certified, found, free_port, prepared, started};
use super::*;

async fn server() -> Option<Server> {
    let install = found("mariadb-install-db", "MariaDB").await?;
    let mariadbd = found("mariadbd", "MariaDB").await?;
    let (folder, port) = (tempdir().unwrap(), free_port());
    let (data, init) = (folder.path().join("data"), folder.path().join("init.sql"));
    let people = "CREATE USER app@127.0.0.1 IDENTIFIED BY 'hunter2hunter2'; CREATE DATABASE shop; \
                  GRANT ALL ON shop.* TO app@127.0.0.1;\n";
    std::fs::write(&init, people.replace("; ", ";\n")).unwrap();
    let datadir = format!("--datadir={}", data.display());
    let run = as_nobody(&install, &folder).await.args(["--no-defaults", "--skip-test-db"]);
    prepared(run.arg(&datadir).arg("--auth-root-authentication-method=normal")).await;
    let [certificate, key, _] = certified(&folder);
    let run = as_nobody(&mariadbd, &folder).await.args(["--no-defaults", &datadir]);
    let run = run.arg(format!("--port={port}")).arg("--bind-address=127.0.0.1");
    let run = run.arg(format!("--init-file={}", init.display())).arg("--skip-name-resolve");
    let run = run.arg(format!("--socket={}", folder.path().join("socket").display()));
    let run = run.arg(format!("--ssl-cert={}", certificate.display()));
    let run = run.arg(format!("--ssl-key={}", key.display()));
    Some(started(run, "ready for connections", port, folder).await)
}

#[tokio::test]
async fn mariadb_is_asked_and_only_read() {
    let Some(server) = server().await else { return };
    let url = format!("mysql://app:hunter2hunter2@127.0.0.1:{}/shop", server.port);
    for (keys, outcome, told) in [
        ("", Outcome::Pass, "answered `1` in "),
        (r#", "query": "select 41 + 1, 7", "expect": "42""#, Outcome::Pass, "answered `42`"),
        (r#", "query": "select 41 + 1", "expect": "43""#, Outcome::Fail, "answered `42`, not `43`"),
        (r#", "query": "select null", "expect": "NULL""#, Outcome::Fail, "answered nothing"),
        (r#", "query": "select 1 where false", "expect": "1""#, Outcome::Fail, "answered no row"),
        (
            r#", "query": "select 1 union select 2;", "rows": {"min": 2, "max": 2}"#,
            Outcome::Pass,
            "`1`",
        ),
        (
            r#", "query": "select concat('a', char(10), char(9), char(0), char(92))", "expect": "a\n\t\u0000\\""#,
            Outcome::Pass,
            "answered `a",
        ),
        (r#", "query": "create table t (a int)""#, Outcome::Fail, "READ ONLY transaction"),
        (r#", "query": "select nothing""#, Outcome::Fail, "refused: 1054"),
    ] {
        assert_told(&asked(&url, keys).await, outcome, told);
    }
    over_tls(&server).await;
    let wrong = asked(&url.replace("hunter2hunter2", "nonononono"), "").await;
    assert_told(&wrong, Outcome::Fail, "refused: 1045 (28000): Access denied");
    let large = r#", "query": "select repeat('x', 1000) from seq_1_to_4000""#;
    assert_told(&asked(&url, large).await, Outcome::Error, "its answer has more than 1 MiB");
    let json = format!(r#"{{"url": "{url}", "query": "select sleep(600)"}}"#);
    let late = probe(&json, Path::new(".")).measure(None, Duration::from_millis(300)).await;
    assert_eq!(late.outcome, Outcome::Fail, "{}", late.message);
    let port = free_port();
    let gone = asked(&format!("mysql://app@127.0.0.1:{port}/shop"), "").await;
    assert_told(&gone, Outcome::Fail, "could not be reached: 2002");
    assert_eq!(gone.answered, Answered::Nobody);
}

async fn over_tls(server: &Server) {
    let url = format!("mysql://app:hunter2hunter2@localhost:{}/shop", server.port);
    let spoken = r#""query": "select variable_value from information_schema.session_status where variable_name = 'Ssl_version'", "matches": "^TLS""#;
    for (keys, outcome, told) in [
        (r#", "tls": {"ca_file": "ca.pem"}"#, Outcome::Pass, "answered `TLSv1."),
        (r#", "tls": {"insecure": true}"#, Outcome::Pass, "answered `TLSv1."),
        (r#", "tls": {}"#, Outcome::Fail, "could not be reached: 2026"),
    ] {
        let json = format!(r#"{{"url": "{url}", {spoken}{keys}}}"#);
        let probe = probe(&json, server.folder.path());
        assert_told(&probe.measure(None, PATIENCE).await, outcome, told);
    }
}
