//! The DNS probe, with name servers that answer, lie and fall silent.

mod hostile;
mod real;
mod server;
mod vectors;

use hickory_proto::op::{Message, ResponseCode};

use crate::adapters::testbed::SHORT;
use crate::domain::check::Answered;
use crate::domain::verdict::Outcome;

use super::*;
use server::{NameServer, example, reply};

const PATIENCE: Duration = Duration::from_secs(30);

fn settings(json: &str) -> Result<Settings, serde_json::Error> {
    serde_json::from_str(json)
}

async fn asked(port: u16, keys: &str, patience: Duration) -> Measurement {
    let json = format!(r#"{{"server": "127.0.0.1:{port}", "name": "example.com"{keys}}}"#);
    connect(settings(&json).unwrap()).measure(None, patience).await
}

/// Asks for a short time, and longer where nothing at all was heard.
async fn heard(port: u16, keys: &str) -> Measurement {
    let mut told = asked(port, keys, SHORT[0]).await;
    for time in &SHORT[1..] {
        if told.answered == Answered::Nobody {
            told = asked(port, keys, *time).await;
        }
    }
    told
}

async fn served(answer: fn(&Message) -> Message, keys: &str) -> Measurement {
    let server = NameServer::start(move |asked| vec![answer(asked).to_vec().unwrap()]).await;
    asked(server.port, keys, PATIENCE).await
}

fn rcode(asked: &Message, code: ResponseCode) -> Message {
    let mut message = reply(asked);
    message.metadata.response_code = code;
    message
}

#[tokio::test]
async fn an_answer_is_told_with_what_it_holds() {
    let measurement = served(example, "").await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    assert!(measurement.message.contains(" answered NOERROR, 2 records, in "));
    assert_eq!(measurement.value.as_deref(), Some("NOERROR"));
    assert_eq!(measurement.timings.len(), 1);
}

#[tokio::test]
async fn each_code_that_is_not_wanted_is_told_by_its_name() {
    for (answer, name) in [
        ((|asked| rcode(asked, ResponseCode::NXDomain)) as fn(&Message) -> Message, "NXDOMAIN"),
        (|asked| rcode(asked, ResponseCode::ServFail), "SERVFAIL"),
        (|asked| rcode(asked, ResponseCode::Refused), "REFUSED"),
        (|asked| rcode(asked, ResponseCode::Unknown(12)), "response code 12"),
    ] {
        let measurement = served(answer, "").await;
        assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Unknown));
        let told = format!(" answered {name} to `example.com`, not NOERROR");
        assert!(measurement.message.ends_with(&told), "{}", measurement.message);
        assert_eq!(measurement.value.as_deref(), Some(name));
        assert_eq!(measurement.limit.as_deref(), Some("NOERROR"));
    }
    let keys = r#", "rcodes": ["NXDOMAIN", "SERVFAIL"]"#;
    assert_eq!(
        served(|asked| rcode(asked, ResponseCode::NXDomain), keys).await.outcome,
        Outcome::Pass
    );
    let refused = served(example, keys).await;
    assert!(refused.message.ends_with("not NXDOMAIN, SERVFAIL"), "{}", refused.message);
}

#[tokio::test]
async fn a_server_that_cannot_read_the_question_need_not_repeat_it() {
    let bare = |code: ResponseCode| {
        move |asked: &Message| {
            let mut message = rcode(asked, code);
            message.queries.clear();
            vec![message.to_vec().unwrap()]
        }
    };
    let server = NameServer::start(bare(ResponseCode::FormErr)).await;
    let told = asked(server.port, "", PATIENCE).await;
    assert!(told.message.contains("answered FORMERR"), "{}", told.message);
    let server = NameServer::start(bare(ResponseCode::NoError)).await;
    let told = heard(server.port, "").await;
    assert!(told.message.ends_with("only an answer to another question"), "{}", told.message);
}

