//! What a branch and a tag say of a target.

use super::super::history::{History, op, service, versions};
use super::super::tagging::TagText;
use super::super::version::Version;
use super::*;

fn unknown() -> Descent {
    Descent::Unknown("nobody was there".into())
}

fn named() -> TargetPolicy {
    let reachable_from = Branches::Named(vec!["main".into(), "release".into()]);
    TargetPolicy { reachable_from, tag: TagDemand::Required }
}

/// Returns for each rule whether it passed and, where not, whether it stands against the rollback.
fn weighed(policy: &TargetPolicy, descent: Descent, tag: TagSays) -> [Option<Severity>; 2] {
    let evidence = Evidence { target: op(1), brought: Brought::default(), descent, tag };
    safety(policy, 1, &evidence).map(|rule| (!rule.passed).then_some(rule.severity))
}

#[test]
fn what_is_clear_is_refused_and_what_is_not_only_where_somebody_asked_for_it() {
    use Severity::{Error, Warning};
    let usual = TargetPolicy::default();
    let missing = || TagSays::Unknown("it is away".into());
    for (policy, descent, tag, expected) in [
        (&usual, Descent::Part, TagSays::Same, [None, None]),
        (&usual, Descent::Apart, TagSays::Otherwise, [Some(Error), Some(Error)]),
        (&usual, unknown(), TagSays::Absent, [Some(Warning), Some(Warning)]),
        (&usual, unknown(), missing(), [Some(Warning), Some(Warning)]),
        (&named(), Descent::Part, TagSays::Same, [None, None]),
        (&named(), Descent::Apart, TagSays::Otherwise, [Some(Error), Some(Error)]),
        (&named(), unknown(), TagSays::Absent, [Some(Error), Some(Error)]),
        (&named(), unknown(), missing(), [Some(Error), Some(Error)]),
    ] {
        assert_eq!(weighed(policy, descent, tag), expected);
    }
}

#[test]
fn one_branch_that_holds_it_is_enough_and_one_commit_apart_spoils_it() {
    use Descent::{Apart, Part};
    assert_eq!(any([Apart, unknown(), Part]), Part);
    assert_eq!(any([Apart, unknown(), Apart]), unknown());
    assert_eq!(any([Apart, Apart]), Apart);
    assert_eq!(all([Part, unknown(), Apart]), Apart);
    assert_eq!(all([Part, unknown()]), unknown());
    assert_eq!(all([Part, Part]), Part);
}

#[test]
fn only_commits_of_this_repository_are_asked_for() {
    let commit = |digit: &str| Commit::new(digit.repeat(40)).unwrap();
    let step = |name: &str, digit: &str, repository: Option<&str>| PlannedStep {
        service: service(name),
        from: None,
        to: Version {
            commit: (!digit.is_empty()).then(|| commit(digit)),
            repository: repository.map(ToOwned::to_owned),
            ..Version::named("1.0")
        },
    };
    let elsewhere = Some("https://git.example/web");
    let steps = [step("api", "a", None), step("web", "b", elsewhere), step("db", "", None)];
    let brought = brought_back(&steps);
    assert_eq!(brought.commits, [commit("a")].into());
    assert_eq!(brought.without, [service("db"), service("web")].into());
    let (descent, tag) = (Descent::Part, TagSays::Same);
    let evidence = Evidence { target: op(1), brought: brought.clone(), descent, tag };
    assert!(evidence.covers(op(1), &brought) && evidence.covers(op(1), &Brought::default()));
    assert!(!evidence.covers(op(2), &brought));
    let more = brought_back(&[step("api", "c", None)]);
    assert!(!evidence.covers(op(1), &more));
}

#[test]
fn a_tag_says_the_same_when_operation_commit_and_restore_point_do() {
    let state = History::new().deployed(1, "api=1.0").state();
    let operation = &state.operations[0];
    let text = |versions, operation| {
        let environment = &state.environment;
        let (n, kind, at) = (1, super::super::event::Kind::Deploy, "2026-03-02T08:00:00Z");
        let at = at.parse().unwrap();
        TagText { environment, n, operation, kind, at, versions }.message("deploy")
    };
    let (same, other) = (versions("api=1.0"), versions("api=6.6"));
    let on = "a".repeat(40);
    let read = |message: &str, on: &str| read_tag(Some(message), Some(on), operation);
    assert_eq!(read(&text(&same, op(1)), &on), TagSays::Same);
    assert_eq!(read(&text(&other, op(1)), &on), TagSays::Otherwise);
    assert_eq!(read(&text(&same, op(2)), &on), TagSays::Otherwise);
    assert_eq!(read(&text(&same, op(1)), &"b".repeat(40)), TagSays::Otherwise);
    assert_eq!(read("hello", &on), TagSays::Otherwise);
    assert_eq!(read_tag(None, Some(&on), operation), TagSays::Otherwise, "it is not annotated");
}
