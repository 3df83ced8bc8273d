//! TURN within TLS: one protocol per connection, and which TLS.

use std::net::SocketAddr;
use std::time::Duration;

use callbox::pure::stun::{Class, Message, Method, TransactionId, Writer};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::Stream;
use crate::any_certificate::connector;
use crate::server::Server;

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn binding() -> Vec<u8> {
    Writer::new(Class::Request, Method::BINDING, TransactionId([7; 12])).finish()
}

fn server() -> (Server, SocketAddr) {
    let server = Server::with(&["--turns-listen=127.0.0.1:0"]);
    let address = |value: &Value| value.as_str().expect("text").parse().expect("an address");
    let turns = address(&server.ready["turn"]["tls"][1]);
    (server, turns)
}

/// A TLS connection that offers these protocols to this name.
async fn connect(
    address: SocketAddr,
    alpn: &[&str],
    name: &'static str,
) -> std::io::Result<impl Stream> {
    let stream = TcpStream::connect(address).await?;
    connector(alpn).connect(name.try_into().expect("a name"), stream).await
}

/// All that comes until the other side has closed.
async fn rest(mut stream: impl Stream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(9), stream.read_to_end(&mut bytes));
    // With a reset or in order: it is over.
    let _ = read.await.expect("it is closed");
    bytes
}

async fn answered(stream: &mut impl Stream, request: &[u8]) -> bool {
    stream.write_all(request).await.expect("it reads");
    let mut answer = vec![0; 32];
    stream.read_exact(&mut answer).await.is_ok() && Message::parse(&answer).is_ok()
}

#[tokio::test]
async fn t65_a_connection_speaks_one_protocol_to_its_end() {
    let (server, turns) = server();
    for address in [server.address, turns] {
        let mut stream = connect(address, &["stun.turn"], "localhost").await.expect("TLS");
        assert!(answered(&mut stream, &binding()).await);
        stream.write_all(GET).await.expect("it reads");
        assert_eq!(rest(stream).await, b"", "no page behind STUN");
    }
    // Nor is there one where only TURN is spoken, whatever is offered.
    let mut stream = connect(turns, &[], "localhost").await.expect("TLS");
    stream.write_all(GET).await.expect("it reads");
    assert_eq!(rest(stream).await, b"");
    assert!(connect(turns, &["h2", "http/1.1"], "localhost").await.is_err());
    // Pages first, then STUN: what comes is a page and the refusal of the rest.
    let mut stream = connect(server.address, &["http/1.1"], "localhost").await.expect("TLS");
    stream.write_all(&[GET, &binding()].concat()).await.expect("it reads");
    let bytes = rest(stream).await;
    assert!(bytes.starts_with(b"HTTP/1.1 200"));
    assert!(!bytes.windows(4).any(|window| window == [0x21, 0x12, 0xA4, 0x42]), "no STUN answer");
}

#[tokio::test]
async fn t66_old_tls_is_refused_and_any_name_served() {
    let (_server, turns) = server();
    for name in ["127.0.0.1", "elsewhere.example", "localhost"] {
        let mut stream = connect(turns, &["stun.turn"], name).await.expect("TLS");
        assert!(answered(&mut stream, &binding()).await, "{name}");
    }
    // Hellos of TLS 1.0 and 1.1, and one of 1.2 with nothing but RC4.
    for (version, suite) in [([3, 1], [0xC0, 0x13]), ([3, 2], [0xC0, 0x13]), ([3, 3], [0x00, 0x05])]
    {
        let mut hello = [&version[..], &[9; 32], &[0, 0, 2], &suite, &[1, 0]].concat();
        hello.splice(0..0, [1, 0, 0, hello.len() as u8]);
        let record = [&[0x16, 3, 1, 0, hello.len() as u8][..], &hello].concat();
        let mut stream = TcpStream::connect(turns).await.expect("it listens");
        stream.write_all(&record).await.expect("it reads");
        let bytes = rest(stream).await;
        assert_eq!(bytes.first(), Some(&0x15), "an alert: {bytes:?}");
        assert_eq!(bytes.get(5), Some(&2), "a fatal one");
    }
}
