//! TURN over streams.

use std::time::{Duration, Instant};

use callbox::pure::auth::relay::Revocation;
use callbox::pure::stun::{
    AttributeType, Class, Message, Method, TransactionId, Writer, read_xor_address,
};
use callbox::pure::turn::Limits;
use callbox::{http, relay, tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::client::TlsStream;

use super::client::{Client, Received, channel_data};
use super::{LOOPBACK, TestRelay, call_id, session_id};
use crate::any_certificate::connector;

#[tokio::test]
async fn tcp_and_udp_clients_meet() {
    let relay = TestRelay::start();
    let mut a = Client::tcp(relay.tcp(), relay.credentials(1, 1)).await;
    let mut b = Client::udp(relay.udp(), relay.credentials(1, 2)).await;
    let mut c = Client::tcp(relay.tcp(), relay.credentials(1, 3)).await;
    let (at_a, at_b, at_c) = (
        a.allocate().await.expect("a"),
        b.allocate().await.expect("b"),
        c.allocate().await.expect("c"),
    );
    a.bind(0x4001, at_b).await.expect("a peer");
    a.permit(at_c).await.expect("a peer");
    b.bind(0x4002, at_a).await.expect("a peer");
    c.bind(0x4003, at_a).await.expect("a peer");
    for length in [0, 1, 2, 3, 4, 1200, 1500] {
        let data = vec![0xCD; length];
        a.send_channel(0x4001, &data).await;
        assert_eq!(b.receive().await, Some(Received::Channel(0x4002, data.clone())));
        c.send_channel(0x4003, &data).await;
        assert_eq!(a.receive().await, Some(Received::Data(at_c, data.clone())));
        a.send_indication(at_c, &data).await;
        assert_eq!(c.receive().await, Some(Received::Channel(0x4003, data)));
    }
    b.send_channel(0x4002, b"over UDP").await;
    assert_eq!(a.receive().await, Some(Received::Channel(0x4001, b"over UDP".to_vec())));
    relay.relay.stop().await;
    assert_eq!(a.receive().await, None, "a stopped relay ends its streams");
}

#[tokio::test]
async fn an_adopted_stream_is_served_like_our_own() {
    let relay = TestRelay::start();
    let (ours, theirs) = connection().await;
    let peer = "192.0.2.1:7".parse().expect("an address");
    let (stay, mut left) = mpsc::channel::<()>(1);
    let mut a = Client::stream(ours, relay.credentials(1, 1));
    // Its first bytes were looked at before it was known what it is.
    let first = a.start(Method::BINDING).finish();
    let stream = relay::Stream::tcp(theirs).expect("a stream").read_ahead(&first[..5]).keep(stay);
    relay.relay.handle().serve(stream, LOOPBACK, peer);
    a.send(&first[5..]).await;
    let Some(Received::Message(answer)) = a.receive().await else { panic!("no answer") };
    let answer = Message::parse(&answer).expect("a message");
    let mapped = answer.first(AttributeType::XOR_MAPPED_ADDRESS).expect("an address");
    let mapped = read_xor_address(mapped, answer.transaction());
    assert_eq!(mapped, Some(peer), "who it is said to be");
    assert!(a.allocate().await.is_ok());
    // The credentials of a leg that has left: the stream has no more use.
    let revocation = Revocation::Leg(call_id(1), session_id(1));
    relay.revocations.send(revocation).expect("it runs");
    assert_eq!(a.receive().await, None);
    assert_eq!(left.recv().await, None, "what it held is let go");
}

#[tokio::test]
async fn t63_messages_are_found_however_they_are_cut() {
    let relay = TestRelay::start();
    let mut a = Client::tcp(relay.tcp(), relay.credentials(1, 1)).await;
    let mut b = Client::udp(relay.udp(), relay.credentials(1, 2)).await;
    let (at_a, at_b) = (a.allocate().await.expect("a"), b.allocate().await.expect("b"));
    a.bind(0x4001, at_b).await.expect("a peer");
    b.bind(0x4001, at_a).await.expect("a peer");
    // ChannelData, a Send indication and ChannelData with padding, in one.
    let indication = Writer::new(Class::Indication, Method::SEND, TransactionId([1; 12]))
        .xor_address(AttributeType::XOR_PEER_ADDRESS, at_b)
        .attribute(AttributeType::DATA, b"two")
        .finish();
    let all =
        [channel_data(0x4001, b"one!", true), indication, channel_data(0x4001, b"three", true)]
            .concat();
    for cut in 1..all.len() {
        let (front, back) = all.split_at(cut);
        a.send(front).await;
        a.send(back).await;
        for data in [&b"one!"[..], b"two", b"three"] {
            assert_eq!(b.receive().await, Some(Received::Channel(0x4001, data.to_vec())));
        }
    }
    for byte in &all {
        a.send(&[*byte]).await;
    }
    for data in [&b"one!"[..], b"two", b"three"] {
        assert_eq!(b.receive().await, Some(Received::Channel(0x4001, data.to_vec())));
    }
}

#[tokio::test]
async fn t7_t58_what_cannot_be_a_message_ends_the_stream() {
    let relay = TestRelay::start();
    let mut too_long = channel_data(0x4001, &[0; 1600], true);
    too_long.truncate(8);
    let cases: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\n\r\n",
        &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01],
        &[0x80, 0, 0, 0],
        &[0x00, 0x01, 0x00, 0x02, 0x21, 0x12, 0xA4, 0x42],
        &too_long,
    ];
    for bytes in cases {
        let mut stream = TcpStream::connect(relay.tcp()).await.expect("the relay listens");
        stream.write_all(bytes).await.expect("it reads");
        let mut rest = Vec::new();
        // With a reset or in order: it is over.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty(), "{bytes:?}");
    }
}

