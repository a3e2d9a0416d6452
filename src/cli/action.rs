//! Does a step of the Action and leaves what it tells.

use std::io::Write as _;
use std::path::PathBuf;

use super::alone;
use super::args::{Global, Verb};
use super::ci::{self, variable};
use super::comment;
use super::inputs;
use super::junit;
use super::run::{self, Commits, Told, Wrap};
use super::tell::Voice;
use super::verbs::ActionArgs;
use crate::domain::ending::Outcome as End;
use crate::domain::outcome::{Context, Outcome};
use crate::error::{Error, Result};
use crate::flow::aftermath::Aftermath;
use crate::flow::announce::Pace;
use crate::report;
use crate::report::workflow::Besides;

/// Returns whether the arguments ask for a step of the Action.
pub fn is_asked() -> bool {
    std::env::args().nth(1).is_some_and(|first| first == "action")
}

/// Does what the step asks for and returns the exit code.
pub async fn run(global: &Global, args: &ActionArgs, voice: Voice, wrap: Wrap) -> u8 {
    let told = Box::pin(in_turn(global, meant(args.command.trim()), voice, wrap)).await;
    let after = aftermath(global, &told, voice, wrap).await.unwrap_or_default();
    leave(&told, &after, voice);
    junit::leave(global, &told, voice);
    told.say(voice)
}

/// Asks the ledger what came of it; steps that come after want to know whatever happened.
async fn aftermath(global: &Global, told: &Told, voice: Voice, wrap: Wrap) -> Option<Aftermath> {
    // A comment names its environment; one that asks nothing of us has none.
    let named = told.context.environment.as_ref()?.to_string();
    let global = &Global { environment: Some(named), ..global.clone() };
    let numbers = numbers(told.result.as_ref().ok()?);
    run::aftermath(global, &numbers, voice, wrap).await
}

/// Returns the deployments whose story is worth telling, where it is not told already.
fn numbers(outcome: &Outcome) -> Vec<u64> {
    let about = outcome.deployment.as_ref().filter(|told| told.events.is_none());
    let made = outcome.rollback.as_ref().and_then(|rollback| rollback.deployment);
    about.map(|told| told.n).into_iter().chain(made).collect()
}

/// Leaves a usage mistake for the steps that come after.
pub fn tell_usage(message: &str) {
    let context = Context { command: "action".into(), environment: None };
    let told = Told::new(context, Err(Error::invalid(message.trim().to_owned())));
    let _ = outputs(&told, None, None);
}

fn refused(global: &Global, error: Error) -> Told {
    let environment = global.environment.as_deref().and_then(|name| name.parse().ok());
    Told::new(Context { command: "action".into(), environment }, Err(error))
}

/// Returns the verbs that a command stands for, in order.
fn meant(command: &str) -> Vec<&str> {
    match (command, variable("GITHUB_EVENT_NAME").as_deref()) {
        ("auto" | "", Some("schedule")) => vec!["verify"],
        ("auto" | "", Some("issue_comment")) => vec!["comment"],
        ("auto" | "", _) => vec!["record", "verify"],
        (verb, _) => vec![verb],
    }
}

/// Does the verbs until one does not end well; a gate that is not there is not asked.
async fn in_turn(global: &Global, verbs: Vec<&str>, voice: Voice, wrap: Wrap) -> Told {
    let (mut last, pace): (Option<Told>, Pace) = (None, Pace::default());
    for name in verbs {
        let verb = match parse(name) {
            Ok(verb) => verb,
            Err(error) => return refused(global, error),
        };
        if let (Some(told), Verb::Verify(_)) = (&last, &verb) {
            if !has_checks(global) {
                break;
            }
            told.say(voice);
        }
        let told = match verb {
            Verb::Comment(args) => comment::run(global, &args, voice, wrap).await,
            verb if alone::is_alone(&verb) => Box::pin(alone::told(global, verb, voice)).await,
            verb => run::of_environment(global, verb, voice, wrap, Commits::Told, &pace).await,
        };
        let is_well = matches!(&told.result, Ok(o) if o.ending.reason.outcome() == End::Ok);
        last = Some(told);
        if !is_well {
            break;
        }
    }
    last.unwrap_or_else(|| refused(global, Error::invalid("no command was given")))
}

