//! A server that answers with bytes of its own choosing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is answered to a request.
#[derive(Clone)]
pub(crate) enum Say {
    /// These bytes, and the end.
    Bytes(Vec<u8>),
    /// These bytes again and again.
    Endless(Vec<u8>),
    /// Nothing, and no end.
    Nothing,
}

impl From<Vec<u8>> for Say {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// A server that answers as it is told, and keeps what it was asked.
pub(crate) struct Server {
    /// Its address.
    pub(crate) url: String,
    /// Its port on `127.0.0.1`.
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Starts one; the answer to `METHOD /path`, to `/path`, to `METHOD`, to `=BODY`, or to `*`.
    pub(crate) async fn new<S: Into<Say>>(
        answers: impl IntoIterator<Item = (&'static str, S)>,
    ) -> Self {
        let answers = answers.into_iter().map(|(to, say)| (to, say.into()));
        let answers: BTreeMap<&str, Say> = answers.collect();
        Self::by(move |request| fitting(&answers, request)).await
    }

    /// Starts one that answers each request as this says.
    pub(crate) async fn by(answer: impl Fn(&str) -> Say + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let book = asked.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, book) = (answer.clone(), book.clone());
                tokio::spawn(async move {
                    let request = request(&mut stream).await;
                    book.lock().unwrap().push(request.clone());
                    say_it(&mut stream, answer(&request)).await;
                });
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, asked, task }
    }

    /// Starts one that answers everything so.
    pub(crate) async fn always(say: impl Into<Say>) -> Self {
        Self::new([("*", say)]).await
    }

    /// Ends it, and waits until its port is free.
    pub(crate) async fn end(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// Returns what it was asked since this was last called.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn fitting(answers: &BTreeMap<&str, Say>, request: &str) -> Say {
    let mut words = request.split([' ', '?']);
    let (verb, path) = (words.next().unwrap(), words.next().unwrap_or_default());
    let (exact, body) = (format!("{verb} {path}"), request.split_once("\r\n\r\n"));
    let body = format!("={}", body.map_or("", |(_, body)| body));
    let keys = [exact.as_str(), path, verb, &body, "*"];
    keys.into_iter().find_map(|key| answers.get(key)).cloned().unwrap_or(Say::Nothing)
}

/// Returns an answer with a body of a kind.
pub(crate) fn answer(status: u16, kind: &str, body: &str) -> Say {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}");
    Say::Bytes(format!("{head}\r\nconnection: close\r\n\r\n{body}").into_bytes())
}

async fn say_it(stream: &mut TcpStream, say: Say) {
    // Whoever asked may be gone.
    match say {
        Say::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Say::Endless(bytes) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
            let mut open = stream.write_all(head.as_bytes()).await.is_ok();
            while open {
                open = stream.write_all(&bytes).await.is_ok();
            }
        }
        Say::Nothing => std::future::pending().await,
    }
}

/// Returns a request as it was sent, with its body.
pub(crate) async fn request(stream: &mut TcpStream) -> String {
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_whole(&heard) {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => heard.extend_from_slice(&buffer[..read]),
            Ok(0) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

fn is_whole(heard: &[u8]) -> bool {
    let text = String::from_utf8_lossy(heard);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
