//! From the arguments to the exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::args::{Cli, Global, OnceArgs, Verb};
use super::junit;
use super::signals::attended;
use super::tell::Voice;
use super::{action, alone, ask, ci, comment, inputs};
use crate::config::{self, Config};
use crate::domain::moved::Moved;
use crate::domain::names::Environment;
use crate::domain::outcome::{Context, Outcome};
use crate::error::{Error, Kind, Result};
use crate::flow::aftermath::Aftermath;
use crate::flow::announce::{News, Pace};
use crate::ports::Ports;
use crate::wire::{Once, Plugs, Wired};

/// Wraps the ports before they are used: the end-to-end tests put their fault points in here.
pub type Wrap = fn(Ports) -> Ports;

/// Reads the arguments, does what was asked, and returns the exit code.
pub fn main(wrap: Wrap) -> anyhow::Result<ExitCode> {
    crate::adapters::http::install_crypto();
    let cli = match inputs::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return Ok(usage(&error)),
    };
    let voice = Voice::new(&cli.global);
    voice.choose_color();
    listen(&cli.global);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().context("could not start")?;
    let code = runtime.block_on(run(cli, voice, wrap));
    // A probe that hangs in the system's resolver must not keep the answer back.
    runtime.shutdown_background();
    Ok(ExitCode::from(code))
}

/// clap answers help and version with success, and a mistake with 2, which is our code too.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && action::is_asked() {
        action::tell_usage(&error.to_string());
    }
    if error.use_stderr() && wants_json() {
        let context = inputs::guessed(std::env::args_os());
        let message = error.render().to_string();
        let mistake = Error::invalid(message.trim().trim_start_matches("error: ").to_owned());
        Voice::document(&crate::report::json::error_document(&context, &mistake));
    } else {
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Returns whether JSON was asked for by arguments that could not be read as a whole.
fn wants_json() -> bool {
    let args: Vec<String> = std::env::args().collect();
    let joined = args.iter().any(|arg| arg == "--format=json");
    let apart = args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    joined || apart || ci::variable("LASTGOOD_IN_FORMAT").as_deref() == Some("json")
}

fn listen(global: &Global) {
    let level = match global.verbose {
        0 if global.quiet => "off",
        0 => "lastgood=warn",
        1 => "lastgood=info",
        2 => "lastgood=debug",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Another subscriber can only be there in tests.
    let _ = log.with_ansi(false).without_time().with_target(false).try_init();
}

async fn run(cli: Cli, voice: Voice, wrap: Wrap) -> u8 {
    match cli.verb {
        Verb::Action(args) => Box::pin(action::run(&cli.global, &args, voice, wrap)).await,
        Verb::Comment(args) => comment::run(&cli.global, &args, voice, wrap).await.say(voice),
        Verb::Check(_)
        | Verb::Matrix
        | Verb::Init(_)
        | Verb::Doctor
        | Verb::Config(_)
        | Verb::Demo(_)
        | Verb::Completions(_) => alone::run(&cli.global, cli.verb, voice, wrap).await,
        Verb::Begin(_)
        | Verb::Record(_)
        | Verb::Verify(_)
        | Verb::Deploy(_)
        | Verb::Rollback(_)
        | Verb::Approve(_)
        | Verb::Cancel(_)
        | Verb::Switch(_)
        | Verb::Resume(_)
        | Verb::Status
        | Verb::History(_)
        | Verb::Show(_)
        | Verb::Mark(_)
        | Verb::Lock(_)
        | Verb::Unlock(_)
        | Verb::Prune(_) => {
            let (commits, pace) = (Commits::Untold, Pace::default());
            let told = of_environment(&cli.global, cli.verb, voice, wrap, commits, &pace).await;
            action::report(&told, voice);
            junit::leave(&cli.global, &told, voice);
            told.say(voice)
        }
    }
}

/// How a command ended, with what it takes to tell it.
pub(super) struct Told {
    /// The verb and its environment.
    pub(super) context: Context,
    /// The outcome, or what broke.
    pub(super) result: Result<Outcome>,
    /// The commits that went or came, where somebody wants to know.
    pub(super) moved: Option<Moved>,
}

/// Whether the commits that went or came are asked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commits {
    /// They are told beside the outcome.
    Told,
    /// Nobody reads of them.
    Untold,
}

impl Told {
    /// Returns how a command ended that moved nothing.
    pub(super) fn new(context: Context, result: Result<Outcome>) -> Self {
        Self { context, result, moved: None }
    }

    /// Says it and returns the exit code.
    pub(super) fn say(&self, voice: Voice) -> u8 {
        match &self.result {
            Ok(outcome) => {
                voice.outcome(&self.context, outcome);
                outcome.ending.reason.outcome().exit_code()
            }
            Err(error) => {
                voice.error(&self.context, error);
                exit_code(error.kind())
            }
        }
    }
}

/// Returns the exit code of an error: whose move it is.
pub(super) fn exit_code(kind: Kind) -> u8 {
    use crate::domain::ending::Outcome as End;
    let end = match kind {
        Kind::Invalid => End::Invalid,
        Kind::Failed => End::Failed,
        Kind::Refused => End::Refused,
        Kind::Unreachable => End::Unreachable,
        Kind::Overtaken => End::NeedsHelp,
    };
    end.exit_code()
}

/// Does a verb that is about one environment.
pub(super) async fn of_environment(
    global: &Global,
    verb: Verb,
    voice: Voice,
    wrap: Wrap,
    commits: Commits,
    pace: &Pace,
) -> Told {
    let mut context = Context { command: verb.name().into(), environment: named(global) };
    let wired = async {
        let mut wired = plugs(global, verb.once(), voice)?.connect().await?;
        wired.desk.ports = wrap(wired.desk.ports);
        wired.desk.news = News::at(pace);
        Ok::<Wired, Error>(wired)
    };
    let wired = match wired.await {
        Ok(wired) => wired,
        Err(error) => return Told::new(context, Err(error)),
    };
    context.environment = Some(wired.desk.environment.clone());
    let is_a_look = matches!(verb, Verb::Verify(_));
    let asked = attended(&wired, Box::pin(ask::ask(&wired, verb)));
    let result = wired.desk.announcing(asked).await;
    if let (true, Ok(outcome)) = (is_a_look, &result) {
        keep_ticket(&wired, outcome).await;
    }
    let moved = match (&result, commits) {
        (Ok(outcome), Commits::Told) => wired.desk.moved(outcome).await,
        (Ok(_) | Err(_), Commits::Untold) | (Err(_), Commits::Told) => None,
    };
    Told { context, result, moved }
}

async fn keep_ticket(wired: &Wired, outcome: &Outcome) {
    let desk = &wired.desk;
    let page = desk.who.ci.as_ref().and_then(|ci| ci.url.as_deref());
    let text = crate::report::workflow::ticket(&desk.environment, outcome, page);
    desk.keep_ticket(&outcome.ending, &text).await;
}

/// Reads what became of deployments, for whoever comes after.
pub(super) async fn aftermath(
    global: &Global,
    numbers: &[u64],
    voice: Voice,
    wrap: Wrap,
) -> Option<Aftermath> {
    let mut wired = plugs(global, Once::default(), voice).ok()?.connect().await.ok()?;
    wired.desk.ports = wrap(wired.desk.ports);
    wired.desk.aftermath(numbers).await.ok()
}

fn named(global: &Global) -> Option<Environment> {
    Environment::new(global.environment.as_deref()?).ok()
}

/// Gathers what is to be connected, and reads the configuration.
pub(super) fn plugs(global: &Global, once: Once, voice: Voice) -> Result<Plugs> {
    let here = here()?;
    let folder = global.repo.clone().unwrap_or_else(|| here.clone());
    let config = configuration(global, &folder)?;
    let actor = global.actor.clone();
    let by_url = global.remote.as_deref().is_some_and(|remote| remote.contains(':'));
    let in_repository = crate::adapters::git::is_in_repository(&folder);
    let repository = (in_repository || !by_url || global.repo.is_some()).then(|| folder.clone());
    Ok(Plugs {
        repository,
        remote: global.remote.clone(),
        token: global.token.as_ref().map(|hidden| hidden.0.clone()),
        team_token: global.team_token.as_ref().map(|hidden| hidden.0.clone()),
        tag_token: global.tag_token.as_ref().map(|hidden| hidden.0.clone()),
        connected: None,
        github: global.token.as_ref().and_then(|hidden| ci::on_github(&hidden.0)),
        config,
        folder,
        environment: global.environment.clone(),
        actor: Box::new(move |git_user| match &actor {
            Some(actor) => crate::domain::text::clean(actor, 100),
            None => ci::actor(git_user),
        }),
        ci: ci::run(),
        occasion: ci::occasion(),
        patience: global.patience.into(),
        once,
        progress: voice.progress(),
        sink: voice.sink(),
    })
}

fn here() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|cause| Error::failed("could not find out the current folder").because(cause))
}

