//! Only what is plainly a command is one.

use proptest::prelude::*;

use super::*;
use crate::domain::ending::{Ending, Reason};

fn said(body: &str) -> Said {
    read(body, &Prefix::default())
}

fn production() -> Environment {
    Environment::new("production").unwrap()
}

#[track_caller]
fn command(body: &str) -> Command {
    match said(body) {
        Said::Command(command) => command,
        other => panic!("{body:?} is {other:?}"),
    }
}

#[track_caller]
fn mistake(body: &str) -> Mistake {
    match said(body) {
        Said::Mistake(mistake) => mistake,
        other => panic!("{body:?} is {other:?}"),
    }
}

fn rollback(service: Option<&str>, to: Option<&str>, because: Option<&str>) -> Command {
    Command::Rollback {
        environment: production(),
        service: service.map(|name| Service::new(name).unwrap()),
        to: to.map(|name| TargetName::new(name).unwrap()),
        because: because.map(ToOwned::to_owned),
    }
}

#[test]
fn every_command_of_the_grammar_is_read() {
    let id = "01J9ZC5A4QW3J5T8R2M6N7P0XY";
    for (body, expected) in [
        ("/rollback production", rollback(None, None, None)),
        ("/rollback production api", rollback(Some("api"), None, None)),
        ("/rollback production to 12", rollback(None, Some("12"), None)),
        (
            "/rollback production api to v1.2 because it loses orders",
            rollback(Some("api"), Some("v1.2"), Some("it loses orders")),
        ),
        ("/rollback production because to be safe", rollback(None, None, Some("to be safe"))),
        ("/verify production", Command::Verify(production())),
        ("/status production", Command::Status(production())),
        ("/history production", Command::History(production())),
        ("/cancel production", Command::Cancel(production())),
        ("/lock production", Command::Lock { environment: production(), because: None }),
        (
            "/lock production because we look",
            Command::Lock { environment: production(), because: Some("we look".to_owned()) },
        ),
        ("/unlock production", Command::Unlock(production())),
        (&format!("/approve {id}"), Command::Approve(id.parse().unwrap())),
        ("/lastgood help", Command::Help),
    ] {
        assert_eq!(command(body), expected, "{body}");
        for around in ["{}  ", "{}\r\nand more", "{}\n\nand more", "{}\rmore"] {
            assert_eq!(command(&around.replace("{}", body)), expected, "{body} in {around:?}");
        }
    }
}

#[test]
fn spaces_between_words_do_not_count() {
    assert_eq!(command("/rollback  production   to  3 "), rollback(None, Some("3"), None));
}

#[test]
fn what_is_not_at_the_very_beginning_is_not_for_us() {
    for body in [
        "",
        "\n/rollback production",
        " /rollback production",
        "    /rollback production",
        "\t/rollback production",
        "> /rollback production",
        "`/rollback production`",
        "```\n/rollback production\n```",
        "please /rollback production",
        "\u{feff}/rollback production",
        "\u{200b}/rollback production",
        "\u{202e}/rollback production",
        "／rollback production",
        "rollback production",
        "// rollback production",
        "<!-- /rollback production -->",
        "<!-- lastgood reply -->\n/rollback production",
    ] {
        assert_eq!(said(body), Said::NotForUs, "{body:?}");
    }
}

#[test]
fn what_is_meant_for_another_is_not_for_us() {
    for body in
        ["/lgtm", "/retest", "/rollbacks production", "/deploy production", "/lastgoods help"]
    {
        assert_eq!(said(body), Said::NotForUs, "{body:?}");
    }
    for body in ["/approve", "/approve cancel", "/lock", "/cancel", "/hold"] {
        let named = match said(body) {
            Said::NotForUs => None,
            Said::Mistake(mistake) => mistake.environment,
            Said::Command(command) => panic!("{body} is {command:?}"),
        };
        assert!(named.is_none_or(|name| name.as_str() == "cancel"), "{body}");
    }
}

#[test]
fn a_mistake_tells_the_environment_that_it_names() {
    for body in [
        "/rollback production api web",
        "/rollback production to",
        "/rollback production to 1 2",
        "/rollback production because",
        "/rollback production because   ",
        "/rollback production -x",
        "/status production now",
        "/status production because I ask",
        "/Rollback production",
        "/lastgood production",
    ] {
        assert_eq!(mistake(body).environment, Some(production()), "{body}");
    }
    for body in
        ["/rollback", "/rollback --all", "/status pro\tduction", "/lock a\u{202e}b", "/verify"]
    {
        assert_eq!(mistake(body).environment, None, "{body:?}");
    }
}

#[test]
fn what_would_mislead_is_no_name_and_is_replaced_in_a_reason() {
    for body in ["/rollback production a\u{202e}pi", "/rollback production to 1\u{1b}[31m"] {
        assert!(matches!(said(body), Said::Mistake(_)), "{body:?}");
    }
    let told = command("/rollback production because a\u{202e}b ##[add-mask]c");
    assert_eq!(told.because(), Some("a\u{fffd}b #\u{fffd}[add-mask]c"));
}

#[test]
fn what_a_shell_would_obey_is_but_a_name() {
    let told = command("/rollback production $(reboot) to `id`;x");
    assert_eq!(told, rollback(Some("$(reboot)"), Some("`id`;x"), None));
}

