//! What the relay says of itself at `/metrics`.

use std::net::{SocketAddr, UdpSocket};

use callbox::pure::stun::{AttributeType, Message, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::LOOPBACK;
use super::client::{Client, Received, code};
use crate::any_certificate::connector;
use crate::server::Server;

/// The value of a metric; its labels are in the order in which they are shown.
fn value(metrics: &str, series: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{metrics}")).parse().expect("a number")
}

fn traffic(metrics: &str, leg: &str, transport: &str, direction: &str) -> (u64, u64) {
    let of = |what: &str| {
        let labels = format!(r#"leg="{leg}",transport="{transport}",direction="{direction}""#);
        value(metrics, &format!("callbox_relay_{what}_total{{{labels}}}"))
    };
    (of("packets"), of("bytes"))
}

async fn metrics(server: &Server) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut stream =
        match connector(&[]).connect("localhost".try_into().expect("a name"), &mut stream).await {
            Ok(stream) => stream,
            Err(error) => panic!("{error}"),
        };
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    // The end may come without a word of TLS.
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

#[tokio::test]
async fn metrics_tell_who_relays_what_over_what_and_what_was_refused() {
    let server = Server::with(&[
        "--turns-listen=127.0.0.1:0",
        "--turn-mode=lan",
        "--turn-allow-peer=127.0.0.1/32",
        "--turn-external-ip=127.0.0.1",
        "--turn-user=anna:password",
    ]);
    let address = |kind: &str| -> SocketAddr {
        let value = server.ready["turn"][kind].as_array().and_then(|list| list.last());
        value.and_then(|value| value.as_str()).expect("text").parse().expect("an address")
    };
    let anna = || ("anna".to_owned(), "password".to_owned());
    let mut udp = Client::udp(address("udp"), anna()).await;
    let mut tcp = Client::tcp(address("tcp"), anna()).await;
    let stream = TcpStream::connect(address("tls")).await.expect("it listens");
    let stream = connector(&[]).connect("localhost".try_into().expect("a name"), stream).await;
    let mut tls = Client::stream(stream.expect("TLS"), anna());

    let (at_udp, at_tcp) = (udp.allocate().await.expect("udp"), tcp.allocate().await.expect("tcp"));
    tls.allocate().await.expect("tls");
    udp.bind(0x4001, at_tcp).await.expect("a peer");
    tcp.bind(0x4002, at_udp).await.expect("a peer");
    // Inside, two packets there and one back.
    for data in [&[1; 100][..], &[2; 200]] {
        udp.send_channel(0x4001, data).await;
        assert_eq!(tcp.receive().await, Some(Received::Channel(0x4002, data.to_vec())));
    }
    tcp.send_channel(0x4002, &[3; 50]).await;
    assert_eq!(udp.receive().await, Some(Received::Channel(0x4001, vec![3; 50])));
    // Outside, one there and one back.
    let peer = UdpSocket::bind(LOOPBACK).expect("a free port");
    let at_peer = peer.local_addr().expect("bound");
    tls.bind(0x4003, at_peer).await.expect("a peer");
    tls.send_channel(0x4003, &[4; 1000]).await;
    let mut buffer = [0; 2000];
    let (length, relayed) = peer.recv_from(&mut buffer).expect("it arrives");
    assert_eq!(length, 1000);
    peer.send_to(&[5; 10], relayed).expect("loopback takes it");
    assert_eq!(tls.receive().await, Some(Received::Channel(0x4003, vec![5; 10])));
    // Refused: data without a channel, and a wrong password.
    udp.send_channel(0x4FFF, b"nowhere").await;
    let mut wrong = Client::udp(address("udp"), ("anna".to_owned(), "wrong".to_owned())).await;
    assert_eq!(wrong.allocate().await, Err(401));
    // Bindings beyond the limit get no answer; one from elsewhere still does.
    let mut elsewhere = Client::udp(address("udp"), anna()).await;
    let drops = |reason| format!(r#"callbox_relay_drops_total{{reason="{reason}"}}"#);
    let failures =
        |reason| format!(r#"callbox_relay_authentication_failures_total{{reason="{reason}"}}"#);
    // One question of each client.
    let mut questions = 4;
    let metrics = loop {
        for _ in 0..40 {
            let binding = elsewhere.start(Method::BINDING).finish();
            elsewhere.send(&binding).await;
        }
        let allocate = elsewhere.start(Method::ALLOCATE);
        let udp = (AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0][..]);
        elsewhere.send(&allocate.attribute(udp.0, udp.1).finish()).await;
        questions += 1;
        // What came before it has been counted, then, by the same worker.
        let metrics = loop {
            let metrics = metrics(&server).await;
            if value(&metrics, &failures("missing")) >= questions {
                break metrics;
            }
        };
        // Unless they took so long that they were within the limit.
        let suppressed = value(&metrics, "callbox_relay_challenges_suppressed_total");
        if value(&metrics, &drops("throttled")) >= 20 && suppressed >= 1 {
            break metrics;
        }
    };
    assert_eq!(value(&metrics, &failures("missing")), questions);
    assert_eq!(traffic(&metrics, "client", "udp", "in"), (2, 300));
    assert_eq!(traffic(&metrics, "client", "tcp", "out"), (2, 300));
    assert_eq!(traffic(&metrics, "client", "tcp", "in"), (1, 50));
    assert_eq!(traffic(&metrics, "client", "udp", "out"), (1, 50));
    assert_eq!(traffic(&metrics, "client", "tls", "in"), (1, 1000));
    assert_eq!(traffic(&metrics, "peer", "udp", "out"), (1, 1000));
    assert_eq!(traffic(&metrics, "peer", "udp", "in"), (1, 10));
    assert_eq!(traffic(&metrics, "client", "tls", "out"), (1, 10));
    assert_eq!(value(&metrics, "callbox_relay_allocations"), 3);
    assert_eq!(value(&metrics, "callbox_relay_allocations_total"), 3);
    assert_eq!(value(&metrics, &drops("no_channel")), 1);
    assert_eq!(value(&metrics, &failures("password")), 1);

    assert_eq!(udp.refresh(0).await, Ok(()));
    assert_eq!(tcp.refresh(0).await, Ok(()));
    let after = udp.request(Method::REFRESH, |request| request).await;
    assert_eq!(code(&Message::parse(&after).expect("an answer")), Some(437));
    let metrics = self::metrics(&server).await;
    assert_eq!(value(&metrics, "callbox_relay_allocations"), 1);
    assert_eq!(value(&metrics, "callbox_relay_allocations_total"), 3);
}
