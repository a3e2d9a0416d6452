//! The words in which a question to a name server is written.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{DNSClass, RecordType};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::domain::text;

/// The port of name servers.
const PORT: u16 = 53;

/// A name to ask for; it is asked for as it stands, with nothing searched behind it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("examples" = ["shop.example"]))]
pub struct Name(hickory_proto::rr::Name);

impl Name {
    /// Returns the name as it goes over the wire.
    pub fn get(&self) -> &hickory_proto::rr::Name {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let bare = text.strip_suffix('.').filter(|bare| !bare.is_empty());
        out.write_str(bare.unwrap_or(&text))
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let shown = text::clean(&text, 80);
        let wrong = |why: String| format!("`{shown}` is no name that can be asked for: {why}");
        if text.is_empty() {
            return Err(wrong("it is empty; the root is written `.`".to_owned()));
        }
        let name = hickory_proto::rr::Name::from_str_relaxed(&text);
        let mut name = name.map_err(|cause| wrong(cause.to_string()))?;
        name.set_fqdn(true);
        Ok(Self(name))
    }
}

/// A type of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Kind(RecordType);

/// What a message about a message is made of, or what never comes as an answer to one question.
const UNASKABLE: [RecordType; 6] = [
    RecordType::AXFR,
    RecordType::IXFR,
    RecordType::OPT,
    RecordType::SIG,
    RecordType::TSIG,
    RecordType::ZERO,
];

impl Kind {
    /// Returns the type as it goes over the wire.
    pub fn get(self) -> RecordType {
        self.0
    }
}

impl Default for Kind {
    fn default() -> Self {
        Self(RecordType::A)
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase();
        let number = upper.strip_prefix("TYPE").and_then(|number| number.parse::<u16>().ok());
        let kind = number.map(RecordType::from).or_else(|| upper.parse().ok());
        kind.filter(|kind| !UNASKABLE.contains(kind)).map(Self).ok_or_else(|| {
            let text = text::clean(&text, 40);
            format!(
                "`{text}` is no type of record that can be asked for; write it like `A`, `AAAA`, \
                 `CNAME`, `MX`, `NS`, `PTR`, `SOA`, `SRV`, `TXT`, or by its number like `TYPE99`"
            )
        })
    }
}

impl JsonSchema for Kind {
    fn schema_name() -> Cow<'static, str> {
        "RecordType".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["A", "AAAA", "CNAME", "MX", "SOA", "TXT"] })
    }
}

/// A class of names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Class {
    /// The internet's.
    #[default]
    #[serde(rename = "IN")]
    In,
    /// In which name servers tell of themselves: `version.bind`.
    #[serde(rename = "CH")]
    Ch,
}

impl Class {
    /// Returns the class as it goes over the wire.
    pub fn get(self) -> DNSClass {
        match self {
            Self::In => DNSClass::IN,
            Self::Ch => DNSClass::CH,
        }
    }
}

/// How a name server is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Transport {
    /// By datagrams; what is cut short is asked again by a connection.
    #[default]
    Udp,
    /// By a connection.
    Tcp,
}

/// How a name server says that it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Rcode {
    /// There is an answer.
    NoError,
    /// The question could not be read.
    FormErr,
    /// The server could not do it.
    ServFail,
    /// There is no such name.
    NxDomain,
    /// The server does not know how.
    NotImp,
    /// The server does not want to.
    Refused,
    /// A name exists that should not.
    YxDomain,
    /// A set of records exists that should not.
    YxRrSet,
    /// A set of records is not there that should be.
    NxRrSet,
    /// The server is not in charge.
    NotAuth,
    /// The name is not in the zone.
    NotZone,
}

const RCODES: [(Rcode, &str); 11] = [
    (Rcode::NoError, "NOERROR"),
    (Rcode::FormErr, "FORMERR"),
    (Rcode::ServFail, "SERVFAIL"),
    (Rcode::NxDomain, "NXDOMAIN"),
    (Rcode::NotImp, "NOTIMP"),
    (Rcode::Refused, "REFUSED"),
    (Rcode::YxDomain, "YXDOMAIN"),
    (Rcode::YxRrSet, "YXRRSET"),
    (Rcode::NxRrSet, "NXRRSET"),
    (Rcode::NotAuth, "NOTAUTH"),
    (Rcode::NotZone, "NOTZONE"),
];

impl Rcode {
    /// Returns the code as it goes over the wire.
    pub fn get(self) -> ResponseCode {
        let place = RCODES.iter().zip(0u16..).find(|((code, _), _)| *code == self);
        place.map_or(ResponseCode::NoError, |(_, number)| number.into())
    }

    /// Returns how a code of an answer is called.
    pub fn name(code: ResponseCode) -> String {
        let number = u16::from(code);
        let known = RCODES.get(usize::from(number)).map(|(_, name)| (*name).to_owned());
        known.unwrap_or_else(|| format!("response code {number}"))
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&Self::name(self.get()))
    }
}

/// A name server: a host or an address, with or without a port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("examples" = ["10.0.0.2", "ns1.example:53"]))]
pub struct Server {
    /// The host, without the brackets of an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Server {
    /// Returns the name server of an address.
    pub fn at(address: IpAddr) -> Self {
        Self { host: address.to_string(), port: PORT }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(out, "[{host}]:{port}")
        } else {
            write!(out, "{host}:{port}")
        }
    }
}

impl TryFrom<String> for Server {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::at(address));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)),
            None => (text.as_str(), Some(PORT)),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let address = bare.filter(|bare| bare.parse::<std::net::Ipv6Addr>().is_ok());
        let named = || host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        match (port, address) {
            (Some(port), Some(host)) => Ok(Self { host: host.to_owned(), port }),
            (Some(port), None) if !host.is_empty() && named() => {
                Ok(Self { host: host.to_owned(), port })
            }
            _ => Err(wrong(&text)),
        }
    }
}

fn wrong(server: &str) -> String {
    let server = text::clean(server, 80);
    format!(
        "`{server}` is no name server; write it like `10.0.0.2`, `ns1.example:53` or `[::1]:53`"
    )
}
