//! The command router, with real commands.

use tempfile::TempDir;

use super::super::contract::{around, candidate, holds, pair};
use super::*;
use crate::domain::facts::Facts;
use crate::domain::names::Environment;

/// A folder in which commands keep the shares.
struct World {
    folder: TempDir,
}

const SHARE: &str = r#"printf '{"%s": %s, "%s": %s}' "$LASTGOOD_SLOT_STABLE" "$LASTGOOD_SHARE_STABLE" "$LASTGOOD_SLOT_CANDIDATE" "$LASTGOOD_SHARE_CANDIDATE" >shares"#;

fn sh(script: &str) -> serde_json::Value {
    serde_json::json!({ "run": ["sh", "-c", script], "timeout": "5s" })
}

impl World {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("la st").tempdir().unwrap();
        std::fs::write(folder.path().join("shares"), r#"{"blue": 100, "green": 0}"#).unwrap();
        Self { folder }
    }

    /// Returns a router with one command other than the usual one.
    fn with(&self, key: &str, call: serde_json::Value) -> CommandRouter {
        let mut settings = serde_json::json!({
            "stable": "blue", "candidate": "green", "share": sh(SHARE), "read": sh("cat shares"),
            "env": {"LB_TOKEN": "hunter2hunter2"},
        });
        settings[key] = call;
        let facts = Facts::default().environment(&Environment::new("production").unwrap());
        let around = Surroundings { facts, ..around(self.folder.path()) };
        connect(&serde_json::from_value(settings).unwrap(), pair(), around)
    }
}

async fn refused(router: &CommandRouter) -> String {
    router.share(&candidate(25)).await.unwrap_err().whole()
}

#[tokio::test]
async fn it_holds_to_what_every_router_does() {
    let world = World::new();
    holds(&world.with("drain", sh("true"))).await;
    holds(&world.with("env", serde_json::json!({}))).await;
}

#[tokio::test]
async fn each_command_is_told_what_to_do_by_its_environment() {
    let world = World::new();
    // What whoever runs the tests says to them is told to every child.
    let ours = "-u LASTGOOD_SKIPPED -u LASTGOOD_VECTORS -u LASTGOOD_KUBERNETES_TESTBED";
    let script = format!("env {ours} | grep -e ^LASTGOOD_ -e ^LB_ | sort >told; {SHARE}");
    let router = world.with("share", sh(&script));
    router.share(&candidate(25)).await.unwrap();
    let told = std::fs::read_to_string(world.folder.path().join("told")).unwrap();
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "LASTGOOD_ENVIRONMENT=production",
            "LASTGOOD_SHARE_CANDIDATE=25",
            "LASTGOOD_SHARE_STABLE=75",
            "LASTGOOD_SLOT_CANDIDATE=green",
            "LASTGOOD_SLOT_STABLE=blue",
            "LB_TOKEN=hunter2hunter2",
        ]
    );
    let plan = router.plan(&candidate(25));
    assert!(plan[0].starts_with("LASTGOOD_SLOT_STABLE=blue LASTGOOD_SLOT_CANDIDATE=green LASTGOOD_SHARE_STABLE=75 LASTGOOD_SHARE_CANDIDATE=25 sh -c "), "{plan:?}");
}

#[tokio::test]
async fn a_command_that_says_done_and_has_not_done_it_is_found_out() {
    let world = World::new();
    let said = refused(&world.with("share", sh("echo done"))).await;
    assert_eq!(
        said,
        "`sh` did not share the traffic as it was asked: asked for blue 75 %, green 25 %; read back blue 100 %, green 0 %"
    );
}

