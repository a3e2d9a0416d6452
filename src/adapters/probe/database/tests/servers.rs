//! Real servers in folders of their own, which end with the test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::adapters::process::{Listener, Run};
use crate::adapters::testbed;
use crate::adapters::tls::tests::Authority;

/// A server that runs until it is let go.
pub(super) struct Server {
    pub(super) port: u16,
    pub(super) folder: TempDir,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Returns a program, or says what is skipped without it.
pub(super) async fn found(program: &str, what: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.extend(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let there = folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file());
    if there.is_none() {
        crate::domain::vectors::skipped(&format!(
            "`{program}` is not installed, so there is no real {what}"
        ));
    }
    there
}

/// Runs a program as somebody who is not root, which some servers refuse to be.
pub(super) async fn as_nobody(program: &Path, folder: &TempDir) -> Run {
    let id = Run::new("id").arg("-u").finish().await.unwrap().stdout.text();
    if id.trim() != "0" {
        return Run::new(program);
    }
    let owner = Run::new("chown").args(["-R", "65534:65534"]).arg(folder.path());
    assert!(owner.finish().await.unwrap().succeeded());
    let who = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    Run::new("setpriv").args(who).arg(program)
}

pub(super) fn free_port() -> u16 {
    testbed::port::free_port().port()
}

/// A certificate for `localhost` in a folder, with its key and with who signed it.
pub(super) fn certified(folder: &TempDir) -> [PathBuf; 3] {
    let authority = Authority::new("ours");
    let (certificate, key) = authority.sign(&["localhost"], -1, 1).pem;
    let files = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    for (file, text) in files.iter().zip([certificate, key]) {
        std::fs::write(file, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
    }
    let [certificate, key] = files;
    [certificate, key, authority.file(folder)]
}

/// Runs a step of the preparation.
pub(super) async fn prepared(run: Run) {
    let finished = run.finish().await.unwrap();
    assert!(finished.succeeded(), "{} {}", finished.stdout.text(), finished.stderr.text());
}

/// Starts a server and waits until it says that it is ready.
pub(super) async fn started(run: Run, ready: &'static str, port: u16, folder: TempDir) -> Server {
    let (told, mut up) = tokio::sync::watch::channel(false);
    let listener: Listener = Arc::new(move |_, line| {
        if line.contains(ready) {
            told.send_replace(true);
        }
    });
    let task = tokio::spawn(async move {
        let ended = run.listen(listener).finish().await.unwrap();
        unreachable!("{} {}", ended.stdout.text(), ended.stderr.text());
    });
    up.wait_for(|up| *up).await.unwrap();
    Server { port, folder, task }
}
