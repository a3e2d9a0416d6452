//! Ways to the remote, and secrets that leave no trace on them.

use super::web::Web;
use super::world::*;
use crate::adapters::git::{GitLedger, RemoteChoice, Settings};
use crate::adapters::secret::Secret;
use crate::error::Kind;
use crate::ports::{Batch, Ledger, Shelf, TagResult, Written};

/// `x-access-token:t0p-s3cret`, as a web server gets it.
const TOKEN: &str = "t0p-s3cret";
const BASIC: &str = "eC1hY2Nlc3MtdG9rZW46dDBwLXMzY3JldA==";
const WANTED: &str = "basic eC1hY2Nlc3MtdG9rZW46dDBwLXMzY3JldA==";

fn with_token(world: &World, repo: &str) -> Settings {
    Settings { token: Some(Secret::new(TOKEN)), ..world.settings(repo) }
}

async fn record(world: &World, settings: Settings) -> Vec<(String, TagResult)> {
    let ledger = GitLedger::connect(settings).await.unwrap();
    let head = world.id("seed", "HEAD");
    let batch = Batch { tags: vec![create("deploy/production/1", &head)], ..on_commit(&head, "a") };
    write(&ledger, &batch).await
}

fn created() -> Vec<(String, TagResult)> {
    vec![("deploy/production/1".to_owned(), TagResult::Created)]
}

#[tokio::test]
async fn the_token_is_sent_once_and_stands_in_no_command_line() {
    let world = World::new();
    world.clone_shallow("clone");
    let web = Web::serve(&world, WANTED).await;
    world.git("clone", &["remote", "set-url", "origin", &web.url()]);
    let log = world.path("argv");
    world.script(
        "logged/git",
        &format!("printf '%s\\n' \"$@\" >> {}; exec git \"$@\"", log.display()),
    );
    let settings = with_token(&world, "clone");
    let program = world.path("logged/git").into();
    assert_eq!(record(&world, Settings { program, ..settings }).await, created());
    let argv = std::fs::read_to_string(log).unwrap();
    assert!(argv.contains("push") && argv.contains("fetch"));
    assert!(!argv.contains(TOKEN) && !argv.contains(BASIC), "{argv}");
    let config = std::fs::read_to_string(world.path("clone/.git/config")).unwrap();
    assert!(!config.contains(BASIC));
}

#[tokio::test]
async fn ssh_is_run_as_the_clone_says_and_else_never_asks() {
    let world = World::new();
    world.clone_shallow("clone");
    let log = world.path("ssh-argv");
    // It plays the far side too: the last word is the command that is to run there.
    let ssh =
        format!("echo \"$@\" >> {}; for last; do :; done; exec sh -c \"$last\"", log.display());
    world.script("bin/ssh", &ssh);
    let url = format!("ssh://git@forge{}", world.path("remote.git").display());
    world.git("clone", &["remote", "set-url", "origin", &url]);
    let mut settings = world.settings("clone");
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", world.path("bin").display());
    settings.env.push(("PATH".into(), path.into()));
    assert_eq!(record(&world, settings).await, created());
    let argv = std::fs::read_to_string(&log).unwrap();
    assert!(argv.lines().all(|line| line.starts_with("-o BatchMode=yes")), "{argv}");
    let own = format!("{} -v", world.path("bin/ssh").display());
    world.git("clone", &["config", "core.sshCommand", &own]);
    std::fs::remove_file(&log).unwrap();
    assert_eq!(texts(&read(&world.ledger("clone").await).await), ["a"]);
    let argv = std::fs::read_to_string(&log).unwrap();
    assert!(argv.lines().all(|line| line.starts_with("-v")), "{argv}");
}

