//! The TLS probe, against real servers with certificates of our own.

use std::path::Path;

use rcgen::{BasicConstraints, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::version::TLS12;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::adapters::tls::tests::{Authority, Identity, self_signed, serve};
use crate::domain::check::Answered;
use crate::domain::verdict::Outcome;

use super::*;

async fn server(identity: Identity) -> u16 {
    serve(identity.acceptor(&[]), |_| async {}).await
}

fn probe(port: u16, settings: serde_json::Value) -> TlsProbe {
    let mut settings = settings;
    let address = format!("localhost:{port}");
    settings.as_object_mut().unwrap().entry("address").or_insert(address.into());
    let settings: Settings = serde_json::from_value(settings).unwrap();
    assert_eq!(settings.mistakes(), [""; 0]);
    connect(settings, Path::new("/")).unwrap()
}

async fn asked(port: u16, settings: serde_json::Value) -> Measurement {
    probe(port, settings).measure(None, Duration::from_secs(5)).await
}

fn date(days: i64) -> String {
    tls::day(jiff::Timestamp::now() + jiff::SignedDuration::from_hours(days * 24))
}

#[tokio::test]
async fn a_certificate_that_holds_is_told_with_its_end() {
    let (authority, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let port = server(authority.sign(&["localhost"], -1, 20)).await;
    let ca = authority.file(&folder);
    let measurement = asked(port, json!({"ca_file": ca, "min_days_left": 14})).await;
    let message = format!("the certificate holds until {}, 20 days, TLS 1.3", date(20));
    assert_eq!((measurement.outcome, measurement.message), (Outcome::Pass, message));
    assert_eq!(measurement.value.as_deref(), Some("20.0 days"));
    assert_eq!(measurement.limit.as_deref(), Some("14 days"));
    assert!((measurement.number.unwrap() - 20.0).abs() < 0.1);
    let names: Vec<_> = measurement.timings.iter().map(|timing| timing.name).collect();
    assert_eq!(names, ["resolve", "connect", "tls"]);
    let measurement = asked(port, json!({"ca_file": ca, "min_days_left": 21})).await;
    let message = format!("it holds until {}, 20.0 days, less than 21", date(20));
    assert_eq!((measurement.outcome, measurement.message), (Outcome::Fail, message));
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_in_words_and_dates() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let theirs = Authority::new("theirs");
    let expired = format!("its certificate expired on {}", date(-2));
    let early = format!("its certificate holds only from {} on", date(1));
    let misnamed = "its certificate is not for `localhost`, it is for `a.example`, `*.b.example`";
    let unknown = "its certificate is signed by `CN=theirs`, which leads to nobody we trust";
    let selfish = "its certificate is self-signed and not trusted; `ca_file` can name it";
    for (identity, expected) in [
        (ours.sign(&["localhost"], -9, -2), expired.as_str()),
        (ours.sign(&["localhost"], 1, 9), &early),
        (ours.sign(&["a.example", "*.b.example"], -1, 9), misnamed),
        (theirs.sign(&["localhost"], -1, 9), unknown),
        (self_signed(&["localhost"], IsCa::NoCa), selfish),
        (ours.sign(&[], -1, 9), "its certificate is not for `localhost`, it names nobody"),
    ] {
        let measurement =
            asked(server(identity).await, json!({"ca_file": ours.file(&folder)})).await;
        assert_eq!((measurement.outcome, measurement.message.as_str()), (Outcome::Fail, expected));
        assert!(measurement.number.is_some(), "{expected}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let port = server(ours.sign(&["a.example"], -9, -2)).await;
    let settings = json!({"ca_file": ours.file(&folder), "issuer": "CN=theirs"});
    let message = asked(port, settings).await.message;
    let expected = format!(
        "its certificate expired on {}; its certificate is not for `localhost`, it is for `a.example`; \
         its issuer is `CN=ours`, not `CN=theirs`",
        date(-2)
    );
    assert_eq!(message, expected);
}

#[tokio::test]
async fn whoever_signs_himself_is_believed_where_he_is_named_or_nobody_asks() {
    let folder = tempfile::tempdir().unwrap();
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let identity = self_signed(&["localhost"], is_ca);
        let file = folder.path().join("own.pem");
        std::fs::write(&file, &identity.pem.0).unwrap();
        let port = server(identity).await;
        let own = asked(port, json!({"ca_file": file})).await;
        assert_eq!(own.outcome, Outcome::Pass, "{}", own.message);
        let other = json!({"ca_file": file, "server_name": "other.example"});
        assert_eq!(asked(port, other).await.outcome, Outcome::Fail);
        let insecure = json!({"insecure": true, "server_name": "other.example"});
        assert_eq!(asked(port, insecure).await.outcome, Outcome::Pass);
        let ours = Authority::new("ours").file(&folder);
        let stranger = asked(port, json!({ "ca_file": ours })).await;
        let message = "its certificate is self-signed and not trusted; `ca_file` can name it";
        assert_eq!((stranger.outcome, stranger.message.as_str()), (Outcome::Fail, message));
    }
}

#[tokio::test]
async fn the_names_and_the_issuer_wanted_must_be_there() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let port = server(ours.sign(&["localhost", "*.shop.example", "127.0.0.1"], -1, 9)).await;
    let ca = ours.file(&folder);
    let of = |names: &[&str]| json!({"ca_file": ca, "names": names, "issuer": "CN=ou"});
    assert_eq!(asked(port, of(&["www.shop.example", "127.0.0.1"])).await.outcome, Outcome::Pass);
    let message = asked(port, of(&["shop.example"])).await.message;
    let held = "it is for `localhost`, `*.shop.example`, `127.0.0.1`";
    assert_eq!(message, format!("its certificate is not for `shop.example`, {held}"));
}

#[tokio::test]
async fn the_end_of_a_chain_is_that_of_what_is_shown_or_of_what_is_needed() {
    // As in blackbox_exporter's test: the old root is shown, and both roots of one key are trusted.
    let key = KeyPair::generate().unwrap();
    let again = KeyPair::from_pem(&key.serialize_pem()).unwrap();
    let (old, new) = (Authority::until("root", key, 1), Authority::until("root", again, 3));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    std::fs::write(&file, old.pem() + &new.pem()).unwrap();
    let port = server(old.sign(&["localhost"], -1, 2).showing([old.der()])).await;
    for (chain, days) in [("verified", 2.0), ("presented", 1.0), ("leaf", 2.0)] {
        let measurement = asked(port, json!({"ca_file": file, "chain": chain})).await;
        assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
        assert!((measurement.number.unwrap() - days).abs() < 0.1, "{chain}: {measurement:?}");
    }
    let short = Authority::until("short", KeyPair::generate().unwrap(), 5);
    std::fs::write(&file, short.pem()).unwrap();
    let port = server(short.sign(&["localhost"], -1, 9)).await;
    for (chain, days) in [("verified", 5.0), ("presented", 9.0)] {
        let measurement = asked(port, json!({"ca_file": file, "chain": chain})).await;
        assert!((measurement.number.unwrap() - days).abs() < 0.1, "{chain}: {measurement:?}");
    }
}

#[tokio::test]
async fn an_old_version_is_told_by_its_number() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let acceptor = ours.sign(&["localhost"], -1, 9).speaking(&[&TLS12], &[]);
    let port = serve(acceptor, |_| async {}).await;
    let measurement =
        asked(port, json!({"ca_file": ours.file(&folder), "min_version": "1.3"})).await;
    assert_eq!(measurement.message, "it speaks TLS 1.2, less than 1.3");
}

/// What is said, and what is then heard.
type Words = &'static [(&'static str, &'static [u8])];

/// A server that says and hears lines, and then speaks TLS.
async fn mail(identity: Identity, dialogue: Words) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = identity.acceptor(&[]);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            for (say, hear) in dialogue {
                stream.write_all(say.as_bytes()).await.unwrap();
                let mut heard = vec![0; hear.len()];
                stream.read_exact(&mut heard).await.unwrap();
                assert_eq!(&heard, hear);
            }
            let last = if dialogue[0].0.is_empty() { "S" } else { "" };
            stream.write_all(last.as_bytes()).await.unwrap();
            let _ = acceptor.accept(stream).await;
        }
    });
    port
}

