//! The PROXY protocol, from the proxy and from others.

use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::any_certificate::connector;
use super::super::relay::client::mapped;
use crate::server::{Server, connect, exchange, status};

const GET: &str = "GET / HTTP/1.1\r\nhost: chat.example\r\nconnection: close\r\n\r\n";

/// A header for a connection to port 443 from this port of 192.0.2.7.
fn passed(port: u16, said: &[u8]) -> Vec<u8> {
    let length = u16::try_from(12 + said.len()).unwrap().to_be_bytes();
    let ends = [192, 0, 2, 7, 203, 0, 113, 1];
    [
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11",
        &length[..],
        &ends,
        &port.to_be_bytes(),
        &443u16.to_be_bytes(),
        said,
    ]
    .concat()
}

fn own() -> Vec<u8> {
    b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0".to_vec()
}

fn server(more: &[&str]) -> Server {
    let flags = ["--behind-proxy", "127.0.0.1", "--domain", "chat.example"];
    Server::with(&[&flags[..], more].concat())
}

/// A connection from the proxy, or another address, that begins like this.
async fn begin(server: &Server, from: [u8; 4], bytes: &[u8]) -> TcpStream {
    let mut stream = connect(Some(IpAddr::from(from)), server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

const PROXY: [u8; 4] = [127, 0, 0, 1];

#[tokio::test]
async fn every_protocol_may_follow_and_sees_the_client() {
    let server = server(&["--proxy-protocol", "required"]);
    let client: SocketAddr = "192.0.2.7:40000".parse().unwrap();
    let header = passed(client.port(), b"");
    let plain = exchange(begin(&server, PROXY, &header).await, GET).await;
    assert!(plain.contains("location: https://chat.example/\r\n"), "{plain}");
    let tls = async |alpn: &[&str]| {
        let stream = begin(&server, PROXY, &header).await;
        connector(alpn).connect("chat.example".try_into().unwrap(), stream).await.unwrap()
    };
    assert_eq!(status(&exchange(tls(&["http/1.1"]).await, GET).await), 200);
    assert_eq!(mapped(begin(&server, PROXY, &header).await).await, client);
    assert_eq!(mapped(tls(&["stun.turn"]).await).await, client);
    // Who is told to have come over TLS has done so, to the proxy.
    let ended = passed(40001, &[0x20, 0, 5, 1, 0, 0, 0, 0]);
    assert_eq!(status(&exchange(begin(&server, PROXY, &ended).await, GET).await), 200);
    // What such a client says of itself is not the proxy's word.
    let lie = GET.replace("connection", "x-forwarded-proto: https\r\nconnection");
    assert_eq!(status(&exchange(begin(&server, PROXY, &header).await, lie).await), 308);
}

#[tokio::test]
async fn h6_the_limits_are_each_clients_own() {
    let server = server(&["--connections-per-address", "2"]);
    let mut held = Vec::new();
    for port in [1, 2] {
        let mut stream = begin(&server, PROXY, &passed(port, b"")).await;
        stream.write_all(&GET.as_bytes()[..30]).await.unwrap();
        held.push(stream);
    }
    // Another client is served, and as often as the proxy likes to come.
    for _ in 0..4 {
        let direct = begin(&server, PROXY, b"").await;
        held.push(direct);
    }
    let mut other = passed(3, b"");
    other[19] = 8;
    assert_eq!(status(&exchange(begin(&server, PROXY, &other).await, GET).await), 308);
    let mut full = String::new();
    while full.is_empty() {
        // The first two may not have been counted yet.
        let answer = exchange(begin(&server, PROXY, &passed(4, b"")).await, GET).await;
        match answer.is_empty() {
            true => full.push_str("refused"),
            false => assert_eq!(status(&answer), 308),
        }
    }
}

#[tokio::test]
async fn others_may_not_speak_for_anybody() {
    let server = server(&[]);
    let header = passed(40000, b"");
    let other = begin(&server, [127, 0, 0, 2], &header).await;
    assert_eq!(exchange(other, GET).await, "");
    // From the proxy it may be left out, or be a check of its own.
    for header in [&b""[..], &own()] {
        assert_eq!(status(&exchange(begin(&server, PROXY, header).await, GET).await), 308);
    }
    let twice = [&header[..], &header].concat();
    for bad in [&header[..13], &twice, b"\r\n\r\n\0\r\nQUIT\r\x21\x11\0\x0c"] {
        let mut stream = begin(&server, PROXY, bad).await;
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{bad:?}");
    }
}

#[tokio::test]
async fn where_it_is_required_it_is() {
    let server = server(&["--proxy-protocol", "required"]);
    assert_eq!(exchange(begin(&server, PROXY, b"").await, GET).await, "");
    assert_eq!(status(&exchange(begin(&server, PROXY, &own()).await, GET).await), 308);
    // Others come without: they are no proxies.
    assert_eq!(status(&exchange(begin(&server, [127, 0, 0, 2], b"").await, GET).await), 308);
}
