//! Checks as they are meant, and whether they make a gate.

use super::super::fit::shows_foreign;
use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::findings::{Findings, Lost};
use super::{CheckConfig, ProbeSettings, limits, weighing};
use crate::adapters::secret::Secret;
use crate::domain::check::{Check, Phase, Reach, Rehearsal, Weight};
use crate::domain::duration::Span;
use crate::domain::gate::{self, GateMistake, Worth};
use crate::domain::limits::Limits;
use crate::domain::names::Service;
use crate::domain::operation::LONGEST_LOOK;
use crate::domain::policy::VerifyPolicy;
use crate::domain::text::clean;
use std::collections::BTreeMap;

/// Returns the checks of a list, and tells all that makes no sense about each.
pub(in super::super) fn checks<'a>(
    written: Vec<written::Check>,
    list: &'a Node,
    service: Option<&Service>,
    findings: &mut Findings<'a>,
) -> Vec<CheckConfig> {
    let pairs = written.into_iter().zip(list.items());
    pairs.filter_map(|(written, node)| check(written, node, service, findings)).collect()
}

fn check<'a>(
    mut written: written::Check,
    node: &'a Node,
    service: Option<&Service>,
    findings: &mut Findings<'a>,
) -> Option<CheckConfig> {
    let phase = Phase::from(written.phase);
    let asked = written.take_questions();
    let reach = asked.first().map_or(Reach::Direct, |asked| asked.question().reach());
    let limits = limits::limits(&written, reach, node, findings);
    let weight = if written.advisory { Weight::Advisory } else { Weight::Required };
    let Some(probe) = only_question(asked, node, findings) else {
        findings.dropped = Lost::Some;
        return None;
    };
    same_at_both(node, probe.question().kind(), findings);
    let name = written.name.clone().unwrap_or_else(|| derived_name(&probe, node));
    named(&name, node, findings);
    let worth = weighing::worth(&written, node, findings);
    let skipped = written.rehearse == Some(false);
    let rehearsal = if skipped { Rehearsal::Skipped } else { Rehearsal::Asked };
    let service = service.cloned();
    let check = Check { name, service, phase, weight, worth, rehearsal, limits };
    findings.asked.push((check.clone(), node));
    let filled = filled(node.at(probe.question().kind()));
    Some(CheckConfig { check, probe, filled })
}

