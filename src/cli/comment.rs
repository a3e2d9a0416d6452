//! Hears the comment that set a workflow off.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use super::args::Global;
use super::ci::{self, variable};
use super::run::{self, Told, Wrap};
use super::signals::attended;
use super::tell::Voice;
use super::verbs::CommentArgs;
use crate::adapters::clock::SystemClock;
use crate::adapters::git::{self, RemoteChoice, UserRepository};
use crate::adapters::github::conversation::{self, LAST_WORDS, Reply};
use crate::adapters::github::event::{self, Event};
use crate::adapters::github::{GitHub, Settings};
use crate::adapters::http::Http;
use crate::config::Config;
use crate::domain::comment::{Command, Heard, Login, Said, read};
use crate::domain::ending::{Ending, Reason};
use crate::domain::moved::Moved;
use crate::domain::names::{Commit, Environment};
use crate::domain::outcome::{Context, Outcome};
use crate::domain::permission::Permissions;
use crate::error::{Error, Result};
use crate::flow::comment::{Answer, Attempt, Checkout, Hearing, Rules};
use crate::flow::halt::Halt;
use crate::ports::Source as _;
use crate::report::workflow::Thread;
use crate::wire::{Once, Wired};

/// Does what the comment asks for, if it asks us and its author may.
pub(super) async fn run(global: &Global, args: &CommentArgs, voice: Voice, wrap: Wrap) -> Told {
    let learned = Mutex::new(Learned::default());
    let result = Box::pin(hear(global, args, voice, wrap, &learned)).await;
    let Learned { environment, moved } = learned.into_inner().unwrap_or_default();
    Told { context: Context { command: "comment".into(), environment }, result, moved }
}

/// What a comment turned out to be about.
#[derive(Default)]
struct Learned {
    environment: Option<Environment>,
    /// The commits that went or came for it.
    moved: Option<Moved>,
}

async fn hear(
    global: &Global,
    args: &CommentArgs,
    voice: Voice,
    wrap: Wrap,
    learned: &Mutex<Learned>,
) -> Result<Outcome> {
    let settings = on_github(global)?;
    let heard = match event(args, &settings)? {
        Event::Comment(heard) => heard,
        Event::Other(why) => return Ok(Outcome::ended(Ending::new(Reason::Ignored, why))),
    };
    let plugs = run::plugs(global, Once::default(), voice)?;
    let config = plugs.config.clone().ok_or_else(no_configuration)?;
    let github = GitHub::connect(settings.clone(), Http::new()?)?;
    let teams = plugs.team_token.clone().map(|token| github.with_token(token)).transpose()?;
    let rules = rules(global, &config, &heard).await?;
    let reply = if rules.attempt == Attempt::First { Reply::None } else { Reply::Perhaps };
    let talk = conversation::connect(github.clone(), teams, &heard, reply);
    let said = read(&heard.remark.body, &config.prefix);
    let work = Work { global, voice, wrap, github, heard: &heard, said: &said, learned };
    let thread = thread(&settings, &config, &heard);
    let progress = voice.progress();
    let hearing = Hearing {
        talk: &talk,
        lineage: &talk,
        clock: &SystemClock::default(),
        progress: &*progress,
        heard: &heard,
        rules: &rules,
        words: &|answer| work.words(&thread, &rules, answer),
    };
    hearing.hear(&said, |environments| work.act(environments)).await
}

fn on_github(global: &Global) -> Result<Settings> {
    let token = global.token.as_ref();
    token.and_then(|hidden| ci::on_github(&hidden.0)).ok_or_else(|| {
        Error::invalid("comments are handled in a workflow on GitHub, with a token")
            .hint("set LASTGOOD_IN_TOKEN; the Action does so by itself")
    })
}

fn no_configuration() -> Error {
    Error::invalid("there is no configuration that says which environments comments can name")
        .hint("lastgood init")
        .hint("actions/checkout must come before it in the job")
}

fn event(args: &CommentArgs, settings: &Settings) -> Result<Event> {
    let given = args.event.clone();
    // The name belongs to the event of this workflow; a file that was given speaks for itself.
    let name = if given.is_some() { None } else { variable("GITHUB_EVENT_NAME") };
    let file = given.or_else(|| variable("GITHUB_EVENT_PATH").map(Into::into));
    let file = file.ok_or_else(|| {
        Error::invalid("there is no event whose comment could be read").hint("--event FILE")
    })?;
    let payload = std::fs::read(&file).map_err(|cause| {
        Error::invalid(format!("could not read the event in `{}`", file.display())).because(cause)
    })?;
    event::read(name.as_deref(), &String::from_utf8_lossy(&payload), settings)
}

async fn rules(global: &Global, config: &Config, heard: &Heard) -> Result<Rules> {
    let is_meant =
        |name: &Environment| global.environment.as_deref().is_none_or(|only| only == name.as_str());
    let known = config.environments.iter().filter(|(name, _)| is_meant(name));
    let permissions: BTreeMap<Environment, Permissions> = known
        .map(|(name, environment)| (name.clone(), environment.policy.permissions.clone()))
        .collect();
    Ok(Rules { permissions, attempt: attempt(), checkout: checkout(config, heard).await? })
}

fn attempt() -> Attempt {
    match variable("GITHUB_RUN_ATTEMPT").as_deref() {
        None | Some("1") => Attempt::First,
        Some(_) => {
            let who = variable("GITHUB_TRIGGERING_ACTOR");
            Attempt::Again(who.and_then(|login| Login::new(&login)))
        }
    }
}

