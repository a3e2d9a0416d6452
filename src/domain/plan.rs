//! What a change will do, to be shown or obeyed.

use std::collections::BTreeSet;

use super::ending::{Ending, Reason};
use super::event::{Change, Kind, PlannedStep};
use super::graph::{Conflict, Graph};
use super::names::Service;
use super::operation::Operation;
use super::policy::Strategy;
use super::state::State;
use super::target::Scope;
use super::version::{Version, Versions};

/// What a change does to each service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The services to move, in order.
    pub steps: Vec<PlannedStep>,
    /// The services that already run what they should.
    pub unchanged: Vec<Service>,
    /// The services that the target does not know; they stay as they are.
    pub not_in_target: Vec<Service>,
}

impl Plan {
    /// Returns whether there is nothing to move.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns what the steps replace, by service.
    pub fn changes(&self) -> std::collections::BTreeMap<Service, Change> {
        changes(&self.steps)
    }
}

/// Returns what steps replace, by service.
pub fn changes(steps: &[PlannedStep]) -> std::collections::BTreeMap<Service, Change> {
    let change = |step: &PlannedStep| Change { from: step.from.clone(), to: step.to.clone() };
    steps.iter().map(|step| (step.service.clone(), change(step))).collect()
}

/// In which order the services of an operation are driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Level by level, each after what it needs.
    NeededFirst,
    /// Level by level, each before what it needs: nothing runs beside an older one that it cannot use.
    NeedingFirst,
    /// One at a time, each after what it needs: its checks tell nothing while what it needs is sick.
    OneByOne,
}

impl Order {
    /// Returns the order that a strategy has for a kind of operation.
    pub fn of(kind: Kind, strategy: Strategy) -> Self {
        match (strategy, kind) {
            (Strategy::ServiceByService, _) => Self::OneByOne,
            (Strategy::Immediate | Strategy::Gradual, Kind::Rollback) => Self::NeedingFirst,
            (Strategy::Immediate | Strategy::Gradual, _) => Self::NeededFirst,
        }
    }
}

/// The services that the configuration names, with what each was called before and what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    services: Vec<(Service, Vec<Service>)>,
    graph: Graph,
}

impl Roster {
    /// Takes the configured services, each after those that it needs, with its old names.
    pub fn new(services: Vec<(Service, Vec<Service>)>) -> Self {
        Self { services, graph: Graph::default() }
    }

    /// Adds what each service needs of others.
    #[must_use]
    pub fn with(self, graph: Graph) -> Self {
        Self { graph, ..self }
    }

    /// Returns what each service needs of others.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Returns steps as they are driven: those of one wave at the same time, each wave after the one before.
    pub fn waves(&self, steps: &[PlannedStep], order: Order) -> Vec<Vec<PlannedStep>> {
        let services = steps.iter().map(|step| step.service.clone()).collect();
        let mut levels = self.graph.levels(&services);
        match order {
            Order::NeededFirst => {}
            Order::NeedingFirst => levels.reverse(),
            Order::OneByOne => {
                levels = levels.into_iter().flatten().map(|service| vec![service]).collect();
            }
        }
        let of = |level: Vec<Service>| {
            let steps = steps.iter().filter(|step| level.contains(&step.service));
            steps.cloned().collect()
        };
        levels.into_iter().map(of).collect()
    }

    /// Returns what would not work together if these versions ran.
    pub fn conflicts(&self, versions: &Versions) -> Vec<Conflict> {
        self.graph.conflicts(versions)
    }

    /// Returns today's name of a service; `None` where the configuration no longer has it.
    ///
    /// Without any configured service every name is today's.
    pub fn today(&self, service: &Service) -> Option<Service> {
        if self.services.is_empty() {
            return Some(service.clone());
        }
        let named =
            self.services.iter().find(|(today, was)| today == service || was.contains(service));
        named.map(|(today, _)| today.clone())
    }

    fn arranged(&self, steps: &[PlannedStep], order: Order) -> Vec<PlannedStep> {
        self.waves(steps, order).into_iter().flatten().collect()
    }
}

/// Returns whether a step may be taken although some services could not be moved: what needs one of
/// them waits for it, and what one of them still runs beside must be a version that it can use.
pub fn may_move(
    step: &PlannedStep,
    order: Order,
    roster: &Roster,
    operation: &Operation,
    failed: &BTreeSet<Service>,
) -> bool {
    match order {
        Order::NeededFirst | Order::OneByOne => {
            !failed.iter().any(|other| roster.graph.dependents(other).contains(&step.service))
        }
        Order::NeedingFirst => {
            let stays = operation.plan().iter().filter(|other| failed.contains(&other.service));
            let stays =
                stays.filter_map(|other| Some((other.service.clone(), other.from.clone()?)));
            let mut beside: Versions = stays.collect();
            beside.insert(step.service.clone(), step.to.clone());
            let stands_against =
                |found: &Conflict| found.needed == step.service && failed.contains(&found.service);
            !roster.conflicts(&beside).iter().any(stands_against)
        }
    }
}

