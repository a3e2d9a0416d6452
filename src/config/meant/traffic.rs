//! Slots and traffic as they are meant.

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use super::{CheckConfig, DriverSettings, EnvironmentConfig, RouterConfig, RouterSettings, stages};
use crate::domain::check::Weight;
use crate::domain::policy::Strategy;
use crate::domain::slots::{Pair, Slot};
use crate::domain::text::clean;

const KINDS: &str = "`haproxy`, `nginx`, `kubernetes` and `command`";

/// Returns the router, and tells all that makes no sense about it.
pub(super) fn router(
    written: Option<written::Router>,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Option<RouterConfig> {
    let written::Router { haproxy, nginx, kubernetes, command } = written?;
    let router = node.at("router");
    let given = [
        haproxy.map(|it| (it.stable.clone(), it.candidate.clone(), RouterSettings::Haproxy(it))),
        nginx.map(|it| (it.stable.clone(), it.candidate.clone(), RouterSettings::Nginx(it))),
        kubernetes
            .map(|it| (it.stable.clone(), it.candidate.clone(), RouterSettings::Kubernetes(it))),
        command.map(|it| (it.stable.clone(), it.candidate.clone(), RouterSettings::Command(it))),
    ];
    let mut given: Vec<_> = given.into_iter().flatten().collect();
    let one = given.pop();
    let place = node.key_place("router");
    match one {
        Some((stable, candidate, settings)) if given.is_empty() => {
            let holder = &router.entries().first()?.node;
            let pair = pair(&stable, &candidate, holder, findings)?;
            values(&pair, node, findings);
            Some(RouterConfig { settings, pair })
        }
        None if router.has_lost() => None,
        None => {
            let none = format!("a router is one of {KINDS}, and this is none");
            findings.add(Finding::new(place, none));
            None
        }
        Some(_) => {
            let more = format!("a router is one of {KINDS}, and this is more");
            findings.add(Finding::new(place, more).hint("leave one of them"));
            None
        }
    }
}

fn pair(stable: &str, candidate: &str, router: &Node, findings: &mut Findings<'_>) -> Option<Pair> {
    let mut slot = |text: &str, key: &str| match Slot::new(text) {
        Ok(slot) => Some(slot),
        Err(why) => {
            findings.about(router.at(key), why.to_string());
            None
        }
    };
    let (stable, candidate) = (slot(stable, "stable"), slot(candidate, "candidate"));
    let pair = Pair { stable: stable?, candidate: candidate? };
    if pair.stable == pair.candidate {
        let message = format!("both slots are called `{}`", pair.stable);
        findings.about(router.at("candidate"), message);
        return None;
    }
    Some(pair)
}

fn values(pair: &Pair, node: &Node, findings: &mut Findings<'_>) {
    for entry in node.entry("slots").into_iter().flat_map(|slots| slots.node.entries()) {
        if !pair.both().iter().any(|slot| slot.as_str() == entry.key) {
            let shown = clean(&entry.key, 60);
            let message = format!("the router has no slot `{shown}`");
            let hint = format!("it has `{}` and `{}`", pair.stable, pair.candidate);
            findings.add(Finding::new(entry.place.clone(), message).hint(hint));
        }
    }
}

/// Tells what an environment with or without slots could not do.
pub(super) fn possible(environment: &EnvironmentConfig, node: &Node, findings: &mut Findings<'_>) {
    let policy = &environment.policy;
    let each = [
        ("deploy", policy.deploy.strategy, &policy.deploy.stages),
        ("rollback", policy.rollback.strategy, &policy.rollback.stages),
    ];
    for (key, strategy, stages) in each {
        let node = node.at(key);
        let place = node.at("strategy");
        if strategy == Strategy::Gradual && environment.router.is_none() {
            let finding = Finding::new(place.place.clone(), "`gradual` needs a `router`");
            findings.add(finding.hint("configure one, or write `immediate`"));
        } else if strategy == Strategy::Gradual && stages.is_empty() {
            let finding = Finding::new(place.place.clone(), "`gradual` needs `stages`");
            findings.add(finding.hint("such as `stages: [{traffic: 25, hold: 1m}]`"));
        }
        if let Some(entry) = node.entry("stages") {
            stages::rising(stages, &entry.node, findings);
        }
    }
}

/// Tells of an environment with slots that no check asks one of them before it serves.
pub(in super::super) fn unasked_slots(
    environment: &EnvironmentConfig,
    candidate: &EnvironmentConfig,
    node: &Node,
    findings: &mut Findings<'_>,
) {
    let mut pairs = environment.checks().zip(candidate.checks());
    let is_required = |one: &CheckConfig| one.check.weight == Weight::Required;
    if pairs.any(|(one, other)| one.probe != other.probe && is_required(one)) {
        return;
    }
    let message = "no check asks a slot itself before it gets any traffic";
    let hint = "use `${slot}` or `${slot:KEY}` in one, such as `url: ${slot:url}/health`";
    findings.add(Finding::new(node.key_place("router"), message).hint(hint));
}

/// Tells of each driver that is the same at both slots: what it brings to the idle one, it brings to what serves.
pub(in super::super) fn one_driver_for_both(
    environment: &EnvironmentConfig,
    candidate: &EnvironmentConfig,
    node: &Node,
    findings: &mut Findings<'_>,
) {
    for (name, service) in &environment.services {
        let other = candidate.services.get(name).and_then(|other| other.driver.as_ref());
        let (Some(driver), Some(other)) = (&service.driver, other) else { continue };
        let is_blind = match driver {
            DriverSettings::Compose(_)
            | DriverSettings::Helm(_)
            | DriverSettings::Kubernetes(_)
            | DriverSettings::Systemd(_) => true,
            // They are told the slot.
            DriverSettings::Command(_) | DriverSettings::Git(_) | DriverSettings::Workflow(_) => {
                false
            }
        };
        if is_blind && driver == other {
            let message = format!("the driver of `{name}` is the same at both slots");
            let at = node.at("services").at(name.as_str()).key_place("driver");
            let hint = "use `${slot}` in it: what it brings to the idle one would serve at once";
            findings.add(Finding::new(at, message).hint(hint));
        }
    }
}
