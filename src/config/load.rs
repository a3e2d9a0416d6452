//! Reads a configuration file, or tells every mistake in it.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::confidential::Secrets;
use super::interpolate::{Lookup, interpolate};
use super::meant::{self, CheckConfig, Config, Findings, Lost};
use super::mistake::Finding;
use super::node::{Node, Value};
use super::schema::schema;
use super::slots::Side;
use super::{explain, fit, place, written, yaml};
use crate::domain::gate::GateRule;
use crate::error::{Error, Result};

/// The most that a configuration file may hold.
const LARGEST: u64 = 1 << 20;

/// What a file may hold, and what of it is secret.
static SCHEMA: LazyLock<Json> = LazyLock::new(schema);

/// Reads the configuration; `lookup` gives the environment variables that it refers to.
pub fn load(path: &Path, lookup: &Lookup<'_>) -> Result<Config> {
    let bytes = read(path)?;
    let file = path.display().to_string();
    let text = decode(&file, &bytes)?;
    let read = parse::<written::File>(&text, (lookup, Side::Stable), &SCHEMA, &SCHEMA);
    let read = read.map_err(|it| explain::error(&file, &text, it, &[]))?;
    let mut findings = Findings::new(&text, read.findings);
    let meant = read.value.map(|value| meant::file(value, &read.tree, &mut findings));
    match meant {
        Some(mut meant) if findings.list.is_empty() => {
            let slots = both_slots(&text, lookup, &mut meant);
            slots.map_err(|it| explain::error(&file, &text, it, &read.secrets))?;
            Ok(Config {
                path: path.to_owned(),
                folder: folder(path),
                sha256: hex::encode(Sha256::digest(&bytes)),
                environments: meant.environments,
                tags_prefix: meant.tags_prefix,
                prefix: meant.prefix,
                written: read.written,
            })
        }
        Some(_) | None => Err(explain::error(&file, &text, findings.list, &read.secrets)),
    }
}

/// Reads the file for the other slot too, where an environment has slots.
fn both_slots(
    text: &str,
    lookup: &Lookup<'_>,
    meant: &mut meant::Meant,
) -> std::result::Result<(), Vec<Finding>> {
    if meant.environments.values().all(|environment| environment.router.is_none()) {
        return Ok(());
    }
    let read = parse::<written::File>(text, (lookup, Side::Candidate), &SCHEMA, &SCHEMA)?;
    let mut findings = Findings::new(text, read.findings);
    let other = read.value.map(|value| meant::file(value, &read.tree, &mut findings));
    let environments = other.map(|other| other.environments).unwrap_or_default();
    for (name, candidate) in environments {
        let node = read.tree.at("environments").at(name.as_str());
        let stable = meant.environments.get_mut(&name).filter(|it| it.router.is_some());
        if let Some(stable) = stable {
            meant::unasked_slots(stable, &candidate, node, &mut findings);
            meant::one_driver_for_both(stable, &candidate, node, &mut findings);
            stable.candidate = Some(Box::new(candidate));
        }
    }
    if findings.list.is_empty() { Ok(()) } else { Err(findings.list) }
}

/// Reads a file of checks (`checks: […]`) as a gate of its own.
pub fn load_checks(path: &Path, lookup: &Lookup<'_>) -> Result<(Vec<CheckConfig>, GateRule)> {
    let bytes = read(path)?;
    let file = path.display().to_string();
    let text = decode(&file, &bytes)?;
    let shape = json!({ "properties": { "checks": { "items": { "$ref": "#/$defs/Check" } } } });
    let read = parse::<written::GateFile>(&text, (lookup, Side::Stable), &shape, &SCHEMA);
    let read = read.map_err(|it| explain::error(&file, &text, it, &[]))?;
    let mut findings = Findings::new(&text, read.findings);
    let list = read.tree.at("checks");
    let weighted = read.value.as_ref().and_then(|value| value.weighted);
    let rule = meant::rule(weighted, read.tree.at("weighted"), &mut findings);
    let written = read.value.map(|value| value.checks);
    let checks = written.map(|written| meant::checks(written, list, None, &mut findings));
    let asked = std::mem::take(&mut findings.asked);
    let missing = if list.lost.is_empty() { findings.dropped } else { Lost::Some };
    meant::gate(&asked, missing, &mut findings);
    meant::unweighed(&asked, rule, &mut findings);
    match checks {
        Some(checks) if findings.list.is_empty() => Ok((checks, rule)),
        Some(_) | None => Err(explain::error(&file, &text, findings.list, &read.secrets)),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let failed = |cause| {
        Error::invalid(format!("could not read the configuration `{shown}`")).because(cause)
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn decode(file: &str, bytes: &[u8]) -> Result<String> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        let finding = Finding::new(0..0, "a configuration file holds at most 1 MiB, and this more");
        return Err(explain::error(file, "", vec![finding], &[]));
    }
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let start = error.valid_up_to();
        let text = String::from_utf8_lossy(bytes);
        let finding = Finding::new(start..start + 1, "this is no UTF-8");
        explain::error(file, &text, vec![finding.hint("save the file as UTF-8")], &[])
    })
}

/// A file as far as it could be read.
struct Parsed<T> {
    written: Node,
    tree: Node,
    value: Option<T>,
    findings: Vec<Finding>,
    /// Where secrets stand.
    secrets: Vec<Range<usize>>,
}

fn parse<T: DeserializeOwned>(
    text: &str,
    (lookup, side): (&Lookup<'_>, Side),
    shape: &Json,
    root: &Json,
) -> std::result::Result<Parsed<T>, Vec<Finding>> {
    let (written, mut findings) = yaml::parse(text).map_err(|finding| vec![finding])?;
    if written.value == Value::Null {
        let place = place::within(text, text.len()..text.len());
        let finding = Finding::new(place, "the file says nothing");
        return Err(vec![finding.hint("`lastgood init` writes one to begin with")]);
    }
    let mut tree = written.clone();
    findings.extend(interpolate(&mut tree, text, lookup, side));
    let secrets = Secrets::of(&written, shape, root);
    findings.extend(secrets.findings());
    let secrets = secrets.places();
    let (value, misfits) = fit::fit(&mut tree, &secrets);
    findings.extend(misfits);
    Ok(Parsed { written, tree, value, findings, secrets })
}

fn folder(path: &Path) -> std::path::PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => std::path::PathBuf::from("."),
    }
}
