//! What can be asserted of an answer, and said wrongly.

use serde_json::json;

use super::*;

async fn told(answer: Vec<u8>, settings: serde_json::Value) -> (Outcome, String) {
    let (outcome, message) = asked(answer, &settings.to_string()).await;
    (outcome, if outcome == Outcome::Pass { String::new() } else { message })
}

#[tokio::test]
async fn patterns_say_whether_any_or_all_of_them_count() {
    for (settings, expected) in [
        (json!({"body_matches": "one"}), ""),
        (json!({"body_matches": null, "body_lacks": [], "header_lacks": {"X-A": 1}}), ""),
        (json!({"body_matches": 404}), "the body does not match `404`"),
        (json!({"body_matches": {"any": ["one", "three"]}}), ""),
        (
            json!({"body_matches": {"any": ["three", "four"]}}),
            "the body matches none of `three`, `four`",
        ),
        (json!({"body_matches": {"all": ["one", "three"]}}), "the body does not match `three`"),
        (json!({"body_lacks": {"any": ["one", "three"]}}), "the body matches `one`"),
        (json!({"body_lacks": {"all": ["one", "three"]}}), ""),
        (json!({"body_lacks": {"all": ["one", "two"]}}), "the body matches all of `one`, `two`"),
        (json!({"body_lacks": {"all": []}}), ""),
    ] {
        assert_eq!(told(ok("one two"), settings.clone()).await.1, expected, "{settings}");
    }
}

#[tokio::test]
async fn a_header_has_rules_and_may_be_missing_where_they_say_so() {
    let good = answer(200, &[("X-A", "one"), ("X-A", "two")], "");
    for (settings, expected) in [
        (json!({"header_matches": {"X-A": ["one", "two"]}}), ""),
        (
            json!({"header_matches": {"X-A": [{"regexp": "one"}, "three"]}}),
            "the header `x-a` does not match `three`",
        ),
        (json!({"header_matches": {"X-B": {"regexp": ".", "allow_missing": true}}}), ""),
        (
            json!({"header_lacks": {"X-B": {"regexp": ".", "allow_missing": false}}}),
            "the header `x-b` is missing",
        ),
        (json!({"header_lacks": {"X-A": ["three", "two"]}}), "the header `x-a` matches `two`"),
    ] {
        assert_eq!(told(good.clone(), settings.clone()).await.1, expected, "{settings}");
    }
}

#[tokio::test]
async fn conditions_over_the_body_follow_the_rule_of_all_conditions() {
    let (yes, no) = ("body.n > 1.0", "body.n > 5.0");
    let body = r#"{"n": 3, "s": "x"}"#;
    for (conditions, expected) in [
        (json!({"success": yes}), Outcome::Pass),
        (json!({"success": no}), Outcome::Fail),
        (json!({"failure": yes}), Outcome::Fail),
        (json!({"failure": no}), Outcome::Pass),
        (json!({"success": yes, "failure": yes}), Outcome::Fail),
        (json!({"success": yes, "failure": no}), Outcome::Pass),
        (json!({"success": no, "failure": no}), Outcome::Inconclusive),
        (json!({"success": "body.s"}), Outcome::Error),
        (json!({"failure": "body.missing == 1"}), Outcome::Fail),
    ] {
        let found = told(ok(body), json!({ "body_json": conditions })).await;
        assert_eq!(found.0, expected, "{conditions}: {}", found.1);
    }
    let both = json!({"body_json": {"success": yes}, "json": {".n": 3}});
    assert_eq!(told(ok("<html>"), both).await.1, "the body is not JSON");
    let sick = json!({"body_json": {"success": "body.s"}, "status": [201]});
    assert_eq!(told(ok(body), sick).await.0, Outcome::Fail, "a fail outweighs an error");
}

#[tokio::test]
async fn a_body_comes_from_a_file_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("body.bin"), [b'a', 0, b'b']).unwrap();
    std::fs::write(folder.path().join("token"), "hunter2\n").unwrap();
    let server = Server::always(ok("")).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let settings =
        json!({"url": url, "method": "POST", "body_file": "body.bin", "bearer_file": "token"});
    let settings = serde_json::from_value(settings).unwrap();
    let probe = connect(settings, folder.path()).unwrap();
    assert_eq!(probe.measure(None, Duration::from_secs(5)).await.outcome, Outcome::Pass);
    let asked = server.asked().remove(0);
    assert!(asked.ends_with("\r\n\r\na\0b") && asked.contains("Bearer hunter2"), "{asked}");
    let missing = serde_json::from_value(json!({"url": url, "body_file": "none"})).unwrap();
    let error = connect(missing, folder.path()).unwrap_err();
    assert!(error.message().starts_with("could not read the body in `"), "{error}");
}

