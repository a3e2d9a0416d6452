//! What is made of answers, good and bad.

use super::*;
use crate::adapters::probe::web::{Say, Server, answer};

fn success(kind: &str, result: &Json) -> Json {
    json!({"status": "success", "data": {"resultType": kind, "result": result}})
}

fn vector(values: &[(&str, &str)]) -> Json {
    let rows =
        values.iter().map(|(pod, value)| json!({"metric": {"pod": pod}, "value": [1.5, value]}));
    success("vector", &rows.collect())
}

async fn judged(body: &Json, more: &Json) -> Measurement {
    let server = Server::always(answer(200, "application/json", &body.to_string())).await;
    let mut whole = json!({"query": "up"});
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    measure(&settings(&server.url, &whole), TIME).await
}

#[tokio::test]
async fn many_series_become_one_answer() {
    use Outcome::{Error, Fail, Inconclusive, Pass};
    let three = vector(&[("a", "1"), ("b", "5"), ("c", "9")]);
    let with_nan = vector(&[("a", "1"), ("b", "NaN")]);
    for (body, more, expected) in [
        (&three, json!({"success": "result > 0"}), Error),
        (&three, json!({"reduce": "all", "success": "result > 0"}), Pass),
        (&three, json!({"reduce": "all", "success": "result > 1"}), Fail),
        (&three, json!({"reduce": "any", "success": "result > 8"}), Pass),
        (&three, json!({"reduce": "any", "success": "result > 9"}), Fail),
        (&three, json!({"reduce": "max", "success": "result == 9"}), Pass),
        (&three, json!({"reduce": "min", "failure": "result == 1"}), Fail),
        (&three, json!({"reduce": "list", "success": "result.exists_one(x, x == 5)"}), Pass),
        (&with_nan, json!({"reduce": "all", "success": "result > 0"}), Inconclusive),
        (&with_nan, json!({"reduce": "all", "success": "result > 1"}), Fail),
        (&with_nan, json!({"reduce": "any", "success": "result > 0"}), Pass),
        (&with_nan, json!({"reduce": "any", "success": "result > 1"}), Inconclusive),
        (&with_nan, json!({"reduce": "max", "success": "result > 0"}), Inconclusive),
        (&with_nan, json!({"reduce": "max", "nan": "zero", "success": "result == 1"}), Pass),
        (&with_nan, json!({"reduce": "min", "nan": "zero", "success": "result == 0"}), Pass),
        (&with_nan, json!({"reduce": "all", "nan": "fail", "success": "result > 0"}), Fail),
        (&with_nan, json!({"reduce": "all", "nan": "pass", "success": "result > 0"}), Pass),
        (&with_nan, json!({"reduce": "all", "success": "isNaN(result) || result > 0"}), Pass),
        (&with_nan, json!({"reduce": "list", "success": "result.all(x, x > 0)"}), Inconclusive),
    ] {
        let measurement = judged(body, &more).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
    }
    let one = judged(&three, &json!({"reduce": "all", "success": "result < 9"})).await;
    assert_eq!(one.message, "{pod=\"c\"} 9: result < 9 does not hold");
    assert_eq!((one.value.as_deref(), one.limit.as_deref()), (Some("9"), Some("result < 9")));
    assert_eq!(one.number, Some(9.0));
    let many = judged(&three, &json!({"success": "true"})).await;
    let expected =
        "the query gives 3 series ({pod=\"a\"} and {pod=\"b\"} …); aggregate it, or set `reduce`";
    assert_eq!(many.message, expected);
}

#[tokio::test]
async fn series_without_labels_are_only_counted() {
    let bare = json!({"metric": {}, "value": [1, "2"]});
    let body = success("vector", &json!([bare, bare, bare]));
    let many = judged(&body, &json!({"success": "true"})).await;
    assert_eq!(many.message, "the query gives 3 series; aggregate it, or set `reduce`");
}

#[tokio::test]
async fn an_answer_of_more_values_than_are_held_is_an_error() {
    let row = json!({"metric": {}, "values": vec![json!([1, "2"]); 100_000]});
    let many = judged(&success("matrix", &json!([row])), &json!({"success": "true"})).await;
    assert_eq!(many.outcome, Outcome::Error);
    assert!(many.message.contains("answered with more than 200000 values"), "{}", many.message);
}

