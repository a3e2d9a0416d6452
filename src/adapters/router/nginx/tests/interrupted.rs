//! Changes that nobody has ended.

use super::*;

/// Begins a change as `share` does, and leaves it there.
async fn begin(world: &World, percent: u8) -> NginxRouter {
    let router = world.router();
    let hold = router.include.hold(Duration::from_secs(1)).await.unwrap();
    let (now, new) =
        (router.include.text().unwrap(), router.rewritten(&candidate(percent)).unwrap());
    hold.change(&new, &now, &router.master.serving().unwrap()).unwrap();
    router
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_reload_what_was_before_it_is_told() {
    let Some(world) = World::usual().await else { return };
    let router = begin(&world, 100).await;
    assert!(world.file().contains("down"), "{}", world.file());
    assert_eq!(router.read().await.unwrap(), candidate(0));
    assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "blue".to_owned()));
    router.share(&candidate(100)).await.unwrap();
    assert_eq!(load::ask(world.front, "/").await.unwrap(), (200, "green".to_owned()));
    assert_eq!(world.leftovers(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_reload_what_is_written_is_told() {
    let Some(world) = World::usual().await else { return };
    let router = begin(&world, 100).await;
    let before = router.include.unfinished().unwrap().unwrap();
    router.run(&["-s", "reload"], "reload").await.unwrap();
    until("no old worker serves", || !before.is_unread(&router.master.serving().unwrap()));
    assert_eq!(router.read().await.unwrap(), candidate(100));
    router.share(&candidate(100)).await.unwrap();
    assert_eq!(world.leftovers(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_after_one_that_was_interrupted_puts_back_what_runs() {
    let Some(world) = World::usual().await else { return };
    let first = world.file();
    let router = begin(&world, 100).await;
    write_config(world.folder.path(), world.front, "nonsense;");
    router.share(&candidate(50)).await.unwrap_err();
    assert_eq!(world.file(), first);
    assert_eq!(router.read().await.unwrap(), candidate(0));
}
