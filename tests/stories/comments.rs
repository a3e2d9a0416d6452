//! Comments that roll back, and those that must not.

use serde_json::{Value, json};

use crate::world::{At, Forge, Told, World};

const TOKEN: &str = "github-token-of-tests";

/// A shop with two stable versions on two commits, and the GitHub it lies on.
pub struct Shop {
    pub world: World,
    pub forge: Forge,
    commits: [String; 2],
}

/// One comment as it reaches a workflow.
pub struct Comment<'a> {
    shop: &'a Shop,
    id: u64,
    author: String,
    payload: Value,
    env: Vec<(String, String)>,
    folder: &'static str,
}

impl Shop {
    pub fn new() -> Self {
        let world = World::new();
        let gate = format!(
            "{{name: all answer, interval: 50ms, success_streak: 2, deadline: 2s, http: {{url: '{}'}}}}",
            world.health("")
        );
        let drive = world.path("drive").display().to_string();
        let config = format!(
            "version: 1\nenvironments:\n  production:\n    services:\n      app: {{driver: {{command: {{run: ['{drive}']}}}}}}\n    verify: {{checks: [{gate}]}}\n"
        );
        std::fs::write(world.path("seed/lastgood.yml"), &config).unwrap();
        let forge = Forge::start();
        forge.remember(&json!({
            "files": {"lastgood.yml": config}, "comments": {},
            "roles": {"octocat": "write", "reader": "read", "sorter": "triage"},
        }));
        let commits = ["1.0", "2.0"].map(|version| {
            let commit = world.commit(version);
            world.git("ci", "pull -q");
            world.at("ci").run(&format!("deploy --version {version}")).ends(0, "healthy");
            commit
        });
        let [old, new] = &commits;
        let listed = json!([[new, "Sell to @everyone <b>now</b>"]]);
        forge.remember(&json!({"comparisons": {
            format!("{old}...{new}"): {"status": "ahead", "commits": listed},
        }}));
        Self { world, forge, commits }
    }

    pub fn comment(&self, id: u64, author: &str, body: &str) -> Comment<'_> {
        let payload = json!({
            "action": "created",
            "comment": {
                "id": id, "body": body, "created_at": "2026-03-01T12:00:00Z",
                "html_url": format!("https://github.example/octo/shop/pull/7#issuecomment-{id}"),
                "user": {"login": author, "type": "User"}, "performed_via_github_app": null,
            },
            "issue": {"number": 7, "pull_request": {}},
            "repository": {"full_name": "octo/shop", "default_branch": "main"},
        });
        let remembered = json!({"body": body, "user": author});
        self.forge.remember_in("comments", &json!({ id.to_string(): remembered }));
        let author = author.to_owned();
        Comment { shop: self, id, author, payload, env: Vec::new(), folder: "ci" }
    }

    /// Returns all that could have been touched.
    fn touchable(&self) -> (String, Vec<String>, Option<String>) {
        (self.world.refs(), self.world.calls(), self.world.running("app"))
    }
}

impl<'a> Comment<'a> {
    fn with(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.payload);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn rerun_by(self, who: &str) -> Self {
        self.env("GITHUB_RUN_ATTEMPT", "2").env("GITHUB_TRIGGERING_ACTOR", who)
    }

    fn checked_out_in(mut self, folder: &'static str) -> Self {
        self.folder = folder;
        self
    }

    fn at(&self) -> At<'a> {
        let world = &self.shop.world;
        let event = world.path(&format!("event-{}.json", self.id));
        std::fs::write(&event, self.payload.to_string()).unwrap();
        let forge = self.shop.forge.base();
        let mut at = world.at(self.folder).without("-e").without("--actor").in_run("9");
        let main = world.git("remote.git", "rev-parse main");
        for (name, value) in [
            ("GITHUB_API_URL", forge.as_str()),
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("GITHUB_REPOSITORY", "octo/shop"),
            ("GITHUB_EVENT_NAME", "issue_comment"),
            ("GITHUB_EVENT_PATH", &event.display().to_string()),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_SHA", &main),
            ("GITHUB_ACTOR", &self.author),
            ("LASTGOOD_IN_TOKEN", TOKEN),
        ] {
            at = at.env(name, value);
        }
        self.env.iter().fold(at, |at, (name, value)| at.env(name, value))
    }

    fn heard(&self) -> Told {
        self.at().run("comment")
    }

    /// Makes sure that it is refused for a reason, and that nothing was touched.
    #[track_caller]
    fn is_refused(&self, reason: &str) -> Told {
        let before = self.shop.touchable();
        let told = self.heard().ends(6, reason);
        assert_eq!(self.shop.touchable(), before, "{told}");
        assert!(!told.err.lines().any(|line| line.starts_with("::")), "{told}");
        told
    }

    /// Makes sure that nobody is asked or told anything.
    #[track_caller]
    fn is_ignored(&self) {
        let (before, asked) = (self.shop.touchable(), self.shop.forge.asked().len());
        let told = self.heard().ends(0, "ignored");
        assert_eq!(self.shop.touchable(), before, "{told}");
        assert_eq!(self.shop.forge.asked().len(), asked, "{told}");
    }
}

