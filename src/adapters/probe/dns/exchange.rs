//! One question to a name server, and the answer to it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};

use super::{Server, Settings, Transport};
use crate::domain::check::{Measurement, Reach};
use crate::domain::duration::Span;

/// Where a machine that runs one of the Unixes names its servers.
const RESOLVERS: &str = "/etc/resolv.conf";

/// Datagrams get lost: a question is sent this often within its time.
const SENT: u32 = 3;

/// The longest message there can be.
const LONGEST: usize = 65_535;

/// What came back, and from whom.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) server: String,
    pub(super) message: Message,
}

/// Why there is no answer to judge.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Nothing answered.
    Unreached(String),
    /// Something answered, and it is no answer.
    Garbled(String),
    /// The question could not be put.
    Broken(String),
}

impl NoAnswer {
    pub(super) fn measurement(self) -> Measurement {
        match self {
            Self::Unreached(message) => Measurement::unreached(Reach::Direct, message),
            Self::Garbled(message) => Measurement::fail(message),
            Self::Broken(message) => Measurement::error(message),
        }
    }
}

/// One question on its way to one server.
struct Asking {
    server: String,
    question: Message,
    wire: Vec<u8>,
    deadline: Instant,
    timeout: Duration,
    /// What came that was no answer, in words.
    noise: Option<String>,
}

/// Asks, and waits for an answer to this very question until the time is over.
pub(super) async fn ask(settings: &Settings, timeout: Duration) -> Result<Answer, NoAnswer> {
    let deadline = Instant::now() + timeout;
    let server = match &settings.server {
        Some(server) => server.clone(),
        None => first_of_this_machine().await?,
    };
    let question = question(settings);
    let wire = question.to_vec().map_err(|cause| {
        NoAnswer::Broken(format!("the question for `{}` cannot be written: {cause}", settings.name))
    })?;
    let shown = server.to_string();
    let mut asking = Asking { server: shown, question, wire, deadline, timeout, noise: None };
    let left = left(deadline);
    let found = match tokio::time::timeout(left, addresses(&server)).await {
        Ok(found) => found?,
        Err(_) => return Err(asking.late()),
    };
    let message = asking.any_of(&found, settings.transport).await?;
    Ok(Answer { server: asking.server, message })
}

fn question(settings: &Settings) -> Message {
    let mut query = Query::query(settings.name.get().clone(), settings.kind.get());
    query.set_query_class(settings.class.get());
    let mut question = Message::query();
    question.metadata.recursion_desired = settings.recursion_desired;
    question.add_query(query);
    question
}

async fn first_of_this_machine() -> Result<Server, NoAnswer> {
    let text = tokio::fs::read_to_string(RESOLVERS).await.unwrap_or_default();
    let servers = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let mut addresses = servers.filter_map(|rest| rest.trim().split('%').next()?.parse().ok());
    addresses.next().map(Server::at).ok_or_else(|| {
        NoAnswer::Broken(format!("`{RESOLVERS}` names no server to ask; give one as `server`"))
    })
}

async fn addresses(server: &Server) -> Result<Vec<SocketAddr>, NoAnswer> {
    let found = lookup_host((server.host.as_str(), server.port)).await;
    let why = match found.map(Iterator::collect::<Vec<_>>) {
        Ok(found) if !found.is_empty() => return Ok(found),
        Ok(_) => "it has no address".to_owned(),
        Err(cause) => cause.to_string(),
    };
    Err(NoAnswer::Unreached(format!("`{server}` could not be found: {why}")))
}

impl Asking {
    async fn any_of(
        &mut self,
        addresses: &[SocketAddr],
        transport: Transport,
    ) -> Result<Message, NoAnswer> {
        let mut refusal = None;
        for address in addresses {
            let asked = match transport {
                Transport::Udp => self.by_datagrams(*address).await,
                Transport::Tcp => self.by_connection(*address).await,
            };
            match asked {
                Ok(message) => return Ok(message),
                Err(cause) => refusal = Some(cause),
            }
            if left(self.deadline).is_zero() {
                break;
            }
        }
        Err(refusal.unwrap_or_else(|| self.late()))
    }