#[test]
fn the_greatest_comment_there_is_does_no_harm() {
    for body in
        ["/rollback production because ".to_owned() + &"x".repeat(65_508), "/".repeat(65_536)]
    {
        assert!(!matches!(said(&body), Said::Command(_)));
    }
    let below = format!("/status production\n{}", "x".repeat(65_000));
    assert_eq!(command(&below), Command::Status(production()));
}

#[test]
fn a_prefix_keeps_commands_apart_from_those_of_others() {
    let prefix = Prefix::new("/lastgood ").unwrap();
    let status = Said::Command(Command::Status(production()));
    assert_eq!(read("/lastgood status production", &prefix), status);
    assert_eq!(read("/status production", &prefix), Said::NotForUs);
    assert_eq!(read("/lastgood help", &prefix), Said::Command(Command::Help));
    let Said::Mistake(mistake) = read("/lastgood undo production", &prefix) else { panic!() };
    assert_eq!(mistake.environment, Some(production()));
    let dot = Prefix::new(".").unwrap();
    assert_eq!(read(".status production", &dot), status);
    assert_eq!(read(".undo production", &dot), Said::NotForUs);
}

#[test]
fn a_prefix_is_something_that_nobody_writes_by_chance() {
    for bad in ["", "lastgood ", " /", "/lastgood", "/\u{200b}", "/\n", &"/".repeat(41)] {
        assert!(Prefix::new(bad).is_err(), "{bad:?}");
    }
    for good in ["/", "/lastgood ", ".", "!lg-", "/lastgood/"] {
        assert!(Prefix::new(good).is_ok(), "{good:?}");
    }
}

#[test]
fn every_usage_is_a_command_once_its_words_are_filled_in() {
    for prefix in [Prefix::default(), Prefix::new("/lastgood ").unwrap()] {
        for usage in usages(&prefix) {
            let filled = usage
                .replace("ENV", "production")
                .replace("[SERVICE]", "api")
                .replace("[to TARGET]", "to 7")
                .replace("[because TEXT]", "because it is slow")
                .replace("ID", "01J9ZC5A4QW3J5T8R2M6N7P0XY");
            assert!(matches!(read(&filled, &prefix), Said::Command(_)), "{filled}");
        }
    }
}

#[test]
fn what_to_write_next_is_a_command_too() {
    for reason in Reason::ALL {
        let ending = Ending::new(*reason, "");
        let Some(text) = next(&ending, &production(), &Prefix::default()) else { continue };
        let written = text.split('`').nth(1).unwrap();
        assert!(matches!(said(written), Said::Command(_)), "{text}");
    }
}

#[test]
fn a_login_is_what_can_stand_in_an_address() {
    for good in ["octocat", "Mona-Lisa", "a", "emu_short"] {
        assert!(Login::new(good).is_some(), "{good}");
    }
    for bad in ["", "dependabot[bot]", "a/b", "..", "a b", "ä", "a%2e", &"a".repeat(101)] {
        assert!(Login::new(bad).is_none(), "{bad}");
    }
    assert!(Login::new("Octo").unwrap().is_same(&Login::new("octo").unwrap()));
}

fn names_are_names(command: &Command) -> bool {
    let again = |name: Option<&str>| name.is_none_or(|name| Environment::new(name).is_ok());
    let (service, to) = match command {
        Command::Rollback { service, to, .. } => {
            (service.as_ref().map(Service::as_str), to.as_ref().map(TargetName::as_str))
        }
        Command::Verify(_)
        | Command::Status(_)
        | Command::History(_)
        | Command::Cancel(_)
        | Command::Lock { .. }
        | Command::Unlock(_)
        | Command::Approve(_)
        | Command::Help => (None, None),
    };
    let spoken = command.because().is_none_or(|text| {
        !text.is_empty() && !text.chars().any(crate::domain::text::is_unprintable)
    });
    let is_name = |name: Option<&str>| name.is_none_or(|name| TargetName::new(name).is_ok());
    again(command.environment().map(Environment::as_str))
        && is_name(service)
        && is_name(to)
        && spoken
}

proptest! {
    #[test]
    fn whatever_is_written_yields_names_or_nothing(body in any::<String>()) {
        for prefix in [Prefix::default(), Prefix::new("/lastgood ").unwrap()] {
            if let Said::Command(command) = read(&body, &prefix) {
                prop_assert!(names_are_names(&command), "{:?}", command);
            }
        }
    }

    #[test]
    fn whatever_follows_a_verb_yields_names_or_nothing(
        verb in "(rollback|verify|status|history|cancel|lock|unlock|approve|lastgood|Lock)",
        rest in proptest::collection::vec(any::<u8>(), 0..200),
        space in "[ ]{0,2}",
    ) {
        let body = format!("/{verb}{space}{}", String::from_utf8_lossy(&rest));
        match said(&body) {
            Said::Command(command) => prop_assert!(names_are_names(&command), "{:?}", command),
            Said::Mistake(_) | Said::NotForUs => {}
        }
    }

    #[test]
    fn words_in_any_order_yield_names_or_nothing(
        words in proptest::collection::vec(
            "(to|because|production|api|-x|/rollback|\u{202e}|\t|`|@all|12|[a-z☃ ]{1,4})", 0..8),
    ) {
        let body = format!("/rollback {}", words.join(" "));
        if let Said::Command(command) = said(&body) {
            prop_assert!(names_are_names(&command), "{:?}", command);
        }
    }
}
