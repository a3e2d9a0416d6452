//! Which services need which, and in which versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::VersionReq;

use super::names::Service;
use super::version::Versions;

/// What each service needs of others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    needs: BTreeMap<Service, BTreeSet<Service>>,
    ranges: BTreeMap<Service, BTreeMap<Service, Range>>,
}

/// A range of versions, as semantic versioning reads it: `>=2`, `^1.4`, `>=1.2, <3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range(VersionReq);

impl Range {
    /// Reads a range; the error says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        VersionReq::parse(text).map(Self).map_err(|why| why.to_string())
    }

    /// Returns whether a version is in it; `None` where that is no semantic version.
    fn admits(&self, version: &str) -> Option<bool> {
        Some(self.0.matches(&semantic(version)?))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// Reads `2`, `2.1` and `v2.1.0` like `2.0.0`, `2.1.0` and `2.1.0`.
fn semantic(text: &str) -> Option<semver::Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let missing = 2_usize.checked_sub(numbers.matches('.').count())?;
    semver::Version::parse(&format!("{numbers}{}{rest}", ".0".repeat(missing))).ok()
}

/// A service that would run beside a version of another that it does not work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The one that needs the other.
    pub service: Service,
    /// Its version.
    pub version: String,
    /// The other.
    pub needed: Service,
    /// The range that it needs.
    pub range: String,
    /// The other's version; none where it would not be there.
    pub found: Option<String>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = |text: &str| super::text::clean(text, 60);
        let Self { service, version, needed, range, found } = self;
        write!(out, "`{service}` {} needs `{needed}` {range}", clean(version))?;
        match found {
            None => write!(out, ", which would not be there"),
            Some(found) if semantic(found).is_none() => {
                write!(out, ", and {} is no semantic version to compare", clean(found))
            }
            Some(found) => write!(out, ", and would have {}", clean(found)),
        }
    }
}

impl Graph {
    /// Adds a service with the services that must be there before it.
    pub fn add(&mut self, service: Service, needs: impl IntoIterator<Item = Service>) {
        self.needs.entry(service).or_default().extend(needs);
    }

    /// Adds the range of versions that a service needs another in; the other is then needed too.
    pub fn require(&mut self, service: Service, needed: Service, range: Range) {
        self.needs.entry(service.clone()).or_default().insert(needed.clone());
        self.ranges.entry(service).or_default().insert(needed, range);
    }

    /// Returns whether any service names the versions that it needs.
    pub fn has_ranges(&self) -> bool {
        !self.ranges.is_empty()
    }

    /// Returns some of the services by level: each after those that it needs, those of one level
    /// independent of each other. What a circle keeps from being placed comes last, together.
    pub fn levels(&self, of: &BTreeSet<Service>) -> Vec<Vec<Service>> {
        let depths = self.depths(of);
        let mut levels: BTreeMap<usize, Vec<Service>> = BTreeMap::new();
        for service in of {
            let depth = depths.get(service).copied().unwrap_or(usize::MAX);
            levels.entry(depth).or_default().push(service.clone());
        }
        levels.into_values().collect()
    }

    /// Returns how many of some services lie one below the other under each; none where a circle does.
    fn depths<'a>(&'a self, of: &'a BTreeSet<Service>) -> BTreeMap<&'a Service, usize> {
        let mut waits: BTreeMap<&Service, usize> = of.iter().map(|service| (service, 0)).collect();
        let mut needed_by: BTreeMap<&Service, Vec<&Service>> = BTreeMap::new();
        for (service, needs) in &self.needs {
            for needed in needs.iter().filter(|needed| *needed != service) {
                waits.entry(needed).or_default();
                *waits.entry(service).or_default() += 1;
                needed_by.entry(needed).or_default().push(service);
            }
        }
        let free = waits.iter().filter(|(_, needs)| **needs == 0);
        let mut placed: BTreeMap<&Service, usize> =
            free.map(|(service, _)| (*service, 0)).collect();
        let mut depths = placed.clone();
        while let Some((at, depth)) = placed.pop_first() {
            let below = depth + usize::from(of.contains(at));
            for service in needed_by.get(at).into_iter().flatten() {
                let deepest = depths.entry(service).or_default();
                *deepest = below.max(*deepest);
                let left = waits.entry(service).or_default();
                *left -= 1;
                if *left == 0 {
                    placed.insert(service, *deepest);
                }
            }
        }
        depths.retain(|service, _| waits.get(service) == Some(&0));
        depths
    }

    /// Returns the services that need a service, be it through others.
    pub fn dependents(&self, of: &Service) -> BTreeSet<Service> {
        self.needs.keys().filter(|service| self.is_below(service, of)).cloned().collect()
    }