    async fn by_datagrams(&mut self, address: SocketAddr) -> Result<Message, NoAnswer> {
        let message = match tokio::time::timeout(left(self.deadline), self.datagrams(address)).await
        {
            Ok(Ok(message)) => message,
            Ok(Err(cause)) => return Err(self.unreached(&cause)),
            Err(_) => return Err(self.late()),
        };
        if message.metadata.truncation { self.by_connection(address).await } else { Ok(message) }
    }

    async fn datagrams(&mut self, address: SocketAddr) -> std::io::Result<Message> {
        let own: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(own).await?;
        // From here on the system lets only this server's datagrams through.
        socket.connect(address).await?;
        let mut heard = vec![0; LONGEST];
        let pause = (self.timeout / SENT).max(Duration::from_millis(1));
        let mut again = tokio::time::interval(pause);
        loop {
            tokio::select! {
                biased;
                read = socket.recv(&mut heard) => {
                    if let Some(message) = self.answer_in(&heard[..read?]) {
                        return Ok(message);
                    }
                }
                _ = again.tick() => { socket.send(&self.wire).await?; }
            }
        }
    }

    async fn by_connection(&mut self, address: SocketAddr) -> Result<Message, NoAnswer> {
        match tokio::time::timeout(left(self.deadline), self.connection(address)).await {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(cause)) => Err(self.unreached(&cause)),
            Err(_) => Err(self.late()),
        }
    }

    async fn connection(&mut self, address: SocketAddr) -> std::io::Result<Message> {
        let mut stream = TcpStream::connect(address).await?;
        let length = u16::try_from(self.wire.len()).unwrap_or(u16::MAX);
        stream.write_all(&[&length.to_be_bytes()[..], &self.wire].concat()).await?;
        loop {
            let mut heard = vec![0; usize::from(stream.read_u16().await?)];
            stream.read_exact(&mut heard).await?;
            if let Some(message) = self.answer_in(&heard) {
                return Ok(message);
            }
        }
    }

    /// Returns the answer to this very question; all else is kept as noise, and waited past.
    fn answer_in(&mut self, bytes: &[u8]) -> Option<Message> {
        match Message::from_vec(bytes) {
            Ok(message) if self.is_answered_by(&message) => return Some(message),
            Ok(_) => self.noise = Some("an answer to another question".to_owned()),
            Err(cause) if bytes.get(..2) == self.wire.get(..2) => {
                self.noise = Some(format!("what cannot be read ({cause})"));
            }
            Err(_) => {
                self.noise.get_or_insert_with(|| "what is no answer".to_owned());
            }
        }
        None
    }

    fn is_answered_by(&self, message: &Message) -> bool {
        let is_same = |asked: &Query, told: &Query| {
            asked.name() == told.name()
                && asked.query_type() == told.query_type()
                && asked.query_class() == told.query_class()
        };
        let told = match message.queries.as_slice() {
            // Who could not read the question has none to repeat.
            [] => message.metadata.response_code != ResponseCode::NoError,
            [told] => self.question.queries.iter().any(|asked| is_same(asked, told)),
            _ => false,
        };
        message.metadata.id == self.question.metadata.id
            && message.metadata.message_type == MessageType::Response
            && told
    }

    fn late(&self) -> NoAnswer {
        let (server, time) = (&self.server, Span::from(self.timeout));
        let late = format!("`{server}` gave no answer within `{time}`");
        match &self.noise {
            Some(noise) => NoAnswer::Garbled(format!("{late}, only {noise}")),
            None => NoAnswer::Unreached(late),
        }
    }

    fn unreached(&self, cause: &std::io::Error) -> NoAnswer {
        let server = &self.server;
        match (&self.noise, cause.kind()) {
            (Some(noise), _) => {
                NoAnswer::Garbled(format!("`{server}` gave no answer, only {noise}"))
            }
            (None, std::io::ErrorKind::UnexpectedEof) => {
                NoAnswer::Unreached(format!("`{server}` closed and gave no answer"))
            }
            (None, _) => NoAnswer::Unreached(format!("`{server}` could not be reached: {cause}")),
        }
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
