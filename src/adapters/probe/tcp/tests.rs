//! The TCP probe, with real listeners.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::dialogue::HEARD;
use crate::adapters::testbed::port::free_port;
use crate::adapters::tls::tests::{Authority, serve};
use crate::domain::check::Answered;
use crate::domain::verdict::Outcome;

use super::*;

mod family;
mod vectors;

/// What a server does with its one visitor.
enum Say {
    Line(&'static str),
    Hear(&'static str),
    Stay,
}

/// The time of a dialogue that comes to its end.
const PATIENCE: Duration = Duration::from_secs(30);

async fn served(dialogue: &'static [Say], json: &str) -> Measurement {
    served_within(PATIENCE, dialogue, json).await
}

async fn served_within(time: Duration, dialogue: &'static [Say], json: &str) -> Measurement {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for say in dialogue {
            match say {
                Say::Line(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                Say::Hear(text) => {
                    let mut heard = vec![0; text.len()];
                    stream.read_exact(&mut heard).await.unwrap();
                    assert_eq!(heard, text.as_bytes());
                }
                Say::Stay => std::future::pending().await,
            }
        }
    });
    let measurement = probe(port, json).measure(None, time).await;
    serving.abort();
    measurement
}

fn probe(port: u16, dialogue: &str) -> TcpProbe {
    let json = format!(r#"{{"address": "127.0.0.1:{port}", "dialogue": {dialogue}}}"#);
    made(serde_json::from_str(&json).unwrap())
}

fn made(settings: serde_json::Value) -> TcpProbe {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
    connect(settings, std::path::Path::new("/")).unwrap()
}

const IRC: &str = r#"[{"send": "NICK prober\n"}, {"expect": "(?m)^:[^ ]+ 001"}]"#;
const NOTICE: &str = ":ircd.localhost NOTICE AUTH :*** Looking up your hostname...\n";

#[tokio::test]
async fn being_let_in_is_enough_without_a_dialogue() {
    let measurement = served(&[], "[]").await;
    assert_eq!(measurement.outcome, Outcome::Pass);
    assert!(measurement.message.starts_with("connected in "), "{}", measurement.message);
}

#[tokio::test]
async fn a_dialogue_is_held_in_order() {
    let says = &[
        Say::Line(NOTICE),
        Say::Hear("NICK prober\n"),
        Say::Line(":ircd.localhost 001 prober :Hi\n"),
    ];
    let measurement = served(says, IRC).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn an_expectation_holds_of_one_line_at_a_time() {
    let twice = r#"[{"expect": "^ready"}, {"expect": "^ready$"}]"#;
    assert_eq!(served(&[Say::Line("ready ready")], twice).await.outcome, Outcome::Fail);
    let two = &[Say::Line("wait\r\nready now\nrea"), Say::Line("dy\r\n"), Say::Stay];
    assert_eq!(served(two, twice).await.outcome, Outcome::Pass);
    let both = r#"[{"expect": "a.*b"}]"#;
    assert_eq!(served(&[Say::Line("a\nb\n")], both).await.outcome, Outcome::Fail);
}

#[tokio::test]
async fn a_prompt_without_a_line_end_is_heard_when_nothing_more_comes() {
    let login = r#"[{"expect": "login: $", "send": "me"}, {"expect": "^hello"}]"#;
    let says = &[Say::Line("login: "), Say::Hear("me\n"), Say::Line("hello"), Say::Stay];
    assert_eq!(served(says, login).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn what_is_sent_may_hold_groups_of_the_last_match() {
    let ping = r#"[{"send": "NICK a"}, {"expect": "^PING :(?P<id>[^ ]+)", "send": "PONG ${1}"},
        {"send": "AGAIN $id ${id}\r\n"}, {"expect": "ok"}]"#;
    let says = &[
        Say::Hear("NICK a\n"),
        Say::Line("PING :x9\r\n"),
        Say::Hear("PONG x9\nAGAIN $id x9\r\n"),
        Say::Line("ok\n"),
    ];
    let measurement = served(says, ping).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    let names: Vec<_> = measurement.timings.iter().map(|timing| timing.name).collect();
    assert_eq!(names, ["resolve", "connect", "processing"]);
}

#[tokio::test]
async fn bytes_must_come_as_they_are_written() {
    let bytes =
        r#"[{"send_bytes": "\u0000\u0001"}, {"expect_bytes": "S\u0000"}, {"expect": "^x$"}]"#;
    let says = |said| vec![Say::Hear("\0\x01"), Say::Line(said)];
    assert_eq!(served(says("S\0x\n").leak(), bytes).await.outcome, Outcome::Pass);
    let measurement = served(says("N\0x\n").leak(), bytes).await;
    assert!(measurement.message.contains("did not say `S\u{fffd}`, but `N\u{fffd}x`"));
    let short = served(says("S").leak(), bytes).await;
    assert!(short.message.contains("closed and did not say"), "{}", short.message);
}

#[tokio::test]
async fn a_line_that_is_rejected_ends_the_dialogue_at_once() {
    let mail = r#"[{"expect": "^220 ", "reject": "^[45]"}]"#;
    let measurement = served(&[Say::Line("hello\r\n554 go away\r\n"), Say::Stay], mail).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Unknown));
    let end = "did not say `^220 `, but `554 go away`";
    assert!(measurement.message.ends_with(end), "{}", measurement.message);
}

#[tokio::test]
async fn an_end_without_the_expected_words_is_a_fail() {
    let measurement = served(&[Say::Line("ERROR :blacklisted")], r#"[{"expect": " 001"}]"#).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Unknown));
    let end = "closed and did not say ` 001`, but `ERROR :blacklisted`";
    assert!(measurement.message.ends_with(end), "{}", measurement.message);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_reached() {
    let time = Duration::from_millis(500);
    let measurement = served_within(time, &[Say::Stay], r#"[{"expect": "hello"}]"#).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert!(measurement.message.ends_with("gave no answer within `500ms`"));
}

#[tokio::test]
async fn a_server_that_never_stops_talking_is_not_listened_to_for_ever() {
    static FLOOD: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "x".repeat(HEARD + 1));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while stream.write_all(FLOOD.as_bytes()).await.is_ok() {}
    });
    let probe = probe(port, r#"[{"expect": "y"}]"#);
    let measurement = probe.measure(None, PATIENCE).await;
    serving.abort();
    assert!(measurement.message.contains("said more than 65536 bytes"), "{}", measurement.message);
}

#[tokio::test]
async fn a_closed_port_is_a_fail_and_nobody_answered() {
    let measurement = probe(free_port().port(), "[]").measure(None, PATIENCE).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    assert!(measurement.message.contains("could not be reached"), "{}", measurement.message);
}

/// A server that speaks TLS after one line in the clear.
async fn mail(authority: &Authority) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = authority.sign(&["localhost"], -1, 1).acceptor(&[]);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"220 hello\r\n").await.unwrap();
            let mut heard = [0; 10];
            stream.read_exact(&mut heard).await.unwrap();
            stream.write_all(b"220 go\r\n").await.unwrap();
            let mut stream = acceptor.accept(stream).await.unwrap();
            stream.write_all(b"250 secret\r\n").await.unwrap();
        }
    });
    port
}

