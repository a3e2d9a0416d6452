//! The service probe, with what systemd 252 told and with systemd itself.

mod real;

use crate::domain::verdict::Outcome;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// What systemd told of a unit; the names of the lines, in its own order.
fn told(active: &str, sub: &str, result: &str, restarts: &str, since: &str) -> String {
    format!(
        "Result={result}\n{restarts}LoadState=loaded\nActiveState={active}\nSubState={sub}\n\
         ActiveEnterTimestamp={since}\n"
    )
}

const SINCE: &str = "Sat 2026-11-21 15:39:55 UTC";

fn steady() -> String {
    told("active", "running", "success", "NRestarts=2\n", SINCE)
}

fn settings(keys: &str) -> serde_json::Result<Settings> {
    serde_json::from_str(&format!(r#"{{"unit": "shop"{keys}}}"#))
}

fn probe(keys: &str) -> ServiceProbe {
    connect(settings(keys).unwrap(), Vec::new())
}

/// Judges what was told, a minute after the time in it.
fn judged(probe: &ServiceProbe, text: &str) -> Measurement {
    let now = "2026-11-21T15:40:55Z".parse().unwrap();
    probe.judge(&State::read(text).unwrap(), now)
}

#[track_caller]
fn assert_told(measurement: &Measurement, outcome: Outcome, told: &str) {
    assert_eq!(measurement.outcome, outcome, "{}", measurement.message);
    assert!(measurement.message.contains(told), "{}", measurement.message);
}

#[test]
fn a_unit_is_healthy_only_while_it_is_active() {
    let none = "NRestarts=0\n";
    for (text, outcome, told) in [
        (steady(), Outcome::Pass, "`shop` is active (running) for 1m"),
        (told("active", "exited", "success", none, SINCE), Outcome::Pass, "active (exited) for 1m"),
        (told("reloading", "reload", "success", none, SINCE), Outcome::Pass, "reloading (reload)"),
        (told("active", "listening", "success", "", SINCE), Outcome::Pass, "active (listening)"),
        (
            told("failed", "failed", "exit-code", none, SINCE),
            Outcome::Fail,
            "`shop` is failed (failed): exit-code",
        ),
        (
            told("activating", "auto-restart", "exit-code", none, SINCE),
            Outcome::Fail,
            "activating (auto-restart): exit-code",
        ),
        (told("inactive", "dead", "success", none, ""), Outcome::Fail, "`shop` is inactive (dead)"),
        (steady().replace("loaded", "not-found"), Outcome::Fail, "systemd knows no unit `shop`"),
        (steady().replace("loaded", "masked"), Outcome::Fail, "`shop` could not be loaded: masked"),
    ] {
        assert_told(&judged(&probe(""), &text), outcome, told);
    }
}

#[test]
fn state_uptime_and_restarts_are_held_to_their_limits() {
    for (keys, outcome, told) in [
        (
            r#", "sub_state": "running", "min_uptime": "1m", "max_restarts": 2"#,
            Outcome::Pass,
            "active",
        ),
        (r#", "sub_state": "exited""#, Outcome::Fail, "`shop` is running, not exited"),
        (r#", "min_uptime": "61s""#, Outcome::Fail, "has been active for 1m, less than 1m1s"),
        (r#", "max_restarts": 1"#, Outcome::Fail, "`shop` was restarted 2 times, more than 1"),
    ] {
        assert_told(&judged(&probe(keys), &steady()), outcome, told);
    }
    let socket = told("active", "listening", "success", "", "");
    let uncounted = judged(&probe(r#", "max_restarts": 1"#), &socket);
    assert_told(&uncounted, Outcome::Error, "systemd does not count restarts of `shop`");
    let timeless = judged(&probe(r#", "min_uptime": "1s""#), &socket);
    assert_told(&timeless, Outcome::Error, "does not tell since when `shop` is active");
}

#[test]
fn a_restart_between_two_looks_is_seen() {
    let probe = probe("");
    let restarted = steady().replace("NRestarts=2", "NRestarts=5");
    assert_told(&judged(&probe, &steady()), Outcome::Pass, "active");
    assert_told(
        &judged(&probe, &restarted),
        Outcome::Fail,
        "restarted 3 times since the last look",
    );
    assert_told(&judged(&probe, &restarted), Outcome::Pass, "active");
    // Started by hand it counts from nothing again.
    let anew = steady().replace("NRestarts=2", "NRestarts=0");
    assert_told(&judged(&probe, &anew), Outcome::Pass, "active");
}

#[test]
fn what_systemd_does_not_tell_is_named() {
    assert_eq!(State::read(""), Err("LoadState"));
    assert_eq!(State::read("LoadState=loaded\nActiveState=active"), Err("SubState"));
    let odd = steady().replace("NRestarts=2", "NRestarts=x").replace(SINCE, "n/a");
    assert_told(&judged(&probe(""), &odd), Outcome::Pass, "`shop` is active (running)");
}

#[test]
fn a_unit_has_a_name_that_is_no_option_and_no_pattern() {
    for name in ["shop", "shop@1.service", "dev-disk-by\\x2did.device", "-.mount"] {
        assert!(Unit::try_from(name.to_owned()).is_ok(), "{name}");
    }
    for name in ["", "shop*", "a b", "shop?", "a/b", &"a".repeat(256)] {
        let error = Unit::try_from(name.to_owned()).unwrap_err();
        assert!(error.contains("is no name of a unit"), "{name}: {error}");
    }
    assert!(settings(r#", "restarts": 1"#).unwrap_err().to_string().contains("unknown field"));
}