#[tokio::test]
async fn tls_can_be_asked_for_in_the_clear() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let dialogues: [(&str, Words); 5] = [
        (
            "smtp",
            &[
                ("220-a\r\n220 b\r\n", b"EHLO lastgood\r\n"),
                ("250-a\r\n250 STARTTLS\r\n", b"STARTTLS\r\n"),
                ("220 go\r\n", b""),
            ],
        ),
        ("imap", &[("* OK hi\r\n", b"a STARTTLS\r\n"), ("a OK go\r\n", b"")]),
        ("pop3", &[("+OK hi\r\n", b"STLS\r\n"), ("+OK go\r\n", b"")]),
        ("ftp", &[("220 hi\r\n", b"AUTH TLS\r\n"), ("234 go\r\n", b"")]),
        ("postgres", &[("", b"\x00\x00\x00\x08\x04\xd2\x16\x2f")]),
    ];
    for (kind, dialogue) in dialogues {
        let port = mail(ours.sign(&["localhost"], -1, 9), dialogue).await;
        let settings = json!({"ca_file": ours.file(&folder), "starttls": kind});
        let measurement = asked(port, settings).await;
        assert_eq!(measurement.outcome, Outcome::Pass, "{kind}: {}", measurement.message);
    }
}

/// A server that says so and no more.
async fn says(words: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = vec![];
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(&words).await;
            kept.push(stream);
        }
    });
    port
}

