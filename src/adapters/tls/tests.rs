//! Certificates and servers of our own making, for every test of TLS.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::trust::provider;
/// A certificate and its key, with those that are shown beside it.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) pem: (String, String),
}

/// An authority that signs what a test needs.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self::until(name, KeyPair::generate().unwrap(), 30)
    }

    /// Makes an authority with a key that others may have too, and so many days to live.
    pub(crate) fn until(name: &str, key: KeyPair, days: i64) -> Self {
        let mut params = params(&[], -1, days);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Signs a certificate for names, good from one day to another, counted from today.
    pub(crate) fn sign(&self, names: &[&str], from: i64, until: i64) -> Identity {
        let key = KeyPair::generate().unwrap();
        let cert = params(names, from, until).signed_by(&key, &self.0).unwrap();
        identity(&cert, &key)
    }

    /// Writes its certificate where a check can name it.
    pub(crate) fn file(&self, folder: &tempfile::TempDir) -> PathBuf {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, self.pem()).unwrap();
        file
    }
}

/// Makes a certificate that signs itself; some of them say that they are an authority.
pub(crate) fn self_signed(names: &[&str], is_ca: IsCa) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params = params(names, -1, 1);
    params.is_ca = is_ca;
    identity(&params.self_signed(&key).unwrap(), &key)
}

fn params(names: &[&str], from: i64, until: i64) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let of = |days: i64| jiff::Timestamp::now() + jiff::SignedDuration::from_hours(days * 24);
    params.not_before = std::time::SystemTime::from(of(from)).into();
    params.not_after = std::time::SystemTime::from(of(until)).into();
    params
}

fn identity(cert: &rcgen::Certificate, key: &KeyPair) -> Identity {
    Identity {
        chain: vec![cert.der().clone()],
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        pem: (cert.pem(), key.serialize_pem()),
    }
}

impl Identity {
    pub(crate) fn showing(
        mut self,
        more: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Self {
        self.chain.extend(more);
        self
    }

    /// Returns what a server does with it, and which protocols it speaks above.
    pub(crate) fn acceptor(self, protocols: &[&[u8]]) -> TlsAcceptor {
        self.speaking(rustls::ALL_VERSIONS, protocols)
    }

    /// Asks its visitors for a certificate of an authority.
    pub(crate) fn asking_for(self, authority: &Authority) -> TlsAcceptor {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.der()).unwrap();
        let (roots, provider) = (Arc::new(roots), provider());
        let asking = WebPkiClientVerifier::builder_with_provider(roots, provider.clone()).build();
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_protocol_versions(rustls::ALL_VERSIONS).unwrap();
        let config = config.with_client_cert_verifier(asking.unwrap());
        TlsAcceptor::from(Arc::new(config.with_single_cert(self.chain, self.key).unwrap()))
    }

    pub(crate) fn speaking(
        self,
        versions: &[&'static rustls::SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(provider());
        let config = config.with_protocol_versions(versions).unwrap().with_no_client_auth();
        let mut config = config.with_single_cert(self.chain, self.key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Serves one visitor after the other; returns the port.
pub(crate) async fn serve<F, R>(acceptor: TlsAcceptor, mut answer: F) -> u16
where
    F: FnMut(TlsStream<TcpStream>) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A visitor who does not trust us leaves in the middle of the handshake.
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(answer(stream));
            }
        }
    });
    port
}
