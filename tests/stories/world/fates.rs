//! Waits for conditions, and plays many worlds at once.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Waits until something holds; it must within a minute.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never came about that {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Does something for each of many, a few at a time, and tells of all that went wrong.
#[track_caller]
pub fn for_each_at_once<T: Sync + std::fmt::Display>(all: &[T], act: impl Fn(&T) + Sync) {
    const HANDS: usize = 5;
    let next = Mutex::new(all.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..HANDS.min(all.len()) {
            scope.spawn(|| {
                loop {
                    let Some(one) = next.lock().unwrap().next() else { return };
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| act(one)));
                    if done.is_err() {
                        wrong.lock().unwrap().push(one.to_string());
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "it went wrong at {} of {}: {wrong:#?}", wrong.len(), all.len());
}