#[tokio::test]
async fn a_refusal_and_words_before_tls_are_a_fail_at_once() {
    let refused = asked(says(b"554 no\r\n".to_vec()).await, json!({"starttls": "smtp"})).await;
    assert!(refused.message.ends_with("did not say `^220 `, but `554 no`"), "{}", refused.message);
    let eager = says(b"+OK hi\r\n+OK go\r\n+OK injected\r\n".to_vec()).await;
    let eager = asked(eager, json!({"starttls": "pop3"})).await;
    let end = "said more before TLS began, but `+OK injected`";
    assert!(eager.message.ends_with(end), "{}", eager.message);
    let no = asked(says(b"N".to_vec()).await, json!({"starttls": "postgres"})).await;
    assert!(no.message.ends_with("did not say `S`, but `N`"), "{}", no.message);
}

#[tokio::test]
async fn what_is_no_tls_is_a_fail_and_silence_ends_in_time() {
    let plain = asked(says(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await, json!({})).await;
    assert_eq!((plain.outcome, plain.answered), (Outcome::Fail, Answered::Nobody));
    assert!(plain.message.ends_with("could not be reached: what it speaks is no TLS"));
    let silent = probe(says(vec![]).await, json!({}));
    let silent = silent.measure(None, Duration::from_millis(100)).await;
    assert!(silent.message.ends_with("gave no answer within `100ms`"), "{}", silent.message);
}

#[tokio::test]
async fn a_bomb_of_certificates_is_a_verdict_and_no_more() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let ca = ours.file(&folder);
    // Many authorities of one name and different keys: each could be the issuer.
    let more = (0..80).map(|_| Authority::new("ours").der());
    let many = server(ours.sign(&["localhost"], -1, 9).showing(more)).await;
    let measurement = asked(many, json!({"ca_file": ca})).await;
    assert_eq!(measurement.outcome, Outcome::Pass, "{}", measurement.message);
    let strangers: Vec<_> = (0..80).map(|_| Authority::new("theirs").der()).collect();
    let identity = Authority::new("theirs").sign(&["localhost"], -1, 9).showing(strangers);
    let measurement = asked(server(identity).await, json!({"ca_file": ca})).await;
    assert_eq!(measurement.outcome, Outcome::Fail, "{}", measurement.message);
    let large = CertificateDer::from(vec![0x30; 1024 * 1024]);
    let identity = ours.sign(&["localhost"], -1, 9).showing([large]);
    let measurement = asked(server(identity).await, json!({"ca_file": ca})).await;
    assert_eq!(measurement.outcome, Outcome::Fail, "{}", measurement.message);
}

#[tokio::test]
async fn our_own_certificate_is_shown_to_who_asks() {
    let (ours, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    let own = ours.sign(&["me"], -1, 9);
    let [certificate, key] = ["own.pem", "own.key"].map(|name| folder.path().join(name));
    std::fs::write(&certificate, &own.pem.0).unwrap();
    std::fs::write(&key, &own.pem.1).unwrap();
    let acceptor = ours.sign(&["localhost"], -1, 9).asking_for(&ours);
    let (told, mut known) = tokio::sync::mpsc::unbounded_channel();
    let port = serve(acceptor, move |stream| {
        let peers = stream.get_ref().1.peer_certificates().map(<[_]>::len);
        told.send(peers).unwrap();
        async {}
    })
    .await;
    let settings =
        json!({"ca_file": ours.file(&folder), "certificate_file": certificate, "key_file": key});
    assert_eq!(asked(port, settings).await.outcome, Outcome::Pass);
    assert_eq!(known.recv().await, Some(Some(1)));
}

#[test]
fn mistakes_are_told_with_what_would_be_right() {
    let of = |settings: serde_json::Value| {
        serde_json::from_value::<Settings>(settings).map(|settings| settings.mistakes())
    };
    let wrong = json!({"address": "a:1", "insecure": true, "ca_file": "x", "chain": "verified",
        "key_file": "k", "names": ["a b"]});
    assert_eq!(
        of(wrong).unwrap(),
        [
            "`certificate_file` and `key_file` belong together",
            "`insecure` and `ca_file` exclude each other",
            "`insecure` verifies no chain; write `chain: presented`",
            "in `names`: `a b` is no name of a server",
        ]
    );
    assert!(of(json!({"address": "a"})).is_err());
    assert!(of(json!({"address": "a:1", "min_version": "1.0"})).is_err());
    let missing = json!({"address": "a:1", "ca_file": "none.pem"});
    let error =
        connect(serde_json::from_value(missing).unwrap(), Path::new("/nowhere")).unwrap_err();
    assert!(error.message().contains("could not read the certificates in `/nowhere/none.pem`"));
}

#[test]
fn every_key_is_described() {
    let schema = serde_json::to_value(schemars::schema_for!(Settings)).unwrap();
    assert_eq!(schema["required"], json!(["address"]));
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property.get("description").is_some(), "`{name}` is not described");
    }
}
