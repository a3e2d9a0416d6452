//! Brings tags to the remote without the ledger.

use super::GitLedger;
use super::fetch;
use super::objects;
use super::push::{Earnest, Lease, Pushed, RefChange, Row, Together, push};
use super::refs;
use super::store::Belief;
use crate::error::Result;
use crate::ports::{FoundTag, TagOrder, TagResult};

/// A tag order, ready to be pushed; `change` is `None` where there is no such commit.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    pub(super) name: String,
    pub(super) change: Option<RefChange>,
    pub(super) target: Option<String>,
    pub(super) order: TagOrder,
}

/// The result of each tag, in the order they were asked for.
pub(super) type Results = Vec<(String, TagResult)>;

impl GitLedger {
    /// Makes the objects that tags are; a target that cannot be had gives none.
    pub(super) async fn ordered(&self, orders: &[TagOrder]) -> Result<Vec<Ordered>> {
        let mut ordered = Vec::with_capacity(orders.len());
        for order in orders {
            let name = order.name().to_owned();
            let (change, target) = match order {
                TagOrder::Create { target, .. } if !self.obtain(target).await => (None, None),
                TagOrder::Create { target, .. } => {
                    let object = objects::tag_of(&self.store.ledgers(), order)?;
                    let name = refs::tag(&name);
                    let change = RefChange { name, lease: Lease::Absent, new: object };
                    (Some(change), Some(target.as_str().to_owned()))
                }
                TagOrder::Remove { object, .. } => {
                    let lease = Lease::At(object.clone());
                    (Some(RefChange { name: refs::tag(&name), lease, new: None }), None)
                }
            };
            ordered.push(Ordered { name, change, target, order: order.clone() });
        }
        Ok(ordered)
    }

    /// Pushes tags by themselves; what the remote will not take is told with its cause.
    pub(super) async fn push_tags(&self, tags: &[Ordered], tip: Option<&str>) -> Result<Results> {
        let mut settled: Vec<Option<TagResult>> = tags.iter().map(without_commit).collect();
        let mut cause = String::new();
        // What stands in another's way is settled in the first round; what needs more than the
        // remote was believed to have, in the second.
        for belief in [self.belief(tip, tags), Belief::Shallow] {
            let open: Vec<RefChange> = open(tags, &settled).cloned().collect();
            if open.is_empty() {
                break;
            }
            let how = (Together::Apart, Earnest::Real);
            let pushed = push(&self.remote.git, &self.store, &open, how, &belief).await?;
            cause = refusal(&pushed);
            self.settle(tags, &mut settled, &pushed).await?;
        }
        let refused = || TagResult::Refused(cause.clone());
        let results = tags.iter().zip(settled);
        let results = results.map(|(tag, end)| (tag.name.clone(), end.unwrap_or_else(refused)));
        Ok(self.climb(tags, results.collect()).await)
    }

    /// Says what became of tags whose push went well or badly, by its rows and the remote's list.
    async fn settle(
        &self,
        tags: &[Ordered],
        settled: &mut [Option<TagResult>],
        pushed: &Pushed,
    ) -> Result<()> {
        for (tag, end) in tags.iter().zip(settled.iter_mut()) {
            *end = end.take().or_else(|| by_row(tag, pushed));
        }
        if settled.iter().all(Option::is_some) {
            return Ok(());
        }
        let found = self.find_tags(tags).await?;
        for (tag, end) in tags.iter().zip(settled.iter_mut()) {
            *end = end.take().or_else(|| by_list(tag, &found));
        }
        Ok(())
    }

