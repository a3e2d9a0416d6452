//! No mistake shows what is secret in a file.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

/// Returns a configuration with one check.
fn gate(check: &str) -> String {
    format!("version: 1\nenvironments:\n  production:\n    verify:\n      checks: [{check}]\n")
}

/// Returns what is seen of the mistakes in a check, in the configuration and in a file of its own.
fn seen(check: &str) -> [String; 2] {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gate.yml");
    std::fs::write(&file, format!("checks: [{check}]\n")).unwrap();
    let alone = load_checks(&file, &variables).expect_err(check);
    let told = format!("{}\n{:?}\n{:?}", alone.message(), alone.causes(), mistakes(&alone));
    let whole = loaded(gate(check)).expect_err(check);
    [told, format!("{}\n{:?}\n{:?}", whole.message(), whole.causes(), mistakes(&whole))]
}

#[test]
fn a_secret_of_the_wrong_type_is_not_shown() {
    for check in [
        "{http: {url: x, basic: 'me:hunter2'}}",
        "{http: {url: x, basic: [me, hunter2]}}",
        "{http: {url: x, basic: {user: me, pass: hunter2}}}",
        "{http: {url: x, bearer: [hunter2]}}",
        "{http: {url: x, bearer: {value: hunter2}}}",
        "{http: {url: x, baerer: hunter2}}",
        "{http: {url: x, headers: 'Authorization: hunter2'}}",
        "{http: {url: x, headers: ['X-Key: hunter2']}}",
        "{http: {url: x, headers: {X-Key: [hunter2]}}}",
        "{http: {url: x, headers: {X-Key: {hunter2: a}}}}",
        "{http: {url: 'ftp://me:hunter2@host'}}",
        "{http: 'http://me:hunter2@host'}",
        "{tcp: {address: 'me:hunter2@host:1'}}",
        "{tcp: {address: 'hunter2@host:1'}}",
        "{tcp: 'me:hunter2@host:1'}",
        "{grpc: {address: 'a:1', metadata: {authorization: [hunter2]}}}",
        "{grpc: {address: 'me:hunter2@host:1'}}",
        "{tls: {address: 'hunter2@host:1'}}",
        "{dns: {name: a.example, server: 'me:hunter2@host:1'}}",
        "{database: {url: ['postgres://me:hunter2@host/db']}}",
        "{database: {url: 'postgres://me:hunter2@host/db', expct: 1}}",
        "{database: 'postgres://me:hunter2@host/db'}",
        "{git: {remote: ['https://me:hunter2@host/a']}}",
        "{prometheus: {url: x, query: up, success: 'true', bearer: [hunter2]}}",
        "{metrics: {queries: {a: {http: {url: x, bearer: [hunter2]}}}, success: 'a > 1'}}",
        "{error_rate: {url: x, threshold: 1%, basic: 'me:hunter2'}}",
    ] {
        for told in seen(check) {
            assert!(!told.contains("hunter2"), "{check}: {told}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_secret_is_told_all_the_same() {
    insta::assert_snapshot!(report(gate("{http: {url: x, basic: 'me:hunter2'}}")), @"
    a text is written here, not a map of keys
     --> lastgood.yml:5:39
      |
    5 |       checks: [{http: {url: x, basic: ************}}]
      |                                       ^^^^^^^^^^^^

    1 mistake in `lastgood.yml`
    ");
    let told = report(gate("{tcp: {address: 'me:hunter2@host:1'}}"));
    let why = "nobody logs in here; leave out what stands before the `@` of `host:1`";
    assert_eq!(told.lines().next(), Some(why));
}

#[test]
fn every_secret_that_a_check_can_have_is_refused_where_it_is_written() {
    let schema = schema();
    let mut paths = BTreeSet::new();
    let kinds = schema["$defs"]["Check"]["properties"].as_object().unwrap();
    for (kind, of) in kinds {
        secrets_below(of, &schema, kind, &mut paths);
    }
    let kinds: BTreeSet<&str> = paths.iter().filter_map(|path| path.split('.').next()).collect();
    assert!(kinds.len() > 5, "{kinds:?}");
    for path in paths {
        let mut keys: Vec<&str> = path.split('.').collect();
        let named = keys.last() == Some(&"*");
        if named {
            // Of headers and the like, most are none.
            let last = keys.len() - 1;
            keys[last] = "Authorization";
        }
        let check = keys.iter().rev().fold("hunter2".to_owned(), |inner, key| match *key {
            "*" => format!("{{a: {inner}}}"),
            "[]" => format!("[{inner}]"),
            key => format!("{{{key}: {inner}}}"),
        });
        let told = report(gate(&check));
        assert!(told.contains("is a secret, and it is written here"), "{check}: {told}");
        assert!(!told.contains("hunter2"), "{check}: {told}");
    }
}

/// Finds each secret that a schema knows, whichever way it is stated.
fn secrets_below(schema: &Value, root: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").unwrap();
        secrets_below(&root["$defs"][name], root, path, found);
    }
    if schema["writeOnly"] == true && schema["type"] == "string" {
        found.insert(path.to_owned());
    }
    for (key, of) in schema["properties"].as_object().into_iter().flatten() {
        secrets_below(of, root, &format!("{path}.{key}"), found);
    }
    for of in schema["patternProperties"].as_object().into_iter().flat_map(|all| all.values()) {
        secrets_below(of, root, &format!("{path}.*"), found);
    }
    for (keyword, step) in [("additionalProperties", ".*"), ("items", ".[]")] {
        if schema[keyword].is_object() {
            secrets_below(&schema[keyword], root, &format!("{path}{step}"), found);
        }
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        for of in schema[choice].as_array().into_iter().flatten() {
            secrets_below(of, root, path, found);
        }
    }
}

#[test]
fn an_address_is_a_secret_only_where_it_holds_one() {
    for (check, is_secret) in [
        ("{database: {url: 'redis://:hunter2@cache'}}", true),
        ("{database: {url: 'postgres://db/shop?password=hunter2'}}", true),
        ("{database: {url: 'redis://cache'}}", false),
        ("{database: {url: 'sqlite:a'}}", false),
        ("{http: {url: 'https://me:hunter2@shop.example'}}", true),
        ("{http: {url: 'https://shop.example', proxy: 'http://me:hunter2@proxy:1'}}", true),
        ("{http: {url: 'https://me@shop.example'}}", false),
        ("{git: {remote: 'https://me:hunter2@host/a'}}", true),
    ] {
        let told = loaded(gate(check)).map_err(|error| error.message().to_owned());
        let Err(told) = told else {
            assert!(!is_secret, "{check}");
            continue;
        };
        assert!(told.contains("it is written here") && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn what_a_variable_put_into_a_question_is_kept_with_it_but_for_the_address() {
    let dialogue = "dialogue: [{send: 'AUTH ${env:TOKEN}'}]";
    let config = loaded(gate(&format!("{{tcp: {{address: '${{env:HOST}}:1', {dialogue}}}}}")));
    let config = config.map_err(|error| error.to_string()).unwrap();
    let check = config.environments.into_values().next().unwrap().verify_checks.remove(0);
    let filled: Vec<&str> =
        check.filled.iter().map(crate::adapters::secret::Secret::reveal).collect();
    assert_eq!(filled, ["hunter2hunter2"]);
}