#[tokio::test]
async fn nothing_and_nan_mean_what_is_said() {
    use Outcome::{Error, Fail, Inconclusive, Pass};
    let (none, nan) = (vector(&[]), vector(&[("a", "NaN")]));
    for (body, more, expected) in [
        (&none, json!({}), Inconclusive),
        (&none, json!({"no_data": "inconclusive"}), Inconclusive),
        (&none, json!({"no_data": "pass"}), Pass),
        (&none, json!({"no_data": "fail"}), Fail),
        (&none, json!({"no_data": "error"}), Error),
        (&none, json!({"no_data": "fail", "reduce": "list"}), Fail),
        (&none, json!({"no_data": "fail", "reduce": "all"}), Fail),
        (&none, json!({"no_data": "fail", "reduce": "max"}), Fail),
        (&nan, json!({}), Inconclusive),
        (&nan, json!({"nan": "inconclusive"}), Inconclusive),
        (&nan, json!({"nan": "pass"}), Pass),
        (&nan, json!({"nan": "fail"}), Fail),
        (&nan, json!({"nan": "zero"}), Pass),
    ] {
        let mut more = more;
        more["success"] =
            json!(if more["reduce"] == "list" { "size(result) > 0" } else { "result < 1" });
        let measurement = judged(body, &more).await;
        assert_eq!(measurement.outcome, expected, "{more}: {}", measurement.message);
    }
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_and_says_why() {
    let html = "<html><body>Log in, hunter2</body></html>";
    let refusal =
        json!({"status": "error", "errorType": "bad_data", "error": "parse error at 1:1"});
    let native = json!([{"metric": {}, "histogram": [1.5, {"count": "1"}]}]);
    let odd = |body: Json| answer(200, "application/json", &body.to_string());
    for (say, why) in [
        (
            answer(200, "text/html; charset=utf-8", html),
            "`text/html`, not with JSON; is this Prometheus?",
        ),
        (answer(302, "text/html", html), "answered with status 302; does it want a login?"),
        (answer(401, "text/plain", "no"), "answered with status 401; set `bearer` or `basic`"),
        (
            answer(404, "text/plain", "404 page not found"),
            "does Prometheus lie below another path?",
        ),
        (answer(503, "text/html", html), "answered with status 503"),
        (
            answer(400, "application/json", &refusal.to_string()),
            "refused the query (status 400): parse error",
        ),
        (odd(json!({"status": "success"})), "answered without data"),
        (odd(json!({"status": "success", "data": null})), "answered without data"),
        (odd(json!([])), "what is no answer of Prometheus"),
        (odd(success("string", &json!([1, "x"]))), "gives a `string`, which is no number"),
        (odd(success("vector", &json!({"a": 1}))), "the answer of Prometheus is not readable"),
        (odd(success("vector", &native)), "use `histogram_quantile(…)`"),
        (odd(vector(&[("a", "one")])), "gave `one`, which is no number"),
        (answer(200, "application/json", "{\"status\": \"succ"), "what is no answer of Prometheus"),
        (Say::Endless(b"{\"status\": [1, 2, 3,".to_vec()), "answered more than 4194304 bytes"),
        (Say::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "could not be reached"),
        (Say::Bytes(Vec::new()), "could not be reached"),
    ] {
        let server = Server::always(say).await;
        let asked = settings(&server.url, &json!({"query": "up", "success": "result > 0"}));
        let measurement = measure(&asked, TIME).await;
        assert_eq!(measurement.outcome, Outcome::Error, "{}", measurement.message);
        assert!(measurement.message.contains(why), "{why}: {}", measurement.message);
        assert!(!measurement.message.contains("hunter2"), "{}", measurement.message);
    }
}

#[tokio::test]
async fn a_server_that_is_gone_or_silent_is_an_error_in_time() {
    let gone = Server::always(Say::Nothing).await;
    let asked = settings(&gone.url, &json!({"query": "up", "success": "result > 0"}));
    let silent = measure(&asked, Duration::from_millis(100)).await;
    assert_eq!(silent.outcome, Outcome::Error);
    assert!(silent.message.ends_with("gave no answer within `100ms`"), "{}", silent.message);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let asked = settings(&format!("http://{free}"), &json!({"query": "up", "success": "true"}));
    let refused = measure(&asked, TIME).await;
    assert_eq!(refused.outcome, Outcome::Error);
    assert!(refused.message.contains("could not be reached"), "{}", refused.message);
}

#[tokio::test]
async fn warnings_are_shown() {
    let mut body = vector(&[("a", "1")]);
    body["warnings"] = json!(["metric might not be a counter: \u{1b}[31mup"]);
    let measurement = judged(&body, &json!({"success": "result > 0"})).await;
    let expected =
        "1: result > 0 holds (Prometheus warns: metric might not be a counter: \u{fffd}[31mup)";
    assert_eq!(measurement.message, expected);
}

#[tokio::test]
async fn what_only_reads_is_asked_by_get() {
    let refused = answer(405, "text/plain", "read only");
    let given = answer(200, "application/json", &vector(&[("a", "1")]).to_string());
    let server = Server::new([("POST /api/v1/query", refused), ("GET /api/v1/query", given)]).await;
    let more = json!({
        "query": "up{version=\"{version}\"}", "success": "result > 0",
        "bearer": "hunter2hunter2", "headers": {"X-Scope-OrgID": "team"},
    });
    assert_eq!(measure(&settings(&server.url, &more), TIME).await.outcome, Outcome::Pass);
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].contains("query=up%7Bversion%3D%222.0%22%7D"), "{}", asked[0]);
    for one in &asked {
        assert!(one.contains("authorization: Bearer hunter2hunter2"), "{one}");
        assert!(one.contains("x-scope-orgid: team"), "{one}");
    }
}

#[tokio::test]
async fn too_few_samples_cannot_be_told() {
    let body = vector(&[("a", "19.4")]);
    let more = json!({"success": "result > 0", "samples": "sum(x)", "min_samples": 20});
    let few = judged(&body, &more).await;
    assert_eq!(few.outcome, Outcome::Inconclusive);
    assert_eq!(few.message, "19 samples stand behind it, and 20 are needed");
    assert_eq!((few.value.as_deref(), few.limit.as_deref()), (Some("19"), Some("20")));
    for (count, told) in
        [("-0.3", "0 samples stand"), ("0", "0 samples stand"), ("1", "1 sample stands")]
    {
        let few = judged(&vector(&[("a", count)]), &more).await;
        assert_eq!(few.message, format!("{told} behind it, and 20 are needed"));
    }
    let body = vector(&[("a", "19.5")]);
    assert_eq!(judged(&body, &more).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn a_commit_that_is_not_known_is_an_error() {
    let server = Server::always(Say::Nothing).await;
    let more = json!({"query": "up{c=\"{commit}\"}", "success": "result > 0"});
    let probe = probe(&settings(&server.url, &more)).unwrap();
    let measurement = probe.measure(Some(&Version::named("1")), TIME).await;
    assert_eq!(measurement.outcome, Outcome::Error);
    assert!(measurement.message.contains("`{commit}` is asked for, which is not known"));
    assert_eq!(server.asked(), [""; 0]);
}
