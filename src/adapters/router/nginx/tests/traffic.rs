//! Traffic that moves while clients ask.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds_to_what_every_router_does() {
    let Some(world) = World::usual().await else { return };
    let first = world.file();
    holds(&world.router()).await;
    assert_eq!(world.file(), first.replace("max_fails=0;", "max_fails=0 weight=100;"));
    assert_eq!(world.leftovers(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_and_stages_under_load_drop_no_request() {
    let Some(world) = World::usual().await else { return };
    let (router, load) = (world.router(), Load::start(world.front));
    assert_eq!(load.more(500).await.get("green"), None, "the file is read as it is");
    router.share(&candidate(100)).await.unwrap();
    assert_eq!(
        router.drain(&pair().stable, Duration::from_secs(20)).await.unwrap(),
        Drained::Empty
    );
    let after = load.more(500).await;
    assert!(after["blue"] < 50, "what was in flight ends where it began: {after:?}");
    for percent in [75, 50, 25] {
        router.share(&candidate(percent)).await.unwrap();
        router.drain(&pair().stable, Duration::from_secs(20)).await.unwrap();
        let seen = load.more(1000).await;
        let all = seen["blue"] + seen["green"];
        let off = (seen["green"] * 100 / all).abs_diff(u64::from(percent));
        assert!(off <= 5, "{percent} %: {seen:?}");
    }
    router.share(&candidate(0)).await.unwrap();
    load.more(500).await;
    let count = load.stop(&[&world.blue, &world.green]).await;
    assert!(count.of("blue") > 1000 && count.of("green") > 1000, "{count:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_ends_where_it_began_and_is_waited_for() {
    let Some(world) = World::usual().await else { return };
    let router = world.router();
    let slow = tokio::spawn(load::ask(world.front, "/slow"));
    world.blue.is_busy().await;
    router.share(&candidate(100)).await.unwrap();
    let left = router.drain(&pair().stable, Duration::ZERO).await.unwrap();
    assert_eq!(left, Drained::Left(None), "an old worker does not tell how many it has");
    world.blue.release();
    assert_eq!(slow.await.unwrap().unwrap(), (200, "blue".to_owned()));
    assert_eq!(
        router.drain(&pair().stable, Duration::from_secs(20)).await.unwrap(),
        Drained::Empty
    );
    assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "green".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_at_once_come_one_after_the_other() {
    let Some(world) = World::usual().await else { return };
    let load = Load::start(world.front);
    for _ in 0..3 {
        let (one, two) = (world.router(), world.router());
        let (to_green, to_blue) = (candidate(100), candidate(0));
        let (green, blue) = tokio::join!(one.share(&to_green), two.share(&to_blue));
        assert_eq!((green.unwrap(), blue.unwrap()), (to_green, to_blue));
        assert!(one.read().await.unwrap().sole().is_some());
    }
    load.more(100).await;
    load.stop(&[&world.blue, &world.green]).await;
    assert_eq!(world.leftovers(), [""; 0]);
}