/// Plans the way back from what runs to a restore point.
pub fn back_to(
    state: &State,
    target: &Operation,
    scope: &Scope,
    roster: &Roster,
    order: Order,
) -> Result<Plan, Ending> {
    let running = today(&state.versions(), roster);
    let wanted = wanted_versions(target, scope, roster)?;
    let mut plan = Plan::default();
    for (service, version) in &wanted {
        // One that is to run what it may run already comes, for all that is known, from what the ledger says.
        let suspected = state.suspected(service).filter(|suspected| *suspected != version);
        let from = suspected.or_else(|| running.get(service)).cloned();
        let known = !state.unknown.contains_key(service);
        if known && from.as_ref() == Some(version) {
            plan.unchanged.push(service.clone());
        } else {
            let step = PlannedStep { service: service.clone(), from, to: version.clone() };
            plan.steps.push(step);
        }
    }
    let newer = running.keys().filter(|service| scope.covers(service));
    plan.not_in_target = newer.filter(|s| !wanted.contains_key(*s)).cloned().collect();
    plan.steps = roster.arranged(&plan.steps, order);
    Ok(plan)
}

fn today(versions: &Versions, roster: &Roster) -> Versions {
    let name = |service: &Service| roster.today(service).unwrap_or_else(|| service.clone());
    versions.iter().map(|(service, version)| (name(service), version.clone())).collect()
}

/// Returns what a service is put back to: where it is not known what it ran, what the ledger says.
///
/// What a plan says of such a service is a guess: the ledger would take it for known, and be wrong.
pub fn before(state: &State, step: &PlannedStep, roster: &Roster) -> Option<Version> {
    if state.unknown.contains_key(&step.service) {
        return today(&state.versions(), roster).remove(&step.service);
    }
    step.from.clone()
}

fn wanted_versions(target: &Operation, scope: &Scope, roster: &Roster) -> Result<Versions, Ending> {
    let mut wanted = Versions::new();
    for (service, version) in target.versions().into_iter().flatten() {
        let named = roster.today(service);
        let name = named.clone().unwrap_or_else(|| service.clone());
        if !scope.covers(&name) && !scope.covers(service) {
            continue;
        }
        let Some(today) = named else { return Err(gone(service, target.n)) };
        wanted.insert(today, version.clone());
    }
    match scope {
        Scope::Only(services) => {
            let missing = services.iter().find(|service| !wanted.contains_key(*service));
            missing.map_or(Ok(wanted), |service| Err(not_there(service, target)))
        }
        Scope::All => Ok(wanted),
    }
}

fn gone(service: &Service, n: u64) -> Ending {
    Ending::new(
        Reason::ServiceGone,
        format!("deployment {n} has a service `{service}` that the configuration no longer has"),
    )
    .next(format!("give its new name `was: [{service}]` in the configuration, or use `--service`"))
}

fn not_there(service: &Service, target: &Operation) -> Ending {
    let has: Vec<String> =
        target.versions().into_iter().flatten().map(|(s, _)| format!("`{s}`")).collect();
    Ending::new(
        Reason::TargetUnknown,
        format!("deployment {} has no service `{service}`; it has {}", target.n, has.join(", ")),
    )
}

/// Returns what stands against a scope that names what neither the configuration nor any deployment has.
pub fn stranger(state: &State, scope: &Scope, roster: &Roster) -> Option<Ending> {
    let Scope::Only(services) = scope else { return None };
    let deployed: BTreeSet<&Service> = state
        .deployments()
        .into_iter()
        .filter_map(Operation::versions)
        .flat_map(Versions::keys)
        .collect();
    let configured =
        |service: &Service| !roster.services.is_empty() && roster.today(service).is_some();
    let is_strange = |service: &&Service| !deployed.contains(*service) && !configured(service);
    let strange = services.iter().find(is_strange)?;
    let known: BTreeSet<&Service> = match roster.services.as_slice() {
        [] => deployed,
        configured => configured.iter().map(|(service, _)| service).collect(),
    };
    let known: Vec<String> = known.iter().map(|service| format!("`{service}`")).collect();
    if known.is_empty() {
        return None;
    }
    let has = known.join(", ");
    let message = format!("`{}` has no service `{strange}`; it has {has}", state.environment);
    Some(Ending::new(Reason::Invalid, message).next("Give `--service NAME` once for each service."))
}

/// Plans a deployment of versions on top of what runs.
pub fn forward_to(state: &State, versions: &Versions, roster: &Roster) -> Plan {
    let running = state.versions();
    let mut plan = Plan::default();
    for (service, version) in versions {
        let from = running.get(service).cloned();
        let step = PlannedStep { service: service.clone(), from, to: version.clone() };
        plan.steps.push(step);
    }
    plan.steps = roster.arranged(&plan.steps, Order::NeededFirst);
    plan.unchanged = running.keys().filter(|s| !versions.contains_key(*s)).cloned().collect();
    plan
}

#[cfg(test)]
mod tests;
