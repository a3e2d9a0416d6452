//! Numbers of servers and commands, real ones.

use serde_json::{Value as Json, json};

use super::super::prometheus::tests::{measure, probe};
use super::super::web::{Say, Server, answer};
use super::*;
use crate::domain::vectors::{self, Count};
use crate::domain::verdict::Outcome;

/// The time a measurement has in these tests.
const TIME: Duration = Duration::from_secs(5);

fn settings(json: &Json) -> Settings {
    serde_json::from_value(json.clone()).unwrap_or_else(|why| panic!("{json}: {why}"))
}

async fn judged(json: &Json) -> Measurement {
    measure(&settings(json), TIME).await
}

async fn served(say: Say, more: &Json) -> Measurement {
    let server = Server::always(say).await;
    let mut whole = json!({"http": {"url": server.url}});
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    judged(&whole).await
}

#[tokio::test]
async fn an_answer_is_judged_as_json_or_as_a_text() {
    use Outcome::{Error, Fail, Inconclusive, Pass};
    let body = r#"{"rate": 0.5, "text": "12", "list": [1, 2], "none": null}"#;
    for (body, more, expected, message) in [
        (body, json!({"json": ".rate", "success": "result < 1"}), Pass, "0.5: result < 1 holds"),
        (
            body,
            json!({"json": ".rate", "success": "result > 1"}),
            Fail,
            "0.5: result > 1 does not hold",
        ),
        (body, json!({"json": ".text", "success": "asInt(result) == 12"}), Pass, "`12`: "),
        (
            body,
            json!({"json": ".list[1]", "failure": "result == 2"}),
            Fail,
            "2: not (result == 2) does",
        ),
        (body, json!({"json": ".none", "success": "result == null"}), Pass, "null: "),
        (
            body,
            json!({"success": "result.rate < 1 && size(result.list) == 2"}),
            Pass,
            "an object of 4",
        ),
        (body, json!({"json": ".nowhere", "success": "true"}), Error, "`.nowhere` is missing"),
        (
            body,
            json!({"json": ".text", "success": "result < 1"}),
            Error,
            "`<` cannot be computed of string",
        ),
        ("7\n", json!({"success": "result == 7"}), Pass, "7: "),
        ("OK\r\n", json!({"json": ".a", "success": "result == 'OK'"}), Pass, "`OK`: "),
        ("NaN", json!({"success": "asFloat(result) < 1"}), Inconclusive, "NaN"),
        ("", json!({"success": "result == ''"}), Pass, ""),
    ] {
        let measurement = served(answer(200, "text/plain", body), &more).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
        assert!(measurement.message.contains(message), "{more}: {}", measurement.message);
    }
    let more = json!({"json": ".rate", "success": "result < 1"});
    let one = served(answer(200, "application/json", body), &more).await;
    assert_eq!(
        (one.number, one.value.as_deref(), one.limit.as_deref()),
        (Some(0.5), Some("0.5"), Some("result < 1"))
    );
}

