//! Makes the versions of a command line one for each service.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::VersionArgs;
use crate::domain::names::{Commit, Service};
use crate::domain::version::{ConfigFile, Version, Versions};
use crate::error::{Error, Result};

/// What `NAME=VALUE` arguments say, by service.
type Named = BTreeMap<Service, String>;

/// Reads the versions; every mistake is told at once.
pub fn read(
    args: &VersionArgs,
    commit: Option<&Commit>,
    folder: &Path,
    known: &[Service],
) -> Result<Versions> {
    let mut mistakes = Vec::new();
    let mut versions = Versions::new();
    for (service, version) in services(args, known, &mut mistakes) {
        let mut named = Version::named(version);
        named.commit = commit.cloned();
        versions.insert(service, named);
    }
    let only = (versions.len() == 1).then(|| versions.keys().next().cloned()).flatten();
    let images = of_services("--image", &args.image, only.as_ref(), &mut mistakes);
    let replicas = of_services("--replicas", &args.replicas, only.as_ref(), &mut mistakes);
    let files = of_services("--config-file", &args.config_file, only.as_ref(), &mut mistakes);
    for (service, version) in &mut versions {
        version.image = images.get(service).cloned();
        version.replicas = replicas.get(service).and_then(|c| count(c, &mut mistakes));
        version.config = files.get(service).and_then(|f| digest(folder, f, &mut mistakes));
    }
    for (flag, named) in
        [("--image", &images), ("--replicas", &replicas), ("--config-file", &files)]
    {
        let strays = named.keys().filter(|service| !versions.contains_key(*service));
        mistakes.extend(strays.map(|s| format!("{flag} names `{s}`, which is given no version")));
    }
    match mistakes.as_slice() {
        [] => Ok(versions),
        mistakes => Err(Error::invalid(mistakes.join("\n"))),
    }
}

fn services(args: &VersionArgs, known: &[Service], mistakes: &mut Vec<String>) -> Named {
    let mut named = Named::new();
    for text in args.services.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        match pair("--service", text) {
            Ok((service, version)) => {
                if named.insert(service.clone(), version).is_some() {
                    mistakes.push(format!("--service names `{service}` twice"));
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if let Some(version) = &args.version {
        mistakes.extend(printable("--version", version).err());
        match (named.is_empty(), known) {
            (true, []) => drop(named.insert(Service::only(), version.clone())),
            (true, [only]) => drop(named.insert(only.clone(), version.clone())),
            (true, many) => mistakes.push(format!(
                "--version does not say which of {} it is of; use --service NAME=VERSION",
                list(many)
            )),
            // The Action passes one `version` beside its services: those say more.
            (false, _) => {}
        }
    }
    mistakes.extend(unknown(&named, known));
    named
}

fn unknown(named: &Named, known: &[Service]) -> Vec<String> {
    let strangers = named.keys().filter(|service| !known.is_empty() && !known.contains(service));
    strangers
        .map(|s| format!("the configuration has no service `{s}`; it has {}", list(known)))
        .collect()
}

fn list(services: &[Service]) -> String {
    services.iter().map(|service| format!("`{service}`")).collect::<Vec<_>>().join(", ")
}

fn of_services(
    flag: &str,
    given: &[String],
    only: Option<&Service>,
    mistakes: &mut Vec<String>,
) -> Named {
    let mut named = Named::new();
    for text in given.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let is_pair =
            text.split_once('=').is_some_and(|(name, _)| only.is_none_or(|o| o.as_str() == name));
        let value = match (only, is_pair) {
            (Some(service), false) => {
                printable(flag, text).map(|()| (service.clone(), text.to_owned()))
            }
            (None, _) | (Some(_), true) => pair(flag, text),
        };
        match value {
            Ok((service, value)) => {
                if named.insert(service.clone(), value).is_some() {
                    mistakes.push(format!("{flag} names `{service}` twice"));
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    named
}

fn pair(flag: &str, text: &str) -> std::result::Result<(Service, String), String> {
    let shown = crate::domain::text::clean(text, 60);
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("{flag} `{shown}` is not NAME=VALUE"))?;
    let value = value.trim();
    if value.is_empty() {
        return Err(format!("{flag} `{shown}` names no value"));
    }
    let service = Service::new(name.trim()).map_err(|why| why.to_string())?;
    printable(flag, value)?;
    Ok((service, value.to_owned()))
}

fn printable(flag: &str, value: &str) -> std::result::Result<(), String> {
    const LONGEST: usize = 500;
    if value.trim().is_empty() {
        return Err(format!("{flag} names no value"));
    }
    if value.chars().any(crate::domain::text::is_unprintable) || value.len() > LONGEST {
        let shown = crate::domain::text::clean(value, 60);
        let why =
            "it is over 500 bytes, or holds control, invisible or direction-changing characters";
        return Err(format!("{flag} `{shown}` cannot be kept: {why}"));
    }
    Ok(())
}

fn count(text: &str, mistakes: &mut Vec<String>) -> Option<u32> {
    let count = text.parse().ok();
    if count.is_none() {
        mistakes.push(format!("--replicas `{}` is no count", crate::domain::text::clean(text, 60)));
    }
    count
}

fn digest(folder: &Path, path: &str, mistakes: &mut Vec<String>) -> Option<ConfigFile> {
    match std::fs::read(folder.join(path)) {
        Ok(content) => {
            use sha2::Digest as _;
            let sha256 = hex::encode(sha2::Sha256::digest(&content));
            Some(ConfigFile { path: path.to_owned(), sha256 })
        }
        Err(cause) => {
            mistakes.push(format!("could not read --config-file `{path}`: {cause}"));
            None
        }
    }
}
