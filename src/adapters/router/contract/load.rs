//! Clients that keep asking, and count each answer that is none.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::slot::Service;

/// How many clients there are, each with a connection that it keeps.
const CLIENTS: u64 = 20;

/// How often each of them asks: 2,000 requests a second together.
const EACH: Duration = Duration::from_millis(10);

/// What the clients saw.
#[derive(Debug, Default)]
pub(crate) struct Count {
    /// How many answers each slot gave.
    pub(crate) answers: BTreeMap<String, u64>,
    /// What was no good answer.
    pub(crate) failed: Vec<String>,
    /// The requests that met a connection that was being closed, before any byte of an answer.
    pub(crate) unsent: Vec<String>,
}

impl Count {
    pub(crate) fn of(&self, slot: &str) -> u64 {
        self.answers.get(slot).copied().unwrap_or(0)
    }
}

/// Clients that ask until they are told to stop.
pub(crate) struct Load {
    count: Arc<Mutex<Count>>,
    over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    pub(crate) fn start(at: SocketAddr) -> Self {
        let (count, over) = (Arc::<Mutex<Count>>::default(), Arc::<AtomicBool>::default());
        let next = Arc::new(AtomicU64::new(0));
        let client = |_| Client { at, stream: None, count: count.clone(), next: next.clone() };
        let clients = (0..CLIENTS).map(client);
        let clients = clients.map(|client| tokio::spawn(client.ask_until(over.clone()))).collect();
        Self { count, over, clients }
    }

    /// Waits until so many more requests have been answered.
    pub(crate) async fn more(&self, answers: u64) -> BTreeMap<String, u64> {
        let all = || self.count.lock().unwrap().answers.clone();
        let before = all();
        let wanted = before.values().sum::<u64>() + answers;
        let enough = async {
            while all().values().sum::<u64>() < wanted
                && self.count.lock().unwrap().failed.is_empty()
            {
                tokio::time::sleep(EACH).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), enough)
            .await
            .expect("the clients are answered");
        let since = |(slot, count): (String, u64)| {
            let before = before.get(&slot).copied().unwrap_or(0);
            (slot, count - before)
        };
        all().into_iter().map(since).collect()
    }

    /// Stops the clients; none of them may have missed an answer that was begun.
    pub(crate) async fn stop(self, services: &[&Service]) -> Count {
        self.over.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        let count = std::mem::take(&mut *self.count.lock().unwrap());
        assert_eq!(count.failed, [""; 0], "{} answers", count.answers.values().sum::<u64>());
        // An idle connection may be closed; one whose request was taken may not.
        for query in &count.unsent {
            assert!(
                !services.iter().any(|service| service.was_asked(query)),
                "{query} was dropped"
            );
        }
        count
    }
}

struct Client {
    at: SocketAddr,
    stream: Option<TcpStream>,
    count: Arc<Mutex<Count>>,
    next: Arc<AtomicU64>,
}

/// What came of a request.
enum Answer {
    /// This, with the connection to keep.
    Good(String, Option<TcpStream>),
    /// Nothing, on a connection that had served before.
    Closed,
    /// Something else.
    Bad(String),
}

impl Client {
    async fn ask_until(mut self, over: Arc<AtomicBool>) {
        let mut ticks = tokio::time::interval(EACH);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !over.load(Ordering::Relaxed) {
            ticks.tick().await;
            self.ask().await;
        }
    }

    /// Asks once; again on a new connection where the kept one was just closed.
    async fn ask(&mut self) {
        loop {
            let query = format!("n={}", self.next.fetch_add(1, Ordering::Relaxed));
            let answer = self.exchange(&query).await;
            let mut count = self.count.lock().unwrap();
            match answer {
                Answer::Good(slot, stream) => {
                    *count.answers.entry(slot).or_default() += 1;
                    self.stream = stream;
                    return;
                }
                Answer::Closed => count.unsent.push(query),
                Answer::Bad(why) => {
                    count.failed.push(why);
                    return;
                }
            }
        }
    }

    async fn exchange(&mut self, query: &str) -> Answer {
        let kept = self.stream.take();
        let was_kept = kept.is_some();
        let mut stream = match kept {
            Some(stream) => stream,
            None => match TcpStream::connect(self.at).await {
                Ok(stream) => stream,
                Err(why) => return Answer::Bad(format!("connect: {why}")),
            },
        };
        let mut got = Vec::new();
        match talk(&mut stream, &format!("/?{query}"), &mut got).await {
            Ok((200, body, closes)) => Answer::Good(body, (!closes).then_some(stream)),
            Ok((status, body, _)) => Answer::Bad(format!("{status}: {body}")),
            Err(_) if was_kept && got.is_empty() => Answer::Closed,
            Err(why) => Answer::Bad(format!("{why} after {} bytes", got.len())),
        }
    }
}

/// Asks once on a connection of its own, and returns status and body.
pub(crate) async fn ask(at: SocketAddr, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(at).await?;
    let (status, body, _) = talk(&mut stream, path, &mut Vec::new()).await?;
    Ok((status, body))
}

/// Returns status, body, and whether the connection is over.
async fn talk(
    stream: &mut TcpStream,
    path: &str,
    got: &mut Vec<u8>,
) -> std::io::Result<(u16, String, bool)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    loop {
        if let Some(whole) = parse(got) {
            return Ok(whole);
        }
        if stream.read_buf(got).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn parse(got: &[u8]) -> Option<(u16, String, bool)> {
    let text = std::str::from_utf8(got).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length: usize = header("content-length: ")?.trim().parse().ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let closes = header("connection: ") == Some("close");
    (body.len() >= length).then(|| (status, body.to_owned(), closes))
}
