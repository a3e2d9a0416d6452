//! Whether tags and lines say the same of each deployment.

use crate::domain::operation::{Ended, Operation, Stability};
use crate::domain::outcome::{Finding, Health};
use crate::domain::state::State;
use crate::domain::text;
use crate::domain::vouch::TagSays;
use crate::error::Result;
use crate::flow::desk::{Desk, Page};
use crate::ports::{FoundTag, TagOrder};

const ALARM: &str = "somebody made it by hand, or lines were lost: see docs/recovery.md";

/// Compares the environment's tags with its lines, in the ledger and its archive.
///
/// A ledger only grows. Where it did not, there are tags that it knows nothing of, or that say something else.
pub(super) async fn examine(desk: &Desk, page: &Page) -> Vec<Finding> {
    match compared(desk, page).await {
        Ok(findings) => findings,
        Err(error) => vec![finding(desk, Health::Odd, error.message().to_owned(), None)],
    }
}

async fn compared(desk: &Desk, page: &Page) -> Result<Vec<Finding>> {
    let state = desk.with(page, &desk.whole(page).await?);
    let deploy = desk.ports.ledger.tags(&desk.tags.every_deploy()).await?;
    let stable = desk.ports.ledger.tags(&desk.tags.every_stable()).await?;
    let mut findings = Vec::new();
    for tag in deploy.iter().chain(&stable) {
        findings.extend(without_lines(desk, &state, tag));
    }
    findings.extend(that_differ(desk, &state, &deploy, &stable).await?);
    findings.extend(stable.iter().filter_map(|tag| that_praises(desk, &state, tag)));
    findings.extend(missing(desk, &state, &deploy));
    Ok(findings)
}

fn without_lines(desk: &Desk, state: &State, tag: &FoundTag) -> Option<Finding> {
    let number = desk.tags.number(&tag.name);
    let known = number.is_some_and(|n| !state.numbered(n).is_empty());
    let message = format!("tag `{}` has no line in the ledger", text::clean(&tag.name, 100));
    (!known).then(|| finding(desk, Health::Broken, message, Some(ALARM)))
}

/// Returns a finding for each tag that says something else than every deployment of its number.
async fn that_differ(
    desk: &Desk,
    state: &State,
    deploy: &[FoundTag],
    stable: &[FoundTag],
) -> Result<Vec<Finding>> {
    let (orders, operations) = orders(desk, state, deploy, stable);
    let there = desk.ports.ledger.compare(&orders).await?;
    let said = orders.iter().zip(there.iter().zip(&operations));
    let said: Vec<(&str, TagSays)> = said
        .map(|(order, (there, operation))| (order.name(), Desk::says(there, operation)))
        .collect();
    let is_same =
        |name: &str| said.iter().any(|(other, says)| *other == name && *says == TagSays::Same);
    let mut names: Vec<&str> = said
        .iter()
        .filter(|(name, says)| *says == TagSays::Otherwise && !is_same(name))
        .map(|(name, _)| *name)
        .collect();
    names.dedup();
    let told = names.into_iter().map(|name| {
        let message = format!("tag `{name}` says something else than the ledger");
        let next = "either was changed by hand: see docs/security.md, and who may write there";
        finding(desk, Health::Broken, message, Some(next))
    });
    Ok(told.collect())
}

/// Returns the tags as the ledger would make them, each with its deployment.
fn orders<'a>(
    desk: &Desk,
    state: &'a State,
    deploy: &[FoundTag],
    stable: &[FoundTag],
) -> (Vec<TagOrder>, Vec<&'a Operation>) {
    let mut all = (Vec::new(), Vec::new());
    for operation in state.deployments() {
        let versions = operation.versions().cloned().unwrap_or_default();
        let both = [desk.deploy_tag(operation, &versions), desk.stable_tag(operation)];
        let there =
            |order: &TagOrder| deploy.iter().chain(stable).any(|tag| tag.name == order.name());
        for order in both.into_iter().flatten().filter(there) {
            all.0.push(order);
            all.1.push(operation);
        }
    }
    all
}

/// A `stable` tag of what the ledger never called stable was made by another hand.
fn that_praises(desk: &Desk, state: &State, tag: &FoundTag) -> Option<Finding> {
    let n = desk.tags.number(&tag.name)?;
    let numbered = state.numbered(n);
    let name = text::clean(&tag.name, 100);
    let worst = numbered.iter().map(|operation| &operation.stability).find(|stability| {
        !matches!(stability, Stability::Stable { .. } | Stability::Ended(Ended::Demoted))
    })?;
    let (health, what, next) = match worst {
        Stability::Ended(Ended::Fled) => (Health::Odd, "was rolled back from", "git push --delete"),
        Stability::Ended(Ended::MarkedBad) => (Health::Odd, "was marked bad", "git push --delete"),
        Stability::Unproven | Stability::Stable { .. } | Stability::Ended(Ended::Demoted) => {
            (Health::Broken, "was never found good", "")
        }
    };
    let next = match next {
        "" => ALARM.to_owned(),
        command => format!("{command} {} refs/tags/{name}", "origin"),
    };
    let message = format!("tag `{name}` stands, and deployment {n} {what}");
    Some(finding(desk, health, message, Some(&next)))
}

/// Returns the newest deployments that should have a tag and have none.
fn missing(desk: &Desk, state: &State, deploy: &[FoundTag]) -> Option<Finding> {
    let has_none = |n: u64| deploy.iter().all(|tag| desk.tags.number(&tag.name) != Some(n));
    let newest = state.deployments().into_iter().take(desk.policy.keep.tags);
    let without: Vec<String> = newest
        .filter(|operation| operation.commit().is_some() && has_none(operation.n))
        .map(|operation| operation.n.to_string())
        .collect();
    let shown = without.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
    let more = if without.len() > 10 { " …" } else { "" };
    let next = "their commit is not in the repository, or the token may not make tags: `tag_result` \
                of `record` says which";
    let message = format!("{} deployments have no `deploy` tag: {shown}{more}", without.len());
    (!without.is_empty()).then(|| finding(desk, Health::Odd, message, Some(next)))
}

fn finding(desk: &Desk, health: Health, message: String, next: Option<&str>) -> Finding {
    let subject = desk.environment.to_string();
    Finding { subject, health, message, next: next.map(ToOwned::to_owned) }
}