#[test]
fn a_maintainer_rolls_back_by_a_comment() {
    let shop = Shop::new();
    let told = shop.comment(42, "octocat", "/rollback production because it loses orders").heard();
    let told = told.ends(0, "returned");
    assert_eq!(told.json["command"], "comment");
    assert_eq!(told.json["environment"], "production");
    assert_eq!(told.json["rollback"]["trigger"], "comment");
    assert_eq!(shop.world.running("app").unwrap(), "1.0");
    let asked = shop.forge.asked();
    assert_eq!(asked[0], "POST /repos/octo/shop/issues/comments/42/reactions");
    assert!(asked.len() <= 15, "{asked:#?}");
    assert_eq!(shop.forge.reactions(), ["eyes", "rocket"], "{asked:#?}");
    let started =
        shop.world.events().into_iter().rfind(|event| event["type"] == "started").unwrap();
    assert_eq!((&started["actor"], &started["comment"]), (&json!("octocat"), &json!(42)));
    assert_eq!(started["reason"], "it loses orders");
    let replies = shop.forge.replies();
    assert_eq!(replies.len(), 1, "one reply, edited");
    let reply = &replies[0];
    for part in [
        "<!-- lastgood: 42 -->",
        "Sell to \\@&#8203;everyone &lt;b&gt;now&lt;/b&gt;",
        "**Next:** `/cancel production` undoes it",
        "https://github.example/octo/shop/actions/runs/9",
        "https://github.example/octo/shop/tree/deploy/production/3",
    ] {
        assert!(reply.contains(part), "{part} is not in\n{reply}");
    }
    let cancel = shop.comment(43, "octocat", "/cancel production").heard().ends(0, "done");
    assert_eq!(shop.world.running("app").unwrap(), "2.0");
    assert_eq!(cancel.json["rollback"]["trigger"], "comment");
}

#[test]
fn every_command_stays_within_its_requests() {
    let shop = Shop::new();
    let mut before = 0;
    let counted =
        ["status", "history", "verify", "lock", "unlock", "rollback", "cancel"].map(|verb| {
            let id = 100 + u64::try_from(before).unwrap();
            let told = shop.comment(id, "octocat", &format!("/{verb} production")).heard();
            assert_eq!(told.code, Some(0), "{told}");
            let asked = shop.forge.asked().len();
            let own = asked - before;
            before = asked;
            (verb, own)
        });
    assert!(counted.iter().all(|(_, count)| *count <= 15), "{counted:?}");
}

#[test]
fn the_last_words_are_said_however_much_was_asked_before() {
    let shop = Shop::new();
    shop.forge.fail("lost", "issues/7/comments$", 1);
    shop.forge.fail("500", "compare/", 9);
    shop.comment(42, "octocat", "/rollback production").heard().ends(0, "returned");
    assert_eq!(shop.forge.reactions(), ["eyes", "rocket"], "{:#?}", shop.forge.asked());
    let replies = shop.forge.replies();
    assert!(replies.len() == 1 && replies[0].contains("`/cancel production`"), "{replies:#?}");
    assert!(shop.forge.asked().len() <= 15);
}

