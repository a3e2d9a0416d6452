//! Cases from the tests of `blackbox_exporter`.

use std::io::Write;

use rcgen::{BasicConstraints, IsCa};
use serde_json::{Map, Value, json};

use super::*;
use crate::adapters::tls::tests::{Identity, self_signed, serve};
use crate::domain::vectors::{Count, load, of_kind};

/// What a case's words mean: who answers, and what the check is told of him.
struct Meant {
    scheme: &'static str,
    host: &'static str,
    port: u16,
    _plain: Option<Server>,
    extra: Value,
}

/// Returns what answers as the words say; none where they are not understood.
async fn server(words: &str, folder: &tempfile::TempDir) -> Option<Meant> {
    if words.contains("HTTPS") || words == "same server" {
        return Some(secure(words, folder).await);
    }
    let plain = Server::new(answers(words)?).await;
    let (scheme, host, port) = ("http://", "127.0.0.1", plain.port);
    Some(Meant { scheme, host, port, _plain: Some(plain), extra: json!({}) })
}

async fn secure(words: &str, folder: &tempfile::TempDir) -> Meant {
    let by_name = words.contains("SAN DNS:localhost only");
    let ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let Identity { chain, key, pem } =
        self_signed(if by_name { &["localhost"] } else { &["127.0.0.1"] }, ca);
    let file = folder.path().join("own.pem");
    std::fs::write(&file, &pem.0).unwrap();
    let acceptor = Identity { chain, key, pem }.acceptor(&[b"http/1.1"]);
    let port = serve(acceptor, |mut stream| async move {
        let mut heard = [0; 1024];
        let _ = stream.read(&mut heard).await;
        let _ = stream.write_all(&ok("")).await;
        let _ = stream.shutdown().await;
    })
    .await;
    let host = if by_name { "localhost" } else { "127.0.0.1" };
    let extra =
        if words.contains("CA certificate") { json!({ "ca_file": file }) } else { json!({}) };
    Meant { scheme: "https://", host, port, _plain: None, extra }
}

/// Returns the answers: by path, by method, or by the body that is sent, after a `=`.
fn answers(words: &str) -> Option<Vec<(&'static str, Vec<u8>)>> {
    let hello = "hello world".repeat(10);
    let always = |answer| Some(vec![("*", answer)]);
    if let Some(rest) = words.strip_prefix("any request -> ") {
        return always(answer(rest.strip_suffix(", empty body")?.parse().ok()?, &[], ""));
    }
    if words.starts_with("\"/\" -> 302 /noredirect") {
        return Some(vec![("/", redirect(302, "/noredirect")), ("/noredirect", ok(""))]);
    }
    if words.starts_with("every path -> 302") {
        return always(redirect(302, "/noredirect"));
    }
    if words.starts_with("POST -> 200") {
        return Some(vec![("POST", ok("")), ("*", answer(400, &[], ""))]);
    }
    if words.contains("request body == \"Test Body\"") || words == "same" {
        return Some(vec![("=Test Body", ok("")), ("*", answer(400, &[], ""))]);
    }
    if words.starts_with("404 with body \"not found\"") {
        return always(answer(404, &[], "not found"));
    }
    if words == "200 always" || words.starts_with("plaintext") {
        return always(ok(""));
    }
    if words.starts_with("200, Content-Encoding: ") || words.contains("\"hello world\" x10") {
        let of = |name: &str| words.contains(&format!("{name}(\"hello"));
        let kinds = ["gzip", "deflate", "br"];
        let kind = kinds.into_iter().find(|kind| of(kind)).unwrap_or("identity");
        return always(encoded(kind, hello.as_bytes()));
    }
    if let Some(body) = words.strip_prefix("200, Content-Length set, body ") {
        let count = body.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty())?;
        let body_text = "A".repeat(count.parse().ok()?);
        return always(encoded(
            if body.starts_with("gzip") { "gzip" } else { "identity" },
            body_text.as_bytes(),
        ));
    }
    if let Some(body) = words.strip_prefix("200, body ") {
        let quoted = body.strip_prefix('\'').and_then(|body| body.strip_suffix('\''));
        return always(ok(quoted.unwrap_or(body)));
    }
    let headers = words.strip_prefix("200, header(s) ")?;
    if headers.ends_with("NOT explicitly set by handler") {
        return always(ok(""));
    }
    let headers: Option<Vec<_>> =
        headers.strip_suffix('\'')?.split("', ").map(|header| header.split_once(": '")).collect();
    always(answer(200, &headers?, ""))
}

