//! A git web server that lets in whoever sends one header.

use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};

use crate::world::World;

/// The one of the ledger's own tests, which are another crate.
#[path = "../../../src/adapters/git/tests/web/backend.rs"]
mod backend;

use backend::backend;

/// Serves a world's remote for as long as it lives.
pub struct Web {
    pub url: String,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Gate {
    root: PathBuf,
    wanted: String,
}

impl Web {
    pub fn serve(world: &World, wanted: &str) -> Self {
        world.git("remote.git", "config http.receivepack true");
        let gate = Gate { root: world.path(""), wanted: wanted.to_owned() };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/remote.git", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(gate);
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, _runtime: runtime }
    }
}

async fn answer(State(gate): State<Gate>, request: Request) -> Response<Body> {
    let sent: Vec<_> = request.headers().get_all("authorization").iter().collect();
    match sent.as_slice() {
        [one] if **one == gate.wanted => backend(&gate.root, "somebody", request).await,
        [] | [_] | [_, _, ..] => {
            let refused = Response::builder().status(StatusCode::UNAUTHORIZED);
            refused.header("WWW-Authenticate", "Basic realm=git").body(Body::empty()).unwrap()
        }
    }
}
