//! Asks a database a question of the user's own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::condition::Condition;
use super::pattern::Pattern;
use super::process::Count;
use super::question::{Around, Question, Subject};
use crate::adapters::secret::{Secret, masked};
use crate::adapters::tls;
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;
use crate::domain::version::Version;
use crate::error::{Error, Result};
use crate::ports::Probe;

mod answer;
mod mysql;
mod postgres;
mod redis;
mod sqlite;
mod stream;
mod target;

use answer::{Answer, NoAnswer};
use target::{Engine, Target};

/// Asks `PostgreSQL`, `MySQL`, `MariaDB`, Redis or `SQLite`, and judges the first value of the answer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DatabaseCheck")]
pub struct Settings {
    /// Where it is: `postgres://`, `mysql://`, `redis://` or `sqlite:`; never shown with its password.
    #[serde(default)]
    pub url: Option<Secret>,
    /// The file that holds the address.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// The password, where the address has none.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// What is asked: SQL, or a command of Redis; `select 1` or `PING` unless given.
    #[serde(default)]
    pub query: Option<String>,
    /// What the first value of the first row is, as text.
    #[serde(default)]
    pub expect: Option<String>,
    /// A regular expression that matches the first value.
    #[serde(default)]
    pub matches: Option<Pattern>,
    /// How many rows there are.
    #[serde(default)]
    pub rows: Option<Count>,
    /// A condition over the first value, `result`, and the number of `rows`; where it does not hold, the check fails.
    #[serde(default)]
    pub success: Option<Condition>,
    /// A condition under which the check fails.
    #[serde(default)]
    pub failure: Option<Condition>,
    /// The longest that connecting and asking may take together.
    #[serde(default)]
    pub max_duration: Option<Span>,
    /// Speaks TLS, with these settings; `{}` for the usual ones.
    #[serde(default)]
    pub tls: Option<tls::Settings>,
}

/// Asks a database.
#[derive(Debug)]
pub struct DatabaseProbe {
    settings: Settings,
    target: Target,
    tls: Option<tls::Client>,
    secrets: Vec<Secret>,
    withheld: Vec<Secret>,
    folder: PathBuf,
}

impl Question for Settings {
    fn kind(&self) -> &'static str {
        "database"
    }

    fn mistakes(&self) -> Vec<String> {
        let one = |given: [bool; 2], what: &str| (given == [true, true]).then(|| what.to_owned());
        let none = self.url.is_none() && self.url_file.is_none();
        let rows = self.rows.and_then(|rows| rows.mistake("rows"));
        let url = self.url.as_ref().and_then(|url| Target::read(url.reveal()).err());
        [
            none.then(|| "`url` is missing; give it, or the `url_file` that holds it".to_owned()),
            one(
                [self.url.is_some(), self.url_file.is_some()],
                "`url` and `url_file` exclude each other",
            ),
            one(
                [self.password.is_some(), self.password_file.is_some()],
                "`password` and `password_file` exclude each other",
            ),
            url,
            rows,
        ]
        .into_iter()
        .flatten()
        .chain(self.tls.iter().flat_map(tls::Settings::mistakes))
        .collect()
    }

    fn subject(&self) -> Subject {
        match &self.url {
            Some(url) => {
                let target = Target::read(url.reveal());
                Subject::shown("url", target.map_or("database".to_owned(), |url| url.to_string()))
            }
            None => Subject::written("url_file"),
        }
    }

    fn connect(&self, around: &Around<'_>) -> Result<Arc<dyn Probe>> {
        Ok(Arc::new(connect(self.clone(), around)?))
    }
}

/// Makes the probe; an address or a file that cannot be read is refused.
pub fn connect(settings: Settings, around: &Around<'_>) -> Result<DatabaseProbe> {
    let secret = |given: &Option<Secret>, file: &Option<PathBuf>| match (given, file) {
        (Some(given), _) => Ok(Some(given.clone())),
        (None, Some(file)) => Secret::from_file(&around.file(file)).map(Some),
        (None, None) => Ok(None),
    };
    let missing = || Error::invalid("`url` is missing");
    let url = secret(&settings.url, &settings.url_file)?.ok_or_else(missing)?;
    let password = secret(&settings.password, &settings.password_file)?;
    let mut target = Target::read(url.reveal()).map_err(Error::invalid)?;
    target.complete(password, &around.folder);
    let asked = settings.tls.clone().or_else(|| target.wants_tls().then(tls::Settings::default));
    let tls = asked.map(|tls| tls.client(&around.folder)).transpose()?;
    let secrets = target.password().cloned().into_iter().chain([url]).collect();
    let (withheld, folder) = (around.withheld.clone(), around.folder.clone());
    Ok(DatabaseProbe { settings, target, tls, secrets, withheld, folder })
}

#[async_trait]
impl Probe for DatabaseProbe {
    fn kind(&self) -> &'static str {
        "database"
    }

    fn reach(&self) -> Reach {
        Reach::Direct
    }

    async fn measure(&self, _: Option<&Version>, timeout: Duration) -> Measurement {
        let began = Instant::now();
        let answer = match tokio::time::timeout(timeout, self.ask(timeout)).await {
            Ok(answer) => answer,
            Err(_) => Err(NoAnswer::late(timeout)),
        };
        match answer {
            Ok(answer) => answer::judge(&self.settings, &answer, began.elapsed()),
            Err(NoAnswer { blame, message }) => {
                let message = masked(&message, &self.secrets);
                blame.measurement(format!("`{}` {message}", self.target))
            }
        }
    }
}

impl DatabaseProbe {
    async fn ask(&self, timeout: Duration) -> Result<Answer, NoAnswer> {
        let query = self.settings.query.as_deref();
        match &self.target.engine {
            Engine::Postgres(place) => {
                postgres::ask(place, self.tls.as_ref(), query, timeout).await
            }
            Engine::Mysql(place) => {
                let tls = self.settings.tls.as_ref();
                let (withheld, folder) = (&self.withheld, &self.folder);
                let asking = mysql::Asking { place, tls, withheld, folder, timeout };
                asking.ask(query).await
            }
            Engine::Redis(place) => redis::ask(place, self.tls.as_ref(), query).await,
            Engine::Sqlite(file) => sqlite::ask(file, query.unwrap_or("select 1"), timeout).await,
        }
    }
}

#[cfg(test)]
mod tests;
