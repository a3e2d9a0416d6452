//! Branches are brought to versions by commits on top.

use std::path::PathBuf;
use std::sync::Arc;

use super::web::Web;
use super::world::*;
use crate::adapters::driver::contract::given;
use crate::adapters::git::driver::{self, GitDriver};
use crate::adapters::git::{GitLedger, RemoteChoice, Settings};
use crate::adapters::secret::Secret;
use crate::domain::names::Commit;
use crate::domain::version::Version;
use crate::error::{Error, Kind};
use crate::ports::{Drive, Driver};

mod promises;

/// What is deployed from `production`: first what was good, then what is sick.
struct Deployed {
    world: World,
    good: Commit,
    sick: Commit,
}

impl Deployed {
    fn new() -> Self {
        let world = World::new();
        world.write("app", "good");
        world.write("gone", "good");
        world.write(".github/workflows/old.yml", "good");
        world.write(".github/CODEOWNERS", "good");
        world.write("lastgood.yml", "good");
        world.script("seed/run", "true");
        std::os::unix::fs::symlink("app", world.path("seed/link")).unwrap();
        let good = world.commit("seed", "good");
        world.write("app", "sick");
        world.write("new/file", "sick");
        world.write(".github/workflows/new.yml", "sick");
        world.write(".github/CODEOWNERS", "sick");
        world.write("lastgood.yml", "sick");
        for gone in ["gone", ".github/workflows/old.yml", "run", "link"] {
            std::fs::remove_file(world.path("seed").join(gone)).unwrap();
        }
        world.write("run", "sick");
        world.write("link", "sick");
        let sick = world.commit("seed", "sick");
        world.git("seed", &["push", "-q", "origin", "main", "main:production"]);
        world.git("remote.git", &["config", "receive.denyNonFastForwards", "true"]);
        let forward = "git merge-base --is-ancestor $2 $3 || exit 1";
        world.hook("update", &format!("case $1 in */production) {forward};; esac"));
        Self { world, good, sick }
    }

    async fn driver(&self, settings: Settings, more: &str) -> GitDriver {
        let ledger = Arc::new(GitLedger::connect(settings).await.unwrap());
        let written = format!("{{\"branch\":\"production\"{more}}}");
        driver::connect(serde_json::from_str(&written).unwrap(), ledger, None)
    }

    async fn drive(&self, settings: Settings) -> Result<String, Error> {
        let driver = self.driver(settings, "").await;
        driver.apply(&rollback(&self.good)).await.map(|driven| driven.message)
    }

    /// Returns the subjects of the branch's commits, newest first.
    fn history(&self) -> String {
        self.world.git("remote.git", &["log", "--format=%s", "production"]).replace('\n', ", ")
    }

    /// Returns every file of the branch with its mode and its content, cut.
    fn files(&self, branch: &str) -> Vec<String> {
        let listed = self.world.git("remote.git", &["ls-tree", "-r", branch]);
        let file = |line: &str| {
            let (mode, path) = (&line[..6], line.split_once('\t').unwrap().1);
            let text = self.world.git("remote.git", &["show", &format!("{branch}:{path}")]);
            format!("{mode} {path} {}", &text[..text.len().min(4)])
        };
        listed.lines().map(file).collect()
    }
}

