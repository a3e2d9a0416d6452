//! A web service whose live version is a file.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Answers for every service whose version lies in the folder.
pub struct Service {
    folder: PathBuf,
    address: SocketAddr,
    over: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    pub fn start(folder: &Path) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), folder, "")
    }

    /// Answers at this very address, and at its top for this service.
    pub fn start_at(address: &str, folder: &Path, service: &'static str) -> Self {
        Self::listen(TcpListener::bind(address).unwrap(), folder, service)
    }

    fn listen(listener: TcpListener, folder: &Path, top: &'static str) -> Self {
        let address = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let asked = Arc::new(AtomicUsize::new(0));
        let (ends, counts, serves) = (over.clone(), asked.clone(), folder.to_owned());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                counts.fetch_add(1, Ordering::SeqCst);
                // Whoever asked may have gone away again.
                let _ = stream.and_then(|stream| answer(stream, &serves, top));
            }
        });
        Self { folder: folder.to_owned(), address, over, asked, thread: Some(thread) }
    }

    pub fn health(&self, service: &str) -> String {
        let service = if service.is_empty() { "every" } else { service };
        format!("http://{}/{service}", self.address)
    }

    /// Returns how often somebody asked.
    #[cfg(feature = "faults")]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn sicken(&self, service: &str, version: &str) {
        std::fs::write(self.folder.join(format!(".sick-{service}-{version}")), "").unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // The thread waits for one more caller before it looks.
        let woken = TcpStream::connect(self.address).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream, folder: &Path, top: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut asked = Vec::new();
    let mut buffer = [0; 1024];
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => asked.extend_from_slice(&buffer[..count]),
        }
    }
    let asked = String::from_utf8_lossy(&asked).into_owned();
    let service = asked.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    let service = if service.is_empty() { top } else { service };
    let (status, version) = if service == "every" { all(folder) } else { one(folder, service) };
    let body = format!("{{\"version\":\"{version}\"}}");
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes())
}

fn one(folder: &Path, service: &str) -> (&'static str, String) {
    match std::fs::read_to_string(folder.join(service)) {
        Ok(version) if folder.join(format!(".sick-{service}-{version}")).exists() => {
            ("500 Internal Server Error", version)
        }
        Ok(version) => ("200 OK", version),
        Err(_) => ("503 Service Unavailable", String::new()),
    }
}

fn all(folder: &Path) -> (&'static str, String) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let services = names.filter(|name| !name.starts_with('.'));
    let mut answers = services.map(|service| one(folder, &service));
    let sick = answers.find(|(status, _)| *status != "200 OK");
    sick.unwrap_or(("200 OK", String::new()))
}