#[tokio::test]
async fn t64_a_silent_stream_and_later_an_idle_one_are_closed() {
    let (first_message, idle) = (Duration::from_millis(50), Duration::from_millis(150));
    let config = relay::Config { first_message, idle, ..relay::Config::default() };
    let relay = TestRelay::with(config);
    let binding = Writer::new(Class::Request, Method::BINDING, TransactionId([1; 12])).finish();
    // Half a message is no message.
    let cases = [(&b""[..], first_message), (&binding[..8], first_message), (&binding, idle)];
    for (bytes, patience) in cases {
        let started = Instant::now();
        let mut stream = TcpStream::connect(relay.tcp()).await.expect("the relay listens");
        stream.write_all(bytes).await.expect("it has room");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it ends in order");
        assert!(started.elapsed() >= patience);
        assert_eq!(answer.is_empty(), bytes.len() < binding.len());
    }
    let defaults = relay::Config::default();
    assert_eq!((defaults.first_message.as_secs(), defaults.idle.as_secs()), (10, 120));
}

#[tokio::test]
async fn t64_an_address_has_so_many_streams_at_a_time() {
    let limits = Limits { unauthenticated_replies: 1000, ..Limits::default() };
    let config = relay::Config { limits, streams_per_ip: 2, ..relay::Config::default() };
    let relay = TestRelay::with(config);
    let mut kept = Vec::new();
    for session in 0..2 {
        let mut client = Client::tcp(relay.tcp(), relay.credentials(1, session)).await;
        client.allocate().await.expect("an allocation");
        kept.push(client);
    }
    let mut refused = TcpStream::connect(relay.tcp()).await.expect("the system accepts");
    assert_eq!(refused.read(&mut [0]).await.unwrap_or(0), 0);
    drop(kept.pop());
    // Its place is free as soon as the relay has seen it go.
    loop {
        let mut client = Client::tcp(relay.tcp(), relay.credentials(1, 9)).await;
        let binding = client.start(Method::BINDING).finish();
        if let Some(Received::Message(answer)) = client.try_ask(&binding).await {
            Message::parse(&answer).expect("an answer");
            break;
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_packets_and_delays_nobody() {
    let relay = over_tls(wide());
    let slow = Client::tcp(relay.tcp(), relay.credentials(1, 2)).await;
    assert_slow_alone_loses(&relay, slow).await;
    let slow = Client::stream(secured(&relay).await, relay.credentials(1, 2));
    assert_slow_alone_loses(&relay, slow).await;
}

async fn assert_slow_alone_loses(relay: &TestRelay, mut slow: Client) {
    let mut sender = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    let mut quick = Client::udp(relay.udp(), relay.credentials(1, 3)).await;
    let at_sender = sender.allocate().await.expect("an allocation");
    let at_slow = slow.allocate().await.expect("an allocation");
    let at_quick = quick.allocate().await.expect("an allocation");
    sender.bind(0x4000, at_slow).await.expect("a peer");
    sender.bind(0x4001, at_quick).await.expect("a peer");
    slow.bind(0x4000, at_sender).await.expect("a peer");
    quick.bind(0x4000, at_sender).await.expect("a peer");

    // More than the socket's buffers and the queue hold together.
    for n in 0..20_000_u32 {
        sender.send_channel(0x4000, &[n.to_be_bytes().as_slice(), &[0; 1200]].concat()).await;
        if n % 100 == 0 {
            sender.send_channel(0x4001, &n.to_be_bytes()).await;
            let expected = Received::Channel(0x4000, n.to_be_bytes().to_vec());
            assert_eq!(quick.receive().await, Some(expected));
        }
    }
    let mut got = 0;
    let mut last = None;
    loop {
        // Until the last one, which is sent again as long as it is lost.
        sender.send_channel(0x4000, b"end").await;
        match slow.receive().await.expect("the stream lasts") {
            Received::Channel(0x4000, data) if data == b"end" => break,
            Received::Channel(0x4000, data) => {
                let n = u32::from_be_bytes(data[..4].try_into().expect("four bytes"));
                assert!(last.is_none_or(|last| last < n), "in order");
                assert_eq!(data.len(), 1204);
                (got, last) = (got + 1, Some(n));
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    assert!((1..20_000).contains(&got), "the queue is bounded");
    for client in [&mut sender, &mut slow, &mut quick] {
        client.refresh(0).await.expect("it ends");
    }
}

#[tokio::test]
async fn what_a_client_sends_before_it_leaves_is_relayed() {
    let relay = over_tls(wide());
    for session in [2, 3] {
        let mut b = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
        let at_b = b.allocate().await.expect("an allocation");
        let credentials = relay.credentials(1, session);
        let mut a = match session {
            2 => Client::tcp(relay.tcp(), credentials).await,
            _ => Client::stream(secured(&relay).await, credentials),
        };
        let at_a = a.allocate().await.expect("an allocation");
        a.bind(0x4001, at_b).await.expect("a peer");
        b.bind(0x4001, at_a).await.expect("a peer");
        a.send_channel(0x4001, b"last words").await;
        a.leave().await;
        assert_eq!(b.receive().await, Some(Received::Channel(0x4001, b"last words".to_vec())));
        b.refresh(0).await.expect("it ends");
    }
}

#[tokio::test]
async fn a_stream_within_tls_ends_in_order_on_both_sides() {
    let relay = over_tls(relay::Config::default());
    let mut stream = secured(&relay).await;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("it has room");
    let mut answer = Vec::new();
    // Without its close_notify, this would be an error.
    stream.read_to_end(&mut answer).await.expect("an orderly end");
    assert!(answer.is_empty());
}

/// With a listener for TLS.
fn over_tls(config: relay::Config) -> TestRelay {
    let folder = tempfile::tempdir().expect("a folder");
    let names = callbox::pure::lan::Names::of(["localhost"]);
    let local = tls::Local::open(folder.path(), &names, http::now()).expect("a certificate");
    let tls_config = tls::server_config(tls::Resolver::new(local.key())).expect("it is one");
    TestRelay::with(relay::Config { tls: vec![LOOPBACK], tls_config: Some(tls_config), ..config })
}

/// A connection with TLS.
async fn secured(relay: &TestRelay) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(relay.relay.tls[0]).await.expect("it listens");
    let name = "localhost".try_into().expect("a name");
    connector(&["stun.turn"]).connect(name, stream).await.expect("TLS")
}

/// Limits that are far away.
fn wide() -> relay::Config {
    let limits = Limits {
        unauthenticated_replies: 1000,
        allocation_rate: u64::MAX / 1000,
        session_rate: u64::MAX / 1000,
        total_rate: u64::MAX / 1000,
        ..Limits::default()
    };
    relay::Config { limits, ..relay::Config::default() }
}

/// Both ends of a connection.
async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(LOOPBACK).await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
    (ours.expect("it listens"), theirs.expect("it accepts").0)
}
