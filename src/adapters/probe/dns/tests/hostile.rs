//! Answers that are cut short, circular, endless, or another's.

use hickory_proto::op::Query;
use hickory_proto::rr::rdata::{NULL, TXT};
use hickory_proto::rr::{Name as WireName, RData, RecordType};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::server::record;
use super::*;

async fn told(
    says: impl Fn(&Message) -> Vec<Vec<u8>> + Send + Sync + Copy + 'static,
) -> Vec<Measurement> {
    let mut told = Vec::new();
    for transport in ["udp", "tcp"] {
        let server = NameServer::start(says).await;
        let keys = format!(r#", "transport": "{transport}""#);
        told.push(heard(server.port, &keys).await);
    }
    told
}

fn wire(message: &Message) -> Vec<u8> {
    message.to_vec().unwrap()
}

#[tokio::test]
async fn an_answer_of_another_is_waited_past_and_never_taken() {
    let other_id = |asked: &Message| {
        let mut other = example(asked);
        other.metadata.id = asked.metadata.id.wrapping_add(1);
        vec![wire(&other)]
    };
    let other_name = |asked: &Message| {
        let mut other = example(asked);
        other.queries =
            vec![Query::query(WireName::from_ascii("evil.com.").unwrap(), RecordType::A)];
        vec![wire(&other)]
    };
    let other_type = |asked: &Message| {
        let mut other = example(asked);
        other.queries[0].set_query_type(RecordType::AAAA);
        vec![wire(&other)]
    };
    let echo = |asked: &Message| vec![wire(asked)];
    for lie in [other_id, other_name, other_type, echo] as [fn(&Message) -> Vec<Vec<u8>>; 4] {
        for measurement in told(lie).await {
            assert_eq!(measurement.outcome, Outcome::Fail);
            let message = &measurement.message;
            assert!(message.ends_with("only an answer to another question"), "{message}");
        }
    }
    let then_the_truth = |asked: &Message| {
        let mut lie = example(asked);
        lie.metadata.id = asked.metadata.id.wrapping_add(1);
        lie.metadata.response_code = ResponseCode::NXDomain;
        vec![wire(&lie), wire(&example(asked))]
    };
    for measurement in told(then_the_truth).await {
        assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_no_answer_and_a_fail_in_time() {
    let cut = |asked: &Message| {
        let whole = wire(&example(asked));
        vec![whole[..whole.len() - 3].to_vec()]
    };
    let nothing = |_: &Message| vec![Vec::new()];
    let header = |asked: &Message| vec![wire(asked)[..11].to_vec()];
    for garbage in [cut, nothing, header] as [fn(&Message) -> Vec<Vec<u8>>; 3] {
        for measurement in told(garbage).await {
            assert_eq!(
                (measurement.outcome, measurement.answered),
                (Outcome::Fail, Answered::Unknown)
            );
            assert!(measurement.message.contains(", only what "), "{}", measurement.message);
        }
    }
}

/// A name that points to itself, and two that point to each other.
#[tokio::test]
async fn names_that_run_in_circles_are_no_answer() {
    for circle in [&[0xc0, 12][..], &[0xc0, 14, 0xc0, 12], &[1, b'a', 0xc0, 12], &[0xff, 0xff]] {
        let circle = circle.to_vec();
        let server = NameServer::start(move |asked| {
            let mut bytes = wire(&reply(asked))[..12].to_vec();
            bytes.extend_from_slice(&circle);
            bytes.extend_from_slice(&[0, 1, 0, 1]);
            vec![bytes]
        })
        .await;
        let measurement = heard(server.port, "").await;
        assert_eq!(measurement.outcome, Outcome::Fail);
        assert!(
            measurement.message.contains("only what cannot be read"),
            "{}",
            measurement.message
        );
    }
}

#[tokio::test]
async fn the_longest_answer_there_can_be_is_judged() {
    let server = NameServer::start(|asked| {
        let mut message = reply(asked);
        message.add_answers((0..250).map(|_| {
            let text = TXT::new(vec!["x".repeat(230)]);
            record("example.com.", 1, RData::TXT(text))
        }));
        vec![wire(&message)]
    })
    .await;
    let keys = r#", "transport": "tcp", "answer": {"all": ["^example.com. 1 IN TXT \"x+\"$"]}"#;
    let measurement = asked(server.port, keys, PATIENCE).await;
    assert!(measurement.message.contains(", 250 records, "), "{}", measurement.message);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_by_their_numbers() {
    let server = NameServer::start(|asked| {
        let mut message = reply(asked);
        let text = TXT::from_bytes(vec![b"a\0\"\\\xff"]);
        message.add_answer(record("example.com.", 1, RData::TXT(text)));
        let odd = RData::Unknown { code: 999.into(), rdata: NULL::with(vec![0, 255]) };
        message.add_answer(record("example.com.", 1, odd));
        vec![wire(&message)]
    })
    .await;
    let none = r#", "answer": {"none": ["TXT"]}"#;
    let text = asked(server.port, none, PATIENCE).await;
    assert_eq!(text.value.as_deref(), Some(r#"example.com. 1 IN TXT "a\000\"\\\255""#));
    let none = r##", "answer": {"none": ["#"]}"##;
    let odd = asked(server.port, none, PATIENCE).await;
    assert!(odd.value.as_deref().unwrap().ends_with(r" \# 2 00ff"), "{:?}", odd.value);
}

/// One byte now and then is not an answer in time.
#[tokio::test]
async fn a_server_that_drips_is_late() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let dripping = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        while stream.write_all(&[255]).await.is_ok() {
            pause.tick().await;
        }
    });
    let measurement = asked(port, r#", "transport": "tcp""#, SHORT[0]).await;
    dripping.abort();
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert!(measurement.message.ends_with("gave no answer within `300ms`"));
}

/// A server that floods with what is none gets no more than the time.
#[tokio::test]
async fn a_flood_of_other_answers_ends_with_the_time() {
    let server = NameServer::start(|asked| {
        let mut other = example(asked);
        other.metadata.id = asked.metadata.id.wrapping_add(1);
        vec![wire(&other); 2000]
    })
    .await;
    let asking = tokio::time::timeout(PATIENCE, asked(server.port, "", SHORT[0]));
    assert_eq!(asking.await.unwrap().outcome, Outcome::Fail);
}
