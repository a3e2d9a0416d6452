//! A registry of images on loopback, which forgets them with its test.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// What was pushed: blobs by their digest, manifests by name and tag, or name and digest.
#[derive(Default)]
struct Shelf {
    uploads: HashMap<String, Vec<u8>>,
    blobs: HashMap<String, Bytes>,
    manifests: HashMap<(String, String), (String, Bytes)>,
}

type Shared = Arc<Mutex<Shelf>>;

/// Starts it, and returns its address.
pub(super) async fn start() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let shelf = Shared::default();
    let app = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(shelf);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn answer(
    State(shelf): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut shelf = shelf.lock().unwrap();
    let path = uri.path().trim_start_matches("/v2/");
    if let Some((name, _)) = path.split_once("/blobs/uploads/") {
        return shelf.upload(&method, name, &uri, &body);
    }
    if let Some((_, digest)) = path.split_once("/blobs/") {
        let blob = shelf.blobs.get(digest).cloned();
        return blob.map_or_else(unknown, IntoResponse::into_response);
    }
    match path.split_once("/manifests/") {
        Some((name, tag)) if method == Method::PUT => {
            let sort = headers["content-type"].to_str().unwrap().to_owned();
            let digest = digest(&body);
            for key in [tag, &digest] {
                let key = (name.to_owned(), key.to_owned());
                shelf.manifests.insert(key, (sort.clone(), body.clone()));
            }
            (StatusCode::CREATED, [("docker-content-digest", digest)]).into_response()
        }
        Some((name, tag)) => match shelf.manifests.get(&(name.to_owned(), tag.to_owned())) {
            Some((sort, body)) => {
                let known =
                    [("content-type", sort.clone()), ("docker-content-digest", digest(body))];
                (known, body.clone()).into_response()
            }
            None => unknown(),
        },
        None => StatusCode::OK.into_response(),
    }
}

impl Shelf {
    fn upload(&mut self, method: &Method, name: &str, uri: &Uri, body: &Bytes) -> Response {
        let id = uri.path().rsplit('/').next().unwrap().to_owned();
        let id = if id.is_empty() { self.uploads.len().to_string() } else { id };
        let upload = self.uploads.entry(id.clone()).or_default();
        upload.extend_from_slice(body);
        if *method == Method::PUT {
            let whole = Bytes::from(upload.clone());
            self.blobs.insert(digest(&whole), whole);
            return StatusCode::CREATED.into_response();
        }
        let last = upload.len().saturating_sub(1);
        let place = format!("/v2/{name}/blobs/uploads/{id}");
        let headers = [("location", place), ("range", format!("0-{last}"))];
        (StatusCode::ACCEPTED, headers).into_response()
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn unknown() -> Response {
    let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    (StatusCode::NOT_FOUND, [("content-type", "application/json")], body).into_response()
}