#[tokio::test]
async fn the_token_replaces_every_other_proof_that_the_clone_would_send() {
    let world = World::new();
    world.clone_full("clone");
    let web = Web::serve(&world, WANTED).await;
    let with_user = web.url().replace("http://", "http://someone:else@");
    world.git("clone", &["remote", "set-url", "origin", &with_user]);
    for key in [format!("http.{}/.extraheader", web.address), "http.extraheader".into()] {
        world.git("clone", &["config", "--add", &key, "AUTHORIZATION: basic b2xk"]);
    }
    let settings = with_token(&world, "clone");
    let ledger = GitLedger::connect(settings.clone()).await.unwrap();
    assert_eq!(ledger.location(), web.url());
    assert_eq!(record(&world, settings).await, created());
}

#[tokio::test]
async fn what_the_clone_knows_of_the_remote_is_used_also_where_it_is_included() {
    let world = World::new();
    world.clone_full("clone");
    let web = Web::serve(&world, WANTED).await;
    world.git("clone", &["remote", "set-url", "origin", "forge:remote.git"]);
    let included = world.path("credentials");
    let header = format!("[http \"{}/\"]\n\textraheader = AUTHORIZATION: {WANTED}\n", web.address);
    let instead = format!("[url \"{}/\"]\n\tinsteadOf = forge:\n", web.address);
    std::fs::write(&included, header + &instead).unwrap();
    let condition = format!("includeIf.gitdir:{}.path", world.path("clone/.git").display());
    let file = included.display().to_string();
    world.git("clone", &["config", "--global", &condition, &file]);
    assert_eq!(record(&world, world.settings("clone")).await, created());
    world.git("clone", &["config", "--global", "--unset", &condition]);
    world.git("clone", &["config", "--local", &condition, &file]);
    let ledger = world.ledger("clone").await;
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}

#[tokio::test]
async fn a_rewritten_url_gets_the_token_for_the_server_it_leads_to() {
    let world = World::new();
    world.clone_full("clone");
    let web = Web::serve(&world, WANTED).await;
    let key = format!("url.{}/.insteadOf", web.address);
    world.git("clone", &["config", &key, "git@forge:"]);
    world.git("clone", &["remote", "set-url", "origin", "git@forge:remote.git"]);
    assert_eq!(record(&world, with_token(&world, "clone")).await, created());
    let remote = RemoteChoice::Given(web.url());
    let token = Some(Secret::new(TOKEN));
    let without_clone = Settings { remote, token, ..world.settings_without_clone() };
    let ledger = GitLedger::connect(without_clone).await.unwrap();
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}

#[tokio::test]
async fn a_wrong_token_is_unreachable_and_told_nowhere() {
    let world = World::new();
    world.clone_full("clone");
    let web = Web::serve(&world, "basic other").await;
    let with_user = web.url().replace("http://", "http://someone:pass-w0rd@");
    world.git("clone", &["remote", "set-url", "origin", &with_user]);
    for settings in [with_token(&world, "clone"), world.settings("clone")] {
        let ledger = GitLedger::connect(settings).await.unwrap();
        let error = ledger.read(&production(), Shelf::Live).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unreachable);
        let told = format!("{error:?} {:?} {}", error.causes(), ledger.location());
        for secret in [TOKEN, BASIC, "pass-w0rd", "someone"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn who_may_only_read_is_refused_to_write() {
    let world = World::new();
    world.clone_full("clone");
    let web = Web::serve_both(&world, "basic owner", Some(WANTED)).await;
    world.git("clone", &["remote", "set-url", "origin", &web.url()]);
    let ledger = GitLedger::connect(with_token(&world, "clone")).await.unwrap();
    let head = world.id("clone", "HEAD");
    let batch = Batch { tags: vec![create("deploy/production/1", &head)], ..on_commit(&head, "a") };
    let written = write_once(&ledger, &batch).await;
    let Written::Refused(error) = written else { panic!("{written:?}") };
    assert_eq!((error.kind(), error.reason()), (Kind::Refused, "not_permitted"));
    assert!(error.causes()[0].contains("403"), "{:?}", error.causes());
}