#[tokio::test]
async fn a_rule_says_what_of_the_section_broke_it() {
    for (rules, message, limit) in [
        (r#"{"none": ["\\.2$"]}"#, "which is not to be there", r"none of `\.2$`"),
        (r#"{"all": ["\\.1$"]}"#, "which does not match", r"all of `\.1$`"),
        (
            r#"{"any": ["^x", "^y"]}"#,
            "has no record that matches; the first is",
            "any of `^x`, `^y`",
        ),
        (r#"{"not_all": ["A"]}"#, "has nothing but records that match", "not_all of `A`"),
    ] {
        let measurement = served(example, &format!(r#", "answer": {rules}"#)).await;
        assert_eq!(measurement.outcome, Outcome::Fail);
        assert!(measurement.message.contains(message), "{}", measurement.message);
        assert!(measurement.value.unwrap().starts_with("example.com. 3600 IN A 127.0.0."));
        assert_eq!(measurement.limit.as_deref(), Some(limit));
    }
}

#[tokio::test]
async fn rules_hold_of_tabs_and_of_spaces_between_the_fields() {
    for text in [r"^example\\.com\\.\\t3600\\tIN\\tA\\t127", r"^example\\.com\\. 3600 IN A 127"] {
        let keys = format!(r#", "answer": {{"all": ["{text}"], "not_all": ["\\.1$"]}}"#);
        let measurement = served(example, &keys).await;
        assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    }
}

#[tokio::test]
async fn an_empty_section_fails_what_is_demanded_and_passes_what_is_forbidden() {
    for (rules, outcome) in [
        (r#"{"any": ["."]}"#, Outcome::Fail),
        (r#"{"all": ["."]}"#, Outcome::Fail),
        (r#"{"none": ["."]}"#, Outcome::Pass),
        (r#"{"not_all": ["."]}"#, Outcome::Pass),
    ] {
        let measurement = served(example, &format!(r#", "authority": {rules}"#)).await;
        assert_eq!(measurement.outcome, outcome, "{rules}: {}", measurement.message);
    }
}

#[tokio::test]
async fn what_does_not_fit_into_a_datagram_is_asked_again_by_a_connection() {
    let server = NameServer::start_two(
        |asked| {
            let mut message = reply(asked);
            message.metadata.truncation = true;
            vec![message.to_vec().unwrap()]
        },
        |asked| vec![example(asked).to_vec().unwrap()],
    )
    .await;
    let measurement = asked(server.port, "", PATIENCE).await;
    assert!(measurement.message.contains(", 2 records, "), "{}", measurement.message);
}

#[tokio::test]
async fn a_lost_datagram_is_sent_again() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = NameServer::start(move |asked| {
        let first = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        if first { Vec::new() } else { vec![example(asked).to_vec().unwrap()] }
    })
    .await;
    let measurement = asked(server.port, "", Duration::from_secs(3)).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_fail_and_nobody_answered() {
    let gone = NameServer::start(|_| Vec::new()).await.stop();
    for transport in ["udp", "tcp"] {
        let keys = format!(r#", "transport": "{transport}""#);
        let measurement = asked(gone, &keys, PATIENCE).await;
        assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
        assert!(measurement.message.contains("could not be reached"), "{}", measurement.message);
    }
}

#[test]
fn what_cannot_be_asked_is_a_mistake_when_it_is_read() {
    for (keys, told) in [
        (r#""type": "X""#, "`X` is no type of record"),
        (r#""type": "AXFR""#, "`AXFR` is no type of record"),
        (r#""rcodes": ["NOT_A_VALID_RCODE"]"#, "unknown variant `NOT_A_VALID_RCODE`"),
        (r#""class": "HS""#, "unknown variant `HS`"),
        (r#""server": "ns:0""#, "`ns:0` is no name server"),
        (r#""transport": "dot""#, "unknown variant `dot`"),
        (r#""answer": {"any": ["("]}"#, "is no regular expression"),
        (r#""answer": {"some": ["a"]}"#, "unknown field `some`"),
    ] {
        let error = settings(&format!(r#"{{"name": "example.com", {keys}}}"#)).unwrap_err();
        assert!(error.to_string().contains(told), "{keys}: {error}");
    }
    for name in ["", "a..b", "a b", &"a".repeat(64), &"a.".repeat(200)] {
        let error = settings(&format!(r#"{{"name": "{name}"}}"#)).unwrap_err();
        assert!(error.to_string().contains("is no name that can be asked for"), "{name}: {error}");
    }
    let hopeless =
        r#"{"name": "a.example", "rcodes": [], "answer": {"all": ["a"], "none": ["a"]}}"#;
    assert_eq!(settings(hopeless).unwrap().mistakes().len(), 2);
}

#[test]
fn a_question_is_written_in_its_usual_words() {
    for (text, shown) in [
        ("10.0.0.2", "10.0.0.2:53"),
        ("ns1.example", "ns1.example:53"),
        ("ns1.example:5353", "ns1.example:5353"),
        ("::1", "[::1]:53"),
        ("[::1]:5353", "[::1]:5353"),
    ] {
        assert_eq!(Server::try_from(text.to_owned()).unwrap().to_string(), shown);
    }
    for (text, number) in [("aaaa", 28), ("TXT", 16), ("TYPE99", 99), ("type1", 1), ("ANY", 255)] {
        assert_eq!(u16::from(Kind::try_from(text.to_owned()).unwrap().get()), number, "{text}");
    }
    for name in ["example.com", "example.com.", "_sip._tcp.example.com", "bücher.example", "."] {
        assert!(Name::try_from(name.to_owned()).unwrap().get().is_fqdn(), "{name}");
    }
}
