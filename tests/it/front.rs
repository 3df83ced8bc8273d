//! The front door: limits, and who gets a connection.

use rustls::HandshakeKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::server::{Server, exchange, read_head, status};

/// A STUN binding request (RFC 8489), without attributes.
const BINDING: &[u8] = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The first bytes of the answer to what is sent.
async fn answered<S>(mut stream: S, bytes: &[u8]) -> Vec<u8>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    stream.write_all(bytes).await.unwrap();
    let mut answer = vec![0; 12];
    let n = stream.read(&mut answer).await.unwrap_or(0);
    answer.truncate(n);
    answer
}

#[tokio::test]
async fn h6_one_address_gets_so_many_connections_and_others_theirs() {
    let server = Server::with(&["--connections-per-address", "64"]);
    let mut open = Vec::new();
    for _ in 0..200 {
        open.push(TcpStream::connect(server.address).await.unwrap());
    }
    // The kept ones answer; the others are closed before they say anything.
    let mut kept = 0;
    for stream in &mut open {
        let _ = stream.write_all(HEALTH.as_bytes()).await;
        let mut answer = [0; 12];
        kept += usize::from(stream.read_exact(&mut answer).await.is_ok());
    }
    assert_eq!(kept, 64);
    let other = TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(server.address).await.unwrap();
    other.write_all(HEALTH.as_bytes()).await.unwrap();
    assert_eq!(status(&read_head(&mut other).await), 200);
    // Places are given back.
    drop(open);
    loop {
        let answer =
            server.exchange(HEALTH.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).await;
        if !answer.is_empty() {
            break assert_eq!(status(&answer), 200);
        }
    }
}

#[tokio::test]
async fn h14_every_protocol_finds_its_server_whatever_alpn_says() {
    let server = Server::start();
    // STUN answers begin with 0x0101, HTTP ones with "HTTP".
    for alpn in [
        &[][..],
        &["http/1.1"],
        &["stun.turn"],
        &["stun.nat-discovery"],
        &["stun.turn", "http/1.1"],
    ] {
        let answer = answered(server.tls(alpn).await.unwrap(), BINDING).await;
        assert_eq!(answer.get(..2), Some(&b"\x01\x01"[..]), "{alpn:?}");
    }
    let plain = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(answered(plain, BINDING).await.get(..2), Some(&b"\x01\x01"[..]));
    for alpn in [&[][..], &["http/1.1"]] {
        let answer = answered(server.tls(alpn).await.unwrap(), HEALTH.as_bytes()).await;
        assert_eq!(answer, b"HTTP/1.1 200", "{alpn:?}");
    }
    // Web bytes never reach the relay's answers, nor relay bytes the web's.
    for (alpn, bytes) in
        [("stun.turn", HEALTH.as_bytes()), ("h2", HEALTH.as_bytes()), ("h2", BINDING)]
    {
        let mut long = bytes.to_vec();
        long.resize(64, b'x');
        let answer = answered(server.tls(&[alpn]).await.unwrap(), &long).await;
        assert!(
            !answer.starts_with(b"HTTP") && !answer.starts_with(b"\x01\x01"),
            "{alpn} {answer:?}"
        );
    }
    for alpn in ["smtp", "h3", "acme-tls/1"] {
        assert!(server.tls(&[alpn]).await.is_err(), "{alpn}");
    }
}

#[tokio::test]
async fn other_first_bytes_are_shown_out_at_once() {
    let server = Server::start();
    for first in [0x04, 0x15, 0x17, 0x40, b'a', b'[', 0x80, 0xff] {
        assert_eq!(server.exchange([first, 0, 0, 0]).await, "", "{first}");
    }
}

#[tokio::test]
async fn h13_a_foreign_server_name_gets_the_default_certificate_and_then_no_page() {
    let server = Server::start();
    for name in ["evil.example", "127.0.0.1"] {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let name = name.to_owned();
        let request = "GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
        let tls = super::any_certificate::connector(&["http/1.1"]);
        let stream = tls.connect(name.try_into().unwrap(), stream).await.unwrap();
        assert_eq!(status(&exchange(stream, request).await), 421);
    }
}

#[tokio::test]
async fn h15_there_is_no_early_data() {
    let server = Server::start();
    let tls = super::any_certificate::connector(&["http/1.1"]);
    for attempt in ["full", "resumed"] {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let mut stream = tls.connect("localhost".try_into().unwrap(), stream).await.unwrap();
        stream.write_all(HEALTH.as_bytes()).await.unwrap();
        // Tickets come with the first answer.
        assert_eq!(status(&read_head(&mut stream).await), 200);
        let connection = stream.get_ref().1;
        let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        assert_eq!(resumed, attempt == "resumed");
        assert!(!connection.is_early_data_accepted());
    }
}

#[tokio::test]
async fn everybody_who_comes_back_resumes() {
    let server = Server::start();
    // More than a small table of sessions would remember.
    let people: Vec<_> =
        (0..300).map(|_| super::any_certificate::connector(&["http/1.1"])).collect();
    for attempt in [HandshakeKind::Full, HandshakeKind::Resumed] {
        for person in &people {
            let stream = TcpStream::connect(server.address).await.unwrap();
            let stream = person.connect("localhost".try_into().unwrap(), stream).await;
            let mut stream = stream.unwrap();
            stream.write_all(HEALTH.as_bytes()).await.unwrap();
            assert_eq!(status(&read_head(&mut stream).await), 200);
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(attempt));
        }
    }
}
