//! The order of services by what they depend on.

use std::collections::{BTreeMap, BTreeSet};

use super::ServiceConfig;
use crate::domain::names::Service;

/// Returns the services, each after those that it depends on, else by name; none that is in a circle or needs one.
pub(super) fn sorted(services: &BTreeMap<Service, ServiceConfig>) -> Vec<Service> {
    let mut waits: BTreeMap<&Service, usize> = BTreeMap::new();
    let mut needed_by: BTreeMap<&Service, Vec<&Service>> = BTreeMap::new();
    for (name, service) in services {
        waits.insert(name, service.depends_on.len());
        for needed in &service.depends_on {
            needed_by.entry(needed).or_default().push(name);
        }
    }
    let free = waits.iter().filter(|(_, needs)| **needs == 0);
    let mut ready: BTreeSet<&Service> = free.map(|(name, _)| *name).collect();
    let mut order = Vec::with_capacity(services.len());
    while let Some(next) = ready.pop_first() {
        order.push(next.clone());
        for name in needed_by.get(next).into_iter().flatten() {
            let left = waits.entry(name).or_default();
            *left -= 1;
            if *left == 0 {
                ready.insert(name);
            }
        }
    }
    order
}

/// Returns the first circle that each service is part of, once per circle, as the names along it.
pub(super) fn circles(services: &BTreeMap<Service, ServiceConfig>) -> Vec<Vec<Service>> {
    let placed: BTreeSet<Service> = sorted(services).into_iter().collect();
    let mut circles: Vec<Vec<Service>> = Vec::new();
    for name in services.keys().filter(|name| !placed.contains(*name)) {
        if circles.iter().flatten().any(|known| known == name) {
            continue;
        }
        circles.extend(circle_through(name, services));
    }
    circles
}

/// Searches in breadth, so that the shortest circle is told.
fn circle_through(
    start: &Service,
    services: &BTreeMap<Service, ServiceConfig>,
) -> Option<Vec<Service>> {
    let mut came_from: BTreeMap<&Service, &Service> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in services.get(at).into_iter().flat_map(|service| &service.depends_on) {
            if next == start {
                return Some(way_back(start, at, &came_from));
            }
            if services.contains_key(next) && !came_from.contains_key(next) {
                came_from.insert(next, at);
                queue.push_back(next);
            }
        }
    }
    None
}

fn way_back(
    start: &Service,
    end: &Service,
    came_from: &BTreeMap<&Service, &Service>,
) -> Vec<Service> {
    let mut way = vec![end.clone()];
    let mut at = end;
    while at != start
        && let Some(before) = came_from.get(at)
    {
        way.push((*before).clone());
        at = before;
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(edges: &[(&str, &[&str])]) -> BTreeMap<Service, ServiceConfig> {
        let name = |name: &str| Service::new(name).unwrap();
        let config = |needed: &[&str]| ServiceConfig {
            depends_on: needed.iter().map(|needed| name(needed)).collect(),
            ..ServiceConfig::default()
        };
        edges.iter().map(|(service, needed)| (name(service), config(needed))).collect()
    }

    fn shown(names: &[Service]) -> String {
        names.iter().map(Service::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_service_comes_after_those_that_it_depends_on() {
        let services = services(&[
            ("api", &["db", "queue"]),
            ("db", &[]),
            ("queue", &["db"]),
            ("web", &["api"]),
        ]);
        assert_eq!(shown(&sorted(&services)), "db queue api web");
    }

    #[test]
    fn each_circle_is_found_once_and_by_its_shortest_way() {
        let services = services(&[
            ("a", &["b"]),
            ("b", &["c", "a"]),
            ("c", &["a"]),
            ("d", &["d"]),
            ("e", &["a"]),
        ]);
        let found: Vec<String> = circles(&services).iter().map(|circle| shown(circle)).collect();
        assert_eq!(found, ["a b", "c a b", "d"]);
        assert_eq!(shown(&sorted(&services)), "");
    }
}
