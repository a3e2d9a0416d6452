//! The command driver, with real commands.

use std::sync::Arc;

use crate::adapters::driver::contract::given::{self, Lines};
use crate::adapters::process::tests::writers_end;
use crate::adapters::testbed::SHORT;
use crate::domain::facts::NAMES;
use crate::domain::names::Commit;
use crate::domain::slots::Slot;
use crate::domain::version::Version;
use crate::ports::Checkouts;

use super::*;

/// Gives out folders with one file that names the commit.
struct Folders;

#[async_trait]
impl Checkouts for Folders {
    async fn checkout(&self, commit: &Commit) -> Result<TempDir> {
        let folder = tempfile::tempdir().map_err(|cause| Error::failed("no").because(cause))?;
        std::fs::write(folder.path().join("commit"), commit.as_str()).unwrap();
        Ok(folder)
    }
}

/// A driver in a folder of its own, and the lines that its commands wrote.
struct World {
    folder: TempDir,
    lines: Lines,
    withheld: Vec<Secret>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, lines: Arc::default(), withheld: vec![] }
    }

    fn driver(&self, settings: &str) -> CommandDriver {
        let around = Surroundings {
            withheld: self.withheld.clone(),
            checkouts: Arc::new(Folders),
            ..given::telling(self.folder.path(), &self.lines)
        };
        connect(serde_json::from_str(settings).unwrap(), around)
    }

    /// Runs a shell script as the command.
    async fn drive(&self, script: &str, drive: &Drive) -> Result<Driven> {
        let run = serde_json::json!({ "run": ["sh", "-c", script], "timeout": "5s" });
        self.driver(&run.to_string()).apply(drive).await
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

fn commit() -> Commit {
    Commit::new("ab".repeat(20)).unwrap()
}

fn drive() -> Drive {
    let (to, from) = (Version::named("1.1").at(commit()), Version::named("2.0 $(id)"));
    given::drive("api", to, Some(from))
}

#[tokio::test]
async fn a_command_is_told_what_to_do_by_its_environment() {
    let world = World::new();
    let names = NAMES.join(" ");
    let script = format!("for n in {names}; do eval \"v=\\${{$n-none}}\"; echo \"$n=$v\"; done");
    world.drive(&script, &drive()).await.unwrap();
    assert_eq!(
        world.lines(),
        [
            "api | LASTGOOD_ACTION=rollback",
            "api | LASTGOOD_ENVIRONMENT=production",
            "api | LASTGOOD_SERVICE=api",
            "api | LASTGOOD_SLOT=none",
            "api | LASTGOOD_VERSION=1.1",
            &format!("api | LASTGOOD_COMMIT={}", commit()),
            "api | LASTGOOD_IMAGE=none",
            "api | LASTGOOD_REPLICAS=none",
            "api | LASTGOOD_CONFIG_FILE=none",
            "api | LASTGOOD_DEPLOYMENT=7",
            "api | LASTGOOD_PREVIOUS_VERSION=2.0 $(id)",
            "api | LASTGOOD_PREVIOUS_COMMIT=none",
            "api | LASTGOOD_CHECKOUT=none",
        ]
    );
}

#[tokio::test]
async fn a_command_runs_in_the_configurations_folder() {
    let world = World::new();
    std::fs::create_dir(world.folder.path().join("deploy")).unwrap();
    world.drive("pwd -P", &drive()).await.unwrap();
    let settings = r#"{"run": "pwd -P", "folder": "deploy"}"#;
    world.driver(settings).apply(&drive()).await.unwrap();
    let folder = world.folder.path().canonicalize().unwrap();
    let [folder, below] = [folder.clone(), folder.join("deploy")].map(|p| p.display().to_string());
    assert_eq!(world.lines(), [format!("api | {folder}"), format!("api | {below}")]);
}

#[tokio::test]
async fn a_command_gets_a_checkout_only_when_it_asks_and_it_is_gone_afterwards() {
    let world = World::new();
    let script = r#"{"run": ["sh", "-c", "cat $LASTGOOD_CHECKOUT/commit; echo; echo $LASTGOOD_CHECKOUT"], "checkout": true}"#;
    world.driver(script).apply(&drive()).await.unwrap();
    let lines = world.lines();
    assert_eq!(lines[0], format!("api | {}", commit()));
    let folder = lines[1].strip_prefix("api | ").unwrap();
    assert!(!std::path::Path::new(folder).exists());
    let unknown = Drive { to: Version::named("1.1"), ..drive() };
    let error = world.driver(script).apply(&unknown).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "could not check out version `1.1` of `api`: its deployment was recorded without a commit"
    );
}

