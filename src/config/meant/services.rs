//! Services as they are meant.

use std::collections::BTreeMap;

use super::super::mistake::Finding;
use super::super::near::{self, Near};
use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use super::{DriverSettings, ServiceConfig, checks, order};
use crate::domain::graph::Range;
use crate::domain::names::Service;
use crate::domain::text::clean;

/// Returns the services, and tells all that makes no sense about them.
pub(super) fn services<'a>(
    written: BTreeMap<String, written::Service>,
    node: &'a Node,
    findings: &mut Findings<'a>,
) -> BTreeMap<Service, ServiceConfig> {
    let names = findings.names(node, "the service", Service::new);
    let mut services = BTreeMap::new();
    for (key, written) in written {
        let Some(name) = names.get(&key) else { continue };
        let meant = service(written, node.at(&key), name, findings);
        services.insert(name.clone(), meant);
    }
    for name in services.keys() {
        needs(name, node, findings);
    }
    old_names(node, findings);
    tell_circles(&services, node, findings);
    services
}

fn service<'a>(
    written: written::Service,
    node: &'a Node,
    name: &Service,
    findings: &mut Findings<'a>,
) -> ServiceConfig {
    // What is no name, or not the name of a service here, is told where the items are gone through.
    let names = |list: Vec<String>| list.into_iter().filter_map(|name| Service::new(name).ok());
    let needed: Vec<String> = written.requires.keys().cloned().collect();
    ServiceConfig {
        depends_on: names(written.depends_on).chain(names(needed)).collect(),
        requires: ranges(written.requires, node.at("requires"), findings),
        was: names(written.was).collect(),
        driver: written.driver.and_then(|it| driver(it, node.at("driver"), node, findings)),
        checks: checks::checks(written.checks, node.at("checks"), Some(name), findings),
    }
}

fn driver(
    written: written::Driver,
    node: &Node,
    service: &Node,
    findings: &mut Findings<'_>,
) -> Option<DriverSettings> {
    let written::Driver { command, git, workflow, compose, kubernetes, helm, systemd } = written;
    let given = [
        command.map(DriverSettings::Command),
        git.map(DriverSettings::Git),
        workflow.map(DriverSettings::Workflow),
        compose.map(DriverSettings::Compose),
        kubernetes.map(DriverSettings::Kubernetes),
        helm.map(|it| DriverSettings::Helm(Box::new(it))),
        systemd.map(DriverSettings::Systemd),
    ];
    let mut given: Vec<DriverSettings> = given.into_iter().flatten().collect();
    let driver = given.pop();
    let place = service.key_place("driver");
    match (&driver, given.is_empty()) {
        (Some(DriverSettings::Helm(settings)), true) => match settings.mistake() {
            None => return driver,
            Some((why, way)) => {
                let place = node.key_place("helm");
                findings.add(Finding::new(place, why).hint(way));
            }
        },
        (Some(_), true) => return driver,
        (None, _) if node.has_lost() => {}
        (None, _) => {
            let none = format!("a driver is one of {KINDS}, and this is none");
            findings.add(
                Finding::new(place, none)
                    .hint("write it like `driver: {command: {run: [./deploy.sh]}}`"),
            );
        }
        (Some(_), false) => {
            let more = format!("a driver is one of {KINDS}, and this is more");
            findings.add(Finding::new(place, more).hint("leave one of them"));
        }
    }
    None
}

/// Returns the ranges of versions that a service needs of others.
fn ranges(
    written: BTreeMap<String, String>,
    node: &Node,
    findings: &mut Findings<'_>,
) -> BTreeMap<Service, Range> {
    let mut ranges = BTreeMap::new();
    for (needed, text) in written {
        match (Service::new(needed.as_str()), Range::new(&text)) {
            (Ok(needed), Ok(range)) => {
                ranges.insert(needed, range);
            }
            // What is no name is told with the names of the services here.
            (Err(_), Ok(_)) => {}
            (_, Err(why)) => {
                let shown = clean(&text, 60);
                let message = format!("`{shown}` is no range of versions: {why}");
                findings.about(node.at(&needed), message);
            }
        }
    }
    ranges
}

/// The kinds of drivers, for a mistake.
const KINDS: &str = "`command`, `git`, `workflow`, `compose`, `kubernetes`, `helm` and `systemd`";

fn needs(name: &Service, services: &Node, findings: &mut Findings<'_>) {
    let known = || services.entries().iter().map(|entry| entry.key.as_str());
    let lost = |name: &str| services.lost.iter().any(|lost| lost == name);
    let service = services.at(name.as_str());
    let required = service.entry("requires").map(|entry| entry.node.entries());
    let required = required.into_iter().flatten();
    let required = required.map(|entry| (entry.key.as_str(), &entry.node));
    for (needed, node) in texts(service.at("depends_on")).chain(required) {
        if lost(needed) || known().any(|known| known == needed) {
            continue;
        }
        let shown = clean(needed, 100);
        if !node.foreign.is_empty() {
            findings.about(node, "");
            continue;
        }
        let message = format!("there is no service `{shown}` in this environment");
        let finding = Finding::new(node.place.clone(), message);
        let others = known().filter(|known| *known != name.as_str());
        findings.add(match near::find(needed, others) {
            Near::One(meant) => finding.hint(format!("did you mean `{meant}`?")),
            Near::Any(others) => finding.hint(format!("there is {others}")),
            Near::None => finding,
        });
    }
}

fn old_names(services: &Node, findings: &mut Findings<'_>) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in services.entries() {
        for (old, node) in texts(entry.node.entry("was").map_or(&entry.node, |was| &was.node)) {
            let shown = clean(old, 100);
            if let Err(why) = Service::new(old) {
                findings.about(node, why.to_string());
            } else if services.entry(old).is_some() {
                findings
                    .about(node, format!("`{shown}` is a service of today, so it is no old name"));
            } else if let Some(other) = taken.insert(old, &entry.key) {
                findings.about(
                    node,
                    format!("`{shown}` is an old name of `{}` already", clean(other, 100)),
                );
            }
        }
    }
}

fn texts(list: &Node) -> impl Iterator<Item = (&str, &Node)> {
    list.items().iter().filter_map(|node| Some((node.text()?, node)))
}

fn tell_circles(
    services: &BTreeMap<Service, ServiceConfig>,
    node: &Node,
    findings: &mut Findings<'_>,
) {
    for circle in order::circles(services) {
        let Some((first, last)) = circle.first().zip(circle.last()) else { continue };
        let way: Vec<String> =
            circle.iter().chain([first]).map(|name| format!("`{name}`")).collect();
        let dependencies = node.at(last.as_str()).at("depends_on");
        let closing = dependencies.items().iter().find(|item| item.text() == Some(first.as_str()));
        let place = closing.unwrap_or(dependencies).place.clone();
        let message = format!("services depend on each other in a circle: {}", way.join(" → "));
        findings.add(Finding::new(place, message).hint("take one of these dependencies away"));
    }
}
