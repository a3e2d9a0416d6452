//! The order of services by what they depend on.

use std::collections::BTreeMap;

use super::ServiceConfig;
use crate::domain::names::Service;

/// Returns the services, each after those that it depends on, else by name.
pub(super) fn sorted(services: &BTreeMap<Service, ServiceConfig>) -> Vec<Service> {
    let mut order = Vec::with_capacity(services.len());
    // Each pass places at least one, since there is no circle.
    while order.len() < services.len() {
        let before = order.len();
        for (name, service) in services {
            let ready = service.depends_on.iter().all(|needed| order.contains(needed));
            if ready && !order.contains(name) {
                order.push(name.clone());
            }
        }
        if order.len() == before {
            break;
        }
    }
    order
}

/// Returns the first circle that each service is part of, once per circle, as the names along it.
pub(super) fn circles(services: &BTreeMap<Service, ServiceConfig>) -> Vec<Vec<Service>> {
    let mut circles: Vec<Vec<Service>> = Vec::new();
    for name in services.keys() {
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
