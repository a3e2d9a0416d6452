//! Holds a certificate against what a check expects.

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::{Chain, Settings};
use crate::adapters::tls::{Certificate, Client, Session, day, verified_until};
use crate::domain::check::Measurement;
use crate::domain::text;

const DAY: f64 = 86_400.0;

/// Holds what a server showed against the settings.
pub(super) fn of<S>(settings: &Settings, client: &Client, session: &Session<S>) -> Measurement {
    let Some((leaf, others)) = session.chain.split_first() else {
        return Measurement::fail("it showed no certificate");
    };
    match Certificate::read(leaf) {
        Err(why) => Measurement::fail(why),
        Ok(certificate) => {
            let now = UnixTime::now();
            let seen = Seen { settings, client, certificate, leaf, others, now };
            let version = session.version;
            let old = (version < settings.min_version)
                .then(|| format!("it speaks TLS {version}, less than {}", settings.min_version));
            seen.measurement(old, &format!("TLS {version}"))
        }
    }
}

/// Returns a name as a certificate may hold it.
pub(super) fn wanted(name: &str) -> Result<ServerName<'static>, String> {
    let wrong = |_| format!("`{}` is no name of a server", text::clean(name, 80));
    ServerName::try_from(name.to_owned()).map_err(wrong)
}

struct Seen<'a> {
    settings: &'a Settings,
    client: &'a Client,
    certificate: Certificate,
    leaf: &'a CertificateDer<'a>,
    others: &'a [CertificateDer<'a>],
    now: UnixTime,
}

impl Seen<'_> {
    fn measurement(&self, old: Option<String>, spoken: &str) -> Measurement {
        let mut complaints = self.complaints();
        complaints.extend(old);
        let now = Timestamp::now();
        let end = self.end();
        let days = end.duration_since(now).as_secs_f64() / DAY;
        let limit = self.settings.min_days_left;
        if days < f64::from(limit) && end >= now {
            let end = day(end);
            complaints.push(format!("it holds until {end}, {days:.1} days, less than {limit}"));
        } else if end < now && complaints.is_empty() {
            complaints.push(format!("a certificate that it needs expired on {}", day(end)));
        }
        let found = if complaints.is_empty() {
            let end = day(end);
            Measurement::pass(format!(
                "the certificate holds until {end}, {days:.0} days, {spoken}"
            ))
        } else {
            Measurement::fail(complaints.join("; "))
        };
        found.judged(&format!("{days:.1} days"), &format!("{limit} days")).measured(days)
    }

    fn complaints(&self) -> Vec<String> {
        let Self { certificate, leaf, settings, .. } = self;
        let mut complaints: Vec<_> =
            certificate.out_of_time(Timestamp::now()).into_iter().collect();
        let own = self.client.name(&settings.address.host()).into_iter();
        let own = own.filter(|_| !settings.insecure);
        let names = own.chain(settings.names.iter().filter_map(|name| wanted(name).ok()));
        complaints.extend(names.filter_map(|name| certificate.misnamed(leaf, &name)));
        let name = self.client.name(&settings.address.host());
        let trusted =
            name.and_then(|name| self.client.trust().verify((leaf, self.others), &name, self.now));
        complaints.extend(trusted.err());
        if let Some(issuer) = &settings.issuer
            && !issuer.matches(certificate.issuer.as_bytes())
        {
            let found = text::clean(&certificate.issuer, 80);
            complaints.push(format!("its issuer is `{found}`, not `{}`", issuer.as_str()));
        }
        let mut told = Vec::new();
        complaints.retain(|one| {
            !told.contains(one) && {
                told.push(one.clone());
                true
            }
        });
        complaints
    }

    /// Returns when what counts ends; where no chain could be verified, when the server's own does.
    fn end(&self) -> Timestamp {
        let ends = |der: &CertificateDer<'_>| Certificate::read(der).ok().map(|one| one.not_after);
        let own = self.certificate.not_after;
        match self.settings.chain() {
            Chain::Leaf => own,
            Chain::Presented => {
                self.others.iter().filter_map(ends).min().map_or(own, |end| end.min(own))
            }
            Chain::Verified => {
                let chain = (self.leaf, self.others);
                verified_until(chain, self.client.trust(), self.now).unwrap_or(own)
            }
        }
    }
}
