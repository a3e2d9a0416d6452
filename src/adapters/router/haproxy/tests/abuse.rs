//! What goes wrong, and what is said of it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_haproxy_does_not_know_is_told_and_nothing_is_changed() {
    let Some(world) = World::usual().await else { return };
    let of = async |more: &str| {
        let router = router(&world.folder, more);
        router.share(&candidate(100)).await.unwrap_err().whole()
    };
    assert_eq!(
        of(r#"{"backend": "shoop"}"#).await,
        "HAProxy did not tell how it shares the traffic of `shoop`: it has no backend `shoop` with servers; it has `shop`"
    );
    assert_eq!(
        of(r#"{"servers": {"green": ["green-1"]}}"#).await,
        "HAProxy did not tell how it shares the traffic of `shop`: `shop` has no server `green-1` of slot `green`"
    );
    assert_eq!(world.router().read().await.unwrap(), candidate(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_refused_leaves_the_weights_as_they_were() {
    let Some(world) = World::usual().await else { return };
    let router = world.router();
    let seen = router.look().await.unwrap();
    let gone = change::restored("shop", &[("gone".to_owned(), seen["blue"].clone())].into());
    let zero = "set server shop/blue weight 0".to_owned();
    let error = router.send(&[gone, vec![zero]].concat()).await.unwrap_err();
    assert_eq!(error.whole(), "HAProxy did not share the traffic of `shop`: No such server.");
    let error = router.put_back(&seen, error).await;
    assert!(error.hints().iter().any(|hint| hint.contains("are back")), "{:?}", error.hints());
    assert_eq!(router.look().await.unwrap()["blue"].weight, seen["blue"].weight);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_without_the_right_and_a_balance_without_weights_are_told() {
    for (made, said, hint) in [
        (Made { level: "operator", ..USUAL }, "Permission denied", "level admin"),
        (
            Made { backend: "balance static-rr", green: "disabled", ..USUAL },
            "Backend is using a static LB algorithm",
            "roundrobin",
        ),
    ] {
        let Some(world) = World::made(made).await else { return };
        let error = world.router().share(&candidate(100)).await.unwrap_err();
        assert!(error.whole().contains(said), "{}", error.whole());
        assert!(error.hints().iter().any(|line| line.contains(hint)), "{:?}", error.hints());
        assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "blue".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_server_has_no_share() {
    let Some(world) = World::made(Made { green: "backup", ..USUAL }).await else { return };
    let error = world.router().read().await.unwrap_err();
    assert!(error.whole().ends_with("`shop/green` is a `backup` server, which has no share"));
}

/// Answers every line with the same, and closes the connection.
fn fake(folder: &TempDir, answer: Option<&'static str>) -> tokio::task::JoinHandle<()> {
    let listener = tokio::net::UnixListener::bind(folder.path().join("admin.sock")).unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match answer {
                Some(answer) => {
                    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                    let _ = stream.read(&mut [0; 1024]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
                None => held.push(stream),
            }
        }
    })
}

#[tokio::test]
async fn a_socket_that_answers_nonsense_closes_or_hangs_is_told() {
    for (answer, said) in [
        (Some("HTTP/1.1 400 Bad\r\n\r\n\u{1b}[2J"), "HTTP/1.1 400 Bad    \u{fffd}[2J"),
        (Some(""), "it closed the connection without an answer"),
        (Some("\n\n"), "it answered nothing"),
        (Some("# pxname,svname,\n\n"), "it has none at all"),
        (Some("# pxname,svname,weight,\nshop,blue,a,\n"), "it told `a` as `weight` of `blue`"),
        (None, "there was no answer within 200ms"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = fake(&folder, answer);
        let router = router(&folder, r#"{"timeout": "200ms"}"#);
        for error in
            [router.read().await.unwrap_err(), router.share(&candidate(1)).await.unwrap_err()]
        {
            assert!(error.whole().ends_with(said), "{}", error.whole());
            assert!(!error.hints().is_empty());
        }
        server.abort();
    }
}

#[tokio::test]
async fn a_socket_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = router(&folder, "{}");
    let ready = missing.ready().unwrap_err().whole();
    assert!(ready.ends_with("admin.sock`: there is no such file"), "{ready}");
    let asked = missing.read().await.unwrap_err().whole();
    assert!(asked.contains("admin.sock`: No such file or directory"), "{asked}");
    let port = free_port();
    let closed = router(&folder, &format!(r#"{{"socket": "{port}"}}"#));
    closed.ready().unwrap();
    let asked = closed.read().await.unwrap_err().whole();
    assert!(
        asked.starts_with(&format!("could not ask HAProxy at `{port}`: Connection refused")),
        "{asked}"
    );
}

#[test]
fn what_could_end_a_command_is_no_name() {
    let folder = tempfile::tempdir().unwrap();
    for more in [
        r#"{"backend": "a; shutdown frontend shop"}"#,
        r#"{"servers": {"blue": ["b\nc"]}}"#,
        r#"{"backend": ""}"#,
        r#"{"socket": ""}"#,
    ] {
        assert!(tried(&folder, more).is_err(), "{more}");
    }
    assert!(tried(&folder, r#"{"servers": {"blue": ["blue-1", "blue-2"]}}"#).is_ok());
}
