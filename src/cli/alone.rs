//! The verbs that are about no single environment.

use clap::CommandFactory as _;

use super::args::{Cli, Global, Verb};
use super::run::{self, Told, Wrap, exit_code};
use super::tell::Voice;
use super::verbs::{CheckArgs, ConfigVerb};
use super::{demo, doctor, init, junit};
use crate::config;
use crate::domain::ending::{Ending, Reason};
use crate::domain::gate::GateReport;
use crate::domain::names::Service;
use crate::domain::outcome::{Context, GateTold, More, Outcome};
use crate::domain::verdict::Verdict;
use crate::domain::version::{Version, Versions};
use crate::error::{Error, Result};
use crate::flow::look;
use crate::flow::observe::{Gate, Halt, Progress, observe};
use crate::wire;

/// Does a verb that is about no single environment and returns the exit code.
pub async fn run(global: &Global, verb: Verb, voice: Voice, _: Wrap) -> u8 {
    match verb {
        Verb::Config(verb) => {
            let context = Context { command: "config".into(), environment: None };
            told_config(global, &verb, voice, context)
        }
        Verb::Demo(args) => demo::run(&args, voice).await,
        Verb::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "lastgood", &mut script);
            Voice::plain(&String::from_utf8_lossy(&script));
            0
        }
        verb => {
            let told = Box::pin(told(global, verb, voice)).await;
            junit::leave(global, &told, voice);
            told.say(voice)
        }
    }
}

/// Does a verb that is about no single environment and has an outcome.
pub(super) async fn told(global: &Global, verb: Verb, voice: Voice) -> Told {
    let context = Context { command: verb.name().into(), environment: None };
    let result = match verb {
        Verb::Check(args) => check(&args, voice).await,
        Verb::Matrix => matrix(global),
        Verb::Init(args) => init::run(global, &args, voice).await,
        Verb::Doctor => doctor::run(global, voice).await,
        _ => Err(Error::failed("this verb is about an environment")),
    };
    Told::new(context, result)
}

/// Returns whether a verb is about no single environment and has an outcome.
pub(super) fn is_alone(verb: &Verb) -> bool {
    matches!(verb, Verb::Check(_) | Verb::Matrix | Verb::Init(_) | Verb::Doctor)
}

/// Runs the gate of a file, with no ledger and no environment.
async fn check(args: &CheckArgs, voice: Voice) -> Result<Outcome> {
    let (checks, rule) = wire::checks_of_file(&args.file, voice.sink())?;
    let mut expected = Versions::new();
    if let Some(version) = &args.version {
        let services = checks.iter().filter_map(|bound| bound.check.service.clone());
        for service in services.chain([Service::only()]) {
            expected.insert(service, Version::named(version.clone()));
        }
    }
    let clock = crate::adapters::clock::SystemClock::default();
    let time = crate::domain::policy::VerifyPolicy::default().timeout;
    let aim = crate::domain::watch::Aim::Decide;
    let gate = Gate { checks: &checks, expected: &expected, control: None, time, rule, aim };
    let progress = voice.progress();
    let mut listener = |seen: Progress<'_>| look::show(&seen, &*progress);
    let report = observe(&clock, gate, &Halt::default(), &mut listener).await;
    Ok(checked(report))
}

fn checked(report: GateReport) -> Outcome {
    let (passed, total) = report.passed_of_required();
    let verdict = report.verdict();
    let reason = match verdict {
        Verdict::Healthy => Reason::Done,
        Verdict::Unhealthy => Reason::NotAsked,
        Verdict::Error => Reason::ChecksBroken,
        Verdict::Inconclusive => Reason::NoData,
    };
    let ending = Ending::new(reason, format!("{passed} of {total} required checks passed"));
    let ending =
        if reason == Reason::NotAsked { ending.next("Look at the checks.") } else { ending };
    let gate = GateTold::found(report);
    Outcome { gate: Some(gate), ..Outcome::ended(ending) }
}

/// Lists environments and services, so that a CI system fans the work out.
fn matrix(global: &Global) -> Result<Outcome> {
    let config = needed(global)?;
    let named = global.environment.as_deref();
    if let Some(name) = named
        && !config.environments.keys().any(|known| known.as_str() == name)
    {
        return Err(config.unknown(&name.parse().map_err(|why| Error::invalid(format!("{why}")))?));
    }
    let mut include = Vec::new();
    for (environment, configured) in &config.environments {
        let chosen = named.is_none_or(|name| name == environment.as_str());
        let services = if chosen { fanned_out(configured) } else { Vec::new() };
        include.extend(services.into_iter().map(|service| (environment.clone(), service)));
    }
    let message = format!("{} jobs", include.len());
    let more = More::Matrix { include: include.into_iter().map(Into::into).collect() };
    Ok(Outcome { more, ..Outcome::ended(Ending::new(Reason::Done, message)) })
}

/// An environment that names no service has the one that goes without a name.
fn fanned_out(configured: &config::EnvironmentConfig) -> Vec<Service> {
    let named = configured.in_order();
    if named.is_empty() { vec![Service::only()] } else { named }
}

fn needed(global: &Global) -> Result<config::Config> {
    let here = std::path::PathBuf::from(".");
    let folder = global.repo.clone().unwrap_or(here);
    run::configuration(global, &folder)?.ok_or_else(|| {
        Error::invalid("there is no lastgood.yml, .lastgood.yml or .github/lastgood.yml")
            .hint("lastgood init")
    })
}

fn told_config(global: &Global, verb: &ConfigVerb, voice: Voice, context: Context) -> u8 {
    let shown = match verb {
        ConfigVerb::Schema => Ok(config::schema()),
        ConfigVerb::Show => needed(global).map(|config| config::show(&config)),
        ConfigVerb::Check => {
            let checked = needed(global).map(|config| {
                let message = format!("`{}` has no mistake", config.path.display());
                Outcome::ended(Ending::new(Reason::Done, message))
            });
            return match checked {
                Err(error) if !config::mistakes(&error).is_empty() => {
                    voice.mistakes(&context, &error, config::mistakes(&error))
                }
                result => Told::new(context, result).say(voice),
            };
        }
    };
    match shown {
        Ok(document) => {
            Voice::plain(&format!("{document:#}\n"));
            0
        }
        Err(error) => {
            voice.error(&context, &error);
            exit_code(error.kind())
        }
    }
}
