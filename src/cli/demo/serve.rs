//! The demo's web service, which answers with its folder's version.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::error::{Error, Result};

/// Serves a folder's release until the process is stopped; the port is written into the folder.
pub async fn serve(folder: &Path) -> Result<()> {
    let failed = |cause: std::io::Error| Error::failed("could not serve the demo").because(cause);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let draft = folder.join("port.part");
    std::fs::write(&draft, port.to_string()).map_err(failed)?;
    std::fs::rename(draft, folder.join("port")).map_err(failed)?;
    let routes =
        Router::new().route("/health", get(health)).with_state(Arc::new(folder.to_owned()));
    axum::serve(listener, routes).await.map_err(failed)
}

async fn health(State(folder): State<Arc<PathBuf>>) -> (StatusCode, axum::Json<serde_json::Value>) {
    let read = |file: &str| std::fs::read_to_string(folder.join("live").join(file));
    let version = read("version").unwrap_or_default().trim().to_owned();
    let is_good = read("health").is_ok_and(|health| health.trim() == "good");
    let status = if is_good { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, axum::Json(serde_json::json!({ "version": version, "ok": is_good })))
}