/// Returns the control probe: one look is enough, so that only the time of it is configured.
pub(super) fn control(
    mut written: written::Control,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Option<CheckConfig> {
    let probe = only_question(written.take_questions(), node, findings)?;
    let usual = Limits::defaults(Phase::Settle, probe.question().reach());
    let mut limits = Limits { success_streak: Some(1), ..usual };
    limits.timeout = written.timeout.map_or(limits.timeout, Span::get);
    if limits.timeout.is_zero() {
        findings.about(node.at("timeout"), "no time to measure; write `5s`");
    }
    let filled = filled(node.at(probe.question().kind()));
    let (name, weight) = (format!("control {}", derived_name(&probe, node)), Weight::Advisory);
    Some(CheckConfig {
        check: Check {
            name,
            service: None,
            phase: Phase::Settle,
            weight,
            worth: Worth::default(),
            rehearsal: Rehearsal::Skipped,
            limits,
        },
        probe,
        filled,
    })
}

/// Returns what a check asks, and tells where that is nothing, or more than one thing.
fn only_question(
    asked: Vec<ProbeSettings>,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Option<ProbeSettings> {
    let mut asked = asked.into_iter();
    let Some(probe) = asked.next() else {
        if !node.has_lost() {
            let message =
                "the check asks nothing: it has no `http`, `tcp`, `command` or other kind";
            let finding = Finding::new(node.place.clone(), message);
            findings.add(finding.hint("write it like `http: {url: https://shop.example/health}`"));
        }
        return None;
    };
    let question = probe.question();
    let kind = question.kind();
    // What is not whole would be blamed for what it lost.
    if !node.at(kind).has_lost() {
        asked_wrongly(&probe, node, findings);
    }
    if let Some(second) = asked.next() {
        let second = second.question().kind();
        let message = format!("a check asks one question, and this asks `{kind}` and `{second}`");
        findings.add(Finding::new(node.key_place(second), message).hint("make two checks of it"));
    }
    Some(probe)
}

/// Tells the mistakes of a question, without what came from outside the file.
fn asked_wrongly(probe: &ProbeSettings, node: &Node, findings: &mut Findings<'_>) {
    let question = probe.question();
    let kind = question.kind();
    let place = node.key_place(kind);
    for why in question.mistakes() {
        let shows = shows_foreign(node.at(kind), &why);
        let place = place.clone();
        findings.add(if shows { Finding::hidden(place) } else { Finding::new(place, why) });
    }
}

/// Returns what variables put into a question; where it is asked is told, by each kind without who logs in.
fn filled(asked: &Node) -> Vec<Secret> {
    const PLACES: [&str; 5] = ["url", "address", "server", "host", "remote"];
    let own = asked.foreign.iter().cloned().map(Secret::new);
    let keyed = asked.entries().iter().filter(|entry| !PLACES.contains(&entry.key.as_str()));
    let within = asked.items().iter().chain(keyed.map(|entry| &entry.node)).flat_map(filled);
    own.chain(within).collect()
}

/// Calls a check after its question; what came from outside the file stays out of its name.
fn derived_name(probe: &ProbeSettings, node: &Node) -> String {
    let question = probe.question();
    let (kind, subject) = (question.kind(), question.subject());
    let (key, shown) = (subject.key, subject.shown);
    let written = node.at(kind).at(key);
    let text = written.text().unwrap_or("…");
    let shown = match shown {
        Some(shown) if filled_in(written).next().is_none() => shown,
        Some(_) | None => masked(text, written),
    };
    clean(&format!("{kind} {shown}"), 100)
}

/// Returns a text without what a value took from outside the file.
fn masked(text: &str, node: &Node) -> String {
    filled_in(node).fold(text.to_owned(), |text, part| text.replace(part, "…"))
}

/// Returns what references put into a value: a slot's part is another at the other slot.
fn filled_in(node: &Node) -> impl Iterator<Item = &str> {
    let parts = node.foreign_within().into_iter().chain(node.slotted_within());
    parts.filter(|part| !part.is_empty())
}

/// Tells of what else than its question would differ between the slots: a check is one, asked at both.
fn same_at_both(node: &Node, kind: &str, findings: &mut Findings<'_>) {
    for entry in node.entries().iter().filter(|entry| entry.key != kind) {
        if !entry.node.slotted_within().is_empty() {
            let message = format!("`{}` of a check is the same for both slots", entry.key);
            let finding = Finding::new(entry.node.place.clone(), message);
            findings.add(finding.hint(format!("use `${{slot}}` only in its `{kind}`")));
        }
    }
}

fn named(name: &str, node: &Node, findings: &mut Findings<'_>) {
    if name.trim().is_empty() || clean(name, 100) != name {
        let message =
            "a check's name is one line of at most 100 characters, with no space around it";
        findings.about(node.at("name"), message);
    }
}

/// Tells why the checks of an environment, where it has any, are no gate.
pub(super) fn whole_gate(node: &Node, policy: &VerifyPolicy, findings: &mut Findings<'_>) {
    let asked = std::mem::take(&mut findings.asked);
    for (check, node) in &asked {
        if node.slotted_within().is_empty() || policy.timeout <= LONGEST_LOOK {
            limits::within(check, node, (policy.timeout, "`verify.timeout`"), findings);
        } else {
            limits::at_a_slot(check, node, findings);
        }
    }
    weighing::unweighed(&asked, policy.rule, findings);
    let lost = findings.lost_checks(node);
    if !asked.is_empty() {
        gate(&asked, lost, findings);
    }
}

/// Tells why checks are no gate, each at its place.
pub(in super::super) fn gate(asked: &[(Check, &Node)], lost: Lost, findings: &mut Findings<'_>) {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for mistake in gate::mistakes(asked.iter().map(|(check, _)| check)) {
        let names = asked.iter().filter_map(|(_, node)| node.entry("name"));
        let message = names.fold(mistake.to_string(), |text, name| masked(&text, &name.node));
        let named = |name: &str| {
            let bearers = asked.iter().filter(|(check, _)| check.name == name);
            bearers.map(|(_, node)| *node).collect::<Vec<_>>()
        };
        let (place, hint) = match mistake {
            GateMistake::NothingRequired if lost == Lost::Some => continue,
            GateMistake::NothingRequired => {
                let place = asked.first().map_or(0..0, |(_, node)| node.key_place("advisory"));
                (place, "take `advisory: true` away from one of them".to_owned())
            }
            GateMistake::Twice(name) => {
                let bearers = named(&name);
                let count = told.entry(name).or_default();
                *count += 1;
                let [first, this] = [bearers.first(), bearers.get(*count)];
                let line = first.map_or(0, |node| findings.line(&node.at("name").place));
                let place = this.map_or(0..0, |node| node.at("name").place.clone());
                (place, format!("the first stands on line {line}; give this one a name of its own"))
            }
            GateMistake::Endless(name) => {
                let place = named(&name).first().map_or(0..0, |node| node.key_place("phase"));
                (place, "say how often it looks, such as `count: 5`".to_owned())
            }
        };
        findings.add(Finding::new(place, message).hint(hint));
    }
}
