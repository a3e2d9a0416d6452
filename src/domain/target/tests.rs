//! Which deployment a name means, and which is meant without one.

use super::super::history::{History, production, service};
use super::*;

fn tags() -> TagNames {
    TagNames::new("", &production())
}

fn chosen(history: &History, wanted: &Wanted, scope: &Scope) -> Result<u64, Ending> {
    choose(&history.state(), wanted, scope, &tags()).map(|operation| operation.n)
}

fn newest(history: &History) -> Result<u64, Reason> {
    chosen(history, &Wanted::LastStable, &Scope::All).map_err(|ending| ending.reason)
}

fn named(history: &History, name: &str) -> Result<u64, Ending> {
    chosen(history, &Wanted::Named(name.to_owned()), &Scope::All)
}

fn three() -> History {
    History::new().deployed(1, "1.0").stable(1).deployed(2, "2.0").stable(2).deployed(3, "3.0")
}

#[test]
fn the_newest_stable_deployment_that_differs_is_meant() {
    assert_eq!(newest(&three()), Ok(2));
    assert_eq!(newest(&three().stable(3)), Ok(2), "never the current one");
    assert_eq!(newest(&three().deployed(4, "2.0").stable(4)), Ok(1), "it differs from what runs");
    assert_eq!(newest(&three().demoted(2)), Ok(1));
    assert_eq!(newest(&three().demoted(2).demoted(1)), Err(Reason::NoStableTarget));
    assert_eq!(newest(&History::new()), Err(Reason::NoStableTarget));
}

#[test]
fn the_very_versions_help_where_it_is_not_known_what_runs() {
    let strayed = three().deployed(4, "2.0").strayed(4, "app");
    assert_eq!(newest(&strayed), Ok(2));
}

#[test]
fn what_holds_a_quarantined_version_is_passed_over() {
    let held = three().bad(2).good(1).deployed(4, "2.0 web=1.0").stable(4).deployed(5, "5.0");
    assert_eq!(newest(&held), Ok(1));
    let all_held = History::new().deployed(1, "1.0").deployed(2, "1.0 web=1.0").bad(2).stable(1);
    let all_held =
        all_held.deployed(3, "3.0 web=3.0").stable(3).bad(1).stable(1).deployed(4, "4.0");
    let ending = chosen(&all_held, &Wanted::LastStable, &only("app")).unwrap();
    assert_eq!(ending, 3);
    let none = History::new().deployed(1, "1.0").bad(1).stable(1).deployed(2, "2.0");
    let ending = chosen(&none, &Wanted::LastStable, &Scope::All).unwrap_err();
    assert_eq!(ending.reason, Reason::Quarantined);
    assert_eq!(ending.next, "lastgood mark 1 good -e production --reason …");
}

fn only(name: &str) -> Scope {
    Scope::Only([service(name)].into())
}

#[test]
fn only_the_services_that_are_meant_must_differ_and_be_clean() {
    let history = History::new().deployed(1, "api=1 web=1").stable(1).deployed(2, "api=2");
    let state = |history: &History, name| chosen(history, &Wanted::LastStable, &only(name));
    assert_eq!(state(&history, "api").unwrap(), 1);
    assert_eq!(state(&history, "web").unwrap_err().reason, Reason::NoStableTarget);
    let held = history.deployed(3, "api=1").bad(3).deployed(4, "api=4 web=4");
    assert_eq!(state(&held, "web").unwrap(), 1);
    assert_eq!(state(&held, "api").unwrap_err().reason, Reason::Quarantined);
}

#[test]
fn a_name_is_read_as_number_tag_point_and_version_in_that_order() {
    let history = three().point(1, "3").point(1, "2.0").point(2, "sale");
    let n = |name| named(&history, name).unwrap();
    assert_eq!(n("3"), 3, "a number before a point");
    assert_eq!(n("2.0"), 1, "a point before a version");
    assert_eq!((n("sale"), n("1.0"), n("3.0")), (2, 1, 3));
    for tag in ["deploy/production/2", "stable/production/2", "refs/tags/deploy/production/2"] {
        assert_eq!(n(tag), 2, "{tag}");
    }
    let numbered = History::new().deployed(1, "7").deployed(2, "8");
    assert_eq!(named(&numbered, "7").unwrap(), 1, "no deployment 7, but a version");
}