impl World {
    fn write(&self, name: &str, text: &str) {
        let file = self.path("seed").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

fn rollback(to: &Commit) -> Drive {
    given::drive("app", Version::named("1.0").at(to.clone()), Some(Version::named("2.0")))
}

const BACK: &str = "Roll back production to 1.0, sick, good, two, one";

/// The good version's files, with the workflows and the configuration of the sick one.
const RESTORED: [&str; 10] = [
    "100644 .github/CODEOWNERS good",
    "100644 .github/workflows/new.yml sick",
    "100644 app good",
    "100644 gone good",
    "100644 good good",
    "100644 lastgood.yml sick",
    "120000 link app",
    "100644 one oneo",
    "100755 run #!/b",
    "100644 two twot",
];

#[tokio::test]
async fn the_branch_gets_the_old_files_by_a_commit_on_top() {
    let deployed = Deployed::new();
    deployed.world.clone_shallow("clone");
    let told = deployed.drive(deployed.world.settings("clone")).await.unwrap();
    assert_eq!(deployed.history(), BACK);
    assert_eq!(deployed.files("production"), RESTORED);
    let tip = deployed.world.id("remote.git", "production");
    assert_eq!(told, format!("pushed {} to `production`", tip.short()));
    let parent = deployed.world.id("remote.git", "production^");
    assert_eq!(parent, deployed.sick);
}

#[tokio::test]
async fn the_commit_says_what_was_brought_where() {
    let deployed = Deployed::new();
    let settings = deployed.world.settings_without_clone();
    deployed.drive(settings.clone()).await.unwrap();
    let show = |format| deployed.world.git("remote.git", &["log", "-1", format, "production"]);
    assert_eq!(
        show("--format=%an <%ae> %cn%n%B"),
        format!(
            "lastgood <lastgood@localhost> lastgood\n\
             Roll back production to 1.0\n\n\
             Lastgood-Environment: production\n\
             Lastgood-Service: app\n\
             Lastgood-Deployment: 7\n\
             Lastgood-Version: 1.0\n\
             Lastgood-Commit: {}",
            deployed.good
        )
    );
    assert_eq!(show("--format=%(trailers:key=Lastgood-Deployment,valueonly)"), "7");
    let own = deployed.driver(settings, ",\"message\":\"Back [skip ci]\"").await;
    own.apply(&rollback(&deployed.sick)).await.unwrap();
    assert_eq!(show("--format=%s"), "Back [skip ci]");
}

#[tokio::test]
async fn it_works_from_every_clone_and_leaves_it_as_it_was() {
    for repo in ["full", "shallow", "partial", "none"] {
        let deployed = Deployed::new();
        let world = &deployed.world;
        world.clone_full("full");
        world.clone_shallow("shallow");
        world.git(".", &["clone", "-q", "--filter=tree:0", &world.url(), "partial"]);
        let before = (repo != "none").then(|| world.untouched(repo));
        let settings = match repo {
            "none" => world.settings_without_clone(),
            repo => world.settings(repo),
        };
        deployed.drive(settings).await.unwrap();
        assert_eq!(deployed.files("production"), RESTORED, "{repo}");
        assert_eq!((repo != "none").then(|| world.untouched(repo)), before, "{repo}");
    }
}

#[tokio::test]
async fn a_server_that_leaves_no_content_out_serves_as_well() {
    let deployed = Deployed::new();
    deployed.world.git("remote.git", &["config", "uploadpack.allowFilter", "false"]);
    deployed.drive(deployed.world.settings_without_clone()).await.unwrap();
    assert_eq!(deployed.files("production"), RESTORED);
}

#[tokio::test]
async fn driving_twice_ends_as_driving_once_does() {
    let deployed = Deployed::new();
    let settings = deployed.world.settings_without_clone();
    deployed.drive(settings.clone()).await.unwrap();
    let tip = deployed.world.id("remote.git", "production");
    let told = deployed.drive(settings).await.unwrap();
    let good = deployed.good.short();
    assert_eq!(told, format!("`production` has the files of {good} already; pushed nothing"));
    assert_eq!(deployed.world.id("remote.git", "production"), tip);
}

#[tokio::test]
async fn a_commit_that_only_the_clone_has_is_brought_along() {
    let deployed = Deployed::new();
    let world = &deployed.world;
    world.clone_full("clone");
    std::fs::write(world.path("clone/app"), "here").unwrap();
    let here = world.commit("clone", "only");
    let driver = deployed.driver(world.settings("clone"), "").await;
    driver.apply(&rollback(&here)).await.unwrap();
    assert_eq!(world.git("remote.git", &["show", "production:app"]), "here");
}

/// A git that does something else before its first push.
fn meddling(world: &World, what: &str) -> PathBuf {
    let once = world.path("once");
    let first = format!("mkdir {} && {what}", once.display());
    world.script("git", &format!("case \"$*\" in *--porcelain*) {first};; esac\nexec git \"$@\""));
    world.path("git")
}

#[tokio::test]
async fn a_branch_that_moves_meanwhile_is_read_again_and_nothing_is_lost() {
    let deployed = Deployed::new();
    let world = &deployed.world;
    world.write("late", "late");
    let late = world.commit("seed", "late");
    world.git("seed", &["push", "-q", "origin", "main:late"]);
    let remote = world.path("remote.git").display().to_string();
    let program =
        meddling(world, &format!("git --git-dir={remote} update-ref refs/heads/production {late}"));
    let settings = Settings { program: program.into(), ..world.settings_without_clone() };
    deployed.drive(settings).await.unwrap();
    assert_eq!(deployed.history(), BACK.replace("sick", "late, sick"));
    assert_eq!(deployed.files("production"), RESTORED);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_after_the_push_is_found_to_be_a_yes() {
    let deployed = Deployed::new();
    let cut = "[ $1 = committed ] && kill -9 $PPID; cat > /dev/null";
    deployed.world.hook("reference-transaction", cut);
    deployed.drive(deployed.world.settings_without_clone()).await.unwrap();
    assert_eq!(deployed.history(), BACK);
}

#[tokio::test]
async fn a_protected_branch_says_who_may_help() {
    let deployed = Deployed::new();
    deployed.world.hook("update", "echo 'protected branch' >&2; exit 1");
    let error = deployed.drive(deployed.world.settings_without_clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (Kind::Refused, "not_permitted"));
    assert!(error.message().ends_with("refuses to move `refs/heads/production`"), "{error}");
    assert!(error.causes()[0].contains("protected branch"), "{:?}", error.causes());
    assert!(error.hints()[0].contains("let this user or token push to it"));
    assert_eq!(deployed.world.id("remote.git", "production"), deployed.sick);
}

#[tokio::test]
async fn a_branch_that_is_not_there_is_not_made() {
    let deployed = Deployed::new();
    deployed.world.git("remote.git", &["branch", "-m", "production", "x/production"]);
    let error = deployed.drive(deployed.world.settings_without_clone()).await.unwrap_err();
    let url = deployed.world.url();
    assert_eq!(error.message(), format!("`{url}` has no `refs/heads/production`"));
    assert!(error.hints()[0].ends_with(" COMMIT:refs/heads/production`"), "{:?}", error.hints());
    assert!(!deployed.world.git("remote.git", &["branch"]).contains("  production"));
}

#[tokio::test]
async fn a_version_without_a_commit_or_with_a_lost_one_moves_nothing() {
    let deployed = Deployed::new();
    let driver = deployed.driver(deployed.world.settings_without_clone(), "").await;
    let nameless = Drive { to: Version::named("1.0"), ..rollback(&deployed.good) };
    let error = driver.apply(&nameless).await.unwrap_err();
    assert_eq!(error.message(), "version `1.0` of `app` has no commit");
    assert!(error.hints()[0].contains("`--commit`"));
    let lost = Commit::new("12".repeat(20)).unwrap();
    let error = driver.apply(&rollback(&lost)).await.unwrap_err();
    assert_eq!(error.reason(), "commit_gone");
    assert_eq!(deployed.world.id("remote.git", "production"), deployed.sick);
}

#[tokio::test]
async fn a_remote_that_is_away_is_unreachable() {
    let deployed = Deployed::new();
    let driver = deployed.driver(deployed.world.settings_without_clone(), "").await;
    std::fs::remove_dir_all(deployed.world.path("remote.git")).unwrap();
    let error = driver.apply(&rollback(&deployed.good)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    let unread = format!("could not read `refs/heads/production` of `{}`", deployed.world.url());
    assert_eq!(error.message(), unread);
}

#[tokio::test]
async fn what_is_kept_can_be_said() {
    let deployed = Deployed::new();
    let settings = deployed.world.settings_without_clone();
    let driver = deployed.driver(settings.clone(), ",\"keep\":[]").await;
    driver.apply(&rollback(&deployed.good)).await.unwrap();
    let tree = |name: &str| deployed.world.id("remote.git", &format!("{name}^{{tree}}"));
    assert_eq!(tree("production"), tree(deployed.good.as_str()));
    let driver = deployed.driver(settings, ",\"keep\":[\"app\",\".github/\"]").await;
    driver.apply(&rollback(&deployed.sick)).await.unwrap();
    let files = deployed.files("production");
    assert!(files.contains(&"100644 app good".to_owned()), "{files:?}");
    assert!(files.contains(&"100644 .github/workflows/old.yml good".to_owned()), "{files:?}");
    assert!(files.contains(&"100644 lastgood.yml sick".to_owned()), "{files:?}");
}

#[tokio::test]
async fn the_branch_may_be_on_another_remote_than_the_ledger() {
    let deployed = Deployed::new();
    let world = &deployed.world;
    world.git(".", &["clone", "-q", "--bare", &world.url(), "other.git"]);
    world.clone_full("clone");
    let other = world.path("other.git").display().to_string();
    world.git("clone", &["remote", "add", "live", &other]);
    for (remote, to) in [("live", &deployed.good), (other.as_str(), &deployed.sick)] {
        let driver =
            deployed.driver(world.settings("clone"), &format!(",\"remote\":\"{remote}\"")).await;
        driver.apply(&rollback(to)).await.unwrap();
    }
    let log = world.git("other.git", &["log", "--format=%s", "-3", "production"]);
    assert_eq!(log, "Roll back production to 1.0\nRoll back production to 1.0\nsick");
    assert_eq!(world.id("remote.git", "production"), deployed.sick);
    let driver = deployed.driver(world.settings("clone"), ",\"remote\":\"liev\"").await;
    let error = driver.apply(&rollback(&deployed.good)).await.unwrap_err();
    assert_eq!(error.message(), "there is no remote `liev`");
}

#[tokio::test]
async fn the_token_goes_to_the_ledgers_server_alone() {
    let deployed = Deployed::new();
    // What `x-access-token:t` is in base64.
    let wanted = "basic eC1hY2Nlc3MtdG9rZW46dA==";
    let world = &deployed.world;
    let (ledgers, other) = (Web::serve(world, wanted).await, Web::serve(world, wanted).await);
    let settings = Settings {
        remote: RemoteChoice::Given(ledgers.url()),
        token: Some(Secret::new("t")),
        ..world.settings_without_clone()
    };
    for (web, arrives) in [(&other, false), (&ledgers, true)] {
        let more = format!(",\"remote\":\"{}\"", web.url());
        let driver = deployed.driver(settings.clone(), &more).await;
        let driven = driver.apply(&rollback(&deployed.good)).await;
        assert_eq!(driven.is_ok(), arrives, "{driven:?}");
    }
    assert_eq!(deployed.history(), BACK);
}

#[tokio::test]
async fn the_configuration_is_left_alone_wherever_it_lies() {
    let deployed = Deployed::new();
    let world = &deployed.world;
    world.clone_shallow("clone");
    let ledger = Arc::new(world.ledger("clone").await);
    let settings = serde_json::from_str("{\"branch\":\"production\"}").unwrap();
    let driver = driver::connect(settings, ledger, Some(world.path("clone/app")));
    driver.apply(&rollback(&deployed.good)).await.unwrap();
    let files = deployed.files("production");
    assert!(files.contains(&"100644 app sick".to_owned()), "{files:?}");
    assert!(files.contains(&"100644 .github/workflows/new.yml sick".to_owned()), "{files:?}");
    assert!(files.contains(&"100644 lastgood.yml good".to_owned()), "{files:?}");
}

#[tokio::test]
async fn the_plan_shows_what_would_be_pushed_where() {
    let deployed = Deployed::new();
    let driver = deployed.driver(deployed.world.settings_without_clone(), "").await;
    let (url, good) = (deployed.world.url(), deployed.good.short());
    let kept = "`.github/workflows`, `lastgood.yml`, `.lastgood.yml`, `.github/lastgood.yml`";
    assert_eq!(
        driver.plan(&rollback(&deployed.good)),
        [format!(
            "push to `production` of `{url}`: a new commit on top with the files of `{good}`, \
             but {kept} as the branch has them"
        )]
    );
    let nameless = Drive { to: Version::named("1.0"), ..rollback(&deployed.good) };
    let nothing = "version `1.0` of `app` has no commit";
    assert_eq!(
        driver.plan(&nameless),
        [format!("push nothing to `production` of `{url}`: {nothing}")]
    );
    assert_eq!(deployed.world.id("remote.git", "production"), deployed.sick);
}