#[tokio::test]
async fn no_variable_holds_what_is_withheld() {
    let (name, value) = std::env::vars().find(|(name, _)| name == "CARGO_MANIFEST_DIR").unwrap();
    let mut world = World::new();
    world.withheld = vec![Secret::new(&value)];
    let script = format!("echo \"[${{{name}-gone}}]\"; env | grep -c -F '{value}' || true");
    world.drive(&script, &drive()).await.unwrap();
    assert_eq!(world.lines(), ["api | [gone]", "api | 0"]);
}

#[tokio::test]
async fn a_given_variable_is_set_and_its_value_masked_in_the_output() {
    let world = World::new();
    let script = r#"{"run": ["sh", "-c", "echo $TOKEN; echo why: $TOKEN >&2; exit 1"], "env": {"TOKEN": "hunter2hunter2"}}"#;
    let error = world.driver(script).apply(&drive()).await.unwrap_err();
    assert!(error.whole().ends_with("exit code 1: why: ***"), "{}", error.whole());
    let mut lines = world.lines();
    lines.sort();
    assert_eq!(lines, ["api | ***", "api | why: ***"]);
}

#[tokio::test]
async fn foreign_output_cannot_steer_the_runner_or_the_terminal() {
    let world = World::new();
    let script = r"printf '::set-output name=a::b\n  ::error::x\n##[add-mask]a\n\033[31mred\033[0m\033]0;title\007\n1%%\r2%%\r100%%\n\342\200\256x\n  indented\n'";
    world.drive(script, &drive()).await.unwrap();
    assert_eq!(
        world.lines(),
        [
            "api | ::set-output name=a::b",
            "api |   ::error::x",
            "api | #\u{fffd}[add-mask]a",
            "api | red",
            "api | 100%",
            "api | \u{fffd}x",
            "api |   indented",
        ]
    );
}

#[tokio::test]
async fn a_command_that_fails_says_how_and_why() {
    let world = World::new();
    let error = world.drive("echo no space left >&2; echo; exit 3", &drive()).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "`sh` did not bring `api` to version `1.1`: exit code 3: no space left"
    );
    let error = world.drive("exit 4", &drive()).await.unwrap_err();
    assert!(error.whole().ends_with(": exit code 4"), "{}", error.whole());
}