#[tokio::test]
async fn a_dialogue_can_go_over_to_tls() {
    let (authority, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let dialogue = serde_json::json!([{"expect": "^220 ", "send": "STARTTLS\r\n"},
        {"expect": "^220 ", "starttls": true}, {"expect": "^250 secret"}]);
    let address = format!("localhost:{}", mail(&authority).await);
    let tls = serde_json::json!({ "ca_file": authority.file(&folder) });
    let settings = |tls| serde_json::json!({"address": address, "dialogue": dialogue, "tls": tls});
    let measurement = made(settings(tls)).measure(None, PATIENCE).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[tokio::test]
async fn tls_from_the_start_proves_who_answers() {
    let (authority, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let acceptor = authority.sign(&["localhost"], -1, 1).acceptor(&[]);
    let port = serve(acceptor, |mut stream| async move {
        let _ = stream.write_all(b"hi\n").await;
        let _ = stream.shutdown().await;
    })
    .await;
    let file = authority.file(&folder);
    let asked = async |host: &str, tls: serde_json::Value| {
        let address = format!("{host}:{port}");
        let settings =
            serde_json::json!({"address": address, "tls": tls, "dialogue": [{"expect": "^hi$"}]});
        let measurement = made(settings).measure(None, PATIENCE).await;
        (measurement.outcome, measurement.message)
    };
    let own = serde_json::json!({ "ca_file": file });
    assert_eq!(asked("localhost", own.clone()).await.0, Outcome::Pass);
    let (outcome, message) = asked("127.0.0.1", own).await;
    assert_eq!(outcome, Outcome::Fail);
    assert!(
        message.ends_with("its certificate is not for `127.0.0.1`, it is for `localhost`"),
        "{message}"
    );
    let named = serde_json::json!({ "ca_file": file, "server_name": "localhost" });
    assert_eq!(asked("127.0.0.1", named).await.0, Outcome::Pass);
    assert_eq!(asked("127.0.0.1", serde_json::json!({"insecure": true})).await.0, Outcome::Pass);
    assert_eq!(asked("localhost", serde_json::json!({})).await.0, Outcome::Fail);
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_of_this_machine_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"ready\n").await;
        }
    });
    let address = format!("unix:{}", path.display());
    let settings = serde_json::json!({"address": address, "dialogue": [{"expect": "^ready$"}]});
    let measurement = made(settings).measure(None, PATIENCE).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
}