#[tokio::test]
async fn what_is_declared_is_asked_for() {
    let server = Server::always(ok("")).await;
    server.measure(r#"{"compression": "br"}"#, None).await;
    server
        .measure(r#"{"compression": "gzip", "headers": {"Accept-Encoding": "br, *"}}"#, None)
        .await;
    server.measure("{}", None).await;
    let [declared, named, plain]: [String; 3] = server.asked().try_into().unwrap();
    assert!(declared.contains("accept-encoding: br\r\n"), "{declared}");
    assert!(named.contains("accept-encoding: br, *\r\n"), "{named}");
    assert!(!plain.contains("accept-encoding"), "{plain}");
    assert!(plain.contains("accept: */*\r\n"), "{plain}");
}

#[tokio::test]
async fn who_asks_may_stand_in_the_address() {
    let server = Server::always(ok("")).await;
    let url = format!("http://me:p%40w@127.0.0.1:{}/?q=1#x", server.port);
    server.measure(&json!({ "url": url }).to_string(), None).await;
    let asked = server.asked().remove(0);
    assert!(asked.starts_with("GET /?q=1 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("authorization: Basic bWU6cEB3\r\n"), "{asked}");
}

#[tokio::test]
async fn a_name_without_an_address_of_the_family_is_a_fail() {
    let server = Server::always(ok("")).await;
    let of = |ip: &str, fallback: bool| json!({"ip": ip, "ip_fallback": fallback}).to_string();
    assert_eq!(server.measure(&of("ip4", false), None).await.outcome, Outcome::Pass);
    assert_eq!(server.measure(&of("ip6", true), None).await.outcome, Outcome::Pass);
    let none = server.measure(&of("ip6", false), None).await;
    assert!(none.message.ends_with("its name has no IPv6 address"), "{}", none.message);
    assert_eq!((none.outcome, none.answered), (Outcome::Fail, Answered::Nobody));
}

#[test]
fn what_contradicts_itself_is_a_mistake() {
    let of = |settings: &str| {
        let settings = format!(r#"{{"url": "a", {settings}}}"#);
        serde_json::from_str::<Settings>(&settings).unwrap().mistakes().join("; ")
    };
    for (settings, expected) in [
        (
            r#""compression": "gzip", "headers": {"Accept-Encoding": "deflate"}"#,
            "`compression: gzip` is not asked for by the header `accept-encoding`",
        ),
        (
            r#""compression": "gzip", "headers": {"accept-encoding": "*;q=0.0"}"#,
            "`compression: gzip` is not asked for by the header `accept-encoding`",
        ),
        (r#""body": "a", "body_file": "b""#, "`body` and `body_file` exclude each other"),
        (r#""body_json": {}"#, "`body_json` has neither `success` nor `failure`"),
        (r#""body_matches": {"any": []}"#, "`body_matches` has no regular expression under `any`"),
        (
            r#""headers": {"Authorization": "x"}, "bearer": "y""#,
            "the header `authorization` and `bearer` or `basic` exclude each other",
        ),
        (
            r#""tls": {"key_file": "k"}"#,
            "in `tls`: `certificate_file` and `key_file` belong together",
        ),
        (r#""headers": {"Accept-Encoding": "gzip"}"#, ""),
    ] {
        assert_eq!(of(settings), expected, "{settings}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_would_be_right() {
    let refused = |json: &str| {
        let json = format!(r#"{{"url": "a", {json}}}"#);
        serde_json::from_str::<Settings>(&json).unwrap_err().to_string()
    };
    for (json, expected) in [
        (r#""header_lacks": {"X": {"allow_missing": true}}"#, "missing field `regexp`"),
        (
            r#""header_matches": {"X": true}"#,
            "a regular expression, `{regexp: …, allow_missing: …}`",
        ),
        (r#""body_lacks": {"some": ["a"]}"#, "unknown variant `some`, expected `any` or `all`"),
        (r#""body_matches": {"any": ["("]}"#, "`(` is no regular expression: unclosed group"),
        (r#""http_versions": ["HTTP/3"]"#, "unknown variant `HTTP/3`"),
        (r#""compression": "zip""#, "unknown variant `zip`"),
        (r#""body_json": {"success": "body ="}"#, "this is no condition in CEL"),
        (r#""proxy": "socks5://a""#, "`socks5` is no scheme"),
        (r#""ip": "ip5""#, "unknown variant `ip5`"),
        (r#""tls": {"min_version": "1.1"}"#, "unknown variant `1.1`"),
    ] {
        assert!(refused(json).contains(expected), "{json}: {}", refused(json));
    }
}