#[tokio::test]
async fn a_command_that_is_not_there_says_so() {
    let world = World::new();
    let missing = world.driver(r#"{"run": "./no-such-deploy.sh"}"#);
    let error = missing.apply(&drive()).await.unwrap_err();
    assert!(
        error.whole().ends_with("no program `./no-such-deploy.sh` was found"),
        "{}",
        error.whole()
    );
    assert_eq!(error.hints().len(), 1);
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_killed_with_all_it_started() {
    for short in SHORT.map(Span::from) {
        let world = World::new();
        let (fifo, end) = writers_end(world.folder.path());
        let script = format!("(exec 3>{}; : >begun; sleep 600) & wait", fifo.display());
        let settings = serde_json::json!({ "run": ["sh", "-c", script], "timeout": short });
        let error = world.driver(&settings.to_string()).apply(&drive()).await.unwrap_err();
        let told = format!("it did not end within `{short}` and was killed");
        assert!(error.whole().ends_with(&told), "{}", error.whole());
        if world.folder.path().join("begun").exists() {
            assert!(end.await.unwrap().succeeded());
            return;
        }
        end.abort();
    }
    panic!("the grandchild never began");
}

#[test]
fn the_plan_shows_the_command_and_what_it_is_told() {
    let world = World::new();
    let driver = world.driver(r#"{"run": ["./deploy.sh", "a b"], "checkout": true}"#);
    let lines = driver.plan(&drive());
    assert_eq!(lines[0], "check out ababababab");
    assert!(lines[1].starts_with("LASTGOOD_ACTION=rollback "), "{}", lines[1]);
    assert!(lines[1].ends_with(" ./deploy.sh 'a b'"), "{}", lines[1]);
    assert!(lines[1].contains(" LASTGOOD_PREVIOUS_VERSION='2.0 $(id)' "), "{}", lines[1]);
}

#[test]
fn what_is_not_written_is_as_documented() {
    let settings: Settings = serde_json::from_str(r#"{"run": "./deploy.sh --wait"}"#).unwrap();
    let argv = Argv::new(vec!["./deploy.sh".into(), "--wait".into()]).unwrap();
    assert_eq!(settings, Settings::new(argv));
    assert_eq!(settings.timeout, Span::mins(10));
    assert!(serde_json::from_str::<Settings>(r#"{"run": "a", "timout": "1s"}"#).is_err());
}

#[tokio::test]
async fn a_cleanup_is_told_what_runs_and_no_action() {
    let world = World::new();
    let settings = serde_json::json!({
        "run": ["sh", "-c", "exit 1"], "cleanup": ["sh", "-c", "env | grep ^LASTGOOD_ | sort"],
    });
    let driver = world.driver(&settings.to_string());
    let drive = Drive { slot: Some(Slot::new("blue").unwrap()), ..drive() };
    driver.remove(&drive).await.unwrap();
    let mut told = world.lines();
    for line in &mut told {
        *line = line.rsplit("| ").next().unwrap().to_owned();
    }
    // What else of ours is in the environment of the tests is no fact.
    told.retain(|line| NAMES.iter().any(|name| line.starts_with(&format!("{name}="))));
    let plan = driver.plan_removal(&drive).unwrap();
    assert!(told.contains(&"LASTGOOD_SLOT=blue".to_owned()), "{told:?}");
    assert!(told.iter().all(|line| !line.starts_with("LASTGOOD_ACTION")), "{told:?}");
    assert!(told.iter().all(|line| !line.starts_with("LASTGOOD_PREVIOUS")), "{told:?}");
    let words = shell_words::split(&plan[0]).unwrap();
    assert!(told.iter().all(|line| words.contains(line)), "{told:?} is not all in {words:?}");
}

#[tokio::test]
async fn without_a_cleanup_nothing_can_be_stopped_and_the_key_is_named() {
    let world = World::new();
    let driver = world.driver(r#"{"run": ["true"]}"#);
    let error = driver.plan_removal(&drive()).unwrap_err();
    assert_eq!(error.message(), "its driver `command` has no `cleanup`");
    assert!(error.hints()[0].contains("`cleanup: [PROGRAM, ARGUMENT]`"), "{error:?}");
    assert!(driver.remove(&drive()).await.is_err());
}

#[tokio::test]
async fn a_cleanup_that_fails_says_what_it_could_not_stop() {
    let world = World::new();
    let settings = serde_json::json!({
        "run": ["true"], "cleanup": ["sh", "-c", "echo it is busy >&2; exit 3"],
    });
    let error = world.driver(&settings.to_string()).remove(&drive()).await.unwrap_err();
    assert_eq!(error.message(), "`sh` did not stop `api`");
    assert!(error.causes()[0].ends_with(": it is busy"), "{error:?}");
}
