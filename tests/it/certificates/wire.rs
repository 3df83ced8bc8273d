//! Looking at a server's certificates from outside.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::browser::Browser;
use crate::hub::Client;
use crate::server::{Server, websocket_tls};

/// A client that believes this root, and offers HTTP/1.1.
pub fn believer(root: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Each handshake is to show a certificate.
    config.resumption = rustls::client::Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config).into()
}

/// A connection to this name.
pub async fn connect(
    server: &Server,
    client: &TlsConnector,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await?;
    client.connect(name.to_owned().try_into().unwrap(), stream).await
}

/// The certificate that was shown.
pub fn leaf(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// A conversation that goes on over this connection.
pub async fn talk(stream: TlsStream<TcpStream>, who: &Browser) -> Client<TlsStream<TcpStream>> {
    let mut client = Client::on(websocket_tls(stream, who).await);
    client.greet(json!(null), json!([])).await;
    client
}

/// What the server itself says of its certificates.
pub async fn reports(server: &Server) -> Vec<Value> {
    let mut socket = UnixStream::connect(server.data().join("admin.sock")).await.unwrap();
    let request =
        "GET /admin/v1/certificates HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let answer: Value = serde_json::from_str(body).unwrap();
    answer["certificates"].as_array().unwrap().clone()
}

/// Waits until this is so of the certificate for this name.
pub async fn report_when(server: &Server, name: &str, so: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let reports = reports(server).await;
            let report = reports.iter().find(|report| report["name"] == name).unwrap();
            if so(report) {
                return report.clone();
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    match timeout(PATIENCE, wait).await {
        Ok(report) => report,
        Err(_) => panic!("it did not come to that: {:?}", reports(server).await),
    }
}

/// Longer than the server waits between attempts.
const PATIENCE: Duration = Duration::from_secs(60);
