//! Services behind nginx and haproxy, as most of them are.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;

use crate::main_job::with_a_stable_one;
use crate::world::{At, Front, Told, World, are_there, free_ports};

/// What is well is soon through, and has all the time that a slow machine takes.
const WELL: &str = "interval: 50ms, success_streak: 2, timeout: 30s, deadline: 2m";

/// What is sick is looked at until the deadline; a look that the deadline cuts off counts for nothing.
const SICK: &str = "interval: 500ms, success_streak: 2, timeout: 30s, deadline: 5s";

/// Writes a server's certificate and key, as `NAME.crt` and `NAME.key`.
fn certificate(folder: &Path, name: &str, of: &str, until: i32) {
    let mut params = rcgen::CertificateParams::new(vec![of.to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap();
    std::fs::write(folder.join(format!("{name}.crt")), cert.pem()).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}

fn tls_server(port: SocketAddr, name: &str) -> String {
    format!(
        "server {{ listen {port} ssl; ssl_certificate {name}.crt; ssl_certificate_key {name}.key; root www; }}\n"
    )
}

/// Starts nginx with a site in plain, and the same with a good, an old and a strange certificate.
fn site(folder: &Path) -> (Front, [SocketAddr; 4]) {
    std::fs::create_dir(folder.join("www")).unwrap();
    let page = format!("<h1>shop 1.0</h1>{}", "<p>tea</p>".repeat(1000));
    std::fs::write(folder.join("www/index.html"), page).unwrap();
    certificate(folder, "good", "localhost", 2999);
    certificate(folder, "old", "localhost", 2020);
    certificate(folder, "strange", "other.example", 2999);
    let ports = free_ports();
    let [plain, good, old, strange] = ports;
    let http = format!(
        "gzip on;\nserver {{ listen {plain}; root www; add_header X-Version 1.0;\n\
         location = /old {{ return 301 /; }}\n\
         location = /ring {{ return 302 /ring; }}\n\
         location = /sick {{ return 500; }}\n}}\n{}{}{}",
        tls_server(good, "good"),
        tls_server(old, "old"),
        tls_server(strange, "strange"),
    );
    (Front::nginx(folder, &ports, &http), ports)
}

/// Runs the gate of these checks, each with its name and its times.
fn check(at: &At<'_>, file: &Path, checks: &[(&str, &str, String)]) -> Told {
    let row = |(name, times, keys): &_| format!("  - {{name: {name}, {times}, {keys}}}\n");
    let rows = checks.iter().map(row);
    std::fs::write(file, format!("checks:\n{}", rows.collect::<String>())).unwrap();
    at.run(&format!("check {} --version 1.0", file.display()))
}

/// Returns each check's name with its outcome and what was found.
fn found(told: &Told) -> Vec<[String; 3]> {
    let word = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let checks = told.json["checks"].as_array().cloned().unwrap_or_default();
    let row = |check: &Value| ["name", "outcome", "message"].map(|key| word(check, key));
    checks.iter().map(row).collect()
}

#[test]
fn what_nginx_serves_is_judged_as_it_is() {
    if !are_there(&["nginx"]) {
        return;
    }
    let world = World::new();
    let (_nginx, [plain, good, old, strange]) = site(&world.path("."));
    let ca = |name: &str| format!("{{ca_file: {name}.crt}}");
    let http = |keys: &str| format!("advisory: true, http: {{url: \"http://{plain}{keys}}}");
    let https = |port: SocketAddr, tls: &str| {
        format!("advisory: true, http: {{url: \"https://localhost:{}/\", tls: {tls}}}", port.port())
    };
    let tls = |port: SocketAddr, keys: &str| {
        format!("advisory: true, tls: {{address: \"localhost:{}\", {keys}}}", port.port())
    };
    let table = [
        (
            "page",
            format!("http: {{url: \"http://{plain}/\", expect_version: {{header: X-Version}}}}"),
            "pass",
            "status 200",
        ),
        (
            "zipped",
            http(
                "/\", compression: gzip, header_matches: {content-encoding: ^gzip$}, body_matches: ['^<h1>shop 1.0</h1>(<p>tea</p>){1000}$']",
            ),
            "pass",
            "status 200",
        ),
        ("moved", http("/old\", body_matches: ['^<h1>shop']"), "pass", "status 200"),
        ("not followed", http("/old\", follow_redirects: false"), "fail", "status 301"),
        ("ring", http("/ring\""), "fail", "more than 10 redirects"),
        ("sick", http("/sick\""), "fail", "status 500, not 2xx"),
        ("sick as it should", http("/sick\", status: [5xx]"), "pass", "status 500"),
        (
            "raw",
            format!(
                "advisory: true, tcp: {{address: \"{plain}\", dialogue: [{{send: \"GET / HTTP/1.0\\r\\n\\r\\n\"}}, {{expect: \"^HTTP/1.1 200\"}}]}}"
            ),
            "pass",
            "answered",
        ),
        ("good", https(good, &ca("good")), "pass", "status 200"),
        ("unknown", https(good, "{}"), "fail", "trust"),
        ("old", https(old, &ca("old")), "fail", "expired"),
        ("strange", https(strange, &ca("strange")), "fail", "other.example"),
        ("good certificate", tls(good, "ca_file: good.crt, min_days_left: 30"), "pass", "days"),
        ("old certificate", tls(old, "ca_file: old.crt"), "fail", "expired"),
        ("strange certificate", tls(strange, "ca_file: strange.crt"), "fail", "other.example"),
    ];
    let times = |outcome: &str| if outcome == "pass" { WELL } else { SICK };
    let checks = table.each_ref();
    let checks = checks.map(|(name, keys, wanted, _)| (*name, times(wanted), keys.clone()));
    let told = check(&world.at("ci"), &world.path("site.yml"), &checks).ends(0, "done");
    for ([name, outcome, message], (_, _, wanted, words)) in found(&told).iter().zip(&table) {
        let right = outcome == wanted && message.contains(words);
        assert!(right, "{name}: {outcome}, {message}; not {wanted}, {words}");
    }
    assert_eq!(found(&told).len(), table.len());
}

#[test]
fn behind_haproxy_one_backend_is_enough_and_none_is_a_503() {
    if !are_there(&["nginx", "haproxy"]) {
        return;
    }
    let world = World::new();
    let [front, one, two] = free_ports();
    let backend = |port| {
        let http = format!("server {{ listen {port}; location / {{ return 200 {port}; }} }}");
        Front::nginx(&world.path("."), &[port], &http)
    };
    let (first, second) = (backend(one), backend(two));
    let each = "check inter 20ms fall 1 rise 1";
    let _haproxy = Front::haproxy(&world.path("."), front, &[one, two], each);
    let look = |times: &str, keys: &str| {
        let keys = format!("http: {{url: \"http://{front}/\"{keys}}}");
        check(&world.at("ci"), &world.path("shop.yml"), &[("shop answers", times, keys)])
    };
    look(WELL, "").ends(0, "done");
    first.stop();
    let rest = format!(", body_matches: ['^{two}$']");
    look(WELL, &rest).ends(0, "done");
    second.stop();
    let told = look(SICK, "").ends(3, "not_asked");
    assert_eq!(told.json["checks"][0]["value"], "503", "{told}");
}

/// Configures checks of production through a proxy, with more that the gate says.
fn configured<'a>(world: &'a World, front: SocketAddr, times: &str, more: &str) -> At<'a> {
    let config = format!(
        "version: 1\nenvironments:\n  production:\n    services: {{app: {{}}}}\n    verify:\n{more}      checks:\n\
         \x20       - {{name: app answers, {times}, http: {{url: \"http://{front}/app\", expect_version: {{json: .version}}}}}}\n\
         \x20       - {{name: port lets in, {times}, tcp: {{address: \"{front}\"}}}}\n"
    );
    std::fs::write(world.path("ci/lastgood.yml"), config).unwrap();
    world.at("ci")
}

