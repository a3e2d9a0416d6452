//! Traffic that moves while clients ask.

use super::*;

/// Waits until HAProxy has seen that the candidate is gone.
async fn is_seen_down(router: &HaproxyRouter) {
    while !matches!(router.look().await.unwrap()["green"].health, Health::Down(_)) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds_to_what_every_router_does() {
    let Some(world) = World::usual().await else { return };
    holds(&world.router()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_and_stages_under_load_drop_no_request() {
    let Some(world) = World::usual().await else { return };
    let count = world.street(&world.router()).moves_under_load().await;
    assert_eq!(count.unsent, [""; 0], "nothing is reloaded, so no connection is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_ends_where_it_began_and_is_waited_for() {
    let Some(world) = World::usual().await else { return };
    world.street(&world.router()).waits_for_what_is_in_flight().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_disabled_is_checked_before_it_gets_traffic() {
    let disabled = Made { green: "disabled", ..USUAL };
    let Some(world) = World::made(disabled).await else { return };
    let router = world.router();
    assert_eq!(router.read().await.unwrap(), candidate(0));
    router.share(&candidate(100)).await.unwrap();
    assert!(router.look().await.unwrap()["green"].is_up());
    assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "green".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_checks_is_taken_at_its_word() {
    let unchecked = Made { each: "", ..USUAL };
    let Some(world) = World::made(unchecked).await else { return };
    holds(&world.router()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_is_down_gets_no_traffic_and_is_named() {
    let Some(world) = World::usual().await else { return };
    let World { folder, front, blue, green, _haproxy } = world;
    drop(green);
    let router = router(&folder, r#"{"up_within": "300ms"}"#);
    is_seen_down(&router).await;
    let error = router.share(&candidate(25)).await.unwrap_err();
    let said = error.whole();
    assert!(said.starts_with("`shop/green` gets no traffic: HAProxy does not hold it for up: within 300ms it was not up: DOWN"), "{said}");
    assert_eq!(router.read().await.unwrap(), candidate(0));
    assert_eq!(load::ask(front, "/").await.unwrap(), (200, "blue".to_owned()));
    drop(blue);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_is_down_can_be_left_in_stages() {
    let Some(world) = World::usual().await else { return };
    let World { folder, front, blue, green, _haproxy } = world;
    let router = router(&folder, r#"{"up_within": "300ms"}"#);
    router.share(&candidate(100)).await.unwrap();
    drop(green);
    is_seen_down(&router).await;
    for percent in [50, 50, 25, 0] {
        assert_eq!(router.share(&candidate(percent)).await.unwrap(), candidate(percent));
        assert_eq!(load::ask(front, "/").await.unwrap(), (200, "blue".to_owned()));
    }
    drop(blue);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_are_bound_to_a_slot_leave_it_too() {
    for backend in ["cookie AT insert", "stick-table type ip size 1k\n stick on src"] {
        let each =
            if backend.starts_with("cookie") { "cookie s check inter 50ms" } else { USUAL.each };
        let Some(world) = World::made(Made { each, backend, ..USUAL }).await else { return };
        let router = world.router();
        assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "blue".to_owned()));
        router.share(&candidate(100)).await.unwrap();
        assert_eq!(router.look().await.unwrap()["blue"].health, Health::Out);
        assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "green".to_owned()));
        router.share(&candidate(0)).await.unwrap();
        assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "blue".to_owned()));
        holds(&router).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_may_be_a_port() {
    let Some(world) = World::usual().await else { return };
    let port = free_port();
    let through = tokio::net::TcpListener::bind(port).await.unwrap();
    let socket = world.folder.path().join("admin.sock");
    // HAProxy could listen there itself; what is tried here is our own side.
    let carry = tokio::spawn(async move {
        while let Ok((mut from, _)) = through.accept().await {
            let mut to = tokio::net::UnixStream::connect(&socket).await.unwrap();
            tokio::io::copy_bidirectional(&mut from, &mut to).await.unwrap();
        }
    });
    holds(&router(&world.folder, &format!(r#"{{"socket": "{port}"}}"#))).await;
    carry.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_at_once_end_in_one_of_them() {
    let Some(world) = World::usual().await else { return };
    let load = Load::start(world.front);
    for _ in 0..20 {
        let (one, two) = (world.router(), world.router());
        let (to_green, to_blue) = (candidate(100), candidate(0));
        let ended = tokio::join!(one.share(&to_green), two.share(&to_blue));
        let now = one.read().await.unwrap();
        assert!(now.each().any(|(_, share)| share > 0), "nobody serves: {ended:?}");
    }
    world.router().share(&candidate(100)).await.unwrap();
    load.more(100).await;
    load.stop(&[&world.blue, &world.green]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_two_servers_has_its_share_with_both() {
    let world = World::configured(|folder, [front, blue, green]| {
        format!(
            "global\n stats socket {folder}/admin.sock mode 600 level admin\n\
             defaults\n mode http\n timeout connect 1s\n timeout client 20s\n timeout server 20s\n\
             frontend front\n bind {front}\n default_backend shop\nbackend shop\n\
             server b1 {blue} check inter 50ms\n server b2 {blue} check inter 50ms\n\
             server g1 {green} check inter 50ms weight 0\n"
        )
    });
    let Some(world) = world.await else { return };
    let router = router(&world.folder, r#"{"servers": {"blue": ["b1", "b2"], "green": ["g1"]}}"#);
    holds(&router).await;
    router.share(&candidate(25)).await.unwrap();
    let load = Load::start(world.front);
    has_its_share(&load, 25).await;
    load.stop(&[&world.blue, &world.green]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_started_is_waited_for() {
    let Some(world) = World::usual().await else { return };
    let World { folder, front, blue, green, _haproxy } = world;
    let at = green.at;
    drop(green);
    let router = router(&folder, "{}");
    is_seen_down(&router).await;
    let share = tokio::spawn(async move { router.share(&candidate(100)).await });
    let _green = Service::start_at("green", at).await;
    assert_eq!(share.await.unwrap().unwrap(), candidate(100));
    assert_eq!(load::ask(front, "/").await.unwrap(), (200, "green".to_owned()));
    drop(blue);
}
