//! How a check is asked, whichever kind it is.

use super::question::Question;
use super::{
    command, container, database, dns, error_rate, file, git, grpc, http, kubernetes, latency,
    metrics, process, prometheus, service, success_rate, tcp, tls, websocket,
};

/// How a check is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Settings {
    /// Over HTTP.
    Http(Box<http::Settings>),
    /// By a connection.
    Tcp(Box<tcp::Settings>),
    /// By a TLS handshake.
    Tls(Box<tls::Settings>),
    /// By messages over a WebSocket.
    Websocket(Box<websocket::Settings>),
    /// Over gRPC.
    Grpc(Box<grpc::Settings>),
    /// By a question to a name server.
    Dns(Box<dns::Settings>),
    /// By a command.
    Command(Box<command::Settings>),
    /// Among this machine's processes.
    Process(Box<process::Settings>),
    /// By systemd.
    Service(Box<service::Settings>),
    /// By looking at a file.
    File(Box<file::Settings>),
    /// By a ref of a repository.
    Git(Box<git::Settings>),
    /// By a query.
    Database(Box<database::Settings>),
    /// By Docker.
    Container(Box<container::Settings>),
    /// By Kubernetes.
    Kubernetes(Box<kubernetes::Settings>),
    /// By a query of Prometheus.
    Prometheus(Box<prometheus::Settings>),
    /// By numbers of any source.
    Metrics(Box<metrics::Settings>),
    /// By the share of failed requests.
    ErrorRate(Box<error_rate::Settings>),
    /// By how long requests take.
    Latency(Box<latency::Settings>),
    /// By the share of good requests.
    SuccessRate(Box<success_rate::Settings>),
}

impl Settings {
    /// Returns what all kinds have in common.
    pub fn question(&self) -> &dyn Question {
        match self {
            Self::Http(settings) => &**settings,
            Self::Tcp(settings) => &**settings,
            Self::Tls(settings) => &**settings,
            Self::Websocket(settings) => &**settings,
            Self::Grpc(settings) => &**settings,
            Self::Dns(settings) => &**settings,
            Self::Command(settings) => &**settings,
            Self::Process(settings) => &**settings,
            Self::Service(settings) => &**settings,
            Self::File(settings) => &**settings,
            Self::Git(settings) => &**settings,
            Self::Database(settings) => &**settings,
            Self::Container(settings) => &**settings,
            Self::Kubernetes(settings) => &**settings,
            Self::Prometheus(settings) => &**settings,
            Self::Metrics(settings) => &**settings,
            Self::ErrorRate(settings) => &**settings,
            Self::Latency(settings) => &**settings,
            Self::SuccessRate(settings) => &**settings,
        }
    }
}