#[test]
fn a_deployment_behind_a_proxy_is_judged_told_and_marked() {
    if !are_there(&["haproxy"]) {
        return;
    }
    let world = with_a_stable_one();
    let [front] = free_ports();
    let service: SocketAddr = world.health("").split('/').nth(2).unwrap().parse().unwrap();
    let _haproxy = Front::haproxy(&world.path("."), front, &[service], "");
    let ci = configured(&world, front, WELL, "");
    world.runs("app", "2.0");
    ci.run("record --version 2.0").ends(0, "recorded");
    assert_eq!(ci.run("verify").ends(0, "healthy").json["marked_stable"], true);
    assert_eq!(world.newest_stable("ci"), "refs/tags/stable/production/2");

    let ci = configured(&world, front, SICK, "");
    world.sicken("app", "3.0");
    world.runs("app", "3.0");
    ci.run("record --version 3.0").ends(0, "recorded");
    let before = world.refs();
    ci.run("verify --rehearse").ends(3, "not_asked");
    assert_eq!(world.refs(), before, "a rehearsal writes nothing");
    let junit = world.path("gate.xml");
    let told = ci.run(&format!("verify --junit {}", junit.display())).ends(3, "not_asked");
    told_in_full(&told.json["checks"][0]);
    told_to_ci(&std::fs::read_to_string(junit).unwrap());

    let policy = world.script("policy", "grep -q '\"verdict\":\"unhealthy\"' && echo hold");
    let decided = format!("      decide: {{command: {{run: [\"{policy}\"]}}}}\n");
    let told = configured(&world, front, SICK, &decided).run("verify").ends(3, "held");
    assert_eq!(told.json["decided"]["answer"], "hold");
    let told = configured(&world, front, SICK, "      weighted: {pass: 50}\n").run("verify");
    let told = told.ends(0, "healthy");
    assert_eq!(
        (&told.json["score"]["earned"], &told.json["score"]["of"]),
        (&1.0.into(), &2.into())
    );
    let story = ["1 deploy stable", "2 deploy stable", "3 deploy stable"];
    assert_eq!(ci.story(), story);
}

fn told_in_full(check: &Value) {
    assert_eq!((&check["value"], &check["limit"]), (&"500".into(), &"2xx".into()), "{check}");
    let count = |key: &str| check[key].as_u64().unwrap();
    assert!(count("attempts") > 1 && count("fails") == count("attempts"), "{check}");
    assert_eq!((count("passes"), count("errors"), count("inconclusives")), (0, 0, 0), "{check}");
    let timings = check["timings"].as_array().unwrap();
    let names: Vec<_> = timings.iter().filter_map(|timing| timing["name"].as_str()).collect();
    assert_eq!(names, ["resolve", "connect", "processing", "transfer"], "{check}");
}

fn told_to_ci(xml: &str) {
    let report = quick_junit::Report::deserialize_from_str(xml).unwrap();
    assert_eq!((report.tests, report.failures), (2, 1), "{xml}");
    assert_eq!(report.test_suites[0].test_cases[0].name.as_str(), "app answers");
}
