//! A check as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Phase, Tolerance};
use crate::adapters::probe::{
    Settings, command, container, database, dns, error_rate, file, git, grpc, http, kubernetes,
    latency, metrics, process, prometheus, service, success_rate, tcp, tls, websocket,
};
use crate::domain::duration::Span;

/// One question, of exactly one kind, and how often it is put.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    {"required": ["http"]}, {"required": ["tcp"]}, {"required": ["tls"]},
    {"required": ["websocket"]}, {"required": ["grpc"]}, {"required": ["dns"]}, {"required": ["command"]},
    {"required": ["process"]}, {"required": ["service"]}, {"required": ["file"]},
    {"required": ["git"]}, {"required": ["database"]}, {"required": ["container"]},
    {"required": ["kubernetes"]}, {"required": ["prometheus"]}, {"required": ["metrics"]},
    {"required": ["error_rate"]}, {"required": ["latency"]}, {"required": ["success_rate"]}
]))]
pub struct Check {
    /// Its name, unique in the environment; without one it is called after its question.
    #[serde(default)]
    pub name: Option<String>,
    /// When it asks.
    #[serde(default)]
    pub phase: Phase,
    /// Whether it is shown and never counts.
    #[serde(default)]
    pub advisory: bool,
    /// Its points where `verify.weighted` counts them; `1` unless given.
    #[serde(default)]
    pub weight: Option<u32>,
    /// Where points are counted: whether the gate fails when it fails.
    #[serde(default)]
    pub key: Option<bool>,
    /// Whether it is also asked of what runs before a deployment; `true` unless given.
    #[serde(default)]
    pub rehearse: Option<bool>,
    /// Settle: the time to become healthy; `2m` unless given.
    #[serde(default)]
    pub deadline: Option<Span>,
    /// Passes in a row that are health; settling, `3` for direct probes and `1` for instruments unless given; watching, off unless given, and the check passes as soon as the row stands.
    #[serde(default)]
    pub success_streak: Option<u32>,
    /// Watch: measurements to take.
    #[serde(default)]
    pub count: Option<u32>,
    /// Watch: fails tolerated in all, or `any`; `0` unless given.
    #[serde(default)]
    pub failure_limit: Option<Tolerance>,
    /// Watch: so many fails in a row end it; off unless given.
    #[serde(default)]
    pub failure_streak: Option<u32>,
    /// Watch: inconclusive measurements tolerated in all; `0` unless given.
    #[serde(default)]
    pub inconclusive_limit: Option<u32>,
    /// Errors of the instrument tolerated in a row; `4` unless given.
    #[serde(default)]
    pub error_limit: Option<u32>,
    /// The wait after an error; `10s` unless given.
    #[serde(default)]
    pub error_retry: Option<Span>,
    /// The wait before the first measurement; none unless given.
    #[serde(default)]
    pub initial_delay: Option<Span>,
    /// The wait between measurements; unless given, `2s` while settling (less where `deadline` is short) and `10s` while watching.
    #[serde(default)]
    pub interval: Option<Span>,
    /// The time one measurement may take; `5s` unless given.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Asks over HTTP.
    #[serde(default)]
    pub http: Option<Box<http::Settings>>,
    /// Connects to a port.
    #[serde(default)]
    pub tcp: Option<Box<tcp::Settings>>,
    /// Looks at a server's certificate.
    #[serde(default)]
    pub tls: Option<Box<tls::Settings>>,
    /// Opens a WebSocket.
    #[serde(default)]
    pub websocket: Option<Box<websocket::Settings>>,
    /// Asks over gRPC's health protocol.
    #[serde(default)]
    pub grpc: Option<Box<grpc::Settings>>,
    /// Asks a name server.
    #[serde(default)]
    pub dns: Option<Box<dns::Settings>>,
    /// Runs a command.
    #[serde(default)]
    pub command: Option<Box<command::Settings>>,
    /// Looks for a process.
    #[serde(default)]
    pub process: Option<Box<process::Settings>>,
    /// Asks systemd how a unit is.
    #[serde(default)]
    pub service: Option<Box<service::Settings>>,
    /// Looks at a file.
    #[serde(default)]
    pub file: Option<Box<file::Settings>>,
    /// Asks a repository where a ref points.
    #[serde(default)]
    pub git: Option<Box<git::Settings>>,
    /// Asks a database.
    #[serde(default)]
    pub database: Option<Box<database::Settings>>,
    /// Asks Docker how a container is.
    #[serde(default)]
    pub container: Option<Box<container::Settings>>,
    /// Asks Kubernetes how a rollout is.
    #[serde(default)]
    pub kubernetes: Option<Box<kubernetes::Settings>>,
    /// Asks Prometheus.
    #[serde(default)]
    pub prometheus: Option<Box<prometheus::Settings>>,
    /// Asks any source of numbers.
    #[serde(default)]
    pub metrics: Option<Box<metrics::Settings>>,
    /// Judges the share of failed requests.
    #[serde(default)]
    pub error_rate: Option<Box<error_rate::Settings>>,
    /// Judges how long requests take.
    #[serde(default)]
    pub latency: Option<Box<latency::Settings>>,
    /// Judges the share of good requests.
    #[serde(default)]
    pub success_rate: Option<Box<success_rate::Settings>>,
}

/// A probe of something that is always there: exactly one of `http`, `tcp`, `dns` and `command`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    {"required": ["http"]}, {"required": ["tcp"]}, {"required": ["dns"]},
    {"required": ["command"]}
]))]
pub struct Control {
    /// The time the measurement may take; `5s` unless given.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Asks over HTTP.
    #[serde(default)]
    pub http: Option<Box<http::Settings>>,
    /// Connects to a port.
    #[serde(default)]
    pub tcp: Option<Box<tcp::Settings>>,
    /// Asks a name server.
    #[serde(default)]
    pub dns: Option<Box<dns::Settings>>,
    /// Runs a command.
    #[serde(default)]
    pub command: Option<Box<command::Settings>>,
}

impl Check {
    /// Takes what is asked out of it, in the order of the documentation; one, unless it is a mistake.
    pub fn take_questions(&mut self) -> Vec<Settings> {
        let all = [
            self.http.take().map(Settings::Http),
            self.tcp.take().map(Settings::Tcp),
            self.tls.take().map(Settings::Tls),
            self.websocket.take().map(Settings::Websocket),
            self.grpc.take().map(Settings::Grpc),
            self.dns.take().map(Settings::Dns),
            self.command.take().map(Settings::Command),
            self.process.take().map(Settings::Process),
            self.service.take().map(Settings::Service),
            self.file.take().map(Settings::File),
            self.git.take().map(Settings::Git),
            self.database.take().map(Settings::Database),
            self.container.take().map(Settings::Container),
            self.kubernetes.take().map(Settings::Kubernetes),
            self.prometheus.take().map(Settings::Prometheus),
            self.metrics.take().map(Settings::Metrics),
            self.error_rate.take().map(Settings::ErrorRate),
            self.latency.take().map(Settings::Latency),
            self.success_rate.take().map(Settings::SuccessRate),
        ];
        all.into_iter().flatten().collect()
    }
}

impl Control {
    /// Takes what is asked out of it; one, unless it is a mistake.
    pub fn take_questions(&mut self) -> Vec<Settings> {
        let all = [
            self.http.take().map(Settings::Http),
            self.tcp.take().map(Settings::Tcp),
            self.dns.take().map(Settings::Dns),
            self.command.take().map(Settings::Command),
        ];
        all.into_iter().flatten().collect()
    }
}
