//! Stops a gate from outside.

use std::sync::Arc;

use tokio::sync::watch::{Receiver, Sender};

/// Stops whoever observes with it; it can be cloned and kept by a signal handler.
#[derive(Debug, Clone)]
pub struct Halt(Arc<Sender<bool>>);

impl Default for Halt {
    fn default() -> Self {
        Self(Arc::new(Sender::new(false)))
    }
}

impl Halt {
    /// Stops all that observes with it, now and later.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Returns whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns what tells others that it was stopped.
    pub fn watched(&self) -> Receiver<bool> {
        self.0.subscribe()
    }

    /// Waits until it is stopped.
    pub async fn stopped(&self) {
        let mut told = self.0.subscribe();
        if told.wait_for(|stopped| *stopped).await.is_err() {
            // Nobody is left who could stop it.
            std::future::pending::<()>().await;
        }
    }
}