    /// Says what became of tags that went with a ledger which arrived.
    pub(super) async fn settled_with_ledger(
        &self,
        tags: &[Ordered],
        pushed: &Pushed,
        tip: &str,
    ) -> Results {
        let mut settled: Vec<Option<TagResult>> = tags.iter().map(without_commit).collect();
        for (tag, end) in tags.iter().zip(settled.iter_mut()) {
            *end = end.take().or_else(|| by_row(tag, pushed).filter(|_| pushed.accepted));
        }
        let known: Option<Results> = tags
            .iter()
            .zip(settled)
            .map(|(tag, end)| end.map(|end| (tag.name.clone(), end)))
            .collect();
        match known {
            Some(results) => results,
            None => self.tags_after_ledger(tags, tip).await,
        }
    }

    /// Pushes the tags of a ledger that is on the remote; whatever happens, the ledger stands.
    pub(super) async fn tags_after_ledger(&self, tags: &[Ordered], tip: &str) -> Results {
        match self.push_tags(tags, Some(tip)).await {
            Ok(results) => results,
            Err(error) => {
                let cause = error.causes().into_iter().next().unwrap_or_else(|| error.to_string());
                let end = |tag| without_commit(tag).unwrap_or(TagResult::Refused(cause.clone()));
                tags.iter().map(|tag| (tag.name.clone(), end(tag))).collect()
            }
        }
    }

    async fn find_tags(&self, tags: &[Ordered]) -> Result<Vec<FoundTag>> {
        let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
        fetch::tags(&self.remote.git, &self.store, &self.remote.shown, &names).await
    }

    /// Chooses what git is to believe, so that a tag never drags a tree or a history along.
    pub(super) fn belief(&self, tip: Option<&str>, tags: &[Ordered]) -> Belief {
        match tip {
            Some(tip) if self.version < super::NO_GRAFTS => {
                let mut commits: Vec<String> =
                    tags.iter().filter_map(|tag| tag.target.clone()).collect();
                commits.sort();
                commits.dedup();
                Belief::Grafted { tip: tip.to_owned(), commits }
            }
            Some(_) | None => Belief::Shallow,
        }
    }
}

fn without_commit(tag: &Ordered) -> Option<TagResult> {
    tag.change.is_none().then_some(TagResult::None)
}

fn open<'a>(
    tags: &'a [Ordered],
    settled: &[Option<TagResult>],
) -> impl Iterator<Item = &'a RefChange> {
    let open = tags.iter().zip(settled).filter(|(_, end)| end.is_none());
    open.filter_map(|(tag, _)| tag.change.as_ref()).collect::<Vec<_>>().into_iter()
}

pub(super) fn by_row(tag: &Ordered, pushed: &Pushed) -> Option<TagResult> {
    let change = tag.change.as_ref()?;
    match (pushed.rows.get(&change.name)?, &change.new) {
        (Row::Done, Some(_)) => Some(TagResult::Created),
        (Row::UpToDate, Some(_)) => Some(TagResult::Exists),
        (Row::Done | Row::UpToDate, None) => Some(TagResult::Removed),
        (Row::Rejected(_) | Row::RemoteRejected(_) | Row::Unanswered, _) => None,
    }
}

fn by_list(tag: &Ordered, found: &[FoundTag]) -> Option<TagResult> {
    let change = tag.change.as_ref()?;
    let there = found.iter().find(|found| found.name == tag.name).map(|found| &found.object);
    match (there, &change.new) {
        (Some(there), Some(ours)) if there == ours => Some(TagResult::Exists),
        (Some(there), None) if change.lease == Lease::At(there.clone()) => None,
        (Some(_), _) => Some(TagResult::Conflict),
        (None, Some(_)) => None,
        (None, None) => Some(TagResult::Removed),
    }
}

/// Puts the rows' reasons before what git complained of.
pub(super) fn refusal(pushed: &Pushed) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for row in pushed.rows.values() {
        if let Row::Rejected(why) | Row::RemoteRejected(why) = row
            && !reasons.contains(&why.as_str())
        {
            reasons.push(why);
        }
    }
    reasons.sort_unstable();
    reasons.push(&pushed.complaint);
    crate::domain::text::clean(&reasons.join("; "), super::program::MOST_CAUSE)
}
