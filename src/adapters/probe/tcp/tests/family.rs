//! Addresses of both families, with real listeners and real names.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::adapters::process::Run;
use crate::domain::vectors::skipped;

use super::*;

/// Names that only those who see this file know.
const HOSTS: &str = "127.0.0.1 four.test both.test\n::1 six.test both.test\n";

/// Set where the machine's names are the ones above.
const NAMED: &str = "LASTGOOD_TEST_NAMES";

/// Returns a listener at this machine's IPv6 address; none, and says so, where it has none.
async fn six() -> Option<TcpListener> {
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await;
    if let Err(cause) = &listener {
        skipped(&format!("IPv6: nobody can listen on `::1` here: {cause}"));
    }
    listener.ok()
}

async fn seen(host: &str, listener: &TcpListener, more: &str) -> String {
    let port = listener.local_addr().unwrap().port();
    let settings = format!(r#"{{"address": "{host}:{port}"{more}}}"#);
    let probe = made(serde_json::from_str(&settings).unwrap());
    let measurement = probe.measure(None, Duration::from_secs(5)).await;
    if measurement.outcome != Outcome::Pass {
        return measurement.message;
    }
    let (_, from) = listener.accept().await.unwrap();
    if from.is_ipv6() { "over IPv6".to_owned() } else { "over IPv4".to_owned() }
}

#[tokio::test]
async fn an_address_is_taken_as_it_is_written_unless_its_family_is_not_wanted() {
    let Some(six) = six().await else { return };
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    for (host, listener, over) in [("[::1]", &six, "IPv6"), ("127.0.0.1", &four, "IPv4")] {
        let other = if over == "IPv6" { ("ip4", "IPv4") } else { ("ip6", "IPv6") };
        assert_eq!(seen(host, listener, "").await, format!("over {over}"));
        let wanted = format!(r#", "ip": "{}""#, other.0);
        assert_eq!(seen(host, listener, &wanted).await, format!("over {over}"));
        let only = format!(r#"{wanted}, "ip_fallback": false"#);
        let told = seen(host, listener, &only).await;
        assert!(told.contains(&format!("its name has no {} address", other.1)), "{told}");
    }
}

#[tokio::test]
async fn of_a_name_the_family_is_taken_that_is_wanted_and_the_other_where_it_has_none() {
    if std::env::var_os(NAMED).is_some() {
        return by_name().await;
    }
    if six().await.is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hosts"), HOSTS).unwrap();
    let mount = "mount --bind hosts /etc/hosts";
    let apart = |then: &str| {
        let script = format!("{mount} && {then}");
        let run = Run::new("unshare").args(["--mount", "sh", "-c", &script]);
        run.folder(folder.path()).env(NAMED, "1")
    };
    if !apart("true").finish().await.is_ok_and(|ran| ran.succeeded()) {
        skipped("names with IPv6 addresses: `unshare --mount` and `mount --bind` are refused here");
        return;
    }
    let itself = std::env::current_exe().unwrap();
    let (_, room) = module_path!().split_once("::").unwrap();
    let test = format!(
        "{room}::of_a_name_the_family_is_taken_that_is_wanted_and_the_other_where_it_has_none"
    );
    let ran = apart("exec \"$ITSELF\" --exact \"$TEST\" --nocapture");
    let ran = ran.env("ITSELF", itself).env("TEST", test).finish().await.unwrap();
    let told = format!("{}{}", ran.stdout.text(), ran.stderr.text());
    assert!(ran.succeeded() && told.contains("1 passed"), "{told}");
}

async fn by_name() {
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = four.local_addr().unwrap().port();
    let six = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await.unwrap();
    let dead = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
    let (ip4, ip6) = (r#", "ip": "ip4""#, r#", "ip": "ip6""#);
    let only = |ip: &str| format!(r#"{ip}, "ip_fallback": false"#);
    assert_eq!(seen("both.test", &four, ip4).await, "over IPv4");
    assert_eq!(seen("both.test", &six, ip6).await, "over IPv6");
    assert_eq!(seen("four.test", &four, ip6).await, "over IPv4");
    assert_eq!(seen("six.test", &six, ip4).await, "over IPv6");
    let told = seen("four.test", &four, &only(ip6)).await;
    assert!(told.contains("its name has no IPv6 address"), "{told}");
    let told = seen("six.test", &six, &only(ip4)).await;
    assert!(told.contains("its name has no IPv4 address"), "{told}");
    // Only the other family listens: whoever asks for this one is refused, and whoever asks for any gets through.
    assert_eq!(seen("both.test", &dead, "").await, "over IPv6");
    let told = seen("both.test", &dead, &only(ip4)).await;
    assert!(told.to_lowercase().contains("refused"), "{told}");
}
