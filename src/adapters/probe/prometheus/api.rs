//! What Prometheus answers to a query.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::Range;
use crate::adapters::http::shown;
use crate::adapters::probe::condition::number;
use crate::adapters::probe::foreign_json::{self, Unread};
use crate::adapters::probe::way::{Reply, Way};
use crate::domain::text;

/// How much of a foreign text is told.
const TOLD: usize = 120;

/// The series that a query gave.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) series: Vec<Series>,
    pub(super) warnings: Vec<String>,
}

/// One series: its labels, and one value or those over a time.
#[derive(Debug, PartialEq)]
pub(super) struct Series {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) values: Vec<f64>,
}

impl Series {
    /// Returns the labels as Prometheus writes them; nothing where there are none.
    pub(super) fn shown(&self) -> String {
        let labels: Vec<_> = self.labels.iter().map(|(k, v)| format!("{k}={v:?}")).collect();
        if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
    }
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: Value,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    value: Option<Point>,
    #[serde(default)]
    values: Option<Vec<Point>>,
}

type Point = (f64, String);

/// Asks one query; an `Err` says why there is no answer.
pub(super) async fn ask(
    way: &Way,
    base: &Url,
    query: &str,
    range: Option<&Range>,
    timeout: Duration,
) -> Result<Found, String> {
    let url = endpoint(base, if range.is_some() { "query_range" } else { "query" });
    let form = form(query, range, timeout)?;
    let reply = way.ask(Method::POST, &url, Some(form.clone())).await?;
    // Some that speak for Prometheus only read.
    let reply = if matches!(reply.status, 404 | 405 | 501) {
        let mut with_query = url.clone();
        let pairs: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        with_query.query_pairs_mut().extend_pairs(pairs);
        way.ask(Method::GET, &with_query, None).await?
    } else {
        reply
    };
    read(&reply, &url)
}

fn endpoint(base: &Url, name: &str) -> Url {
    let mut url = base.clone();
    let path = base.path().trim_end_matches('/');
    let path = path.strip_suffix("/api/v1").unwrap_or(path);
    url.set_path(&format!("{path}/api/v1/{name}"));
    url
}

/// The server's own clock says when now is, where it can.
fn form(query: &str, range: Option<&Range>, timeout: Duration) -> Result<String, String> {
    let mut form = Serializer::new(String::new());
    form.append_pair("query", query);
    form.append_pair("timeout", &format!("{}ms", timeout.as_millis()));
    if let Some(range) = range {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_err(|_| "the clock stands before 1970".to_owned())?;
        let seconds = |time: Duration| format!("{:.3}", time.as_secs_f64());
        form.append_pair("start", &seconds(now.saturating_sub(range.window.get())));
        form.append_pair("end", &seconds(now));
        form.append_pair("step", &seconds(range.step().get()));
    }
    Ok(form.finish())
}

fn read(reply: &Reply, url: &Url) -> Result<Found, String> {
    let (status, place) = (reply.status, shown(url));
    let envelope: Envelope = match foreign_json::read(&reply.body) {
        Ok(envelope) => envelope,
        Err(Unread::TooMany) => {
            let most = foreign_json::MOST;
            return Err(format!(
                "`{place}` answered with more than {most} values; aggregate the query, or make `range.step` longer"
            ));
        }
        Err(Unread::Other) if status != 200 => {
            return Err(format!("`{place}` answered with status {status}{}", hint(status)));
        }
        Err(Unread::Other) => return Err(format!("`{place}` answered with {}", other(reply))),
    };
    if envelope.status != "success" || status / 100 != 2 {
        let why = text::clean(&envelope.error.unwrap_or_default(), TOLD);
        return Err(format!("`{place}` refused the query (status {status}): {why}"));
    }
    let data = envelope.data.ok_or_else(|| format!("`{place}` answered without data"))?;
    let series = series(data)?;
    let warnings = envelope.warnings.iter().map(|said| text::clean(said, TOLD)).collect();
    Ok(Found { series, warnings })
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => "; does it want a login? set `bearer` or `basic`",
        401 | 403 | 407 => "; set `bearer` or `basic`, or mend them",
        404 => "; does Prometheus lie below another path?",
        _ => "",
    }
}

fn other(reply: &Reply) -> String {
    match reply.content_type.as_str() {
        "" | "application/json" => "what is no answer of Prometheus".to_owned(),
        other => format!("`{}`, not with JSON; is this Prometheus?", text::clean(other, 40)),
    }
}

fn series(data: Data) -> Result<Vec<Series>, String> {
    let unreadable = |why| format!("the answer of Prometheus is not readable: {why}");
    match data.result_type.as_str() {
        "scalar" => {
            let point: Point = serde_json::from_value(data.result).map_err(unreadable)?;
            Ok(vec![Series { labels: BTreeMap::new(), values: vec![value(&point)?] }])
        }
        "vector" | "matrix" => {
            let rows: Vec<Row> = serde_json::from_value(data.result).map_err(unreadable)?;
            rows.into_iter().map(row).collect()
        }
        other => {
            let other = text::clean(other, 40);
            Err(format!("the query gives a `{other}`, which is no number"))
        }
    }
}

fn row(row: Row) -> Result<Series, String> {
    let points = row.values.or_else(|| row.value.map(|point| vec![point]));
    let points = points
        .ok_or("the query gives histograms, which are no numbers; use `histogram_quantile(…)`")?;
    let values = points.iter().map(value).collect::<Result<_, _>>()?;
    Ok(Series { labels: row.metric, values })
}

fn value((_, written): &Point) -> Result<f64, String> {
    let shown = || format!("Prometheus gave `{}`, which is no number", text::clean(written, 40));
    number(written).ok_or_else(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_lies_below_the_address_whatever_that_holds() {
        for (base, expected) in [
            ("http://prom:9090", "http://prom:9090/api/v1/query"),
            ("http://prom:9090/", "http://prom:9090/api/v1/query"),
            ("https://mimir/prometheus/", "https://mimir/prometheus/api/v1/query"),
            ("https://mimir/prometheus/api/v1", "https://mimir/prometheus/api/v1/query"),
            ("https://thanos/?dedup=true", "https://thanos/api/v1/query?dedup=true"),
        ] {
            assert_eq!(endpoint(&Url::parse(base).unwrap(), "query").as_str(), expected);
        }
    }
}
