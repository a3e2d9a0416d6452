//! Cases of `blackbox_exporter`'s own tests, both ways of asking.

use serde_json::{Map, Value, json};

use crate::domain::vectors::{Count, load, of_kind};

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
            "preferred_ip_protocol" | "ip_protocol_fallback" | "transport_protocol" => continue,
            other => panic!("`{other}` is not understood"),
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

fn answering(words: &str) -> fn(&Message) -> Message {
    match words {
        words if words.starts_with("recursive") => |asked| {
            if asked.metadata.recursion_desired {
                example(asked)
            } else {
                rcode(asked, ResponseCode::Refused)
            }
        },
        words if words.starts_with("authoritative") => in_charge,
        words if words.starts_with("SERVFAIL") => |asked| rcode(asked, ResponseCode::ServFail),
        other => panic!("`{other}` is not understood"),
    }
}

#[tokio::test]
async fn the_cases_of_blackbox_exporter_end_as_they_do_there() {
    let Some(file) = load("direct_probes.json") else { return };
    let mut count = Count::default();
    let all = of_kind(&file, "dns");
    for (id, case) in all.iter().copied() {
        let theirs = &case["config"]["dns"];
        for transport in ["udp", "tcp"] {
            let mut ours = as_ours(theirs);
            let answer = answering(case["server"].as_str().unwrap());
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
        if id == WRONG_THERE {
            count.departed(id, "their code does the opposite of what the option says");
        } else {
            count.held();
        }
    }
    count.of("direct_probes, dns", all.len());
}

#[tokio::test]
async fn a_server_tells_its_secrets_in_the_class_of_chaos() {
    let keys = r#", "class": "CH", "type": "TXT", "answer": {"all": ["\tCH\tTXT\t\"goCHAOS\"$"]}"#;
    let keys = keys.replace('\t', "\\t");
    let measurement = served(in_charge, &keys).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}
