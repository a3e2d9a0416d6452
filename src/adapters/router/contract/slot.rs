//! A small service of one slot, which says its name.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// A service that runs until it is let go of.
pub(crate) struct Service {
    /// Where it listens.
    pub(crate) at: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

struct Inner {
    name: &'static str,
    asked: Mutex<HashSet<String>>,
    /// As many as have come to `/slow`.
    came: Semaphore,
    /// As many as may leave it.
    released: Semaphore,
}

impl Service {
    pub(crate) async fn start(name: &'static str) -> Self {
        Self::start_at(name, "127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn start_at(name: &'static str, at: SocketAddr) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let (came, released) = (Semaphore::new(0), Semaphore::new(0));
        let inner = Arc::new(Inner { name, asked: Mutex::default(), came, released });
        let app = axum::Router::new()
            .route("/", get(answer))
            .route("/slow", get(slow))
            .with_state(inner.clone());
        let at = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { at, inner, task }
    }

    /// Returns whether a request with this query ever came here.
    pub(crate) fn was_asked(&self, query: &str) -> bool {
        self.inner.asked.lock().unwrap().contains(query)
    }

    /// Waits until another request for `/slow` is here.
    pub(crate) async fn is_busy(&self) {
        self.inner.came.acquire().await.unwrap().forget();
    }

    /// Lets one request for `/slow` go on.
    pub(crate) fn release(&self) {
        self.inner.released.add_permits(1);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(inner): State<Arc<Inner>>, uri: Uri) -> (StatusCode, &'static str) {
    inner.asked.lock().unwrap().extend(uri.query().map(str::to_owned));
    (StatusCode::OK, inner.name)
}

async fn slow(State(inner): State<Arc<Inner>>) -> &'static str {
    inner.came.add_permits(1);
    inner.released.acquire().await.unwrap().forget();
    inner.name
}
