//! Whether what would run after a change works together.

use super::ending::{Ending, Reason};
use super::graph::Conflict;
use super::names::Service;
use super::operation::Operation;
use super::outcome::{Safety, SafetyRule, Severity};
use super::plan::{Plan, Roster};
use super::state::State;
use super::target::Scope;

/// Returns what would not work together because of a plan; what is broken already is not its fault.
///
/// The ranges are today's. Two services that go back to how a stable deployment had them were seen to work
/// together, whatever today's ranges say.
pub fn conflicts(
    state: &State,
    plan: &Plan,
    roster: &Roster,
    target: Option<&Operation>,
) -> Vec<Conflict> {
    let mut after = state.versions();
    after.extend(plan.steps.iter().map(|step| (step.service.clone(), step.to.clone())));
    let moved =
        |service: &super::names::Service| plan.steps.iter().any(|step| step.service == *service);
    let proven = target.filter(|target| target.is_stable()).and_then(Operation::versions);
    let as_before = |service: &Service| {
        let before = proven.and_then(|versions| versions.get(service));
        before.is_some() && before == after.get(service)
    };
    let mut all = roster.conflicts(&after);
    all.retain(|found| moved(&found.service) || moved(&found.needed));
    all.retain(|found| !(as_before(&found.service) && as_before(&found.needed)));
    all
}

/// Returns the rule's word on a plan; none where nobody said which versions work together.
pub fn safety(state: &State, plan: &Plan, roster: &Roster, target: &Operation) -> Option<Safety> {
    if !roster.graph().has_ranges() {
        return None;
    }
    let conflicts = conflicts(state, plan, roster, Some(target));
    Some(Safety {
        name: SafetyRule::DependenciesSatisfied,
        passed: conflicts.is_empty(),
        severity: Severity::Error,
        message: match told(&conflicts) {
            told if told.is_empty() => "every service has the versions that it needs".to_owned(),
            told => told,
        },
    })
}

/// Returns what stands against a deployment for its versions' sake.
pub fn objection(state: &State, plan: &Plan, roster: &Roster) -> Option<Ending> {
    let conflicts = conflicts(state, plan, roster, None);
    let next = "Deploy versions of both that work together: `--service NAME=VERSION` for each.";
    let refusal = || Ending::new(Reason::DependencyConflict, told(&conflicts)).next(next);
    (!conflicts.is_empty()).then(refusal)
}

/// Returns a scope with all that must go along: whatever would be left beside a version that it cannot use.
pub fn widened(scope: &Scope, conflicts: &[Conflict]) -> Scope {
    match scope {
        Scope::All => Scope::All,
        Scope::Only(services) => {
            let sides = conflicts.iter().flat_map(|found| [&found.service, &found.needed]);
            Scope::Only(services.iter().chain(sides).cloned().collect())
        }
    }
}

fn told(conflicts: &[Conflict]) -> String {
    conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::graph::{Graph, Range};
    use super::super::history::{History, op, service};
    use super::super::plan::{self, Order};
    use super::*;

    /// `api` 2 needs `db` 2; both went there from 1.
    fn shop() -> (State, Roster) {
        let mut graph = Graph::default();
        graph.require(service("api"), service("db"), Range::new(">=2").unwrap());
        let history = History::new().deployed(1, "api=1 db=1").stable(1).deployed(2, "api=2 db=2");
        (history.state(), Roster::default().with(graph))
    }

    fn back(state: &State, roster: &Roster, scope: &Scope) -> Plan {
        let target = state.operation(op(1)).unwrap();
        plan::back_to(state, target, scope, roster, Order::NeedingFirst).unwrap()
    }

    fn only(name: &str) -> Scope {
        Scope::Only([service(name)].into())
    }

    fn against(state: &State, roster: &Roster, scope: &Scope) -> Vec<Conflict> {
        let target = state.operation(op(1)).unwrap();
        conflicts(state, &back(state, roster, scope), roster, Some(target))
    }

    #[test]
    fn a_dependent_that_would_be_left_behind_is_named_with_what_it_needs() {
        let (state, roster) = shop();
        let plan = back(&state, &roster, &only("db"));
        let safety = safety(&state, &plan, &roster, state.operation(op(1)).unwrap()).unwrap();
        assert!(!safety.passed);
        assert_eq!(safety.message, "`api` 2 needs `db` >=2, and would have 1");
    }

    #[test]
    fn it_goes_along_where_the_scope_is_widened_to_what_was_seen_to_work() {
        let (state, roster) = shop();
        let found = against(&state, &roster, &only("db"));
        let wide = widened(&only("db"), &found);
        assert_eq!(wide, Scope::Only([service("api"), service("db")].into()));
        assert_eq!(against(&state, &roster, &wide), []);
        assert_eq!(widened(&Scope::All, &found), Scope::All);
    }

    #[test]
    fn what_was_never_found_stable_is_held_to_the_ranges() {
        let (_, roster) = shop();
        let state = History::new().deployed(1, "api=1 db=1").deployed(2, "api=2 db=2").state();
        assert_eq!(against(&state, &roster, &Scope::All).len(), 1);
    }

    #[test]
    fn what_does_not_work_together_anyway_stands_against_nothing() {
        let (_, roster) = shop();
        let state = History::new().deployed(1, "api=1 db=1 web=1").deployed(2, "web=2").state();
        let plan = back(&state, &roster, &only("web"));
        let target = state.operation(op(1)).unwrap();
        assert!(safety(&state, &plan, &roster, target).unwrap().passed);
        assert_eq!(safety(&state, &plan, &Roster::default(), target), None);
        assert_eq!(objection(&state, &plan, &roster), None);
    }
}
