//! The probe, with real files.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::*;
use crate::domain::check::Answered;
use crate::domain::facts::Facts;
use crate::domain::verdict::Outcome;

async fn look(folder: &Path, json: &Json) -> Measurement {
    let settings: Settings = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(settings.mistakes(), [""; 0], "{json}");
    let folder = folder.to_owned();
    let http = crate::adapters::http::Http::new;
    let around = Around { folder, facts: Facts::default(), withheld: Vec::new(), http: &http };
    let probe = settings.connect(&around).unwrap();
    probe.measure(Some(&Version::named("2.0")), Duration::from_secs(5)).await
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const OF_OK: &str = "dc51b8c96c2d745df3bd5590d990230a482fd247123599548e0632fdbf97fc22";

#[tokio::test]
async fn a_file_is_held_against_all_that_is_asked() {
    use Outcome::{Error, Fail, Pass};
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ok"), "ok\n").unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::write(folder.path().join("revision"), "release 2.0 of today").unwrap();
    fs::create_dir(folder.path().join("dir")).unwrap();
    for (json, expected, message) in [
        (json!({"path": "ok"}), Pass, "a file of 3 bytes"),
        (json!({"path": "dir"}), Pass, "a folder"),
        (json!({"path": "nobody"}), Fail, "it is not there"),
        (json!({"path": "ok/below"}), Fail, "it is not there"),
        (json!({"path": "nobody", "absent": true}), Pass, "it is not there"),
        (json!({"path": "ok", "absent": true}), Fail, "it is there, a file"),
        (json!({"path": "dir", "sort": "file"}), Fail, "it is a folder, not a file"),
        (json!({"path": "ok", "sort": "link"}), Fail, "it is a file, not a link"),
        (json!({"path": "empty", "sha256": EMPTY}), Pass, "a file of 0 bytes"),
        (json!({"path": "ok", "sha256": OF_OK}), Pass, "a file of 3 bytes"),
        (json!({"path": "dir", "sha256": EMPTY}), Fail, "it is no file, and has no content"),
        (
            json!({"path": "ok", "contains": ["^ok", "k\n$"], "lacks": ["ko"]}),
            Pass,
            "a file of 3 bytes",
        ),
        (json!({"path": "ok", "contains": "ko"}), Fail, "it does not contain `ko`"),
        (json!({"path": "ok", "lacks": "k"}), Fail, "it contains `k`"),
        (json!({"path": "ok", "contains": ["ko"]}), Fail, "it does not contain `ko`"),
        (json!({"path": "ok", "lacks": ["k"]}), Fail, "it contains `k`"),
        (json!({"path": "ok", "min_bytes": 3, "max_bytes": 3}), Pass, "a file of 3 bytes"),
        (json!({"path": "ok", "min_bytes": 4}), Fail, "it has 3 bytes, fewer than 4"),
        (json!({"path": "ok", "max_bytes": 2}), Fail, "it has 3 bytes, more than 2"),
        (json!({"path": "ok", "max_age": "1h"}), Pass, "a file of 3 bytes"),
        (
            json!({"path": "ok", "expect_version": {"regexp": "release (\\S+)"}}),
            Fail,
            "the answer names no version",
        ),
        (
            json!({"path": "revision", "expect_version": {"regexp": "release (\\S+)"}}),
            Pass,
            "a file of 20 bytes",
        ),
    ] {
        let measurement = look(folder.path(), &json).await;
        assert_eq!(
            (measurement.outcome, measurement.message.as_str()),
            (expected, message),
            "{json}"
        );
    }
    let wrong = look(folder.path(), &json!({"path": "ok", "sha256": EMPTY})).await;
    assert_eq!(wrong.outcome, Fail);
    assert_eq!((wrong.value.as_deref(), wrong.limit.as_deref()), (Some(OF_OK), Some(EMPTY)));
    let revision = json!({"path": "revision", "expect_version": {"regexp": "release (\\S+)"}});
    assert_eq!(look(folder.path(), &revision).await.answered, Answered::Expected);
    let long = "x".repeat(300);
    assert_eq!(look(folder.path(), &json!({"path": long})).await.outcome, Error);
}

#[tokio::test]
async fn an_old_file_is_told_from_a_young_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("old")).unwrap();
    let now = std::time::SystemTime::now();
    file.set_modified(now - Duration::from_secs(7_300)).unwrap();
    let asked = json!({"path": "old", "max_age": "2h"});
    let old = look(folder.path(), &asked).await;
    assert_eq!(old.outcome, Outcome::Fail);
    assert!(old.message.starts_with("it was changed 2h1m4"), "{}", old.message);
    file.set_modified(now + Duration::from_mins(150)).unwrap();
    assert_eq!(look(folder.path(), &asked).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn what_has_no_end_is_not_read_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let large = fs::File::create(folder.path().join("large")).unwrap();
    large.set_len(content::LOOKED_AT + 1).unwrap();
    let asked = json!({"path": "large", "lacks": ["a"]});
    let told = look(folder.path(), &asked).await;
    assert_eq!(told.outcome, Outcome::Fail);
    assert_eq!(told.message, "it has more than 4194304 bytes, too many to look at");
}

