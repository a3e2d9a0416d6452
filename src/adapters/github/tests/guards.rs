//! Which rules protect tags, and which workflows sleep, as GitHub tells it.

use serde_json::json;

use super::fake::Fake;
use crate::adapters::github::guards::{By, SwitchedOff};
use crate::domain::guard::{Bypass, DEEDS, protection};
use crate::error::Kind;

#[tokio::test]
async fn only_rulesets_for_tags_that_are_in_force_count() {
    let fake = Fake::start();
    let set = |id: u64, target: &str, enforcement: &str| {
        json!({
            "id": id, "name": format!("set {id}"), "target": target, "enforcement": enforcement,
            "rules": [{"type": "creation"}, {"type": "update"}, {"type": "deletion"},
                {"type": "required_signatures"}],
            "conditions": {"ref_name": {"include": ["refs/tags/deploy/**/*"], "exclude": []}},
            "bypass_actors": [
                {"actor_id": 7, "actor_type": "Integration", "bypass_mode": "always"},
                {"actor_id": null, "actor_type": "OrganizationAdmin", "bypass_mode": "always"},
            ],
        })
    };
    let all = [set(1, "tag", "active"), set(2, "branch", "active"), set(3, "tag", "evaluate")];
    fake.remember(json!({"rulesets": all})).await;
    let rules = fake.connect().tag_rules().await.unwrap();
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].forbids, DEEDS.into_iter().collect());
    let admins = Bypass::People("the organisation's admins".into());
    assert_eq!(rules[0].bypass, Some(vec![Bypass::App(Some(7)), admins]));
    assert!(protection(&rules, "refs/tags/deploy/production/1").free.is_empty());
    assert_eq!(protection(&rules, "refs/tags/stable/production/1").free.len(), 3);
    let asked = fake.asked().await;
    assert_eq!(asked, ["GET /repos/octo/shop/rulesets", "GET /repos/octo/shop/rulesets/1"]);
}

#[tokio::test]
async fn workflows_that_are_switched_off_are_told_with_who_did_it() {
    let fake = Fake::start();
    let workflow = |path: &str, state: &str| json!({"path": path, "state": state});
    let all = [
        workflow(".github/workflows/deploy.yml", "active"),
        workflow(".github/workflows/nightly.yml", "disabled_inactivity"),
        workflow(".github/workflows/old.yml", "disabled_manually"),
        workflow(".github/workflows/gone.yml", "deleted"),
    ];
    fake.remember(json!({"workflows": all})).await;
    let off = |path: &str, by: By| SwitchedOff { path: path.to_owned(), by };
    assert_eq!(
        fake.connect().switched_off().await.unwrap(),
        [
            off(".github/workflows/nightly.yml", By::Inactivity),
            off(".github/workflows/old.yml", By::Hand),
        ]
    );
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_refused() {
    let fake = Fake::start();
    fake.fail("403", "rulesets", 9).await;
    assert_eq!(fake.connect().tag_rules().await.unwrap_err().kind(), Kind::Refused);
}