/// Returns what is checked out around the configuration.
async fn checkout(config: &Config, heard: &Heard) -> Result<Checkout> {
    let bytes = std::fs::read(&config.path).map_err(|cause| {
        let file = config.path.display();
        Error::invalid(format!("could not read the configuration `{file}`")).because(cause)
    })?;
    let top = git::top_of(&config.folder);
    let file = top.as_ref().and_then(|top| below(top, config));
    let head = match &top {
        Some(top) => commit_at(top).await?,
        None => None,
    };
    let branch = format!("refs/heads/{}", heard.default_branch);
    let on_default = variable("GITHUB_REF").is_some_and(|name| name == branch);
    let told = variable("GITHUB_SHA").filter(|_| on_default);
    let told = told.and_then(|sha| Commit::new(sha).ok());
    Ok(Checkout { file, bytes, head, told })
}

async fn commit_at(top: &Path) -> Result<Option<Commit>> {
    let settings = git::Settings::new(Some(top.to_owned()), RemoteChoice::Discovered);
    UserRepository::new(&settings).commit("HEAD").await
}

/// Returns where the configuration lies, from the top of the repository.
fn below(top: &Path, config: &Config) -> Option<String> {
    let folder = std::fs::canonicalize(&config.folder).ok()?;
    let file = folder.join(config.path.file_name()?);
    let parts = file.strip_prefix(top).ok()?.iter().map(|part| part.to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

fn thread(settings: &Settings, config: &Config, heard: &Heard) -> Thread {
    let server = settings.server.as_str().trim_end_matches('/');
    let line = heard.remark.body.lines().next().unwrap_or_default();
    Thread {
        prefix: config.prefix.clone(),
        line: line.to_owned(),
        by: heard.author.to_string(),
        run: ci::run().and_then(|run| run.url),
        repository: format!("{server}/{}", settings.repository),
    }
}

/// What a comment sets to work.
struct Work<'a> {
    global: &'a Global,
    voice: Voice,
    wrap: Wrap,
    github: GitHub,
    heard: &'a Heard,
    said: &'a Said,
    learned: &'a Mutex<Learned>,
}

impl Work<'_> {
    /// Does what is asked in the one environment that it is about.
    async fn act(&self, environments: Vec<Environment>) -> Result<Outcome> {
        let Said::Command(command) = self.said else {
            return Err(Error::failed("a mistake is no command"));
        };
        for environment in environments {
            let wired = self.connect(&environment).await?;
            if self.is_about(command, &wired).await? {
                self.name(environment);
                let reason = self.reason(command);
                let obeyed = attended(&wired, Box::pin(wired.desk.obey(command, &reason)));
                return wired.desk.announcing(obeyed).await;
            }
        }
        let message = "nobody asked for anything by that id where you may approve it";
        Ok(Outcome::ended(Ending::new(Reason::RequestUnknown, message)))
    }

    /// An approval names a request, and every other command its environment.
    async fn is_about(&self, command: &Command, wired: &Wired) -> Result<bool> {
        match command {
            Command::Approve(id) => match wired.desk.was_asked(*id).await {
                Ok(was_asked) => Ok(was_asked),
                Err(Halt::Ended(ending)) => Err(Error::failed(ending.message)),
                Err(Halt::Broke(error)) => Err(error),
            },
            Command::Rollback { .. }
            | Command::Verify(_)
            | Command::Status(_)
            | Command::History(_)
            | Command::Cancel(_)
            | Command::Lock { .. }
            | Command::Unlock(_)
            | Command::Help => Ok(true),
        }
    }

    async fn connect(&self, environment: &Environment) -> Result<Wired> {
        let mut plugs = run::plugs(self.global, Once::default(), self.voice)?;
        let author = self.heard.author.to_string();
        plugs.actor = Box::new(move |_| author.clone());
        plugs.connected = Some(self.github.leaving(LAST_WORDS)?);
        let mut wired = plugs.naming(environment.to_string()).connect().await?;
        wired.desk.ports = (self.wrap)(wired.desk.ports);
        wired.desk.who.comment = Some(self.heard.remark.id);
        Ok(wired)
    }

    fn reason(&self, command: &Command) -> String {
        command.because().map_or_else(|| self.heard.url.clone(), ToOwned::to_owned)
    }

    fn name(&self, environment: Environment) {
        if let Ok(mut learned) = self.learned.lock() {
            learned.environment = Some(environment);
        }
    }

    fn learn(&self, moved: Option<&Moved>) {
        if let Ok(mut learned) = self.learned.lock() {
            learned.moved = moved.cloned();
        }
    }

    fn words(&self, thread: &Thread, rules: &Rules, answer: &Answer<'_>) -> String {
        let environment = self.learned.lock().ok().and_then(|learned| learned.environment.clone());
        let verb = match self.said {
            Said::Command(command) => command.verb(),
            Said::Mistake(_) | Said::NotForUs => "comment",
        };
        let context = Context { command: verb.into(), environment };
        match answer {
            Answer::Begun(_) => thread.begun(),
            Answer::Ended(outcome, moved) => {
                self.learn(*moved);
                thread.ended(&context, Ok(outcome), *moved)
            }
            Answer::Broke(error) => thread.ended(&context, Err(error), None),
            Answer::Mistaken(mistake) => thread.mistaken(mistake),
            Answer::Help => thread.help(rules.permissions.keys()),
        }
    }
}