#[test]
fn it_is_seen_before_git_is_asked() {
    let shop = Shop::new();
    let remote = shop.world.path("remote.git");
    let comment = shop.comment(42, "octocat", "/status production");
    let at = comment.at().with("--patience 1s");
    std::fs::rename(&remote, shop.world.path("gone.git")).unwrap();
    let told = at.run("comment");
    assert_eq!(told.code, Some(8), "{told}");
    assert_eq!(shop.forge.reactions(), ["eyes", "-1"]);
    assert!(shop.forge.replies()[0].contains("unreachable"), "{:?}", shop.forge.replies());
}

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
fn a_comment_is_acted_on_once() {
    let shop = Shop::new();
    let comment = || shop.comment(42, "octocat", "/rollback production");
    comment().heard().ends(0, "returned");
    let before = shop.touchable();
    comment().rerun_by("octocat").heard().ends(0, "acted_on");
    comment().heard().ends(0, "acted_on");
    assert_eq!(shop.touchable(), before);
    assert!(shop.forge.replies()[0].contains("nothing was done twice"));
    assert_eq!(shop.world.at("ci").story().len(), 3);
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
fn a_target_is_a_recorded_deployment() {
    let shop = Shop::new();
    let head = shop.commits[1].clone();
    for (id, target) in
        (42..).zip([head.as_str(), "main", "HEAD", "9", "refs/pull/7/head", "$(id)", "..%2f"])
    {
        let body = format!("/rollback production to {target}");
        shop.comment(id, "octocat", &body).is_refused("target_unknown");
    }
    assert!(shop.forge.replies().iter().all(|reply| reply.contains("`/history production`")));
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

#[test]
fn a_github_that_fails_at_decoration_stops_no_rollback() {
    let shop = Shop::new();
    for path in ["reactions", "issues/7/comments", "compare"] {
        shop.forge.fail("403", path, 99);
    }
    let told = shop.comment(42, "octocat", "/rollback production").heard().ends(0, "returned");
    assert!(told.err.contains("could not react to the comment"), "{told}");
    assert_eq!(shop.world.running("app").unwrap(), "1.0");
}

#[test]
fn a_step_of_the_action_hears_the_comment_by_itself() {
    let shop = Shop::new();
    let output = shop.world.path("output").display().to_string();
    let comment = shop.comment(42, "octocat", "/rollback production").env("GITHUB_OUTPUT", &output);
    let page = shop.world.path("summary").display().to_string();
    let comment = comment.env("GITHUB_STEP_SUMMARY", &page);
    assert_eq!(comment.at().run("action").code, Some(0));
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(
        page.contains("### Undone: [1 commit](https://github.example/octo/shop/compare/"),
        "{page}"
    );
    let asked = shop.forge.asked();
    let compared = asked.iter().filter(|one| one.contains("/compare/"));
    assert_eq!(compared.count(), 1, "what the reply knew is not asked again: {asked:#?}");
    let written = std::fs::read_to_string(&output).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    for (name, value) in [("rolled-back", "true"), ("rolled-back-to", "1"), ("reason", "returned")]
    {
        let at = lines.iter().position(|line| line.starts_with(&format!("{name}<<"))).unwrap();
        assert_eq!(lines[at + 1], value, "{name} in {written}");
    }
}

#[test]
fn a_team_is_asked_with_a_token_of_its_own() {
    let shop = Shop::new();
    let path = shop.world.path("seed/lastgood.yml");
    let config = std::fs::read_to_string(&path).unwrap();
    let strict = config.replace(
        "    verify:",
        "    permissions: {rollback: {role: write, teams: [octo/release]}}\n    verify:",
    );
    std::fs::write(&path, &strict).unwrap();
    shop.world.commit("strict");
    shop.world.git("ci", "pull -q");
    shop.forge.remember_in("files", &json!({"lastgood.yml": strict}));
    let team = "team-token-of-tests";
    shop.forge.remember(&json!({"team_token": team}));
    let comment = |id| shop.comment(id, "octocat", "/rollback production");
    let told = comment(42).is_refused("not_permitted");
    assert!(told.out.contains("team-token"), "{told}");
    comment(43).env("LASTGOOD_IN_TEAM_TOKEN", team).is_refused("not_permitted");
    comment(44).env("LASTGOOD_IN_TEAM_TOKEN", TOKEN).is_refused("not_permitted");
    shop.forge.remember(&json!({"teams": {"octo/release": ["octocat"]}}));
    let told = comment(45).env("LASTGOOD_IN_TEAM_TOKEN", team).heard().ends(0, "returned");
    assert!(!format!("{told}").contains(team), "{told}");
}
