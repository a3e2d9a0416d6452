//! What a certificate says of itself, in words and dates.

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::domain::text;

/// The longest that a name in a certificate is shown.
const NAME: usize = 80;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Who signed it, such as `C=US, O=Let's Encrypt, CN=R3`.
    pub issuer: String,
    /// When it begins to hold.
    pub not_before: Timestamp,
    /// When it ends.
    pub not_after: Timestamp,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Whether it names itself as its issuer.
    pub self_signed: bool,
}

impl Certificate {
    /// Reads a certificate.
    pub fn read(der: &CertificateDer<'_>) -> Result<Self, String> {
        let (_, read) = X509Certificate::from_der(der).map_err(|_| unreadable())?;
        let validity = read.validity();
        Ok(Self {
            issuer: read.issuer().to_string(),
            not_before: moment(validity.not_before.timestamp())?,
            not_after: moment(validity.not_after.timestamp())?,
            names: names(&read),
            self_signed: read.issuer().as_raw() == read.subject().as_raw(),
        })
    }

    /// Returns why it does not hold at a time; none where it does.
    pub fn out_of_time(&self, now: Timestamp) -> Option<String> {
        if now > self.not_after {
            return Some(format!("its certificate expired on {}", day(self.not_after)));
        }
        let early = now < self.not_before;
        early.then(|| format!("its certificate holds only from {} on", day(self.not_before)))
    }

    /// Returns why it is not for a name; none where it is.
    pub fn misnamed(&self, der: &CertificateDer<'_>, name: &ServerName<'_>) -> Option<String> {
        let parsed = rustls::server::ParsedCertificate::try_from(der);
        let matches = parsed.and_then(|cert| rustls::client::verify_server_name(&cert, name));
        let wanted = text::clean(&name.to_str(), NAME);
        let names: Vec<_> = self.names.iter().take(3).map(|name| format!("`{name}`")).collect();
        let more = if self.names.len() > names.len() { " …" } else { "" };
        let held = match names.as_slice() {
            [] => "names nobody".to_owned(),
            names => format!("is for {}{more}", names.join(", ")),
        };
        matches.err().map(|_| format!("its certificate is not for `{wanted}`, it {held}"))
    }
}

/// Returns a time as its day.
pub fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

fn unreadable() -> String {
    "its certificate cannot be read".to_owned()
}

fn moment(seconds: i64) -> Result<Timestamp, String> {
    Timestamp::from_second(seconds).map_err(|_| unreadable())
}

fn names(read: &X509Certificate<'_>) -> Vec<String> {
    let alternative = read.subject_alternative_name().ok().flatten();
    let names = alternative.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
    names.iter().filter_map(name).map(|name| text::clean(&name, NAME)).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes),
        // The other kinds of names are never a server's.
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    let six = || <[u8; 16]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    four.or_else(|_| six()).ok()
}
