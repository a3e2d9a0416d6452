//! What goes wrong, and what is said of it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_nginx_refuses_is_put_back_and_told_in_its_words() {
    let Some(world) = World::usual().await else { return };
    let first = world.file();
    write_config(world.folder.path(), world.front, "nonsense;");
    let error = world.router().share(&candidate(100)).await.unwrap_err();
    let said = error.whole();
    assert!(
        said.starts_with(
            "nginx refused the new shares: nginx: [emerg] unknown directive \"nonsense\""
        ),
        "{said}"
    );
    assert_eq!(error.hints(), ["the file is as it was before"]);
    assert_eq!((world.file(), world.leftovers()), (first, vec![]));
    assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "blue".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_nginx_does_not_carry_out_is_seen() {
    let Some(world) = World::usual().await else { return };
    let first = world.file();
    // The test of a configuration forgives a port that is taken; the reload does not.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let more = format!("server {{ listen {}; }}", taken.local_addr().unwrap());
    write_config(world.folder.path(), world.front, &more);
    let error = world.with(r#"{"timeout": "1s"}"#).share(&candidate(100)).await.unwrap_err();
    assert_eq!(
        error.whole(),
        "nginx did not take the new shares: 1s after the reload its old workers still serve"
    );
    assert_eq!((world.file(), world.leftovers()), (first, vec![]));
    assert_eq!(world.router().read().await.unwrap(), candidate(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nginx_does_not_read_is_named() {
    let Some(world) = World::usual().await else { return };
    let other = world.folder.path().join("other.conf");
    std::fs::write(&other, world.file()).unwrap();
    let error =
        world.with(r#"{"include": "other.conf"}"#).share(&candidate(100)).await.unwrap_err();
    assert!(error.whole().starts_with(&format!("nginx does not read `{}`", other.display())));
    assert_eq!(std::fs::read_to_string(other).unwrap(), world.file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_stays_one_and_what_it_points_to_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(world) = World::usual().await else { return };
    let link = world.folder.path().join("shop upstream.conf");
    let real = world.folder.path().join("real/shop.conf");
    std::fs::create_dir(real.parent().unwrap()).unwrap();
    std::fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    holds(&world.router()).await;
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_or_strange_is_told_and_not_touched() {
    let Some(world) = World::usual().await else { return };
    let said = async |router: NginxRouter| {
        let (read, share) = (router.read().await, router.share(&candidate(100)).await);
        [read, share].map(|ended| ended.unwrap_err().whole())
    };
    for said in said(world.with(r#"{"include": "none.conf"}"#)).await {
        assert!(said.contains("none.conf`: No such file or directory"), "{said}");
    }
    assert!(world.with(r#"{"include": "none.conf"}"#).ready().is_err());
    for said in said(world.with(r#"{"upstream": "shoop"}"#)).await {
        assert!(said.starts_with("could not read `upstream shoop` in "), "{said}");
    }
    let strange = r#"{"servers": {"blue": ["10.0.0.1:1"], "green": ["10.0.0.2:1"]}}"#;
    for said in said(world.with(strange)).await {
        assert!(said.ends_with("there is no `server 10.0.0.1:1;`"), "{said}");
    }
    assert!(world.file().contains(" down;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_nginx_that_does_not_run_or_is_not_installed_is_told() {
    let Some(world) = World::usual().await else { return };
    let absent = world.with(r#"{"nginx": ["lastgood-no-such-nginx"]}"#);
    let said = absent.share(&candidate(100)).await.unwrap_err().whole();
    assert!(said.ends_with("no program `lastgood-no-such-nginx` was found"), "{said}");
    let hangs =
        world.with(r#"{"nginx": ["sh", "-c", "exec tail -f /dev/null"], "timeout": "300ms"}"#);
    let said = hangs.share(&candidate(100)).await.unwrap_err().whole();
    assert!(said.ends_with("it did not end within 300ms and was killed"), "{said}");
    let first = world.file();
    let World { folder, front, blue, green, nginx } = world;
    drop(nginx);
    std::fs::write(folder.path().join("nginx.pid"), format!("{}\n", std::process::id())).unwrap();
    let nginx = Balancer::start(nothing(front), &folder.path().join("log"), blue.at);
    let world = World { folder, front, blue, green, nginx };
    let said = world.router().share(&candidate(100)).await.unwrap_err().whole();
    assert!(said.ends_with("nginx.pid` names no running nginx"), "{said}");
    assert_eq!((world.file(), world.leftovers()), (first, vec![]));
}

/// A process that does nothing, in the place of one that is gone.
fn nothing(_: SocketAddr) -> Command {
    let mut command = Command::new("tail");
    command.args(["-f", "/dev/null"]);
    command
}
