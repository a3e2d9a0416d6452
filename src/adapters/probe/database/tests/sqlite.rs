//! Files of `SQLite`'s.

use std::time::Instant;

use rusqlite::Connection;

use super::*;

async fn in_file(keys: &str) -> Measurement {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("app.db")).unwrap();
    connection.execute_batch("create table t (a); insert into t values ('x'), ('y')").unwrap();
    let json = format!(r#"{{"url": "sqlite:app.db"{keys}}}"#);
    probe(&json, folder.path()).measure(None, PATIENCE).await
}

#[tokio::test]
async fn a_file_is_asked_and_only_read() {
    for (keys, outcome, told) in [
        ("", Outcome::Pass, "answered `1` in "),
        (
            r#", "query": "select a from t", "expect": "x", "rows": {"min": 2}"#,
            Outcome::Pass,
            "`x`",
        ),
        (r#", "query": "select null", "expect": "x""#, Outcome::Fail, "answered nothing, not `x`"),
        (
            r#", "query": "select count(*) from t", "success": "result == 2.0""#,
            Outcome::Pass,
            "`2`",
        ),
        (r#", "query": "select x'6100ff'", "matches": "^a""#, Outcome::Pass, "answered `a"),
        (r#", "query": "insert into t values (1)""#, Outcome::Fail, "readonly database"),
        (r#", "query": "select a from nobody""#, Outcome::Fail, "no such table: nobody"),
        (r#", "query": "select randomblob(500000000)""#, Outcome::Error, "more than 16 MiB"),
    ] {
        assert_told(&in_file(keys).await, outcome, told);
    }
}

#[tokio::test]
async fn a_file_that_is_missing_is_not_made_and_one_that_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = probe(r#"{"url": "sqlite:app.db"}"#, folder.path()).measure(None, PATIENCE).await;
    assert_told(&missing, Outcome::Fail, "could not be reached: unable to open database file");
    assert!(!folder.path().join("app.db").exists());
    std::fs::write(folder.path().join("app.db"), "no database".repeat(200)).unwrap();
    let json = r#"{"url": "sqlite:app.db", "query": "select * from t"}"#;
    let none = probe(json, folder.path()).measure(None, PATIENCE).await;
    assert_told(&none, Outcome::Fail, "refused: file is not a database");
}

#[tokio::test]
async fn a_query_without_end_is_ended_with_the_time() {
    let folder = tempfile::tempdir().unwrap();
    drop(Connection::open(folder.path().join("app.db")).unwrap());
    std::fs::write(folder.path().join("app.db"), "").unwrap();
    let endless =
        "with recursive c(x) as (select 1 union all select x + 1 from c) select sum(x) from c";
    let json = format!(r#"{{"url": "sqlite:app.db", "query": "{endless}"}}"#);
    let began = Instant::now();
    let probe = probe(&json, folder.path());
    let measurement = probe.measure(None, Duration::from_millis(300)).await;
    assert_told(&measurement, Outcome::Fail, "gave no answer within `300ms`");
    assert!(began.elapsed() < PATIENCE);
}