#[tokio::test]
async fn a_source_that_is_broken_is_an_error() {
    for (say, why) in [
        (answer(500, "application/json", "{}"), "answered with status 500"),
        (answer(302, "text/html", ""), "answered with status 302"),
        (Say::Bytes(Vec::new()), "could not be reached"),
        (Say::Endless(b"[1, 2, ".to_vec()), "answered more than"),
        (
            answer(200, "application/json", &format!("[{}]", vec!["{}"; 30_000].join(","))),
            "the answer has more than 200000 values; ask for less",
        ),
    ] {
        let measurement = served(say, &json!({"success": "true"})).await;
        assert_eq!(measurement.outcome, Outcome::Error, "{}", measurement.message);
        assert!(measurement.message.contains(why), "{}", measurement.message);
    }
    let server = Server::always(Say::Nothing).await;
    let asked = settings(&json!({"http": {"url": server.url}, "success": "true"}));
    let silent = measure(&asked, Duration::from_millis(100)).await;
    assert_eq!(
        (silent.outcome, silent.message.as_str()),
        (Outcome::Error, "no value came within `100ms`")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_command_writes_is_judged() {
    use Outcome::{Error, Pass};
    for (script, more, expected, message) in [
        ("echo '{\"a\": [3]}'", json!({"json": ".a[0]", "success": "result == 3"}), Pass, "3: "),
        ("echo $LASTGOOD_VERSION", json!({"success": "result == 2"}), Pass, "2: "),
        (
            "echo no >&2; exit 3",
            json!({"success": "true"}),
            Error,
            "`sh` ended with exit code 3: no",
        ),
        ("kill -9 $$", json!({"success": "true"}), Error, "`sh` ended with killed by signal 9"),
        ("yes | head -c 3000000", json!({"success": "true"}), Error, "wrote more than can be read"),
    ] {
        let mut whole = json!({"command": {"run": ["sh", "-c", script]}});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let measurement = judged(&whole).await;
        assert_eq!(measurement.outcome, expected, "{script}: {}", measurement.message);
        assert!(measurement.message.contains(message), "{script}: {}", measurement.message);
    }
    let missing =
        judged(&json!({"command": {"run": ["no-such-program"]}, "success": "true"})).await;
    assert_eq!(
        (missing.outcome, missing.message.as_str()),
        (Outcome::Error, "no program `no-such-program` was found")
    );
}

#[tokio::test]
async fn several_sources_make_one_judgement() {
    use Outcome::{Error, Fail, Inconclusive, Pass};
    let total = answer(200, "application/json", r#"{"total": 200, "zero": 0}"#);
    let vector = |rows: Json| {
        let body = json!({"status": "success", "data": {"resultType": "vector", "result": rows}});
        answer(200, "application/json", &body.to_string())
    };
    let errors = vector(json!([{"metric": {}, "value": [1, "1"]}]));
    let server = Server::new([("/total", total), ("/api/v1/query", errors)]).await;
    let empty = Server::always(vector(json!([]))).await;
    let whole = |prometheus: &str, path: &str, success: &str| {
        json!({"queries": {
            "errors": {"prometheus": {"url": prometheus, "query": "sum(errors)"}},
            "total": {"http": {"url": format!("{}/total", server.url)}, "json": path},
        }, "success": success})
    };
    for (prometheus, path, success, expected, message) in [
        (&server, ".total", "errors / total < 0.01", Pass, "errors 1, total 200: "),
        (&server, ".total", "errors / total < 0.005", Fail, "errors 1, total 200: "),
        (&server, ".zero", "errors / total < 0.01", Fail, "errors 1, total 0: "),
        (&server, ".zero", "total / total < 0.01", Inconclusive, "NaN"),
        (&server, ".nowhere", "errors / total < 0.01", Error, "`total`: `.nowhere` is missing"),
        (
            &empty,
            ".total",
            "errors / total < 0.01",
            Inconclusive,
            "`errors`: the query gave no data",
        ),
    ] {
        let measurement = judged(&whole(&prometheus.url, path, success)).await;
        assert_eq!(measurement.outcome, expected, "{success}: {}", measurement.message);
        assert!(measurement.message.contains(message), "{success}: {}", measurement.message);
    }
}

#[tokio::test]
async fn the_version_under_test_stays_one_piece_of_the_address() {
    let server = Server::always(answer(200, "text/plain", "1")).await;
    let url = format!("{}/of/{{version}}?v={{version}}&e={{environment}}", server.url);
    let asked = settings(&json!({"http": {"url": url}, "success": "result == 1"}));
    let odd = Version::named("1/../2?a=b&c #%");
    let measurement = probe(&asked).unwrap().measure(Some(&odd), TIME).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    let encoded = "1%2F..%2F2%3Fa%3Db%26c%20%23%25";
    let line = server.asked()[0].lines().next().unwrap().to_owned();
    assert_eq!(line, format!("GET /of/{encoded}?v={encoded}&e=production HTTP/1.1"));
}

#[test]
fn what_makes_no_sense_together_is_a_mistake() {
    let http = || json!({"url": "http://shop.example"});
    for (json, why) in [
        (json!({"success": "true"}), "nothing is asked"),
        (json!({"http": http()}), "neither `success` nor `failure` is given"),
        (json!({"http": http(), "success": "rseult > 1"}), "did you mean `result`?"),
        (
            json!({"http": http(), "command": {"run": ["a"]}, "success": "true"}),
            "a value comes from one of",
        ),
        (json!({"queries": {"a": {}}, "success": "a > 1"}), "a value comes from one of"),
        (
            json!({"http": http(), "queries": {"a": {"http": http()}}, "success": "a > 1"}),
            "exclude each other",
        ),
        (
            json!({"queries": {"a": {"http": http()}}, "json": ".x", "success": "a > 1"}),
            "belongs to each",
        ),
        (
            json!({"prometheus": {"url": "http://p", "query": "up", "reduce": "all"}, "success": "true"}),
            "`reduce` is `single`, `max` or `min` here",
        ),
        (
            json!({"prometheus": {"url": "http://p", "query": "up"}, "json": ".a", "success": "true"}),
            "does not go with",
        ),
    ] {
        let found = settings(&json).mistakes();
        assert!(found.len() == 1 && found[0].contains(why), "{json}: {found:?}");
    }
}

/// Argo's conditions are in expr-lang, and its paths in `JSONPath`.
fn in_cel(condition: &Json) -> Option<String> {
    let text = condition.as_str().filter(|text| !text.is_empty())?;
    let of_each = regex::Regex::new(r"(all|any)\(([\w.]+), \{(.*?)\}\)").unwrap();
    let text = of_each.replace_all(text, |found: &regex::Captures<'_>| {
        let of = if &found[1] == "all" { "all" } else { "exists" };
        format!("{}.{of}(x, {})", &found[2], found[3].replace('#', "x"))
    });
    Some(text.replace("nil", "null").replace("len(", "size(").replace(" && ...", ""))
}

#[tokio::test]
async fn answers_are_judged_as_in_argo_rollouts_tests() {
    let Some(file) = vectors::load("measurement_limits.json") else { return };
    let mut count = Count::default();
    for (id, case) in vectors::cases(&file, "web_measurement") {
        let body = case["body"].as_str().unwrap();
        if body.starts_with("(url ") {
            let bad = json!({"http": {"url": "bad://url.com"}, "success": "true"});
            assert!(serde_json::from_value::<Settings>(bad).is_err(), "{id}");
            count.departed(id, "an address that cannot be asked is refused with the configuration");
            continue;
        }
        let body = if body == "(empty body)" { "" } else { body };
        let mut more = json!({});
        let path = case["jsonPath"].as_str().unwrap();
        if let Some(path) = path.strip_prefix("{$").and_then(|path| path.strip_suffix('}')) {
            more["json"] = json!(path);
        }
        for (ours, theirs) in [("success", "successCondition"), ("failure", "failureCondition")] {
            if let Some(text) = in_cel(&case[theirs]) {
                more[ours] = json!(text);
            }
        }
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        let measurement = served(answer(status, "application/json", body), &more).await;
        let expected = match case["expected_phase"].as_str().unwrap() {
            "Successful" => Outcome::Pass,
            "Failed" => Outcome::Fail,
            "Inconclusive" => Outcome::Inconclusive,
            _ => Outcome::Error,
        };
        assert_eq!(measurement.outcome, expected, "{id}: {}", measurement.message);
        count.held();
    }
    count.of("web_measurement", vectors::cases(&file, "web_measurement").count());
}
