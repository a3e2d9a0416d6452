//! The one place that runs other programs.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::io::{AsyncRead, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

mod capture;
mod ended;
mod program;

pub use capture::{Captured, Channel};
pub use ended::{Ended, Failure, Finished};
pub use program::{Program, Trouble};

/// Our own inputs, the token among them; no child ever sees them.
const INPUTS: &str = "LASTGOOD_IN_";

/// How much of each channel is kept when nobody says.
const CAP: usize = 1024 * 1024;

/// How long the pipes of an ended program may stay open: a service that it started may hold them.
const DRAIN: Duration = Duration::from_millis(250);

/// Told every line of output as it comes, without its line end.
pub type Listener = Arc<dyn Fn(Channel, &str) + Send + Sync>;

/// One run of a program, as it is to be.
#[derive(Clone)]
pub struct Run {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    folder: Option<PathBuf>,
    stdin: Option<Vec<u8>>,
    timeout: Option<Duration>,
    cap: usize,
    listener: Option<Listener>,
}

impl Run {
    /// Names a program; it is looked for in `PATH` when it has no separator.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
            stdin: None,
            timeout: None,
            cap: CAP,
            listener: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments in order.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn without(mut self, name: impl Into<OsString>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// Runs it in this folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Feeds these bytes to its standard input, which is else empty.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Kills it, with all it started, after this time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Keeps at most so many bytes of each channel, the newest.
    #[must_use]
    pub fn cap(mut self, bytes: usize) -> Self {
        self.cap = bytes;
        self
    }

    /// Tells each line of output as it comes.
    #[must_use]
    pub fn listen(mut self, listener: Listener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Returns the program and its arguments, for a plan or a log.
    pub fn argv(&self) -> impl Iterator<Item = &OsStr> {
        std::iter::once(self.program.as_os_str()).chain(self.args.iter().map(OsString::as_os_str))
    }

    /// Runs it to its end; when this future is dropped, all that it started is killed.
    pub async fn finish(self) -> Result<Finished, Failure> {
        let begun = Instant::now();
        let mut child = self.spawn()?;
        let mut stdout = Captured::new(self.cap);
        let mut stderr = Captured::new(self.cap);
        let ran = {
            let work = self.attend(&mut child, &mut stdout, &mut stderr);
            match self.timeout {
                Some(limit) => tokio::time::timeout(limit, work).await.map_err(|_| limit),
                None => Ok(work.await),
            }
        };
        match ran {
            Ok(Ok(status)) => {
                Ok(Finished { ended: status.into(), stdout, stderr, took: begun.elapsed() })
            }
            Ok(Err(cause)) => Err(Failure::Lost(self.name(), cause)),
            Err(after) => {
                child.end().await;
                Err(Failure::TimedOut { program: self.name(), after, stdout, stderr })
            }
        }
    }

    fn spawn(&self) -> Result<Running, Failure> {
        let mut wrapped = CommandWrap::from(self.command());
        #[cfg(unix)]
        wrapped.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        wrapped.wrap(process_wrap::tokio::JobObject);
        wrapped.spawn().map(Running::new).map_err(|cause| self.not_started(cause))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_input(name)) {
            command.env_remove(name);
        }
        for (name, value) in self.env.iter().filter(|(name, _)| !is_input(name)) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn not_started(&self, cause: io::Error) -> Failure {
        let missing = self.folder.as_deref().filter(|folder| !folder.is_dir());
        match (missing, cause.kind()) {
            (Some(folder), _) => Failure::NoFolder(folder.to_owned()),
            (None, io::ErrorKind::NotFound) if !Path::new(&self.program).is_file() => {
                Failure::NotFound(self.name())
            }
            (None, _) => Failure::NotStarted(self.name(), cause),
        }
    }

    async fn attend(
        &self,
        running: &mut Running,
        stdout: &mut Captured,
        stderr: &mut Captured,
    ) -> io::Result<ExitStatus> {
        let stdin = running.child.stdin().take();
        let (out, err) = (running.child.stdout().take(), running.child.stderr().take());
        let mut pipes = pin!(async {
            tokio::join!(
                feed(stdin, self.stdin.as_deref()),
                self.listen_to(out, Channel::Stdout, stdout),
                self.listen_to(err, Channel::Stderr, stderr),
            )
        });
        let status = tokio::select! {
            biased;
            _ = &mut pipes => return running.wait().await,
            status = running.wait() => status?,
        };
        // Past that time somebody in the background holds them; what was read is what there is.
        let _ = tokio::time::timeout(DRAIN, pipes).await;
        Ok(status)
    }

    async fn listen_to(
        &self,
        pipe: Option<impl AsyncRead + Unpin>,
        channel: Channel,
        into: &mut Captured,
    ) {
        if let Some(pipe) = pipe {
            capture::pump(pipe, channel, into, self.listener.as_ref()).await;
        }
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}

async fn feed(pipe: Option<ChildStdin>, bytes: Option<&[u8]>) {
    if let (Some(mut pipe), Some(bytes)) = (pipe, bytes) {
        // A program that does not read its input to the end is within its rights.
        let _ = pipe.write_all(bytes).await;
    }
}

fn is_input(name: &OsStr) -> bool {
    name.to_string_lossy().to_ascii_uppercase().starts_with(INPUTS)
}

/// A child that takes its whole group along when it is let go of before its end.
struct Running {
    child: Box<dyn ChildWrapper>,
    over: bool,
}

impl Running {
    fn new(child: Box<dyn ChildWrapper>) -> Self {
        Self { child, over: false }
    }

    async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.over = true;
        Ok(status)
    }

    async fn end(&mut self) {
        // It may have ended in this very moment; either way nothing of it runs after this.
        let _ = self.child.start_kill();
        let _ = self.wait().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            let _ = self.child.start_kill();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
