//! No secret leaves, and foreign text steers nothing.

mod web;

use base64::Engine as _;

use crate::main_job::with_a_stable_one;
use crate::world::{At, Told, World};

const TOKEN: &str = "ghs_nobody-may-see-this";
const TAG_TOKEN: &str = "ghp_nor-may-they-see-that";

/// Puts a git before the real one that writes down what it is called with.
fn overheard(world: &World) -> At<'_> {
    let path = std::env::var("PATH").unwrap();
    let log = world.path("overheard").display().to_string();
    let git = std::env::split_paths(&path).map(|folder| folder.join("git"));
    let git = git.into_iter().find(|git| git.is_file()).unwrap();
    let body = format!(
        "{{ printf 'argv %s\\n' \"$*\"; env | cut -d= -f1 | sed 's/^/env /'; }} >>'{log}'\n\
         exec '{}' \"$@\"",
        git.display()
    );
    world.script("bin/git", &body);
    let bin = world.path("bin").display().to_string();
    with_tokens(world.at("ci").env("PATH", &format!("{bin}:{path}")))
}

fn with_tokens(at: At<'_>) -> At<'_> {
    let at = at.env("LASTGOOD_IN_TOKEN", TOKEN).env("LASTGOOD_IN_TAG_TOKEN", TAG_TOKEN);
    at.env("GITHUB_TOKEN", TOKEN).env("OF_A_PERSON", TAG_TOKEN)
}

/// Every form in which a token could be met.
fn forms() -> Vec<String> {
    let base64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let of = |token: &str| {
        let basic = base64(format!("x-access-token:{token}"));
        [token.to_owned(), base64(token.to_owned()), basic]
    };
    [TOKEN, TAG_TOKEN].into_iter().flat_map(of).collect()
}

#[track_caller]
fn holds_none(what: &str, text: &str) {
    for form in forms() {
        assert!(!text.contains(&form), "{what} holds a token:\n{text}");
    }
}

fn holds_none_told(told: &Told) {
    holds_none("stdout", &told.out);
    holds_none("stderr", &told.err);
}

#[test]
fn a_token_is_in_no_argument_no_output_and_nothing_that_is_kept() {
    let world = with_a_stable_one();
    world.sicken("app", "2.0");
    let at = overheard(&world).with("-v 1").without("-v");
    let gate = format!("--check {}", world.path("gate.yml").display());
    for format in ["json", "text"] {
        let at = at.clone().with(&format!("--format {format}"));
        for verb in ["status", "history --events", "doctor", "record --version 1.1 -vv"] {
            holds_none_told(&at.run(verb));
        }
        holds_none_told(&at.run(&format!("verify -vvv {gate}")));
        holds_none_told(&at.deploy("--version 2.0"));
    }
    let away = at.with("--remote http://x-access-token:ghs_nobody-may-see-this@127.0.0.1:1/a.git");
    holds_none_told(&away.with("--patience 1s").run("record --version 3.0 -vv"));
    let overheard = std::fs::read_to_string(world.path("overheard")).unwrap();
    let argv = overheard.lines().filter(|line| line.starts_with("argv "));
    let argv: Vec<&str> = argv.filter(|line| !line.contains("127.0.0.1:1")).collect();
    assert!(argv.len() > 10, "{overheard}");
    holds_none("argv", &argv.join("\n"));
    assert!(!overheard.contains("env LASTGOOD_IN_"), "{overheard}");
    holds_none("the ledger", &world.lines("refs/notes/lastgood/production").join("\n"));
    for tag in world.tags() {
        holds_none("a tag", &world.git("remote.git", &format!("cat-file -p {tag}")));
    }
    for file in files(&world.path("ci/.git")).into_iter().chain(files(&world.path("home"))) {
        holds_none(&file, &String::from_utf8_lossy(&std::fs::read(&file).unwrap()));
    }
}

#[test]
fn a_token_opens_a_web_remote_for_a_whole_story_and_is_seen_nowhere_else() {
    let world = with_a_stable_one();
    let basic = base64::engine::general_purpose::STANDARD;
    let wanted = format!("basic {}", basic.encode(format!("x-access-token:{TOKEN}")));
    let web = web::Web::serve(&world, &wanted);
    let stranger = world.at("ci").with(&format!("--patience 0s --remote {}", web.url));
    assert_ne!(stranger.run("status").code, Some(0), "nobody gets in without the token");
    world.sicken("app", "2.0");
    let given = world.path("given").display().to_string();
    let driver = world.driver_that("telling", &format!("env >>'{given}'"));
    let at = overheard(&world).with(&format!("--remote {}", web.url)).driving(&driver);
    let deployed = at.deploy("--version 2.0").ends(4, "rolled_back");
    assert_eq!(world.running("app").as_deref(), Some("1.0"));
    let told = [deployed, at.run("history --events -vvv"), at.run("status -vvv"), at.run("doctor")];
    told.iter().for_each(holds_none_told);
    assert_eq!(world.calls(), ["deploy app 2.0", "rollback app 1.0"]);
    holds_none("the command's environment", &std::fs::read_to_string(given).unwrap());
    let overheard = std::fs::read_to_string(world.path("overheard")).unwrap();
    assert!(overheard.contains("argv push") || overheard.contains(" push "), "{overheard}");
    assert_eq!(at.status()["ledger"], web.url);
    holds_none("argv", &overheard);
    holds_none("the ledger", &world.lines("refs/notes/lastgood/production").join("\n"));
    assert_eq!(world.tags().len(), 4);
    for tag in world.tags() {
        holds_none("a tag", &world.git("remote.git", &format!("cat-file -p {tag}")));
    }
}

fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| self::files(folder));
    below.chain(files.iter().map(|file| file.display().to_string())).collect()
}