fn encoded(kind: &str, text: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    let body = match kind {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "br" => brotli(text),
        _ => text.to_vec(),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {kind}\r\nContent-Length: {length}\r\n\r\n");
    [head.into_bytes(), body].concat()
}

/// Brotli's frame around bytes that are not compressed (RFC 7932, section 9.2).
fn brotli(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len() - 1).unwrap();
    // WBITS 16 in one bit, ISLAST 0, MNIBBLES 4 in two bits, the length, ISUNCOMPRESSED 1.
    let head = (length << 4 | 1 << 20).to_le_bytes();
    [&head[..3], text, &[3]].concat()
}

/// Returns the settings that a case means; none where lastgood has no such setting.
fn settings(
    config: &Map<String, Value>,
    meant: &Meant,
    folder: &tempfile::TempDir,
) -> Option<Value> {
    let mut settings = json!({});
    for (name, value) in config {
        let (name, value) = match name.as_str() {
            "valid_status_codes" if value == &json!([]) => continue,
            "valid_status_codes" => ("status", value.clone()),
            "valid_http_versions" => ("http_versions", value.clone()),
            "method" | "body" | "compression" | "headers" | "follow_redirects" => {
                (name.as_str(), value.clone())
            }
            "body_size_limit" => ("max_bytes", value.clone()),
            "body_file" => {
                std::fs::write(folder.path().join("body"), "Test Body").unwrap();
                ("body_file", json!("body"))
            }
            "authorization" => ("bearer", value["credentials"].clone()),
            "basic_auth" => {
                ("basic", json!({"user": value["username"], "password": value["password"]}))
            }
            "fail_if_ssl" if value == true => ("require_tls", json!(false)),
            "fail_if_not_ssl" if value == true => ("require_tls", json!(true)),
            "fail_if_ssl" | "fail_if_not_ssl" => continue,
            "fail_if_body_matches_regexp" => ("body_lacks", value.clone()),
            "fail_if_body_not_matches_regexp" => ("body_matches", value.clone()),
            "fail_if_body_json_matches_cel" => ("body_json", json!({ "failure": value })),
            "fail_if_body_json_not_matches_cel" => ("body_json", json!({ "success": value })),
            "fail_if_header_matches" => ("header_lacks", headers(value)),
            "fail_if_header_not_matches" => ("header_matches", headers(value)),
            "preferred_ip_protocol" => ("ip", value.clone()),
            "tls_config" => ("tls", tls(value, &meant.extra)),
            _ => return None,
        };
        settings[name] = value;
    }
    Some(settings)
}

fn headers(matchers: &Value) -> Value {
    let mut headers = json!({});
    for matcher in matchers.as_array().unwrap() {
        let rule = json!({"regexp": matcher["regexp"], "allow_missing": matcher["allow_missing"]});
        headers[matcher["header"].as_str().unwrap()] = rule;
    }
    headers
}

fn tls(config: &Value, extra: &Value) -> Value {
    let mut tls = extra.clone();
    if config["insecure_skip_verify"] == true {
        tls = json!({ "insecure": true });
    }
    tls
}

/// Returns the address as a case writes it.
fn target(words: &str, meant: &Meant) -> String {
    let Meant { scheme, host, port, .. } = meant;
    match words.split("target ").nth(1) {
        Some(target) if target.ends_with("HOST") => {
            format!("{}{host}:{port}/", target.strip_suffix("HOST").unwrap())
        }
        Some(_) | None => format!("{scheme}{host}:{port}/"),
    }
}

#[tokio::test]
async fn answers_are_judged_as_in_blackbox_exporters_tests() {
    let Some(file) = load("direct_probes.json") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut count = Count::default();
    let all = of_kind(&file, "http");
    for (id, case) in &all {
        let config = case["config"]["http"].as_object().unwrap();
        let words = case["server"].as_str().unwrap();
        let meant = server(words, &folder).await;
        let meant = meant.unwrap_or_else(|| panic!("{id}: `{words}` is not understood"));
        let settings = settings(config, &meant, &folder);
        let mut settings = settings.unwrap_or_else(|| panic!("{id}: {config:?} is not understood"));
        settings["url"] = target(words, &meant).into();
        let settings: Settings = serde_json::from_value(settings).unwrap();
        assert_eq!(settings.mistakes(), [""; 0], "{id}");
        let probe = connect(settings, folder.path()).unwrap();
        let measurement = probe.measure(None, Duration::from_secs(5)).await;
        let passed = measurement.outcome == Outcome::Pass;
        assert_eq!(Some(passed), case["expect_success"].as_bool(), "{id}: {}", measurement.message);
        let class = case["proposed_class"].as_str().unwrap();
        let found = serde_json::to_value(measurement.outcome).unwrap();
        assert_eq!(found, class, "{id}: {}", measurement.message);
        count.held();
    }
    count.of("direct_probes, http", all.len());
}