#[cfg(unix)]
#[tokio::test]
async fn devices_pipes_and_links_in_a_ring_come_to_an_end() {
    use Outcome::{Error, Fail, Pass};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = crate::adapters::process::Run::new("mkfifo").arg(at("pipe")).finish().await;
    assert!(made.unwrap().succeeded());
    std::os::unix::fs::symlink("ring", at("ring")).unwrap();
    std::os::unix::fs::symlink("nobody", at("dangling")).unwrap();
    fs::write(at("ok"), "ok").unwrap();
    std::os::unix::fs::symlink("ok", at("link")).unwrap();
    for (json, expected) in [
        (json!({"path": "pipe", "contains": ["a"]}), Fail),
        (json!({"path": "pipe", "sha256": EMPTY}), Fail),
        (json!({"path": "pipe"}), Pass),
        (json!({"path": "/dev/zero", "contains": ["a"]}), Fail),
        (json!({"path": "/dev/zero", "sha256": EMPTY}), Fail),
        (json!({"path": "ring"}), Error),
        (json!({"path": "ring", "sort": "link"}), Pass),
        (json!({"path": "dangling"}), Fail),
        (json!({"path": "dangling", "sort": "link"}), Pass),
        (json!({"path": "link", "contains": ["ok"], "sort": "file"}), Pass),
    ] {
        let measurement = look(folder.path(), &json).await;
        assert_eq!(measurement.outcome, expected, "{json}: {}", measurement.message);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn permissions_and_owners_are_compared() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let uid = fs::metadata(&path).unwrap().uid();
    for (json, expected, message) in [
        (json!({"path": "f", "mode": "0640"}), Outcome::Pass, "a file of 0 bytes".to_owned()),
        (
            json!({"path": "f", "mode": "600"}),
            Outcome::Fail,
            "its mode is 0640, not 0600".to_owned(),
        ),
        (
            json!({"path": "f", "owner": uid.to_string()}),
            Outcome::Pass,
            "a file of 0 bytes".to_owned(),
        ),
        (
            json!({"path": "/etc", "owner": "root", "group": "0"}),
            Outcome::Pass,
            "a folder".to_owned(),
        ),
        (
            json!({"path": "/etc", "owner": "nobody"}),
            Outcome::Fail,
            "its owner is root, not nobody".to_owned(),
        ),
        (
            json!({"path": "/etc", "owner": "no-such-user"}),
            Outcome::Error,
            "`/etc/passwd` lists no `no-such-user`; write its number".to_owned(),
        ),
    ] {
        let measurement = look(folder.path(), &json).await;
        assert_eq!((measurement.outcome, measurement.message), (expected, message), "{json}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (json, why) in [
        (json!({"path": ""}), "`path` is empty"),
        (json!({"path": "a", "absent": true, "min_bytes": 1}), "what is `absent` has nothing else"),
        (json!({"path": "a", "sort": "folder", "contains": ["x"]}), "only a file has content"),
        (json!({"path": "a", "min_bytes": 2, "max_bytes": 1}), "`min_bytes` is above `max_bytes`"),
    ] {
        let settings: Settings = serde_json::from_value(json.clone()).unwrap();
        let found = settings.mistakes();
        assert!(found.len() == 1 && found[0].starts_with(why), "{json}: {found:?}");
    }
    for json in [
        json!({"path": "a", "mode": "8"}),
        json!({"path": "a", "mode": "0999"}),
        json!({"path": "a", "sha256": "abc"}),
        json!({"path": "a", "sort": "socket"}),
        json!({"path": "a", "exists": true}),
    ] {
        assert!(serde_json::from_value::<Settings>(json.clone()).is_err(), "{json}");
    }
}
