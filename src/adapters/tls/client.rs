//! Shakes hands in TLS as the settings say.

use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::trust::{Trust, Verifier, certificates, provider};
use super::{Settings, Version};
use crate::domain::text;
use crate::error::{Error, Result};

/// The settings with their files read; cheap to copy.
#[derive(Debug, Clone)]
pub struct Client {
    config: Arc<ClientConfig>,
    trust: Trust,
    name: Option<ServerName<'static>>,
}

/// A connection after the handshake.
#[derive(Debug)]
pub struct Session<S> {
    /// The connection.
    pub stream: TlsStream<S>,
    /// The certificates that the server showed, its own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The version that is spoken.
    pub version: Version,
    /// The protocol above that was agreed on.
    pub protocol: Option<Vec<u8>>,
}

impl Client {
    pub(super) fn new(settings: &Settings, folder: &Path) -> Result<Self> {
        let trust = match &settings.ca_file {
            _ if settings.insecure => Trust::Anyone,
            Some(file) => Trust::named(&folder.join(file))?,
            None => Trust::Machine,
        };
        let name = settings.server_name.as_deref().map(server_name).transpose();
        let config = config(settings, folder, &trust)?;
        Ok(Self { config: Arc::new(config), trust, name: name.map_err(Error::invalid)? })
    }

    /// Returns a configuration for who speaks TLS himself, with the protocols that may come above.
    pub fn config(&self, protocols: &[&[u8]]) -> ClientConfig {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        config
    }

    /// Returns whose certificates are believed.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Returns a client that believes any certificate, for who judges it himself.
    #[must_use]
    pub fn credulous(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.dangerous().set_certificate_verifier(Arc::new(Verifier(Trust::Anyone)));
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// Returns a client for another host, whose name is its own.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { name: None, ..self.clone() }
    }

    /// Returns the name that the certificate must be for.
    pub fn name(&self, host: &str) -> std::result::Result<ServerName<'static>, String> {
        self.name.clone().map_or_else(|| server_name(host), Ok)
    }

    /// Shakes hands; an error says in words why it came to none.
    pub async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        host: &str,
        protocols: &[&[u8]],
    ) -> std::result::Result<Session<S>, String> {
        let name = self.name(host)?;
        let connector = TlsConnector::from(Arc::new(self.config(protocols)));
        let stream = connector.connect(name, stream).await.map_err(|error| why(&error))?;
        let (_, spoken) = stream.get_ref();
        let chain = spoken.peer_certificates().unwrap_or_default();
        let chain = chain.iter().map(|one| one.clone().into_owned()).collect();
        let version = match spoken.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => Version::V1_3,
            _ => Version::V1_2,
        };
        let protocol = spoken.alpn_protocol().map(<[u8]>::to_vec);
        Ok(Session { stream, chain, version, protocol })
    }
}

fn config(settings: &Settings, folder: &Path, trust: &Trust) -> Result<ClientConfig> {
    const FROM_1_2: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
    let versions = match settings.min_version {
        Version::V1_2 => FROM_1_2,
        Version::V1_3 => &FROM_1_2[..1],
    };
    let failed = |cause| Error::failed("could not set up TLS").because(cause);
    let config = ClientConfig::builder_with_provider(provider());
    let config = config.with_protocol_versions(versions).map_err(failed)?;
    let config =
        config.dangerous().with_custom_certificate_verifier(Arc::new(Verifier(trust.clone())));
    let mut config = match settings.certificate_file.as_ref().zip(settings.key_file.as_ref()) {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let (certificate, key) = (folder.join(certificate), folder.join(key));
            let own = config.with_client_auth_cert(certificates(&certificate)?, read_key(&key)?);
            own.map_err(|cause| {
                let (certificate, key) = (certificate.display(), key.display());
                let what = format!("`{certificate}` and `{key}` are no certificate and its key");
                Error::invalid(what).because(cause)
            })?
        }
    };
    // Each measurement must see the certificate anew.
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(file).map_err(|cause| {
        let name = file.display();
        Error::invalid(format!("could not read the key in `{name}`")).because(cause)
    })
}

fn server_name(host: &str) -> std::result::Result<ServerName<'static>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(bare.trim_end_matches('.').to_owned());
    name.map_err(|_| format!("`{}` is no name of a server", text::clean(host, 80)))
}

/// Returns why a handshake failed, in words.
pub fn why(error: &std::io::Error) -> String {
    use rustls::{
        AlertDescription as Alert, CertificateError, Error as Tls, InvalidMessage as Bad,
    };
    match refusal(error) {
        Some(Tls::InvalidCertificate(CertificateError::Other(why))) => why.to_string(),
        Some(Tls::AlertReceived(Alert::ProtocolVersion) | Tls::PeerIncompatible(_)) => {
            "it speaks no version of TLS that we accept".to_owned()
        }
        Some(Tls::AlertReceived(alert)) => format!("it refused the handshake: {alert:?}"),
        Some(Tls::InvalidMessage(
            Bad::HandshakePayloadTooLarge | Bad::CertificatePayloadTooLarge,
        )) => "its certificates are larger than a handshake may be".to_owned(),
        Some(Tls::InvalidMessage(_)) => "what it speaks is no TLS".to_owned(),
        Some(other) => other.to_string(),
        None if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it closed during the handshake".to_owned()
        }
        None => error.to_string(),
    }
}

/// Returns what TLS itself says, however deep it lies.
pub fn refusal(error: &std::io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    let deeper = || inner.downcast_ref().and_then(refusal);
    inner.downcast_ref().or_else(deeper)
}
