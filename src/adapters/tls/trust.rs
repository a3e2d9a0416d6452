//! Whose certificates are believed.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};

use super::certificate::Certificate;
use crate::error::{Error, Result};

/// Whose certificates are believed.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Any: then nothing proves who answered.
    Anyone,
    /// Those that this machine believes.
    Machine,
    /// Those of a file: authorities, or the server's own.
    Named(Arc<Named>),
}

/// The certificates of a file.
#[derive(Debug)]
pub struct Named {
    verifier: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Believes the certificates in a PEM file.
    pub fn named(file: &Path) -> Result<Self> {
        let certificates = certificates(file)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider());
        let verifier = verifier.build().map_err(|cause| {
            let file = file.display();
            Error::invalid(format!("no certificate in `{file}` can be used")).because(cause)
        })?;
        Ok(Self::Named(Arc::new(Named { verifier, certificates })))
    }

    /// Returns the certificates that a chain may end at.
    pub fn roots(&self) -> &[CertificateDer<'static>] {
        static MACHINE: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
        match self {
            Self::Anyone => &[],
            Self::Machine => MACHINE.get_or_init(|| rustls_native_certs::load_native_certs().certs),
            Self::Named(named) => &named.certificates,
        }
    }

    /// Returns why a chain is not believed, in words; none where it is.
    pub fn verify(
        &self,
        chain: (&CertificateDer<'_>, &[CertificateDer<'_>]),
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> std::result::Result<(), String> {
        let (leaf, others) = chain;
        let verified = match self {
            Self::Anyone => return Ok(()),
            Self::Named(named) if named.certificates.contains(leaf) => {
                return pinned(leaf, name, now);
            }
            Self::Named(named) => named.verifier.verify_server_cert(leaf, others, name, &[], now),
            Self::Machine => machine()?.verify_server_cert(leaf, others, name, &[], now),
        };
        verified.map(drop).map_err(|error| words(&error, leaf, name, now))
    }
}

/// The one place where cryptography is chosen for TLS of our own.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())).clone()
}

/// Reads the certificates of a PEM file.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let name = file.display();
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|cause| {
        Error::invalid(format!("could not read the certificates in `{name}`")).because(cause)
    })?;
    if read.is_empty() {
        return Err(Error::invalid(format!("there is no certificate in PEM in `{name}`")));
    }
    Ok(read)
}

/// Reading the machine's roots takes long enough to do it once for all checks.
fn machine() -> std::result::Result<&'static dyn ServerCertVerifier, String> {
    type Loaded = std::result::Result<rustls_platform_verifier::Verifier, String>;
    static MACHINE: OnceLock<Loaded> = OnceLock::new();
    let load = || {
        rustls_platform_verifier::Verifier::new(provider()).map_err(|cause| {
            format!("this machine trusts no authority at all ({cause}); name one in `ca_file`")
        })
    };
    match MACHINE.get_or_init(load) {
        Ok(verifier) => Ok(verifier),
        Err(why) => Err(why.clone()),
    }
}

/// A server's own certificate in the file is believed for its name and time, whoever signed it.
fn pinned(
    leaf: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> std::result::Result<(), String> {
    let certificate = Certificate::read(leaf)?;
    let wrong = certificate.out_of_time(timestamp(now));
    wrong.or_else(|| certificate.misnamed(leaf, name)).map_or(Ok(()), Err)
}

fn words(
    error: &rustls::Error,
    leaf: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> String {
    let certificate = match Certificate::read(leaf) {
        Ok(certificate) => certificate,
        Err(why) => return why,
    };
    let found = certificate.out_of_time(timestamp(now));
    let found = found.or_else(|| match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            Some(unknown(&certificate))
        }
        _ if certificate.self_signed => Some(unknown(&certificate)),
        _ => certificate.misnamed(leaf, name),
    });
    found.unwrap_or_else(|| match error {
        rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { .. }) => {
            "a certificate between it and the authority has expired".to_owned()
        }
        rustls::Error::InvalidCertificate(why) => format!("its certificate is refused: {why}"),
        other => format!("its certificate is refused: {other}"),
    })
}

fn unknown(certificate: &Certificate) -> String {
    if certificate.self_signed {
        return "its certificate is self-signed and not trusted; `ca_file` can name it".to_owned();
    }
    let issuer = crate::domain::text::clean(&certificate.issuer, 80);
    format!("its certificate is signed by `{issuer}`, which leads to nobody we trust")
}

fn timestamp(now: UnixTime) -> Timestamp {
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// Asks the trust and tells the handshake.
#[derive(Debug)]
pub(super) struct Verifier(pub(super) Trust);

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let verified = self.0.verify((leaf, others), name, now);
        verified.map(|()| ServerCertVerified::assertion()).map_err(|why| {
            let why: Box<dyn std::error::Error + Send + Sync> = why.into();
            CertificateError::Other(OtherError(Arc::from(why))).into()
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
