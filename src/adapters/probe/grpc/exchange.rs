//! One question of the health protocol, over a connection of its own.

use std::io::{Error, ErrorKind};
use std::sync::Mutex;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tonic::metadata::{Ascii, AsciiMetadataKey, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::Settings;
use crate::adapters::tls;

/// An answer is a number; a longer one is none.
const LONGEST: usize = 4096;

/// The most that headers and trailers may hold.
const HEADERS: u32 = 16 * 1024;

/// The protocol that gRPC runs on.
const HTTP_2: &[u8] = b"h2";

/// What came back: an answer or the refusal of one.
pub(super) type Answer = Result<Response<HealthCheckResponse>, Status>;

/// Any stream of bytes.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The way to a server.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) address: String,
    pub(super) endpoint: Endpoint,
    pub(super) tls: Option<tls::Client>,
}

impl Line {
    /// Connects and asks; an `Err` says why nobody was reached.
    pub(super) async fn ask(
        &self,
        settings: &Settings,
        timeout: Duration,
    ) -> Result<Answer, String> {
        let address = &self.address;
        let stream = self
            .stream()
            .await
            .map_err(|cause| format!("`{address}` could not be reached: {cause}"))?;
        let channel = match self.channel(stream).await {
            Ok(channel) => channel,
            Err(error) => return Ok(Err(Status::from_error(Box::new(error)))),
        };
        let mut client = HealthClient::new(channel).max_decoding_message_size(LONGEST);
        Ok(client.check(request(settings, timeout)).await)
    }

    async fn stream(&self) -> Result<Box<dyn Stream>, String> {
        let stream = TcpStream::connect(&self.address).await.map_err(|cause| cause.to_string())?;
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        let session = tls.shake(stream, host, &[HTTP_2]).await?;
        Ok(Box::new(session.stream))
    }

    async fn channel(&self, stream: Box<dyn Stream>) -> Result<Channel, tonic::transport::Error> {
        let stream = Mutex::new(Some(TokioIo::new(stream)));
        // There is one connection; who asks for another one is told that the first broke.
        let once = tower::service_fn(move |_| {
            let stream = stream.lock().ok().and_then(|mut stream| stream.take());
            std::future::ready(stream.ok_or(Error::from(ErrorKind::ConnectionAborted)))
        });
        self.endpoint.clone().http2_max_header_list_size(HEADERS).connect_with_connector(once).await
    }
}

fn request(settings: &Settings, timeout: Duration) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest { service: settings.service.clone() });
    request.set_timeout(timeout);
    for (key, value) in &settings.metadata {
        let key = AsciiMetadataKey::from_bytes(key.as_str().as_bytes());
        // What cannot be sent was refused when the settings were read.
        if let (Ok(key), Ok(mut value)) = (key, MetadataValue::<Ascii>::try_from(value.reveal())) {
            value.set_sensitive(true);
            request.metadata_mut().insert(key, value);
        }
    }
    request
}