    /// Returns what would not work together if these versions ran.
    pub fn conflicts(&self, versions: &Versions) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for (service, ranges) in &self.ranges {
            let Some(version) = versions.get(service) else { continue };
            for (needed, range) in ranges {
                let found = versions.get(needed).map(|found| found.version.clone());
                if found.as_deref().and_then(|found| range.admits(found)) != Some(true) {
                    conflicts.push(Conflict {
                        service: service.clone(),
                        version: version.version.clone(),
                        needed: needed.clone(),
                        range: range.to_string(),
                        found,
                    });
                }
            }
        }
        conflicts
    }

    /// Returns whether a service needs another, be it through others, not counting itself.
    fn is_below(&self, service: &Service, other: &Service) -> bool {
        let mut seen = BTreeSet::new();
        let mut queue = vec![service];
        while let Some(at) = queue.pop() {
            for next in self.needs.get(at).into_iter().flatten() {
                if next == other && next != service {
                    return true;
                }
                if seen.insert(next) {
                    queue.push(next);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::version::Version;

    fn name(name: &str) -> Service {
        Service::new(name).unwrap()
    }

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let mut graph = Graph::default();
        for (service, needs) in edges {
            graph.add(name(service), needs.iter().map(|needed| name(needed)));
        }
        graph
    }

    fn levels(graph: &Graph, of: &[&str]) -> String {
        let of = of.iter().map(|one| name(one)).collect();
        let level =
            |level: &Vec<Service>| level.iter().map(Service::as_str).collect::<Vec<_>>().join(" ");
        graph.levels(&of).iter().map(level).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn what_is_independent_shares_a_level() {
        let shop = graph(&[
            ("web", &["api"]),
            ("api", &["db", "queue"]),
            ("db", &[]),
            ("queue", &[]),
            ("mail", &["queue"]),
        ]);
        let all = ["web", "api", "db", "queue", "mail"];
        assert_eq!(levels(&shop, &all), "db queue | api mail | web");
    }

    #[test]
    fn what_lies_between_two_keeps_them_apart_even_when_it_does_not_move() {
        let shop = graph(&[("web", &["api"]), ("api", &["db"]), ("db", &[])]);
        assert_eq!(levels(&shop, &["web", "db"]), "db | web");
    }

    #[test]
    fn a_circle_is_placed_last_and_together() {
        let shop = graph(&[("a", &["b"]), ("b", &["a"]), ("c", &[])]);
        assert_eq!(levels(&shop, &["a", "b", "c"]), "c | a b");
    }

    /// The plain rule: each level holds what needs nothing of what is still left.
    fn level_by_level(graph: &Graph, of: &BTreeSet<Service>) -> Vec<Vec<Service>> {
        let mut left: Vec<&Service> = of.iter().collect();
        let mut levels = Vec::new();
        while !left.is_empty() {
            let waits = |one: &Service| left.iter().any(|other| graph.is_below(one, other));
            let ready: Vec<Service> =
                left.iter().filter(|one| !waits(one)).map(|one| (*one).clone()).collect();
            left.retain(|one| !ready.contains(one));
            levels.push(ready);
        }
        levels
    }

    proptest::proptest! {
        #[test]
        fn levels_are_those_that_are_found_one_after_the_other(
            edges in proptest::collection::vec((0_u8..12, 0_u8..12), 0..30),
            of in proptest::collection::btree_set(0_u8..14, 0..14),
        ) {
            let named = |at: u8| name(&format!("s{at}"));
            let mut graph = Graph::default();
            // A need is of a lower number, so that there is no circle.
            for (one, other) in edges.into_iter().filter(|(one, other)| one != other) {
                graph.add(named(one.max(other)), [named(one.min(other))]);
            }
            let of = of.into_iter().map(named).collect();
            proptest::prop_assert_eq!(graph.levels(&of), level_by_level(&graph, &of));
        }
    }

    #[test]
    fn what_needs_a_circle_is_placed_with_it_and_what_needs_itself_needs_nothing() {
        let shop = graph(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"]), ("d", &["d"])]);
        assert_eq!(levels(&shop, &["a", "b", "c", "d"]), "d | a b c");
    }

    #[test]
    fn dependents_are_found_through_others() {
        let shop = graph(&[("web", &["api"]), ("api", &["db"]), ("db", &[])]);
        let dependents = |of: &str| -> Vec<String> {
            shop.dependents(&name(of)).iter().map(ToString::to_string).collect()
        };
        assert_eq!(dependents("db"), ["api", "web"]);
        assert_eq!(dependents("web"), Vec::<String>::new());
    }

    fn conflicts(range: &str, found: Option<&str>) -> Vec<String> {
        let mut graph = Graph::default();
        graph.require(name("api"), name("db"), Range::new(range).unwrap());
        let mut versions = Versions::from([(name("api"), Version::named("7"))]);
        versions.extend(found.map(|found| (name("db"), Version::named(found))));
        graph.conflicts(&versions).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_conflict_names_both_sides() {
        for fine in ["2", "v2.1", "2.0.1", "3.0.0"] {
            assert_eq!(conflicts(">=2", Some(fine)), Vec::<String>::new(), "{fine}");
        }
        assert_eq!(conflicts(">=2", Some("1.9")), ["`api` 7 needs `db` >=2, and would have 1.9"]);
        assert_eq!(conflicts(">=2", None), ["`api` 7 needs `db` >=2, which would not be there"]);
        assert_eq!(
            conflicts(">=2", Some("main-4f2")),
            ["`api` 7 needs `db` >=2, and main-4f2 is no semantic version to compare"]
        );
    }

    #[test]
    fn a_range_that_cannot_be_read_says_why() {
        assert!(Range::new("two").is_err());
        assert!(Range::new(">=1.2, <3").is_ok());
    }
}