#[test]
fn the_deploy_command_gets_its_facts_and_no_token() {
    let world = with_a_stable_one();
    let driver = world.driver_that("telling", "env >\"$(dirname \"$0\")/given\"");
    let at = with_tokens(world.at("ci")).env("SHOP_REGION", "north").driving(&driver);
    at.deploy("--version 2.0").ends(0, "healthy");
    let given = std::fs::read_to_string(world.path("given")).unwrap();
    holds_none("the environment", &given);
    assert!(!given.contains("LASTGOOD_IN_"), "{given}");
    for fact in [
        "SHOP_REGION=north",
        "LASTGOOD_ACTION=deploy",
        "LASTGOOD_ENVIRONMENT=production",
        "LASTGOOD_SERVICE=app",
        "LASTGOOD_VERSION=2.0",
        "LASTGOOD_DEPLOYMENT=2",
        "LASTGOOD_PREVIOUS_VERSION=1.0",
    ] {
        assert!(given.lines().any(|line| line == fact), "{fact}\n{given}");
    }
}

#[test]
fn a_version_is_never_read_by_a_shell() {
    let world = with_a_stable_one();
    for version in ["$(touch owned)", "`touch owned`", "; touch owned", "' \"x", "--help", "a=b"] {
        let args = ["deploy".to_owned(), format!("--version={version}"), "--".to_owned()];
        let drive = world.path("drive").display().to_string();
        world.at("ci").run_args(&[&args[..], &[drive]].concat()).ends(0, "recorded");
        assert_eq!(world.running("app").unwrap(), version);
    }
    assert!(!world.path("ci/owned").exists());
}

/// Escapes, commands of a runner, and marks that turn the direction.
const STEERING: &str = "\u{1b}[31mred\u{1b}]0;title\u{7} \u{202e}turned ##[error]old";

#[track_caller]
fn steers_nothing(told: &Told) {
    for text in [&told.out, &told.err] {
        let steers =
            |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{200b}".contains(c);
        assert!(!text.contains(steers), "{told}\n{text:?}");
        assert!(!text.contains("##["), "{told}");
        let commands = |line: &&str| line.trim_start().starts_with("::");
        let first = text.lines().find(commands);
        // What a command wrote itself is fenced off, so that a runner obeys none of it.
        assert!(first.is_none_or(|line| line.contains("::stop-commands::")), "{told}");
    }
}

#[test]
fn what_people_and_commands_write_does_not_steer_a_terminal_or_a_runner() {
    let world = with_a_stable_one();
    let says = format!("printf '%s\\n' '::error::obey' '{STEERING}' '::set-env name=A::b'");
    let driver = world.driver_that("shouting", &format!("{says}; {says} >&2"));
    let reason = format!("::error::obey\n::warning::too {STEERING}");
    for format in ["json", "text"] {
        let at = world.at("ci").with(&format!("--format {format}")).driving(&driver);
        let at = at.env("LASTGOOD_IN_REASON", &reason).without("--actor");
        let at = at.env("LASTGOOD_IN_ACTOR", &format!("::error::me {STEERING}"));
        let in_ci = at.clone().in_run("7").env("GITHUB_WORKFLOW", STEERING);
        for at in [at, in_ci] {
            steers_nothing(&at.deploy(&format!("--version 2-{format}")));
            for verb in ["lock", "unlock", "status", "history --events", "show 2", "mark 1 bad"] {
                steers_nothing(&at.run(verb));
            }
            for verb in ["record --version '::error::3'", "record --version 4", "doctor"] {
                steers_nothing(&at.run(verb));
            }
            steers_nothing(&at.run("mark 1 good"));
            steers_nothing(&at.driving(&driver).rollback("--to 1 --force"));
        }
    }
}

#[test]
fn what_a_hand_wrote_into_the_ledger_does_not_steer_either() {
    let world = with_a_stable_one();
    let mut event = world.events()[0].clone();
    let steering = serde_json::Value::String(format!("::error::me {STEERING}"));
    for (key, value) in [("ev", "01HZZZZZZZZZZZZZZZZZZZZZZ1"), ("op", "01HZZZZZZZZZZZZZZZZZZZZZZ2")]
    {
        event[key] = value.into();
    }
    let newest = world.events().last().unwrap()["id"].as_str().unwrap().to_owned();
    let newest: ulid::Ulid = newest.parse().unwrap();
    event["id"] = ulid::Ulid::from_parts(newest.timestamp_ms() + 1, 1).to_string().into();
    event["n"] = 2.into();
    event["actor"] = steering.clone();
    event["reason"] = steering.clone();
    event["versions"]["app"]["version"] = steering.clone();
    event["versions"]["app"]["image"] = steering.clone();
    event["changed"]["app"]["to"]["version"] = steering;
    world.write_line(&event.to_string());
    assert_eq!(world.at("ci").history().len(), 2);
    for format in ["json", "text"] {
        let at = world.at("ci").with(&format!("--format {format}"));
        for verb in
            ["status", "history", "history --events", "show 1", "show 2", "show 1 2", "doctor"]
        {
            steers_nothing(&at.run(verb));
        }
        steers_nothing(&at.verify());
        steers_nothing(&at.rollback("--to 1 --dry-run"));
        steers_nothing(&at.rollback("--to nothing"));
    }
}

#[test]
fn what_a_service_answers_does_not_steer_either() {
    let world = with_a_stable_one();
    world.runs("app", "::error::1 \u{202e}##[error]");
    for format in ["json", "text"] {
        let gate =
            format!("--http {} --expect-version .version --deadline 300ms", world.health("app"));
        let at = world.at("ci").with(&format!("--format {format}")).judging(&gate);
        steers_nothing(&at.verify());
    }
}
