//! Schema, documentation and what is shown agree with what is read.

use serde_json::{Value, json};

use super::*;

mod validate;

use validate::complaints;

fn yaml(text: &str) -> Value {
    json(&yaml::parse(text).map_err(|finding| finding.message).unwrap().0)
}

fn json(node: &node::Node) -> Value {
    match &node.value {
        node::Value::Null => Value::Null,
        node::Value::Bool(value) => json!(value),
        node::Value::Number(node::Number::Unsigned(number), _) => json!(number),
        node::Value::Number(node::Number::Signed(number), _) => json!(number),
        node::Value::Number(node::Number::Float(number), _) => json!(number),
        node::Value::Text(text) => json!(text),
        node::Value::List(items) => items.iter().map(json).collect(),
        node::Value::Map(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json(&entry.node))).collect()
        }
    }
}

#[test]
fn the_documentation_is_what_the_schema_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == reference(),
        "docs/configuration.md is behind; run the tests with UPDATE_DOCS=1"
    );
}

#[test]
fn the_schema_takes_the_example_and_says_which_draft_it_is() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(complaints(&yaml(EXAMPLE), &schema), [""; 0]);
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let cases = [
        "{}",
        "{version: 2, environments: {a: {}}}",
        "{version: 1, environments: {}}",
        "{version: 1, environments: {a: {router: {}}}}",
        "{version: 1, environments: {a: {rollback: {strategy: slowly}}}}",
        "{version: 1, environments: {a: {verify: {timeout: 30}}}}",
        "{version: 1, environments: {a: {verify: {timeout: '30'}}}}",
        "{version: 1, environments: {a: {keep: {tags: 0}}}}",
        "{version: 1, environments: {a: {verify: {checks: [{name: x}]}}}}",
        "{version: 1, environments: {a: {verify: {checks: [{http: {}}]}}}}",
        "{version: 1, environments: {a: {verify: {checks: [{tcp: {address: 'a:1'}, http: {url: 'http://a'}}]}}}}",
        "{version: 1, environments: {a: {services: {s: {driver: {}}}}}}",
        "{version: 1, environments: {a: {services: {s: {depends_on: 5}}}}}",
    ];
    for case in cases {
        assert!(!complaints(&yaml(case), &schema()).is_empty(), "the schema takes {case}");
        assert!(loaded(case).is_err(), "the reader takes {case}");
    }
}

#[test]
fn every_key_of_the_schema_says_what_it_is_for() {
    fn silent(schema: &Value, path: &str, found: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{key}");
            if !property["description"].is_string() && !path.contains("oneOf") {
                found.push(path);
            }
        }
    }
    let schema = schema();
    let mut found = Vec::new();
    silent(&schema, "", &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        silent(definition, name, &mut found);
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_is_shown_has_every_default_and_no_secret() {
    let config = loaded(
        "version: 1
environments:
  production:
    url: https://${env:HOST}
    services:
      api:
        driver: {command: {run: [./deploy.sh, '3'], env: {TOKEN: '${env:TOKEN}', MODE: hunter2}}}
        checks:
          - http: {url: 'https://${env:HOST}/health', bearer: '${env:TOKEN}'}
            deadline: 3s
    rollback: {limit: {count: 1}}
  staging:
",
    )
    .map_err(|error| error.to_string())
    .unwrap();
    let shown = show(&config);
    let text = format!("{shown:#}");
    assert!(!text.contains("hunter2") && !text.contains("shop.example"), "{text}");
    let [production, staging] = ["production", "staging"].map(|name| &shown["environments"][name]);
    assert_eq!(production["rollback"]["limit"], json!({"count": 1, "per": "1d"}));
    assert_eq!(staging["verify"], production["verify"]);
    assert_eq!(staging["rollback"]["limit"], json!({"count": 3, "per": "1d"}));
    insta::assert_snapshot!(format!("{:#}", production["services"]), @r#"
    {
      "api": {
        "checks": [
          {
            "advisory": false,
            "deadline": "3s",
            "error_limit": 4,
            "error_retry": "10s",
            "http": {
              "bearer": "${env:TOKEN}",
              "proxy_from_environment": true,
              "url": "https://${env:HOST}/health"
            },
            "initial_delay": "0s",
            "interval": "500ms",
            "name": "http https://…/health",
            "phase": "settle",
            "success_streak": 3,
            "timeout": "5s"
          }
        ],
        "depends_on": [],
        "driver": {
          "command": {
            "checkout": false,
            "env": {
              "MODE": "***",
              "TOKEN": "${env:TOKEN}"
            },
            "run": [
              "./deploy.sh",
              "3"
            ],
            "timeout": "10m"
          }
        },
        "requires": {},
        "was": []
      }
    }
    "#);
}

#[test]
fn what_is_shown_of_the_example_means_the_same_again() {
    let config = loaded(EXAMPLE).map_err(|error| error.to_string()).unwrap();
    let shown = show(&config);
    let again = loaded(shown.to_string()).map_err(|error| error.to_string()).unwrap();
    assert_eq!(show(&again), shown);
    assert_eq!(complaints(&shown, &schema()), [""; 0]);
    assert_eq!(format!("{:?}", again.environments), format!("{:?}", config.environments));
    assert_eq!(
        shown["environments"]["production"]["keep"],
        json!({"deployments": 500, "tags": 100})
    );
}
