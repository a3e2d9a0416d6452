//! Traffic that moves while clients ask.

use std::net::SocketAddr;
use std::time::Duration;

use super::load::{self, Count, Load};
use super::slot::Service;
use super::{candidate, pair};
use crate::ports::{Drained, Router};

/// A balancer with both slots behind it, and the router that steers it.
pub(crate) struct Street<'a> {
    pub(crate) router: &'a dyn Router,
    pub(crate) front: SocketAddr,
    pub(crate) slots: [&'a Service; 2],
    /// Whether each change starts new workers, while the old ones end what they have begun.
    pub(crate) has_workers: bool,
}

impl Street<'_> {
    /// Switches and goes back in stages, which nobody notices, and returns what the clients saw.
    pub(crate) async fn moves_under_load(&self) -> Count {
        let load = Load::start(self.front);
        assert_eq!(load.more(500).await.get("green"), None, "what is configured is read as it is");
        self.router.share(&candidate(100)).await.unwrap();
        assert_eq!(self.drained().await, Drained::Empty);
        let after = load.more(500).await;
        assert!(after["blue"] < 50, "what was in flight ends where it began: {after:?}");
        for percent in [75, 50, 25] {
            self.router.share(&candidate(percent)).await.unwrap();
            if self.has_workers {
                self.drained().await;
            }
            has_its_share(&load, percent).await;
        }
        self.router.share(&candidate(0)).await.unwrap();
        load.more(500).await;
        let count = load.stop(&self.slots).await;
        assert!(count.of("blue") > 1000 && count.of("green") > 1000, "{count:?}");
        count
    }

    /// Switches while a request is being answered, which ends where it began.
    pub(crate) async fn waits_for_what_is_in_flight(&self) {
        let slow = tokio::spawn(load::ask(self.front, "/slow"));
        let [blue, _] = self.slots;
        blue.is_busy().await;
        self.router.share(&candidate(100)).await.unwrap();
        let left = self.router.drain(&pair().stable, Duration::ZERO).await.unwrap();
        // An old worker does not tell how many it has.
        assert_eq!(left, Drained::Left((!self.has_workers).then_some(1)));
        blue.release();
        assert_eq!(slow.await.unwrap().unwrap(), (200, "blue".to_owned()));
        assert_eq!(self.drained().await, Drained::Empty);
        assert_eq!(load::ask(self.front, "/").await.unwrap(), (200, "green".to_owned()));
    }

    async fn drained(&self) -> Drained {
        self.router.drain(&pair().stable, Duration::from_secs(20)).await.unwrap()
    }
}

/// Holds the candidate to its share of what is asked next.
pub(crate) async fn has_its_share(load: &Load, percent: u8) {
    let seen = load.more(1000).await;
    let share = seen["green"] * 100 / (seen["blue"] + seen["green"]);
    assert!(share.abs_diff(u64::from(percent)) <= 5, "{percent} %: {seen:?}");
}
