//! Comments that roll back.

use serde_json::{Value, json};

use crate::world::{At, Forge, Told, World};

mod refused;

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
