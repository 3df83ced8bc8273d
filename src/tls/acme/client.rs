//! The HTTP client of the second engine: one connection for each request, which are few, over TLS
//! to a server that these roots vouch for. It has no time limits of its own.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Limited;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Speaks HTTPS with ACME servers.
#[derive(Clone)]
pub(super) struct Client(TlsConnector);

impl Client {
    pub(super) fn new(config: Arc<ClientConfig>) -> Self {
        Self(config.into())
    }

    async fn send(self, mut request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (host, port, path) = place(request.uri()).ok_or(Error::Str("a whole https address"))?;
        let value = match port {
            443 => HeaderValue::from_str(&host),
            port => HeaderValue::from_str(&format!("{host}:{port}")),
        };
        request.headers_mut().insert(header::HOST, value.map_err(other)?);
        *request.uri_mut() = path;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(other)?;
        let stream = TcpStream::connect((host, port)).await.map_err(other)?;
        let stream = self.0.connect(name, stream).await.map_err(other)?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(other)?;
        // It ends with the answer, or when whoever waits for that does so no more.
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(other)?;
        Ok(response.map(|body| Limited::new(body, LONGEST)).into())
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().send(request))
    }
}

fn place(uri: &Uri) -> Option<(String, u16, Uri)> {
    if uri.scheme_str() != Some("https") {
        return None;
    }
    let path = uri.path_and_query()?.as_str().parse().ok()?;
    Some((uri.host()?.to_owned(), uri.port_u16().unwrap_or(443), path))
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}

const LONGEST: usize = 1 << 20;