#[test]
fn a_dialogue_that_cannot_be_held_is_a_mistake() {
    let of = |dialogue: serde_json::Value| {
        let settings = serde_json::json!({"address": "a:1", "dialogue": dialogue});
        serde_json::from_value::<Settings>(settings).unwrap().mistakes()
    };
    let wrong = of(serde_json::json!([{}, {"send": "${1}"}, {"expect": "a", "expect_bytes": "b"},
        {"reject": "x", "send": "y"}, {"starttls": true}, {"starttls": true}]));
    assert_eq!(
        wrong,
        [
            "in `dialogue[0]`: it neither sends nor expects",
            "in `dialogue[1]`: `${1}` is no group of the last `expect`",
            "in `dialogue[2]`: `expect` and `expect_bytes` exclude each other",
            "in `dialogue[3]`: `reject` needs an `expect` to wait for",
            "`dialogue` says `starttls` twice",
        ]
    );
    assert_eq!(of(serde_json::json!([{"expect": "(a)"}, {"send": "$1 $"}])), [""; 0]);
}

#[test]
fn an_address_is_a_host_and_a_port() {
    for good in ["db.example:5432", "[::1]:1", "10.0.0.1:65535", "unix:/run/app.sock"] {
        assert!(Address::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for bad in ["", "db", "db:", ":80", "::1", "db:0", "db:65536", "db:x", "unix:app"] {
        let error = Address::try_from(bad.to_owned()).unwrap_err();
        assert!(error.ends_with("write it like `db.example:5432`"), "{bad}: {error}");
    }
}

#[test]
fn an_address_means_a_place() {
    let of = |text: &str| Address::try_from(text.to_owned()).unwrap();
    assert_eq!(of("[::1]:5").place(), Place::Net("::1".into(), 5));
    assert_eq!(of("a.example:5").host(), "a.example");
    assert_eq!(of("unix:/a").place(), Place::Unix("/a".into()));
}
