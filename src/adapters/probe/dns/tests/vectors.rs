//! Cases of `blackbox_exporter`'s own tests, both ways of asking.

use serde_json::{Map, Value, json};

use crate::domain::vectors::{cases, load};

use super::server::in_charge;
use super::*;

/// Each rule of theirs, and ours.
const RULES: [(&str, &str); 4] = [
    ("fail_if_matches_regexp", "none"),
    ("fail_if_all_match_regexp", "not_all"),
    ("fail_if_not_matches_regexp", "all"),
    ("fail_if_none_matches_regexp", "any"),
];

/// Their code fails where not all match, the opposite of the option's name.
const WRONG_THERE: &str = "DNS-AUTH-10";

fn as_ours(theirs: &Value) -> Map<String, Value> {
    let mut ours = Map::new();
    for (key, value) in theirs.as_object().unwrap() {
        let (key, value) = match key.as_str() {
            "query_name" => ("name", value.clone()),
            "query_type" => ("type", value.clone()),
            "query_class" => ("class", value.clone()),
            "valid_rcodes" => ("rcodes", value.clone()),
            "recursion_desired" => ("recursion_desired", value.clone()),
            "validate_answer_rrs" => ("answer", rules(value)),
            "validate_authority_rrs" => ("authority", rules(value)),
            "validate_additional_rrs" => ("additional", rules(value)),
            other => unreachable!("`{other}` is not known here"),
        };
        ours.insert(key.to_owned(), value);
    }
    ours
}

fn rules(theirs: &Value) -> Value {
    let entries = theirs.as_object().unwrap().iter().map(|(key, value)| {
        let ours = RULES.iter().find(|(theirs, _)| theirs == key).unwrap().1;
        (ours.to_owned(), value.clone())
    });
    Value::Object(entries.collect())
}

fn answering(id: &str) -> fn(&Message) -> Message {
    match id.split('-').nth(1) {
        Some("REC") => |asked| {
            if asked.metadata.recursion_desired {
                example(asked)
            } else {
                rcode(asked, ResponseCode::Refused)
            }
        },
        Some("AUTH") => in_charge,
        _ => |asked| rcode(asked, ResponseCode::ServFail),
    }
}

#[tokio::test]
async fn the_cases_of_blackbox_exporter_end_as_they_do_there() {
    let Some(file) = load("direct_probes.json") else { return };
    for (id, case) in cases(&file, "cases") {
        let theirs = &case["config"]["dns"];
        if !id.starts_with("DNS-") || theirs.is_null() {
            continue;
        }
        for transport in ["udp", "tcp"] {
            let mut ours = as_ours(theirs);
            let answer = answering(id);
            let server =
                NameServer::start(move |asked| vec![answer(asked).to_vec().unwrap()]).await;
            ours.insert("server".to_owned(), json!(format!("127.0.0.1:{}", server.port)));
            ours.insert("transport".to_owned(), json!(transport));
            let class = match serde_json::from_value::<Settings>(Value::Object(ours)) {
                Err(_) => "config error".to_owned(),
                Ok(settings) => {
                    format!("{:?}", connect(settings).measure(None, PATIENCE).await.outcome)
                }
            };
            let expected =
                if id == WRONG_THERE { "pass" } else { case["proposed_class"].as_str().unwrap() };
            assert_eq!(class.to_lowercase(), expected, "{id} by {transport}");
        }
    }
}

#[tokio::test]
async fn a_server_tells_its_secrets_in_the_class_of_chaos() {
    let keys = r#", "class": "CH", "type": "TXT", "answer": {"all": ["\tCH\tTXT\t\"goCHAOS\"$"]}"#;
    let keys = keys.replace('\t', "\\t");
    let measurement = served(in_charge, &keys).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}
