//! The WebSocket probe, with real servers.

mod server;
mod vectors;

use crate::adapters::testbed::port::free_port;
use crate::adapters::tls::tests::Authority;
use crate::domain::check::Answered;
use crate::domain::verdict::Outcome;

use super::*;
use server::{Does, Upgrade, plain, secure, serve};

const PATIENCE: Duration = Duration::from_secs(30);

fn settings(json: serde_json::Value) -> serde_json::Result<Settings> {
    serde_json::from_value(json)
}

fn probe(port: u16, keys: &serde_json::Value) -> WebsocketProbe {
    let mut json = serde_json::json!({"url": format!("ws://127.0.0.1:{port}/live?room=1")});
    json.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let settings = settings(json).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
    connect(settings, Path::new("/")).unwrap()
}

async fn asked(port: u16, keys: serde_json::Value) -> Measurement {
    probe(port, &keys).measure(None, PATIENCE).await
}

async fn talked(script: &'static [Does], dialogue: serde_json::Value) -> Measurement {
    talked_within(PATIENCE, script, dialogue).await
}

async fn talked_within(
    time: Duration,
    script: &'static [Does],
    dialogue: serde_json::Value,
) -> Measurement {
    let (port, _) = serve(Upgrade::Plain, script).await;
    let probe = probe(port, &serde_json::json!({"dialogue": dialogue}));
    probe.measure(None, time).await
}

fn holds(measurement: &Measurement, outcome: Outcome, told: &str) {
    assert_eq!(measurement.outcome, outcome, "{}", measurement.message);
    assert!(measurement.message.contains(told), "{} tells {told}", measurement.message);
}

#[tokio::test]
async fn being_upgraded_is_enough_without_a_dialogue() {
    let (port, heard) = serve(Upgrade::Plain, &[]).await;
    let measurement = asked(port, serde_json::json!({})).await;
    holds(&measurement, Outcome::Pass, "upgraded in ");
    assert_eq!(
        (measurement.value.as_deref(), measurement.limit.as_deref()),
        (Some("101"), Some("101"))
    );
    let names: Vec<_> = measurement.timings.iter().map(|timing| timing.name).collect();
    assert_eq!(names, ["resolve", "connect", "upgrade"]);
    let heard = heard.lock().unwrap().clone().unwrap();
    assert_eq!(
        (heard.0.as_str(), heard.1["host"].to_str().unwrap()),
        ("/live?room=1", &*format!("127.0.0.1:{port}"))
    );
}

#[tokio::test]
async fn a_dialogue_is_held_in_order_and_its_groups_are_sent_back() {
    let script = &[
        Does::Ping,
        Does::Say("hello"),
        Does::Say("token 42"),
        Does::Hear("login 42"),
        Does::Bytes(b"\x00ok\xff"),
    ];
    let dialogue = serde_json::json!([
        {"expect": r"^token (\d+)$", "reject": "^denied", "send": "login ${1}"},
        {"expect": "ok"}
    ]);
    let measurement = talked(script, dialogue).await;
    holds(&measurement, Outcome::Pass, "answered in ");
    assert_eq!(measurement.timings.last().unwrap().name, "processing");
}

#[tokio::test]
async fn bytes_are_sent_as_a_binary_message() {
    let script = &[Does::HearBytes(b"\x01\xff"), Does::Say("got it")];
    let dialogue = serde_json::json!([{"send_bytes": "\u{1}\u{ff}"}, {"expect": "^got it$"}]);
    holds(&talked(script, dialogue).await, Outcome::Pass, "answered in ");
}

#[tokio::test]
async fn what_is_not_said_is_a_fail_that_tells_what_was() {
    let expect = || serde_json::json!([{"expect": "^ready$", "reject": "^error"}]);
    for (script, told) in [
        (
            &[Does::Say("wait"), Does::Close(1011, "no database")][..],
            "closed (1011: no database) and did not say `^ready$`, but `wait`",
        ),
        (&[Does::Say("error 7"), Does::Stay], "did not say `^ready$`, but `error 7`"),
        (&[Does::Say("wait"), Does::Drop], "and did not say `^ready$`, but `wait`"),
        (&[Does::Much(70_000), Does::Stay], "said more than 65536 bytes at once and did not say"),
        (
            &[Does::Much(40_000), Does::Much(40_000), Does::Stay],
            "said more than 65536 bytes and did not say",
        ),
    ] {
        holds(&talked(script, expect()).await, Outcome::Fail, told);
    }
    let (script, time) = (&[Does::Say("wait"), Does::Stay], Duration::from_millis(500));
    let measurement = talked_within(time, script, expect()).await;
    holds(&measurement, Outcome::Fail, "gave no answer within `500ms`");
}

#[tokio::test]
async fn what_is_no_upgrade_is_a_fail_with_its_status() {
    let (refusing, _) = serve(Upgrade::Status(403), &[]).await;
    let measurement = asked(refusing, serde_json::json!({})).await;
    holds(&measurement, Outcome::Fail, "answered 403 and did not upgrade");
    assert_eq!(
        (measurement.value.as_deref(), measurement.answered),
        (Some("403"), Answered::Unknown)
    );
    for (says, told) in [
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
            "did not upgrade: ",
        ),
        ("hello\r\n\r\n", "did not upgrade: "),
        ("", "closed before it answered"),
    ] {
        let measurement = asked(plain(says).await, serde_json::json!({})).await;
        holds(&measurement, Outcome::Fail, told);
    }
    let measurement = asked(free_port().port(), serde_json::json!({})).await;
    holds(&measurement, Outcome::Fail, "could not be reached: ");
    assert_eq!(measurement.answered, Answered::Nobody);
}