/// Reads the configuration that is named, else the one that is found, else none.
pub(super) fn configuration(global: &Global, folder: &Path) -> Result<Option<Config>> {
    let found = || config::find(folder, crate::adapters::git::top_of(folder).as_deref());
    let file = global.config.clone().or_else(found);
    let lookup = |name: &str| std::env::var(name).ok();
    file.map(|file| config::load(&file, &lookup)).transpose()
}

impl Verb {
    /// Returns the verb's name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Begin(_) => "begin",
            Self::Record(_) => "record",
            Self::Verify(_) => "verify",
            Self::Deploy(_) => "deploy",
            Self::Check(_) => "check",
            Self::Rollback(_) => "rollback",
            Self::Approve(_) => "approve",
            Self::Cancel(_) => "cancel",
            Self::Switch(_) => "switch",
            Self::Resume(_) => "resume",
            Self::Status => "status",
            Self::History(_) => "history",
            Self::Show(_) => "show",
            Self::Mark(_) => "mark",
            Self::Lock(_) => "lock",
            Self::Unlock(_) => "unlock",
            Self::Prune(_) => "prune",
            Self::Comment(_) => "comment",
            Self::Matrix => "matrix",
            Self::Init(_) => "init",
            Self::Doctor => "doctor",
            Self::Config(_) => "config",
            Self::Demo(_) => "demo",
            Self::Completions(_) => "completions",
            Self::Action(_) => "action",
        }
    }

    /// Returns what is given for this once.
    fn once(&self) -> Once {
        match self {
            Self::Verify(args) => args.once.clone().into(),
            Self::Deploy(args) => args.once.clone().into(),
            Self::Rollback(args) => args.once.clone().into(),
            Self::Cancel(args) => args.once.clone().into(),
            Self::Resume(args) => args.once.clone().into(),
            _ => Once::default(),
        }
    }
}

impl From<OnceArgs> for Once {
    fn from(args: OnceArgs) -> Self {
        Self {
            http: args.http,
            expect_version: args.expect_version,
            tcp: args.tcp,
            deadline: args.deadline,
            check_file: args.check_file,
            command: args.command,
        }
    }
}