#[tokio::test]
async fn what_is_no_share_of_both_slots_is_told_as_it_was_written() {
    let world = World::new();
    for (written, said) in [
        ("", "`sh` wrote ``: EOF while parsing"),
        ("all to blue", "`sh` wrote `all to blue`: expected value"),
        (r#"{"blue": 100}"#, r#"`sh` wrote `{"blue": 100}`, and nothing of `green`"#),
        (r#"{"blue": 100, "green": 0, "red": 0}"#, "`sh` wrote of `red`, which is no slot"),
        (r#"{"blue": 200, "green": 0}"#, "`sh` wrote 200 % of `blue`"),
        (r#"{"blue": 300, "green": 0}"#, "invalid value: integer `300`"),
        (r#"{"blue": 0.5, "green": 0.5}"#, "floating point `0.5`"),
        (r#"{"blue": "100", "green": "0"}"#, "invalid type: string"),
    ] {
        let read = sh(&format!("printf %s '{written}'"));
        let said_of_it = world.with("read", read).read().await.unwrap_err().whole();
        assert!(
            said_of_it.starts_with("could not read how the traffic is shared: `sh` wrote "),
            "{said_of_it}"
        );
        assert!(said_of_it.contains(said), "{said_of_it}");
    }
}

#[tokio::test]
async fn what_a_command_writes_of_its_secrets_is_not_told() {
    let world = World::new();
    let read = sh("echo \"$LB_TOKEN is no JSON\"");
    let said = world.with("read", read).read().await.unwrap_err().whole();
    assert!(said.contains("`sh` wrote `*** is no JSON`"), "{said}");
    let drain = world.with("drain", sh("echo $LB_TOKEN"));
    let said = drain.drain(&pair().stable, Duration::from_secs(5)).await.unwrap_err().whole();
    assert_eq!(said, "could not drain `blue`: `sh` wrote `***`, which is no number");
    let shown = world.with("share", sh("curl -H hunter2hunter2")).plan(&candidate(25));
    assert!(shown[0].ends_with("sh -c 'curl -H ***'"), "{shown:?}");
}

#[tokio::test]
async fn a_command_that_fails_hangs_or_is_not_there_is_told() {
    let world = World::new();
    let failing = sh("echo \"no route: $LB_TOKEN\" >&2; exit 3");
    assert_eq!(
        refused(&world.with("share", failing)).await,
        "could not share the traffic: blue 75 %, green 25 %: `sh`: exit code 3: no route: ***"
    );
    let hanging = serde_json::json!({ "run": "tail -f /dev/null", "timeout": "200ms" });
    for key in ["share", "read"] {
        let said = refused(&world.with(key, hanging.clone())).await;
        assert!(said.ends_with("`tail` did not end within 200ms and was killed"), "{said}");
    }
    let missing = serde_json::json!({ "run": "./no-such-router" });
    let said = refused(&world.with("share", missing)).await;
    assert!(said.ends_with("no program `./no-such-router` was found"), "{said}");
}

#[tokio::test]
async fn a_drain_tells_how_many_are_left_or_takes_too_long() {
    let world = World::new();
    let drain = async |call: serde_json::Value, limit| {
        world.with("drain", call).drain(&pair().stable, limit).await
    };
    let long = Duration::from_secs(7);
    assert_eq!(drain(sh("true"), long).await.unwrap(), Drained::Empty);
    assert_eq!(drain(sh("echo 0"), long).await.unwrap(), Drained::Empty);
    assert_eq!(drain(sh("echo 3"), long).await.unwrap(), Drained::Left(Some(3)));
    let told_it = sh("test \"$LASTGOOD_SLOT $LASTGOOD_DRAIN_LIMIT\" = 'blue 5'");
    assert_eq!(drain(told_it, long).await.unwrap(), Drained::Empty);
    let hangs = sh("exec tail -f /dev/null");
    assert_eq!(drain(hangs, Duration::from_millis(200)).await.unwrap(), Drained::Left(None));
    let error = drain(sh("echo soon"), long).await.unwrap_err();
    assert_eq!(error.whole(), "could not drain `blue`: `sh` wrote `soon`, which is no number");
    let error = drain(sh("exit 4"), long).await.unwrap_err();
    assert_eq!(error.whole(), "could not drain `blue`: `sh`: exit code 4");
    let none = world.with("env", serde_json::json!({}));
    assert_eq!(none.drain(&pair().stable, long).await.unwrap(), Drained::Left(None));
}