/// Reads a verb with the inputs that the environment brings.
fn parse(name: &str) -> Result<Verb> {
    let cli = inputs::read(["lastgood", name].map(Into::into))
        .map_err(|mistake| Error::invalid(mistake.render().to_string().trim().to_owned()))?;
    match cli.verb {
        Verb::Action(_) | Verb::Demo(_) | Verb::Completions(_) | Verb::Config(_) => {
            Err(Error::invalid(format!("`{name}` is no command of the Action")))
        }
        verb => Ok(verb),
    }
}

fn has_checks(global: &Global) -> bool {
    let folder = global.repo.clone().unwrap_or_else(|| PathBuf::from("."));
    let given = ["LASTGOOD_IN_HTTP", "LASTGOOD_IN_TCP", "LASTGOOD_IN_CHECK"];
    let configured = || {
        let config = run::configuration(global, &folder).ok().flatten();
        config
            .is_some_and(|config| config.environments.values().any(|e| e.checks().next().is_some()))
    };
    given.iter().any(|name| variable(name).is_some()) || configured()
}

/// Leaves what the step found where the platform looks for it; failing to is told, and is no failure.
fn leave(told: &Told, after: &Aftermath, voice: Voice) {
    let left = json_file(told).and_then(|file| {
        outputs(told, Some(file), after.last_stable)?;
        summary(told, after)
    });
    if let Err(cause) = left {
        voice.progress().tell(&format!("could not leave outputs for the next steps: {cause}"));
    }
    if variable("GITHUB_ACTIONS").is_some() {
        for line in report::workflow::annotations(&told.context, told.as_ref()) {
            Voice::annotate(&line);
        }
    }
}

fn json_file(told: &Told) -> std::io::Result<PathBuf> {
    let folder = variable("RUNNER_TEMP").map_or_else(std::env::temp_dir, PathBuf::from);
    let mut file =
        tempfile::Builder::new().prefix("lastgood-").suffix(".json").tempfile_in(folder)?;
    let document = match &told.result {
        Ok(outcome) => report::json::document(&told.context, outcome),
        Err(error) => report::json::error_document(&told.context, error),
    };
    file.write_all(report::json::render(&document).as_bytes())?;
    let (_, path) = file.keep().map_err(|kept| kept.error)?;
    Ok(path)
}

fn outputs(told: &Told, json: Option<PathBuf>, stable: Option<u64>) -> std::io::Result<()> {
    let json = json.map(|path| path.display().to_string()).unwrap_or_default();
    let mut named = report::workflow::outputs(&told.context, told.as_ref(), &json);
    for (_, value) in named.iter_mut().filter(|(name, _)| name == "last-stable") {
        *value = stable.map(|n| n.to_string()).unwrap_or_default();
    }
    if let Some(file) = variable("GITHUB_OUTPUT") {
        let written = report::workflow::write_outputs(&named, &random());
        append(&file, &written.map_err(std::io::Error::other)?)?;
    }
    dotenv(&named)
}

/// Leaves a dotenv report for the jobs that follow, as GitLab reads it; failing to is told, and is no failure.
pub(super) fn report(told: &Told, voice: Voice) {
    let named = report::workflow::outputs(&told.context, told.as_ref(), "");
    if let Err(cause) = dotenv(&named) {
        voice.progress().tell(&format!("could not leave a report for the next jobs: {cause}"));
    }
}

fn dotenv(named: &[(String, String)]) -> std::io::Result<()> {
    match variable("LASTGOOD_DOTENV") {
        Some(file) => append(&file, &report::workflow::dotenv(named)),
        None => Ok(()),
    }
}

fn summary(told: &Told, after: &Aftermath) -> std::io::Result<()> {
    let Some(file) = variable("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let repository = ci::repository_page();
    let besides = Besides {
        chapters: &after.chapters,
        moved: told.moved.as_ref(),
        repository: repository.as_deref(),
    };
    append(&file, &report::workflow::summary(&told.context, told.as_ref(), &besides))
}

fn append(file: &str, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(text.as_bytes())
}

fn random() -> String {
    hex::encode(fastrand::u128(..).to_be_bytes())
}

impl Told {
    fn as_ref(&self) -> std::result::Result<&Outcome, &Error> {
        self.result.as_ref()
    }
}