#[test]
fn a_version_means_the_newest_time_that_it_was_good() {
    let history = three().deployed(4, "1.0").deployed(5, "5.0");
    assert_eq!(named(&history, "1.0").unwrap(), 1);
    assert_eq!(named(&history.stable(4), "1.0").unwrap(), 4);
    let never = three().deployed(4, "3.0").deployed(5, "5.0");
    assert_eq!(named(&never, "3.0").unwrap(), 4);
    let carried = three().deployed(4, "web=9");
    assert_eq!(named(&carried, "3.0").unwrap(), 4, "a restore point holds it too");
}

#[test]
fn only_what_was_deployed_is_a_target() {
    let begun = three().started(4, "4.0");
    assert_eq!(named(&begun, "4").unwrap_err().reason, Reason::TargetUnknown);
}

#[test]
fn a_number_that_two_operations_bear_names_neither() {
    for history in [three().twin().deployed(3, "3.1"), three().twin().started(3, "3.1")] {
        let ending = named(&history, "3").unwrap_err();
        assert_eq!(ending.reason, Reason::Ambiguous);
        assert_eq!(ending.message, "two deployments of `production` bear the number 3");
        assert_eq!(named(&history, "3.0").unwrap(), 3);
    }
}

#[test]
fn what_nothing_bears_is_refused_with_the_nearest_names() {
    let history =
        History::new().deployed(1, "v1.4.0").deployed(2, "v1.4.1").point(2, "before-sale");
    let told = |name| named(&history, name).unwrap_err().message;
    let plain = "is no number, tag, restore point or version of `production`";
    assert_eq!(told("v1.4.2"), format!("`v1.4.2` {plain}; near it: `v1.4.0`, `v1.4.1`"));
    assert_eq!(told("before-sail"), format!("`before-sail` {plain}; near it: `before-sale`"));
    assert_eq!(told("zzz"), format!("`zzz` {plain}"));
    let just_too_far = named(&History::new().deployed(1, "xbyz"), "b").unwrap_err();
    assert_eq!(just_too_far.message, format!("`b` {plain}"));
}

#[test]
fn at_most_three_names_are_suggested_the_nearest_first() {
    let many =
        (1..=5).fold(History::new(), |history, n| history.deployed(n, &format!("release-{n}")));
    let ending = named(&many, "release-44").unwrap_err();
    let near = ending.message.split_once("near it: ").unwrap().1;
    assert_eq!(near.split(", ").count(), 3);
    assert!(near.starts_with("`release-4`"), "{near}");
}

#[test]
fn tags_are_named_and_read_back_under_their_prefix() {
    let tags = TagNames::new("team/", &production());
    assert_eq!(tags.deploy(7), "team/deploy/production/7");
    assert_eq!(tags.stable(7), "team/stable/production/7");
    assert_eq!(tags.every_deploy(), "team/deploy/production/");
    assert_eq!(tags.every_stable(), "team/stable/production/");
    assert_eq!(tags.number("refs/tags/team/stable/production/7"), Some(7));
    assert_eq!(tags.number("team/deploy/production/7"), Some(7));
    for other in
        ["deploy/production/7", "team/deploy/staging/7", "team/deploy/production/x", "team/v7"]
    {
        assert_eq!(tags.number(other), None, "{other}");
    }
    let staging = super::super::names::Environment::new("staging").unwrap();
    assert_eq!(tags.of(&staging).deploy(1), "team/deploy/staging/1");
    let folders =
        ["team/deploy/production", "team/stable/production", "team/deploy", "team/stable"];
    assert_eq!(tags.folders(), folders);
}