#[tokio::test]
async fn who_asks_is_told_in_the_handshake_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "hunter3hunter3\n").unwrap();
    for (keys, expected) in [
        (serde_json::json!({"bearer": "hunter2hunter2"}), "Bearer hunter2hunter2"),
        (serde_json::json!({"bearer_file": "token"}), "Bearer hunter3hunter3"),
        (serde_json::json!({"basic": {"user": "me", "password": "pw"}}), "Basic bWU6cHc="),
        (serde_json::json!({"headers": {"Authorization": "Custom hunter2"}}), "Custom hunter2"),
    ] {
        let (port, heard) = serve(Upgrade::Plain, &[]).await;
        let mut json = serde_json::json!({"url": format!("ws://127.0.0.1:{port}")});
        json.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let probe = connect(settings(json).unwrap(), folder.path()).unwrap();
        assert!(!format!("{probe:?}").contains("hunter"), "{probe:?}");
        holds(&probe.measure(None, PATIENCE).await, Outcome::Pass, "upgraded");
        let heard = heard.lock().unwrap().clone().unwrap();
        assert_eq!(heard.1["authorization"], expected);
    }
}

#[tokio::test]
async fn one_of_the_subprotocols_must_be_taken() {
    let keys = || serde_json::json!({"subprotocols": ["chat.v2", "chat.v1"]});
    let (port, heard) = serve(Upgrade::Taking("chat.v1"), &[]).await;
    holds(&asked(port, keys()).await, Outcome::Pass, "upgraded");
    let heard = heard.lock().unwrap().clone().unwrap();
    assert_eq!(heard.1["sec-websocket-protocol"], "chat.v2, chat.v1");
    for other in [Upgrade::Plain, Upgrade::Taking("chat.v3")] {
        let (port, _) = serve(other, &[]).await;
        let told = "took none of the subprotocols `chat.v2`, `chat.v1`";
        holds(&asked(port, keys()).await, Outcome::Fail, told);
    }
}

#[tokio::test]
async fn the_version_that_answered_is_read_from_the_handshake() {
    let (port, _) = serve(Upgrade::Version("1.0"), &[]).await;
    let probe = probe(port, &serde_json::json!({"expect_version": {"header": "X-Version"}}));
    let expected = probe.measure(Some(&Version::named("1.0")), PATIENCE).await;
    assert_eq!((expected.outcome, expected.answered), (Outcome::Pass, Answered::Expected));
    let other = probe.measure(Some(&Version::named("2.0")), PATIENCE).await;
    assert_eq!((other.outcome, other.answered), (Outcome::Fail, Answered::Other("1.0".to_owned())));
}

#[tokio::test]
async fn over_tls_the_certificate_decides_who_is_believed() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    authority.file(&folder);
    let port = secure(&authority, &[Does::Say("hello")]).await;
    for (tls, outcome, told) in [
        (serde_json::json!({"ca_file": "ca.pem"}), Outcome::Pass, "answered in "),
        (serde_json::json!({"insecure": true}), Outcome::Pass, "answered in "),
        (serde_json::json!({}), Outcome::Fail, "could not be reached: "),
        (
            serde_json::json!({"ca_file": "ca.pem", "server_name": "b"}),
            Outcome::Fail,
            "could not be reached: ",
        ),
    ] {
        let json = serde_json::json!({
            "url": format!("wss://localhost:{port}"), "tls": tls, "dialogue": [{"expect": "hello"}]
        });
        let probe = connect(settings(json).unwrap(), folder.path()).unwrap();
        holds(&probe.measure(None, PATIENCE).await, outcome, told);
    }
}

#[test]
fn what_cannot_be_asked_is_a_mistake_when_it_is_read() {
    for (url, told) in [
        ("https://a", "`https` is no scheme of a WebSocket; write `wss://…`"),
        ("ws://me:pw@a", "write `basic`"),
        ("ws://", "this is no address"),
    ] {
        let error = settings(serde_json::json!({"url": url})).unwrap_err().to_string();
        assert!(error.contains(told), "{url}: {error}");
    }
    assert_eq!(Target::try_from("a:1/b".to_owned()).unwrap().to_string(), "ws://a:1/b");
    let place = |url: &str| Target::try_from(url.to_owned()).unwrap().place();
    assert_eq!(place("WSS://[::1]/?token=1"), super::super::tcp::Place::Net("::1".to_owned(), 443));
    for (keys, told) in [
        (
            serde_json::json!({"bearer": "a", "basic": {"user": "b"}}),
            "`bearer` and `basic` exclude each other",
        ),
        (
            serde_json::json!({"headers": {"Upgrade": "a"}}),
            "the header `upgrade` is the handshake's own",
        ),
        (serde_json::json!({"headers": {"Sec-WebSocket-Protocol": "a"}}), "write `subprotocols`"),
        (serde_json::json!({"subprotocols": ["a", "a"]}), "the subprotocol `a` is given twice"),
        (serde_json::json!({"dialogue": [{}]}), "in `dialogue[0]`: it neither sends nor expects"),
        (serde_json::json!({"dialogue": [{"send": "${1}"}]}), "`${1}` is no group"),
        (serde_json::json!({"dialogue": [{"reject": "a"}]}), "`reject` needs an `expect`"),
        (serde_json::json!({"tls": {"insecure": true, "ca_file": "a"}}), "in `tls`: "),
    ] {
        let mut json = serde_json::json!({"url": "ws://a"});
        json.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mistakes = settings(json).unwrap().mistakes();
        assert!(mistakes.iter().any(|mistake| mistake.contains(told)), "{keys}: {mistakes:?}");
    }
    assert!(settings(serde_json::json!({"url": "ws://a", "subprotocols": ["a b"]})).is_err());
}
