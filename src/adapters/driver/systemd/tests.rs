//! The driver, with a stand-in for systemd and with systemd itself.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::super::contract::given::{around, named as drive};
use super::super::contract::{Stage, keeps};

use super::*;

mod real;
mod standing;

fn driver(folder: &Path, keys: &str) -> SystemdDriver {
    let settings = format!(r#"{{"unit": "shop", "releases": "releases"{keys}}}"#);
    connect(serde_json::from_str(&settings).unwrap(), around(folder))
}

/// Makes a release whose program writes its version down and stays.
fn release(releases: &Path, version: &str) {
    let folder = releases.join(version);
    // What is no name of a folder has none.
    if version.contains('/') || std::fs::create_dir_all(&folder).is_err() {
        return;
    }
    executable(&folder.join("shop"), "#!/bin/sh\nexec tail -f /dev/null\n");
}

fn executable(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_plan_is_what_a_shell_would_do() {
    let plan = |keys: &str, version: &str| {
        driver(Path::new("/srv/shop"), keys).plan(&drive(version, None))
    };
    let switch = |name: &str| {
        format!(
            "ln -sfn {name} /srv/shop/.current.lastgood && \
             mv -T /srv/shop/.current.lastgood /srv/shop/current"
        )
    };
    assert_eq!(
        plan("", "1.4"),
        [
            switch("/srv/shop/releases/1.4").as_str(),
            "systemctl reset-failed -- shop # unless it runs from there already",
            "systemctl restart -- shop # unless it runs from there already",
        ]
    );
    let keys = r#", "release": "shop-{version}", "action": "reload", "scope": "user", "drop_in": "/etc/a.conf""#;
    assert_eq!(
        plan(keys, "1 \"4\""),
        [
            r#"write to /etc/a.conf: Environment="LASTGOOD_VERSION=1 \"4\"""#,
            "systemctl --user daemon-reload # where the drop-in changed",
            &switch("'/srv/shop/releases/shop-1 \"4\"'"),
            "systemctl --user reset-failed -- shop",
            "systemctl --user reload-or-restart -- shop",
        ]
    );
    assert_eq!(plan("", "../1.4"), ["run nothing: `../1.4` can be no name of a folder"]);
}

#[tokio::test]
async fn a_version_that_has_no_folder_or_would_leave_it_is_not_available_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("releases/1.0")).unwrap();
    std::fs::create_dir_all(folder.path().join("secret")).unwrap();
    let driver = driver(folder.path(), "");
    let available = async |version: &str| driver.available(&drive(version, None)).await.unwrap();
    assert_eq!(available("1.0").await, Availability::There);
    for version in ["2.0", "../secret", "..", ".", "", "1.0/../../secret", "1.0\n"] {
        let seen = available(version).await;
        assert!(matches!(seen, Availability::Missing(_)), "{version:?}: {seen:?}");
        driver.apply(&drive(version, None)).await.unwrap_err();
        assert!(!folder.path().join("current").exists());
    }
}

#[tokio::test]
async fn without_systemctl_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    release(&folder.path().join("releases"), "1.0");
    let settings = json!({ "unit": "shop", "releases": "releases", "drop_in": "a.conf" });
    let around = around(folder.path());
    let program = around.program("./systemctl");
    let driver = with(program, serde_json::from_value(settings).unwrap(), around);
    let error = driver.apply(&drive("1.0", None)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not ask for the unit `shop`: `./systemctl`: no program `./systemctl` was found"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
