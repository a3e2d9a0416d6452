//! What a change moves, in which order, and what it leaves.

use super::super::history::{History, op, service, versions};
use super::super::version::Version;
use super::*;

fn names(services: &[Service]) -> String {
    services.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn steps(plan: &Plan) -> String {
    let from = |step: &PlannedStep| step.from.as_ref().map_or("-".into(), |v| v.version.clone());
    let step = |step: &PlannedStep| format!("{}:{}>{}", step.service, from(step), step.to.version);
    plan.steps.iter().map(step).collect::<Vec<_>>().join(" ")
}

fn only(names: &[&str]) -> Scope {
    Scope::Only(names.iter().map(|name| service(name)).collect())
}

fn roster(today: &[(&str, &[&str])]) -> Roster {
    let entry = |(today, was): &(&str, &[&str])| {
        (service(today), was.iter().map(|was| service(was)).collect())
    };
    Roster::new(today.iter().map(entry).collect())
}

/// Says of services what they need: `web api, api db`.
fn needing(edges: &str) -> Roster {
    let mut graph = Graph::default();
    for edge in edges.split(", ") {
        let (one, other) = edge.split_once(' ').unwrap();
        graph.add(service(one), [service(other)]);
    }
    Roster::default().with(graph)
}

fn waves(roster: &Roster, order: Order) -> String {
    let all = forward_to(&three().state(), &versions("api=9 db=9 mail=9 web=9"), roster).steps;
    let wave = |wave: &Vec<PlannedStep>| {
        wave.iter().map(|step| step.service.to_string()).collect::<Vec<_>>().join(" ")
    };
    roster.waves(&all, order).iter().map(wave).collect::<Vec<_>>().join(" | ")
}

fn back(history: &History, scope: &Scope, roster: &Roster) -> Result<Plan, Ending> {
    let state = history.state();
    back_to(&state, state.operation(op(1)).unwrap(), scope, roster, Order::NeedingFirst)
}

fn three() -> History {
    History::new().deployed(1, "api=1 db=1 web=1").deployed(2, "api=2 web=2").deployed(3, "new=3")
}

#[test]
fn what_differs_is_moved_and_the_rest_is_told() {
    let plan = back(&three(), &Scope::All, &Roster::default()).unwrap();
    assert_eq!(steps(&plan), "api:2>1 web:2>1");
    assert_eq!((names(&plan.unchanged), names(&plan.not_in_target)), ("db".into(), "new".into()));
    assert!(!plan.is_empty());
    assert_eq!(plan.changes()[&service("api")].from, Some(Version::named("2")));
    assert!(
        back(&three().deployed(4, "api=1 web=1"), &Scope::All, &Roster::default())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_service_of_which_nothing_is_known_is_moved_all_the_same() {
    let plan = back(&three().strayed(1, "db"), &Scope::All, &Roster::default()).unwrap();
    assert_eq!(steps(&plan), "api:2>1 db:1>1 web:2>1");
}

#[test]
fn what_was_unknown_is_put_back_to_what_the_ledger_says_and_the_rest_to_what_it_ran() {
    let state = three().strayed(1, "db").state();
    let step = |name| PlannedStep {
        service: service(name),
        from: Some(Version::named("0")),
        to: Version::named("1"),
    };
    let to = |name| before(&state, &step(name), &Roster::default());
    assert_eq!((to("db"), to("web")), (Some(Version::named("1")), Some(Version::named("0"))));
}

#[test]
fn a_service_is_strange_where_neither_configuration_nor_ledger_has_it() {
    let state = three().state();
    let shop = Roster::new(vec![(service("shop"), vec![service("old")]), (service("api"), vec![])]);
    let message =
        |name, roster| stranger(&state, &only(&[name]), roster).map(|found| found.message);
    let bare = Roster::default();
    assert_eq!(
        message("nope", &bare).unwrap(),
        "`production` has no service `nope`; it has `api`, `db`, `new`, `web`"
    );
    assert_eq!(
        message("nope", &shop).unwrap(),
        "`production` has no service `nope`; it has `api`, `shop`"
    );
    for known in ["shop", "old", "db"] {
        assert_eq!(message(known, &shop), None, "{known}");
    }
    assert_eq!(message("new", &bare), None);
    assert_eq!(stranger(&state, &Scope::All, &bare), None);
}

#[test]
fn only_the_services_that_are_meant_go_back() {
    let plan = back(&three(), &only(&["web"]), &Roster::default()).unwrap();
    assert_eq!((steps(&plan), names(&plan.not_in_target)), ("web:2>1".into(), String::new()));
    let missing = back(&three(), &only(&["web", "new"]), &Roster::default()).unwrap_err();
    assert_eq!(missing.reason, Reason::TargetUnknown);
    assert_eq!(missing.message, "deployment 1 has no service `new`; it has `api`, `db`, `web`");
}

#[test]
fn what_needs_another_goes_back_before_it() {
    let shop = needing("web api, api db");
    assert_eq!(steps(&back(&three(), &Scope::All, &shop).unwrap()), "web:2>1 api:2>1");
}

#[test]
fn each_order_has_its_waves() {
    let shop = needing("web api, api db, mail db");
    assert_eq!(waves(&shop, Order::NeededFirst), "db | api mail | web");
    assert_eq!(waves(&shop, Order::NeedingFirst), "web | api mail | db");
    assert_eq!(waves(&shop, Order::OneByOne), "db | api | mail | web");
    assert_eq!(waves(&Roster::default(), Order::NeedingFirst), "api db mail web");
}

#[test]
fn only_the_way_back_at_once_begins_with_what_needs_the_rest() {
    use crate::domain::policy::Strategy;
    let of = |kind| [Strategy::Immediate, Strategy::ServiceByService].map(|s| Order::of(kind, s));
    assert_eq!(of(Kind::Rollback), [Order::NeedingFirst, Order::OneByOne]);
    assert_eq!(of(Kind::Deploy), [Order::NeededFirst, Order::OneByOne]);
    assert_eq!(of(Kind::RollForward), [Order::NeededFirst, Order::OneByOne]);
}

#[test]
fn a_service_that_was_renamed_is_followed_and_one_that_is_gone_is_refused() {
    let renamed = roster(&[("backend", &["api"]), ("db", &[]), ("web", &[]), ("new", &[])]);
    let plan = back(&three(), &Scope::All, &renamed).unwrap();
    assert_eq!(steps(&plan), "backend:2>1 web:2>1");
    let by_either_name = |name| steps(&back(&three(), &only(&[name]), &renamed).unwrap());
    assert_eq!(by_either_name("backend"), "backend:2>1");
    let gone = roster(&[("db", &[]), ("web", &[])]);
    let refused = back(&three(), &Scope::All, &gone).unwrap_err();
    assert_eq!(refused.reason, Reason::ServiceGone);
    assert_eq!(steps(&back(&three(), &only(&["web"]), &gone).unwrap()), "web:2>1");
}

#[test]
fn a_roster_knows_todays_names() {
    let listed = roster(&[("web", &[]), ("backend", &["api"])]);
    assert_eq!(listed.today(&service("api")), Some(service("backend")));
    assert_eq!(listed.today(&service("backend")), Some(service("backend")));
    assert_eq!(listed.today(&service("db")), None);
    assert_eq!(Roster::default().today(&service("db")), Some(service("db")));
}

#[test]
fn a_deployment_moves_what_it_names_and_leaves_the_rest() {
    let state = three().state();
    let listed = roster(&[("web", &[]), ("api", &[]), ("db", &[]), ("new", &[])]);
    let plan = forward_to(&state, &versions("api=9 web=2 zed=1"), &listed);
    assert_eq!(steps(&plan), "api:2>9 web:2>2 zed:->1");
    assert_eq!((names(&plan.unchanged), plan.not_in_target.len()), ("db new".into(), 0));
}
