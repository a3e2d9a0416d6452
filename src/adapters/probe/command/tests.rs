//! The probe, against real commands.

use tempfile::TempDir;

use crate::adapters::process::tests::writers_end;
use crate::adapters::testbed::SHORT;
use crate::domain::duration::Span;
use crate::domain::names::{Commit, Environment};
use crate::domain::verdict::Outcome;

use super::*;

struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn probe(&self, settings: &serde_json::Value, withheld: Vec<Secret>) -> CommandProbe {
        let settings = serde_json::from_value(settings.clone()).unwrap();
        let facts = Facts::default().environment(&Environment::new("production").unwrap());
        connect(settings, self.0.path().to_owned(), facts, withheld)
    }

    async fn measure(&self, settings: serde_json::Value) -> Measurement {
        let version = Version::named("2.0").at(Commit::new("ab".repeat(20)).unwrap());
        self.probe(&settings, vec![]).measure(Some(&version), Duration::from_secs(5)).await
    }

    async fn sh(&self, script: &str) -> Measurement {
        self.measure(serde_json::json!({ "run": ["sh", "-c", script] })).await
    }
}

#[tokio::test]
async fn an_exit_code_of_zero_is_healthy_and_any_other_is_a_fail() {
    let world = World::new();
    let passed = world.sh("true").await;
    assert_eq!(passed.outcome, Outcome::Pass);
    assert!(passed.message.starts_with("exit code 0 in "), "{}", passed.message);
    let failed = world.sh("echo trace >&2; echo no database >&2; exit 3").await;
    assert_eq!(failed.outcome, Outcome::Fail);
    assert_eq!(failed.message, "`sh` ended with exit code 3: no database");
    assert_eq!(failed.limit.as_deref(), Some("0"));
    let killed = world.sh("kill -9 $$").await;
    assert_eq!(killed.message, "`sh` was killed by signal 9");
}

#[tokio::test]
async fn the_exit_codes_given_are_the_healthy_ones() {
    let world = World::new();
    let settings =
        |script: &str| serde_json::json!({ "run": ["sh", "-c", script], "exit_codes": [0, 7] });
    assert_eq!(world.measure(settings("exit 7")).await.outcome, Outcome::Pass);
    assert_eq!(world.measure(settings("exit 1")).await.outcome, Outcome::Fail);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error() {
    let world = World::new();
    let missing = world.measure(serde_json::json!({ "run": "./no-such-smoke-test" })).await;
    assert_eq!(missing.outcome, Outcome::Error);
    assert_eq!(missing.message, "no program `./no-such-smoke-test` was found");
    let folder = serde_json::json!({ "run": "true", "folder": "nowhere" });
    assert_eq!(world.measure(folder).await.outcome, Outcome::Error);
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_with_all_it_started_and_fails() {
    for short in SHORT {
        let world = World::new();
        let (fifo, end) = writers_end(world.0.path());
        let script = format!("(exec 3>{}; : >begun; sleep 600) & wait", fifo.display());
        let settings = serde_json::json!({ "run": ["sh", "-c", script] });
        let measurement = world.probe(&settings, vec![]).measure(None, short).await;
        assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
        let told = format!("`sh` did not end within `{}`", Span::from(short));
        assert_eq!(measurement.message, told);
        if world.0.path().join("begun").exists() {
            assert!(end.await.unwrap().succeeded());
            return;
        }
        end.abort();
    }
    panic!("the grandchild never began");
}

#[tokio::test]
async fn the_command_is_told_its_facts_in_its_environment() {
    let world = World::new();
    let script =
        "echo $LASTGOOD_ENVIRONMENT $LASTGOOD_VERSION $LASTGOOD_COMMIT ${LASTGOOD_ACTION-none}";
    let expected = format!("^production 2.0 {} none$", "ab".repeat(20));
    let settings = serde_json::json!({ "run": ["sh", "-c", script], "stdout_matches": format!("(?m){expected}") });
    let measurement = world.measure(settings).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn what_is_withheld_is_in_no_variable_and_what_is_given_is() {
    let (name, value) = std::env::vars().find(|(name, _)| name == "CARGO_MANIFEST_DIR").unwrap();
    let world = World::new();
    let script = format!("test -z \"${{{name}}}\" && test $GIVEN = yes");
    let settings = serde_json::json!({ "run": ["sh", "-c", script], "env": { "GIVEN": "yes" } });
    let probe = world.probe(&settings, vec![Secret::new(value)]);
    let measurement = probe.measure(None, Duration::from_secs(5)).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn the_output_must_match() {
    let world = World::new();
    let settings = serde_json::json!({ "run": "echo all well", "stdout_matches": ["well", "^up"] });
    let measurement = world.measure(settings).await;
    assert_eq!(measurement.outcome, Outcome::Fail);
    assert_eq!(measurement.message, "the output does not match `^up`");
}

#[tokio::test]
async fn the_version_in_the_output_must_be_the_one_under_test() {
    let world = World::new();
    let settings = |script: &str| serde_json::json!({ "run": ["sh", "-c", script], "expect_version": { "regexp": "v=(\\S+)" } });
    let cases = [
        ("echo v=2.0", Outcome::Pass, Answered::Expected),
        ("echo v=abababa", Outcome::Pass, Answered::Expected),
        ("echo v=1.0", Outcome::Fail, Answered::Other("1.0".into())),
        ("echo v=1.0; exit 1", Outcome::Fail, Answered::Other("1.0".into())),
        ("echo v=2.0; exit 1", Outcome::Fail, Answered::Expected),
        ("echo hello", Outcome::Fail, Answered::Unknown),
    ];
    for (script, outcome, answered) in cases {
        let measurement = world.measure(settings(script)).await;
        assert_eq!((measurement.outcome, measurement.answered), (outcome, answered), "{script}");
    }
}

#[test]
fn a_check_that_could_never_pass_is_a_mistake() {
    let settings = r#"{"run": "true", "exit_codes": []}"#;
    let settings: Settings = serde_json::from_str(settings).unwrap();
    assert_eq!(settings.mistakes(), ["`exit_codes` is empty, so the check could never pass"]);
    let settings: Settings = serde_json::from_str(r#"{"run": "true"}"#).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
}
