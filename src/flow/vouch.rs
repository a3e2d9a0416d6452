//! Asks a branch and a tag about what would be brought.

use super::desk::{Desk, Page, Whole};
use super::halt::Step;
use crate::domain::operation::Operation;
use crate::domain::outcome::Safety;
use crate::domain::plan::{self, Order, Plan};
use crate::domain::state::State;
use crate::domain::target::{self, Scope, Wanted};
use crate::domain::vouch::{self, Branches, Brought, Descent, Evidence, TagSays};
use crate::ports::{Action, Branch, TagThere};

/// The most commits of one target that are asked after: each may be a question to the platform.
const MOST: usize = 4;

/// What a rollback is decided on besides the live ledger.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    /// The archive, where it was asked for.
    pub(super) whole: Whole,
    /// What is known of the target; none where there is no target.
    pub(super) evidence: Option<Evidence>,
    /// Whether what would be brought is there; none where nobody can tell.
    pub(super) stock: Option<Safety>,
}

impl Desk {
    /// Finds out what a rollback is decided on, before it is decided.
    pub(super) async fn prepare(
        &self,
        wanted: &Wanted,
        scope: &Scope,
        page: &Page,
    ) -> Step<Prepared> {
        let whole = self.archive_for(wanted, scope, page).await?;
        let state = self.with(page, &whole);
        let Some((target, plan)) = self.meant(&state, wanted, scope) else {
            return Ok(Prepared { whole, ..Prepared::default() });
        };
        let evidence = self.evidence(target, vouch::brought_back(&plan.steps)).await;
        let slot = self.slot_for(&page.state);
        let driven = self.driven_steps(&page.state, &plan.steps, slot.as_ref());
        let stock = self.stock(target, slot.as_ref(), Action::Rollback, &driven).await;
        Ok(Prepared { whole, evidence: Some(evidence), stock })
    }

    /// Returns whether what was found out is about what would be decided now.
    pub(super) fn is_prepared(
        &self,
        wanted: &Wanted,
        scope: &Scope,
        page: &Page,
        prepared: &Prepared,
    ) -> bool {
        let state = self.with(page, &prepared.whole);
        self.meant(&state, wanted, scope).is_none_or(|(target, plan)| {
            let brought = vouch::brought_back(&plan.steps);
            prepared.evidence.as_ref().is_some_and(|known| known.covers(target.id, &brought))
        })
    }

    /// Returns the target and what would be brought back of it; a rollback that will be refused has none.
    fn meant<'a>(
        &self,
        state: &'a State,
        wanted: &Wanted,
        scope: &Scope,
    ) -> Option<(&'a Operation, Plan)> {
        let target = target::choose(state, wanted, scope, &self.tags).ok()?;
        let plan = plan::back_to(state, target, scope, &self.roster, Order::NeededFirst).ok()?;
        Some((target, plan))
    }

    /// Returns what stands for and against a target that the ledger alone calls good.
    pub(super) fn vouched(
        &self,
        target: &Operation,
        plan: &Plan,
        prepared: &Prepared,
    ) -> [Safety; 2] {
        let brought = vouch::brought_back(&plan.steps);
        let known = prepared.evidence.as_ref().filter(|known| known.covers(target.id, &brought));
        let unasked = || {
            let why = "it was not asked after".to_owned();
            let (descent, tag) = (Descent::Unknown(why.clone()), TagSays::Unknown(why));
            Evidence { target: target.id, brought, descent, tag }
        };
        let evidence = known.cloned().unwrap_or_else(unasked);
        vouch::safety(&self.policy.target, target.n, &evidence)
    }

    pub(super) async fn evidence(&self, target: &Operation, brought: Brought) -> Evidence {
        let descent = self.descent(&brought).await;
        let tag = self.tag_says(target).await;
        Evidence { target: target.id, brought, descent, tag }
    }

    async fn descent(&self, brought: &Brought) -> Descent {
        let mut said = Vec::new();
        if let Some(service) = brought.without.first() {
            let why = format!("the version of `{service}` names no commit of this repository");
            said.push(Descent::Unknown(why));
        }
        for (count, commit) in brought.commits.iter().enumerate() {
            if count == MOST {
                said.push(Descent::Unknown(format!("it has more than {MOST} commits")));
                break;
            }
            let mut each = Vec::new();
            for branch in self.vouching() {
                let one = self.ports.lineage.descent(commit, &branch).await;
                let is_part = one == Descent::Part;
                each.push(one);
                if is_part {
                    break;
                }
            }
            said.push(vouch::any(each));
        }
        vouch::all(said)
    }

    fn vouching(&self) -> Vec<Branch> {
        match &self.policy.target.reachable_from {
            Branches::Usual => vec![Branch::Default],
            Branches::Named(names) => names.iter().cloned().map(Branch::Named).collect(),
        }
    }

    /// Returns what a tag of the remote says of a deployment.
    pub fn says(there: &TagThere, target: &Operation) -> TagSays {
        match there {
            TagThere::Same => TagSays::Same,
            TagThere::Absent => TagSays::Absent,
            TagThere::Other { target: on, message } => {
                vouch::read_tag(message.as_deref(), on.as_deref(), target)
            }
        }
    }

    async fn tag_says(&self, target: &Operation) -> TagSays {
        let versions = target.versions().cloned().unwrap_or_default();
        let Some(order) = self.deploy_tag(target, &versions) else { return TagSays::Absent };
        match self.ports.ledger.compare(&[order]).await.as_deref() {
            Ok([there]) => Self::says(there, target),
            Ok([] | [_, _, ..]) => TagSays::Unknown("it was not told".to_owned()),
            Err(error) => TagSays::Unknown(error.message().to_owned()),
        }
    }
}
