//! Comments that must not roll back.

use super::*;

#[test]
fn whoever_may_not_gets_a_reaction_and_no_word() {
    let shop = Shop::new();
    for (id, author) in (50..).zip(["mallory", "reader", "sorter"]) {
        for (place, body) in
            ["/rollback production", "/status production", "/lastgood help", "/lock production now"]
                .iter()
                .enumerate()
        {
            let id = id * 10 + u64::try_from(place).unwrap();
            shop.comment(id, author, body).is_refused("not_permitted");
        }
    }
    assert_eq!(shop.forge.replies(), [""; 0]);
    assert!(shop.forge.reactions().iter().all(|one| one == "eyes" || one == "-1"));
}

#[test]
fn what_is_no_new_comment_of_a_person_is_ignored() {
    let shop = Shop::new();
    let comment = |id| shop.comment(id, "octocat", "/rollback production");
    comment(60).with(|event| event["action"] = json!("edited")).is_ignored();
    comment(61).with(|event| event["action"] = json!("deleted")).is_ignored();
    comment(62).with(|event| event["comment"]["user"]["type"] = json!("Bot")).is_ignored();
    comment(63)
        .with(|event| event["comment"]["performed_via_github_app"] = json!({"id": 1}))
        .is_ignored();
    let own = "<!-- lastgood: 1 -->\n/rollback production";
    comment(64).with(|event| event["comment"]["body"] = json!(own)).is_ignored();
    comment(65).with(|event| event["repository"]["full_name"] = json!("evil/shop")).is_ignored();
    comment(66).env("GITHUB_EVENT_NAME", "pull_request_review_comment").is_ignored();
    comment(67).env("GITHUB_EVENT_NAME", "push").with(|event| *event = json!({})).is_ignored();
    comment(68).env("LASTGOOD_IN_ENVIRONMENT", "staging").is_ignored();
    for (id, body) in (70..).zip([
        "/lgtm",
        "/approve",
        "/approve cancel",
        "/rollback staging",
        "/lock",
        "thanks!",
    ]) {
        shop.comment(id, "octocat", body).is_ignored();
    }
}

#[test]
fn a_comment_that_was_edited_or_taken_away_is_refused() {
    let shop = Shop::new();
    let comment = shop.comment(42, "octocat", "/rollback production");
    shop.forge.remember_in(
        "comments",
        &json!({"42": {"body": "/rollback production to 1", "user": "octocat"}}),
    );
    comment.is_refused("comment_changed");
    let comment = shop.comment(43, "octocat", "/rollback production");
    shop.forge.remember(&json!({"comments": {}}));
    comment.is_refused("comment_changed");
    assert_eq!(shop.forge.replies(), [""; 0]);
}

#[test]
fn a_role_that_cannot_be_asked_is_a_no() {
    let shop = Shop::new();
    shop.forge.fail("403", "collaborators", 1);
    shop.comment(42, "octocat", "/rollback production").is_refused("not_permitted");
    shop.forge.fail("403", "comments/43$", 1);
    shop.comment(43, "octocat", "/rollback production").is_refused("not_permitted");
    assert_eq!(shop.forge.replies(), [""; 0]);
}

#[test]
fn a_rerun_takes_the_right_of_whoever_ran_it_and_the_authors() {
    let shop = Shop::new();
    let comment = |id, author: &str| shop.comment(id, author, "/rollback production");
    comment(42, "octocat")
        .rerun_by("mallory")
        .env("GITHUB_ACTOR", "octocat")
        .is_refused("not_permitted");
    comment(43, "mallory")
        .rerun_by("octocat")
        .env("GITHUB_ACTOR", "octocat")
        .is_refused("not_permitted");
    comment(44, "octocat").rerun_by("ci[bot]").is_refused("not_permitted");
    comment(45, "octocat").env("GITHUB_RUN_ATTEMPT", "2").is_refused("not_permitted");
    assert_eq!(shop.world.running("app").unwrap(), "2.0");
}

#[test]
fn what_a_pull_request_says_does_not_count() {
    let shop = Shop::new();
    let world = &shop.world;
    world.clone("pull");
    let config = std::fs::read_to_string(world.path("pull/lastgood.yml")).unwrap();
    let open =
        config.replace("    verify:", "    permissions: {rollback: {role: read}}\n    verify:");
    std::fs::write(world.path("pull/lastgood.yml"), &open).unwrap();
    let comment =
        |id, author: &str| shop.comment(id, author, "/rollback production").checked_out_in("pull");
    comment(42, "mallory").is_refused("not_default_branch");
    comment(43, "octocat").is_refused("not_default_branch");
    std::fs::write(world.path("pull/lastgood.yml"), &config).unwrap();
    std::fs::write(world.path("pull/evil.sh"), "reboot").unwrap();
    world.git("pull", "add .");
    world.git("pull", "commit -q -m evil");
    comment(44, "octocat").is_refused("not_default_branch");
    comment(45, "octocat").env("GITHUB_REF", "refs/pull/7/merge").is_refused("not_default_branch");
    world.git("pull", "reset -q --hard origin/main");
    comment(46, "octocat").heard().ends(0, "returned");
}

#[test]
fn what_would_be_obeyed_elsewhere_is_but_text() {
    let shop = Shop::new();
    let because =
        "because ::set-output name=a::b ##[add-mask]c $(touch pwned) `id` @octo/all <img> \u{202e}";
    let told =
        shop.comment(42, "octocat", &format!("/rollback production {because}\n::error::x")).heard();
    let told = told.ends(0, "returned");
    let speaks = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    assert!(!told.err.lines().any(speaks), "{told}");
    let started =
        shop.world.events().into_iter().rfind(|event| event["type"] == "started").unwrap();
    assert!(!started["reason"].as_str().unwrap().contains('\u{202e}'));
    assert!(!shop.world.path("ci/pwned").exists());
    let reply = shop.forge.replies().concat();
    let outside: String = reply.split('`').step_by(2).collect();
    assert!(!outside.contains("@octo") && !outside.contains("<img>"), "{reply}");
    for (id, body) in (50..).zip([
        "/lock a\u{202e}b",
        "/rollback production \u{1b}[31mapi",
        "/rollback pro\u{200b}duction",
    ]) {
        let told = shop.comment(id, "octocat", body).heard();
        assert!(matches!(told.reason(), "ignored" | "bad_command"), "{told}");
    }
}

#[test]
fn the_greatest_comment_is_no_burden() {
    let shop = Shop::new();
    let body = "/rollback production because ".to_owned() + &"x".repeat(65_507);
    shop.comment(42, "octocat", &body).is_refused("bad_command");
    assert!(shop.forge.replies()[0].len() < 3_000);
    let below = format!("/status production\n{}", "@octo/all ".repeat(6_000));
    shop.comment(43, "octocat", &below).heard().ends(0, "done");
}

#[test]
fn what_is_nearly_a_command_is_answered_with_what_would_be_one() {
    let shop = Shop::new();
    shop.comment(42, "octocat", "/rollback production api back to 1").is_refused("bad_command");
    let replies = shop.forge.replies();
    assert!(
        replies[0].contains("`/rollback ENV [SERVICE] [to TARGET] [because TEXT]`"),
        "{replies:?}"
    );
    shop.comment(43, "octocat", "/lastgood help").heard().ends(0, "done");
    assert!(shop.forge.replies().iter().any(|reply| reply.contains("Environments: `production`")));
}
