//! The API makes tags as a push would have made them.

use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::fake::Fake;
use crate::adapters::github::showcase::{Settings, connect};
use crate::adapters::github::{BESIDE_TAGS, BUDGET, GitHub};
use crate::domain::names::{Commit, Environment};
use crate::error::{Kind, Result};
use crate::ports::{Showcase as _, TagOrder, TagResult, Tagger as _};

const NAME: &str = "deploy/review%2F12/1";

/// A GitHub whose repository is a real one.
struct World {
    fake: Fake,
    bare: TempDir,
    commit: Commit,
    github: GitHub,
}

impl World {
    async fn new() -> Self {
        let (fake, bare) = (Fake::start(), tempfile::tempdir().unwrap());
        git(&bare, &["init", "-q", "--bare", "."]);
        let tree = git(&bare, &["hash-object", "-t", "tree", "-w", "/dev/null"]);
        let commit = Commit::new(git(&bare, &["commit-tree", "-m", "one", &tree])).unwrap();
        fake.remember(json!({"bare": bare.path()})).await;
        let github = fake.connect();
        Self { fake, bare, commit, github }
    }

    fn order(&self) -> TagOrder {
        TagOrder::Create {
            name: NAME.to_owned(),
            target: self.commit.clone(),
            message: "deployment 1\n\n{\"a\":1}".to_owned(),
            at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
        }
    }

    /// Returns the object that a push would have brought.
    fn object(&self) -> String {
        let text = format!(
            "object {}\ntype commit\ntag {NAME}\ntagger lastgood <lastgood@localhost> 1767323045 +0000\n\ndeployment 1\n\n{{\"a\":1}}\n",
            self.commit
        );
        let file = self.bare.path().join("wanted");
        std::fs::write(&file, text).unwrap();
        git(&self.bare, &["hash-object", "-t", "tag", file.to_str().unwrap()])
    }

    async fn make(&self) -> Result<TagResult> {
        self.github.make(&self.order(), &self.object()).await
    }

    fn there(&self) -> String {
        git(&self.bare, &["for-each-ref", "--format=%(refname) %(objectname)"])
    }
}

fn git(folder: &TempDir, args: &[&str]) -> String {
    let person = ["-c", "user.name=a", "-c", "user.email=a@localhost"];
    let git = Command::new("git").args(person).args(args).current_dir(folder).output().unwrap();
    assert!(git.status.success(), "{args:?}: {}", String::from_utf8_lossy(&git.stderr));
    String::from_utf8_lossy(&git.stdout).trim().to_owned()
}

#[tokio::test]
async fn the_api_makes_the_very_object_that_a_push_would_have_brought() {
    let world = World::new().await;
    assert_eq!(world.make().await.unwrap(), TagResult::Created);
    assert_eq!(world.there(), format!("refs/tags/{NAME} {}", world.object()));
    assert_eq!(world.make().await.unwrap(), TagResult::Exists);
}

#[tokio::test]
async fn a_name_that_is_taken_is_left_as_it_is_by_the_api_too() {
    let world = World::new().await;
    git(&world.bare, &["update-ref", &format!("refs/tags/{NAME}"), world.commit.as_str()]);
    assert_eq!(world.make().await.unwrap(), TagResult::Conflict);
    assert_eq!(world.there(), format!("refs/tags/{NAME} {}", world.commit));
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_tag_was_made_is_found_to_be_a_yes() {
    let world = World::new().await;
    world.fake.fail("lost", "git/refs", 1).await;
    assert_eq!(world.make().await.unwrap(), TagResult::Exists);
}

#[tokio::test]
async fn another_object_than_was_meant_gets_no_name() {
    let world = World::new().await;
    world.fake.remember(json!({"odd_tags": true})).await;
    let error = world.make().await.unwrap_err();
    assert_eq!(error.message(), format!("could not make the tag `{NAME}`"));
    assert!(error.causes()[0].starts_with("GitHub made another object of it, "), "{error:?}");
    assert_eq!(world.there(), "");
}

#[tokio::test]
async fn a_tag_that_the_api_refuses_is_not_made() {
    let world = World::new().await;
    world.fake.fail("403", "git/refs$", 9).await;
    assert_eq!(world.make().await.unwrap_err().kind(), Kind::Refused);
    assert_eq!(world.there(), "");
}

#[tokio::test]
async fn tags_that_are_refused_leave_requests_to_the_rest_of_a_command() {
    let world = World::new().await;
    let tags = world.github.for_tags().unwrap();
    let object = world.object();
    world.fake.fail("403", "git/refs", 99).await;
    for _ in 0..9 {
        tags.make(&world.order(), &object).await.unwrap_err();
    }
    let by_tags = world.fake.asked().await;
    assert_eq!(by_tags.len(), BUDGET - BESIDE_TAGS, "{by_tags:#?}");
    let production = Environment::new("production").unwrap();
    let showcase = connect(Settings::default(), world.github.clone());
    for _ in 0..BESIDE_TAGS {
        showcase.deployments(&production).await.unwrap();
    }
    showcase.deployments(&production).await.unwrap_err();
    assert_eq!(world.fake.asked().await.len(), BUDGET);
}
