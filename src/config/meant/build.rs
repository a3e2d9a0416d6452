//! From the file as written to the environments as meant.

use std::collections::BTreeMap;

use url::Url;

use super::super::mistake::Finding;
use super::super::node::Node;
use super::super::written;
use super::findings::Findings;
use super::{EnvironmentConfig, checks, permission, policy, services, shared, stages, traffic};
use crate::domain::comment::Prefix;
use crate::domain::names::Environment;
use crate::domain::showcase::Purpose;
use crate::domain::text::clean;

/// A whole file as it is meant.
pub(in super::super) struct Meant {
    /// The environments by name.
    pub environments: BTreeMap<Environment, EnvironmentConfig>,
    /// What stands before the names of tags.
    pub tags_prefix: Option<String>,
    /// What commands in comments begin with.
    pub prefix: Prefix,
}

/// Returns what a file means, and tells all that makes no sense.
pub(in super::super) fn file<'a>(
    written: written::File,
    tree: &'a Node,
    findings: &mut Findings<'a>,
) -> Meant {
    let node = tree.at("environments");
    missing(&written, tree, findings);
    let names = findings.names(node, "the environment", Environment::new);
    let mut environments = BTreeMap::new();
    for (key, environment) in written.environments.unwrap_or_default() {
        let meant = self::environment(&key, environment, node.at(&key), findings);
        if let Some(name) = names.get(&key) {
            environments.insert(name.clone(), meant);
        }
    }
    shared::routers(&environments, node, findings);
    let tags_prefix = prefix(written.tags.prefix, tree.at("tags").at("prefix"), findings);
    let node = tree.at("comments").at("prefix");
    let prefix = permission::prefix(written.comments.prefix.as_ref(), node, findings);
    Meant { environments, tags_prefix, prefix }
}

fn missing(written: &written::File, tree: &Node, findings: &mut Findings<'_>) {
    let lost = |key: &str| tree.lost.iter().any(|lost| lost == key);
    if written.version.is_none() && !lost("version") {
        let finding = Finding::new(tree.key_place("version"), "`version` is missing here");
        findings.add(finding.hint("begin the file with `version: 1`"));
    }
    let none = written.environments.as_ref().is_none_or(BTreeMap::is_empty);
    if none && !lost("environments") && tree.at("environments").lost.is_empty() {
        let finding = Finding::new(tree.key_place("environments"), "there is no environment");
        findings.add(finding.hint("name one, such as `production: {}`"));
    }
}

fn environment<'a>(
    name: &str,
    written: written::Environment,
    node: &'a Node,
    findings: &mut Findings<'a>,
) -> EnvironmentConfig {
    let policy = policy::policy(&written, node, findings);
    let url = url(written.url, node.at("url"), findings);
    let purpose = written.purpose.map_or_else(|| Purpose::of(name), Into::into);
    let services = services::services(written.services, node.at("services"), findings);
    let verify = node.at("verify");
    let verify_checks = checks::checks(written.verify.checks, verify.at("checks"), None, findings);
    let control = written.verify.control;
    let control = control.and_then(|it| checks::control(it, verify.at("control"), findings));
    checks::whole_gate(node, &policy.verify, findings);
    let stages = stages::asked(written.deploy.stages, written.rollback.stages, node, findings);
    let router = traffic::router(written.router, node, findings);
    let decide = written.verify.decide.map(|decide| decide.command);
    let environment = EnvironmentConfig {
        url,
        purpose,
        services,
        verify_checks,
        control,
        decide,
        policy,
        stages,
        router,
        candidate: None,
    };
    traffic::possible(&environment, node, findings);
    environment
}

fn url(url: Option<String>, node: &Node, findings: &mut Findings<'_>) -> Option<String> {
    let text = url?;
    let is_web = Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_web {
        let shown = clean(&text, 80);
        findings.about(
            node,
            format!("`{shown}` is no web address; write it like `https://shop.example`"),
        );
    }
    Some(text)
}

fn prefix(prefix: Option<String>, node: &Node, findings: &mut Findings<'_>) -> Option<String> {
    let text = prefix?;
    let shown = clean(&text, 80);
    if !begins_a_ref(&text) {
        findings.about(node, format!("`{shown}` can begin no tag; write it like `lastgood/`"));
    } else if !text.ends_with(['/', '-', '_']) {
        findings.about(node, format!("`{shown}` runs into the tag's name; write `{shown}/`"));
    }
    Some(text)
}

fn begins_a_ref(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    let part_is_fine = |part: &str| {
        let ends_badly = [".", ".lock"].iter().any(|end| part.ends_with(end));
        !part.is_empty() && !part.starts_with('.') && !ends_badly
    };
    let mut parts = text.strip_suffix('/').unwrap_or(text).split('/');
    text.chars().all(allowed)
        && !text.contains("..")
        && !text.starts_with('-')
        && parts.all(part_is_fine)
}
