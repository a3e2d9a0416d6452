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
    world.street(&world.router()).moves_under_load().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_ends_where_it_began_and_is_waited_for() {
    let Some(world) = World::usual().await else { return };
    world.street(&world.router()).waits_for_what_is_in_flight().await;
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
