//! Takes one value from where it comes from.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value as Json;
use url::Url;

use super::super::condition::{self, Value};
use super::super::foreign_json::{self, Unread};
use super::super::json_path::JsonPath;
use super::super::prometheus::{self, fact};
use super::super::question::Around;
use super::super::way::{Reply, Way};
use super::source::{CommandSource, HttpSource, PrometheusSource, Source, Verb};
use crate::adapters::http::shown;
use crate::adapters::process::{Finished, Run};
use crate::adapters::secret::{Secret, variables_holding};
use crate::domain::facts::Facts;
use crate::domain::text;
use crate::error::{Error, Result};

/// A source, connected.
#[derive(Debug)]
pub(super) struct Tap {
    from: From,
    json: Option<JsonPath>,
}

#[derive(Debug)]
enum From {
    Http(Box<HttpSource>, Way),
    Command(Box<CommandSource>, PathBuf, Vec<Secret>),
    Prometheus(Box<PrometheusSource>, Way),
}

/// Why there is no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The source is well and has none.
    NoData(String),
    /// The source is broken.
    Broken(String),
}

type Taken<T> = std::result::Result<T, Missing>;

impl Tap {
    /// Connects a source.
    pub(super) fn new(source: &Source, around: &Around<'_>) -> Result<Self> {
        let Source { http, command, prometheus, json } = source.clone();
        let from = match (http, command, prometheus) {
            (Some(asked), ..) => {
                let way = Way::new(&asked.access(), around)?;
                From::Http(Box::new(asked), way)
            }
            (_, Some(asked), _) => {
                let folder = asked.folder.as_deref().map(|folder| around.file(folder));
                let folder = folder.unwrap_or_else(|| around.folder.clone());
                From::Command(Box::new(asked), folder, around.withheld.clone())
            }
            (.., Some(asked)) => {
                let way = Way::new(&asked.access(), around)?;
                From::Prometheus(Box::new(asked), way)
            }
            (None, None, None) => return Err(Error::invalid("a value comes from nowhere")),
        };
        Ok(Self { from, json })
    }

    /// Takes the value.
    pub(super) async fn take(&self, facts: &Facts, time: Duration) -> Taken<Value> {
        let body = match &self.from {
            From::Http(asked, way) => over_http(asked, way, facts).await?,
            From::Command(asked, folder, withheld) => {
                let run = run(asked, facts, withheld).folder(folder).timeout(time);
                written(asked, run).await?
            }
            From::Prometheus(asked, way) => return number(asked, way, facts, time).await,
        };
        self.value(&body)
    }

    /// A body that is no JSON is a text, whatever path is asked of it.
    fn value(&self, body: &[u8]) -> Taken<Value> {
        let document = match foreign_json::read::<Json>(body) {
            Ok(document) => document,
            Err(Unread::Other) => {
                let said = String::from_utf8_lossy(body).trim_end_matches(['\r', '\n']).to_owned();
                return Ok(Value::from(said));
            }
            Err(Unread::TooMany) => {
                let most = foreign_json::MOST;
                let why = format!("the answer has more than {most} values; ask for less");
                return Err(Missing::Broken(why));
            }
        };
        match &self.json {
            None => Ok(condition::value(&document)),
            Some(path) => match path.of(&document) {
                Some(found) => Ok(condition::value(found)),
                None => Err(Missing::Broken(format!("`{path}` is missing in the answer"))),
            },
        }
    }
}

async fn over_http(asked: &HttpSource, way: &Way, facts: &Facts) -> Taken<Vec<u8>> {
    let url = filled(asked.url.url(), facts).map_err(Missing::Broken)?;
    let verb = match asked.method {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
    };
    let reply = way.ask(verb, &url, asked.body.clone()).await;
    let Reply { status, body, .. } = reply.map_err(Missing::Broken)?;
    if status / 100 != 2 {
        let url = shown(&url);
        return Err(Missing::Broken(format!("`{url}` answered with status {status}")));
    }
    Ok(body)
}

/// Puts the facts into path and query, so that they remain one piece of it.
fn filled(url: &Url, facts: &Facts) -> std::result::Result<Url, String> {
    let mut url = url.clone();
    let path = placed(url.path(), facts)?;
    let query = url.query().map(|query| placed(query, facts)).transpose()?;
    url.set_path(&path);
    url.set_query(query.as_deref());
    Ok(url)
}

fn placed(part: &str, facts: &Facts) -> std::result::Result<String, String> {
    let mut part = part.to_owned();
    for name in prometheus::placeholders() {
        let encoded = name.replace('{', "%7B").replace('}', "%7D");
        if !part.contains(name) && !part.contains(&encoded) {
            continue;
        }
        let value = fact(name, facts)?;
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let value = value.replace('+', "%20");
        part = part.replace(name, &value).replace(&encoded, &value);
    }
    Ok(part)
}

fn run(asked: &CommandSource, facts: &Facts, withheld: &[Secret]) -> Run {
    let run = Run::new(asked.run.program()).args(asked.run.args());
    let run = variables_holding(withheld).into_iter().fold(run, Run::without);
    let run = facts.variables().fold(run, |run, (name, value)| match value {
        Some(value) => run.env(name, value),
        None => run.without(name),
    });
    asked.env.iter().fold(run, |run, (name, value)| run.env(name, value.reveal()))
}

async fn written(asked: &CommandSource, run: Run) -> Taken<Vec<u8>> {
    let name = text::clean(asked.run.program(), 80);
    let finished = run.finish().await.map_err(|failure| Missing::Broken(failure.to_string()))?;
    if !finished.succeeded() {
        return Err(Missing::Broken(complaint(&name, &finished)));
    }
    let Finished { stdout, .. } = finished;
    if stdout.dropped() > 0 {
        return Err(Missing::Broken(format!("`{name}` wrote more than can be read")));
    }
    Ok(stdout.bytes().to_vec())
}

async fn number(
    asked: &PrometheusSource,
    way: &Way,
    facts: &Facts,
    time: Duration,
) -> Taken<Value> {
    let query = asked.query.filled(facts).map_err(Missing::Broken)?;
    let number = prometheus::number(way, asked.url.url(), &query, asked.reduce, time).await;
    match number.map_err(Missing::Broken)? {
        Some(number) => Ok(Value::Float(number)),
        None => Err(Missing::NoData("the query gave no data".to_owned())),
    }
}

/// The last line a command writes before it fails mostly says why.
fn complaint(name: &str, finished: &Finished) -> String {
    let said = finished.stderr.text();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    let why = last.map(|line| format!(": {line}")).unwrap_or_default();
    format!("`{name}` ended with {}{why}", finished.ended)
}
