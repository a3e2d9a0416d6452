//! Lets one act at a time, where it may block.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// Something that many may ask for, and that does one thing at a time.
pub(crate) struct Turns<T> {
    what: Arc<Mutex<T>>,
    busy: Arc<AtomicBool>,
}

impl<T: Send + 'static> Turns<T> {
    pub(crate) fn new(what: T) -> Self {
        Self { what: Arc::new(Mutex::new(what)), busy: Arc::default() }
    }

    /// Runs an act; `None` while another one runs, or where the runtime ends.
    ///
    /// Who stops waiting does not stop the act: it goes on to its end. A panic goes on in the caller.
    pub(crate) async fn act<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Option<R> {
        let turn = Turn::take(&self.busy)?;
        let mut what = self.what.clone().lock_owned().await;
        let run = move || {
            // Both end with the thread, also where it panics.
            let _turn = turn;
            act(&mut what)
        };
        match spawn_blocking(run).await {
            Ok(result) => Some(result),
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => None,
            },
        }
    }

    /// Runs what takes no time; `None` while an act runs.
    pub(crate) async fn note<R>(&self, note: impl FnOnce(&mut T) -> R) -> Option<R> {
        if self.busy.load(Ordering::Acquire) {
            return None;
        }
        Some(self.when_free(note).await)
    }

    /// Runs what takes no time, once the act that runs is over.
    pub(crate) async fn when_free<R>(&self, note: impl FnOnce(&mut T) -> R) -> R {
        note(&mut *self.what.lock().await)
    }

    /// Returns it; `None` while an act runs.
    pub(crate) fn into_inner(self) -> Option<T> {
        Arc::into_inner(self.what).map(Mutex::into_inner)
    }
}

/// The right to act, given back when it is dropped.
struct Turn(Arc<AtomicBool>);

impl Turn {
    fn take(busy: &Arc<AtomicBool>) -> Option<Self> {
        let was = busy.swap(true, Ordering::AcqRel);
        (!was).then(|| Self(busy.clone()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
