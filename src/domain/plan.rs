//! What a change will do, to be shown or obeyed.

use super::ending::{Ending, Reason};
use super::event::{Change, PlannedStep};
use super::names::Service;
use super::operation::Operation;
use super::state::State;
use super::target::Scope;
use super::version::Versions;

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

/// The services that the configuration names, with what each was called before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    services: Vec<(Service, Vec<Service>)>,
}

impl Roster {
    /// Takes the configured services in the order in which they go back, each with its old names.
    pub fn new(services: Vec<(Service, Vec<Service>)>) -> Self {
        Self { services }
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

    fn place(&self, service: &Service) -> usize {
        let place = self.services.iter().position(|(today, _)| today == service);
        place.unwrap_or(self.services.len())
    }
}

/// Plans the way back from what runs to a restore point.
pub fn back_to(
    state: &State,
    target: &Operation,
    scope: &Scope,
    roster: &Roster,
) -> Result<Plan, Ending> {
    let running = today(&state.versions(), roster);
    let wanted = wanted_versions(target, scope, roster)?;
    let mut plan = Plan::default();
    for (service, version) in &wanted {
        let from = state.suspected(service).or_else(|| running.get(service)).cloned();
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
    plan.steps.sort_by_key(|step| (roster.place(&step.service), step.service.clone()));
    Ok(plan)
}

fn today(versions: &Versions, roster: &Roster) -> Versions {
    let name = |service: &Service| roster.today(service).unwrap_or_else(|| service.clone());
    versions.iter().map(|(service, version)| (name(service), version.clone())).collect()
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

/// Plans a deployment of versions on top of what runs.
pub fn forward_to(state: &State, versions: &Versions, roster: &Roster) -> Plan {
    let running = state.versions();
    let mut plan = Plan::default();
    for (service, version) in versions {
        let from = running.get(service).cloned();
        let step = PlannedStep { service: service.clone(), from, to: version.clone() };
        plan.steps.push(step);
    }
    plan.steps.sort_by_key(|step| (roster.place(&step.service), step.service.clone()));
    plan.unchanged = running.keys().filter(|s| !versions.contains_key(*s)).cloned().collect();
    plan
}

#[cfg(test)]
mod tests;
