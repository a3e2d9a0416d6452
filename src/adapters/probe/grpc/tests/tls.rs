//! The gRPC probe over TLS.

use crate::adapters::tls;
use crate::adapters::tls::tests::Authority;

use super::*;

async fn secured(authority: &Authority, protocols: &[&[u8]]) -> u16 {
    let acceptor = authority.sign(&["localhost"], -1, 1).acceptor(protocols);
    let says = of_health(&[]).await;
    tls::tests::serve(acceptor, move |stream| server::talk(stream, says.clone())).await
}

async fn over_tls(port: u16, folder: &tempfile::TempDir, keys: &str) -> Measurement {
    let json = format!(r#"{{"address": "localhost:{port}", "tls": {keys}}}"#);
    let settings = settings(&json).unwrap();
    let client = settings.tls.as_ref().unwrap().client(folder.path()).unwrap();
    connect(settings, Some(client)).unwrap().measure(None, PATIENCE).await
}

#[tokio::test]
async fn over_tls_the_certificate_decides_who_is_believed() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    authority.file(&folder);
    let port = secured(&authority, &[b"h2"]).await;
    for (keys, outcome, told) in [
        (r#"{"ca_file": "ca.pem"}"#, Outcome::Pass, "SERVING in "),
        (r#"{"insecure": true}"#, Outcome::Pass, "SERVING in "),
        (r#"{"insecure": true, "min_version": "1.3"}"#, Outcome::Pass, "SERVING in "),
        ("{}", Outcome::Fail, "could not be reached: "),
        (
            r#"{"ca_file": "ca.pem", "server_name": "other"}"#,
            Outcome::Fail,
            "could not be reached: ",
        ),
    ] {
        let measurement = over_tls(port, &folder, keys).await;
        assert_eq!(measurement.outcome, outcome, "{keys}: {}", measurement.message);
        assert!(measurement.message.contains(told), "{keys}: {}", measurement.message);
    }
}

#[tokio::test]
async fn tls_and_none_do_not_mix() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let plain = serve(of_health(&[]).await).await;
    let measurement = over_tls(plain, &folder, r#"{"insecure": true}"#).await;
    assert_eq!((measurement.outcome, measurement.answered), (Outcome::Fail, Answered::Nobody));
    let secured = secured(&authority, &[b"h2"]).await;
    let measurement = asked(secured, "").await;
    assert_eq!(measurement.outcome, Outcome::Fail);
    assert!(measurement.message.contains("did not answer in gRPC"), "{}", measurement.message);
}

#[test]
fn what_is_wrong_with_tls_is_a_mistake_of_the_check() {
    let json = r#"{"address": "a:1", "tls": {"insecure": true, "ca_file": "ca.pem"}}"#;
    assert_eq!(settings(json).unwrap().mistakes().len(), 1);
}
