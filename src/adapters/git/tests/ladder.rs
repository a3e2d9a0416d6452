//! Tags whose push is refused are made in other ways.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::web::Web;
use super::world::*;
use crate::adapters::git::{GitLedger, RemoteChoice, Settings};
use crate::adapters::secret::Secret;
use crate::error::{Error, Result};
use crate::ports::{Batch, TagOrder, TagResult, Tagger};

const NAME: &str = "deploy/production/1";

/// `Basic x-access-token:` and the token's own name.
const WRITER: &str = "basic eC1hY2Nlc3MtdG9rZW46d3JpdGVyLXRva2Vu";
const TAGGER: &str = "basic eC1hY2Nlc3MtdG9rZW46dGFnZ2VyLXRva2Vu";

/// Lets only one who signed in as `tagger` touch tags.
const ONLY_TAGGER: &str = "case $1 in refs/tags/*) [ \"$REMOTE_USER\" = tagger ] || { echo 'not you' >&2; exit 1; };; esac";

/// An API that makes tags in the remote itself, or says no.
struct Api {
    repository: Option<std::path::PathBuf>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Tagger for Api {
    async fn make(&self, order: &TagOrder, object: &str) -> Result<TagResult> {
        self.asked.lock().unwrap().push(format!("{} {object}", order.name()));
        let Some(repository) = &self.repository else {
            return Err(Error::failed("could not make the tag").because("not by this way"));
        };
        let TagOrder::Create { target, .. } = order else { panic!("{order:?}") };
        let name = format!("refs/tags/{}", order.name());
        let done = std::process::Command::new("git")
            .args(["update-ref", &name, target.as_str()])
            .current_dir(repository)
            .status();
        assert!(done.unwrap().success());
        Ok(TagResult::Created)
    }
}

fn tagged(world: &World) -> Batch {
    let head = world.id("clone", "HEAD");
    Batch { tags: vec![create(NAME, &head)], ..on_commit(&head, "a") }
}

fn api(repository: Option<std::path::PathBuf>) -> Arc<Api> {
    Arc::new(Api { repository, asked: Mutex::default() })
}

async fn ledger(world: &World, web: &Web, tag_token: Option<&str>) -> GitLedger {
    let settings = Settings {
        remote: RemoteChoice::Given(web.url()),
        token: Some(Secret::new("writer-token")),
        tag_token: tag_token.map(Secret::new),
        ..world.settings("clone")
    };
    GitLedger::connect(settings).await.unwrap()
}

async fn guarded() -> (World, Web) {
    let world = World::new();
    world.clone_full("clone");
    world.hook("update", ONLY_TAGGER);
    let web = Web::serve_tagging(&world, WRITER, TAGGER).await;
    (world, web)
}

#[tokio::test]
async fn a_tag_that_a_push_may_not_make_is_made_by_the_api() {
    let (world, web) = guarded().await;
    let api = api(Some(world.path("remote.git")));
    let ledger = ledger(&world, &web, Some("tagger-token")).await.with_tagger(api.clone());
    let tags = write(&ledger, &tagged(&world)).await;
    assert_eq!(tags, [(NAME.to_owned(), TagResult::Created)]);
    assert_eq!(world.git("remote.git", &["tag", "-l"]), NAME);
    assert_eq!(api.asked.lock().unwrap().len(), 1);
    assert_eq!(texts(&read(&ledger).await), ["a"]);
}

#[tokio::test]
async fn a_tag_that_the_api_refuses_too_is_made_with_the_tag_token() {
    let (world, web) = guarded().await;
    let ledger = ledger(&world, &web, Some("tagger-token")).await.with_tagger(api(None));
    let tags = write(&ledger, &tagged(&world)).await;
    assert_eq!(tags, [(NAME.to_owned(), TagResult::Created)]);
    assert_eq!(world.git("remote.git", &["cat-file", "-t", NAME]), "tag");
    let object = world.git("remote.git", &["rev-parse", NAME]);
    let order = TagOrder::Remove { name: NAME.to_owned(), object };
    let removed = crate::ports::Ledger::tag(&ledger, &[order]).await.unwrap();
    assert_eq!(removed, [(NAME.to_owned(), TagResult::Removed)]);
}

#[tokio::test]
async fn a_tag_that_nobody_may_make_is_told_with_every_cause_and_the_ledger_arrives() {
    let (world, web) = guarded().await;
    let refused = ledger(&world, &web, Some("writer-token")).await.with_tagger(api(None));
    let tags = write(&refused, &tagged(&world)).await;
    let [(_, TagResult::Refused(why))] = tags.as_slice() else { panic!("{tags:?}") };
    for cause in [
        "not you",
        "; by the API: could not make the tag: not by this way",
        "; with the `tag-token`: ",
    ] {
        assert!(why.contains(cause), "{why}");
    }
    assert_eq!(texts(&read(&refused).await), ["a"]);
    assert_eq!(world.git("remote.git", &["tag", "-l"]), "");

    let without = ledger(&world, &web, None).await;
    let order = tagged(&world).tags;
    let tags = crate::ports::Ledger::tag(&without, &order).await.unwrap();
    let [(_, TagResult::Refused(why))] = tags.as_slice() else { panic!("{tags:?}") };
    assert!(why.ends_with("; a `tag-token` that may make tags would help"), "{why}");
}

#[tokio::test]
async fn what_a_push_may_make_asks_nobody_else() {
    let world = World::new();
    world.clone_full("clone");
    let api = api(None);
    let ledger = world.ledger("clone").await.with_tagger(api.clone());
    let tags = write(&ledger, &tagged(&world)).await;
    assert_eq!(tags, [(NAME.to_owned(), TagResult::Created)]);
    assert!(api.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_forges_repository_is_known_by_its_address() {
    let world = World::new();
    world.clone_full("clone");
    for (remote, there) in [
        ("https://github.example/octo/shop", true),
        ("https://someone@GitHub.example/Octo/shop.git/", true),
        ("git@github.example:octo/shop.git", true),
        ("ssh://git@github.example/octo/shop.git", true),
        ("https://github.example/octo/shop-2", false),
        ("https://gitlab.example/octo/shop", false),
        ("https://evil.example/github.example/octo/shop", false),
        ("/srv/octo/shop", false),
    ] {
        let settings =
            Settings { remote: RemoteChoice::Given(remote.to_owned()), ..world.settings("clone") };
        let ledger = GitLedger::connect(settings).await.unwrap();
        assert_eq!(ledger.is_at("github.example", "octo/shop"), there, "{remote}");
    }
}
