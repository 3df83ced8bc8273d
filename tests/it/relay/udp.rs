//! Two clients over UDP.

use std::time::Duration;

use callbox::net::udp::Engine;
use callbox::pure::auth::relay::Revocation;
use callbox::pure::stun::{AttributeType, Message, Method, read_xor_address};
use callbox::pure::turn::Limits;
use callbox::relay;

use super::client::{Client, Received};
use super::{LOOPBACK, TestRelay, call_id, session_id};

#[tokio::test]
async fn a_binding_tells_the_clients_address() {
    let relay = TestRelay::start();
    let mut client = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    let request = client.start(Method::BINDING).finish();
    let answer = client.ask(&request).await;
    let message = Message::parse(&answer).expect("an answer");
    let address = message.first(AttributeType::XOR_MAPPED_ADDRESS).expect("an address");
    let address = read_xor_address(address, message.transaction()).expect("an address");
    assert_eq!(address.ip(), LOOPBACK.ip());
    assert!(answer.len() <= 44);
}

#[tokio::test]
async fn channels_and_indications_relay_both_ways() {
    let relay = TestRelay::start();
    let mut a = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    let mut b = Client::udp(relay.udp(), relay.credentials(1, 2)).await;
    let (at_a, at_b) = (a.allocate().await.expect("a"), b.allocate().await.expect("b"));
    // As Chromium does on one side and Firefox on the other.
    a.bind(0x4001, at_b).await.expect("a peer of the call");
    b.permit(at_a).await.expect("a peer of the call");

    a.send_channel(0x4001, b"through a channel").await;
    assert_eq!(b.receive().await, Some(Received::Data(at_a, b"through a channel".to_vec())));
    b.send_indication(at_b, b"to itself").await;
    b.send_indication(at_a, b"back").await;
    assert_eq!(a.receive().await, Some(Received::Channel(0x4001, b"back".to_vec())));

    b.bind(0x4FFF, at_a).await.expect("a peer of the call");
    for length in [0, 1, 2, 3, 4, 1200, 1496] {
        let data = vec![0xAB; length];
        a.send_channel(0x4001, &data).await;
        assert_eq!(b.receive().await, Some(Received::Channel(0x4FFF, data)));
    }
    relay.relay.stop().await;
}

/// More than one batch, in runs of one receiver and mixed, with and without
/// the calls that move many at once, and with no waiting for others.
#[tokio::test]
async fn bursts_arrive_whole_and_in_order_however_packets_are_moved() {
    for (engine, micros) in [(Engine::Batched, 100), (Engine::Batched, 0), (Engine::Single, 100)] {
        let coalesce = Duration::from_micros(micros);
        let limits = Limits {
            allocation_rate: u64::MAX / 1000,
            session_rate: u64::MAX / 1000,
            ..Limits::default()
        };
        let config = relay::Config { engine, coalesce, limits, ..relay::Config::default() };
        let relay = TestRelay::with(config);
        let mut a = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
        let mut peers = Vec::new();
        let at_a = a.allocate().await.expect("an allocation");
        for n in 0..3 {
            let mut peer = Client::udp(relay.udp(), relay.credentials(1, 2 + n)).await;
            let at_peer = peer.allocate().await.expect("an allocation");
            a.bind(0x4000 + u16::from(n), at_peer).await.expect("a peer");
            // The last one gets indications.
            match n {
                2 => peer.permit(at_a).await.expect("a peer"),
                _ => peer.bind(0x4100, at_a).await.expect("a peer"),
            }
            peers.push(peer);
        }
        for round in 0..20_u8 {
            let data = |n: usize| vec![round; 1 + (n * 37) % 1400 / (1 + n % 3 * 600)];
            let to = |n: usize| if round % 2 == 0 { n % 3 } else { n / 8 % 3 };
            for n in 0..48 {
                a.send_channel(0x4000 + to(n) as u16, &data(n)).await;
            }
            for n in 0..48 {
                let expected = match to(n) {
                    2 => Received::Data(at_a, data(n)),
                    _ => Received::Channel(0x4100, data(n)),
                };
                assert_eq!(peers[to(n)].receive().await, Some(expected), "{engine:?} {n}");
            }
        }
    }
}

#[tokio::test]
async fn t70_a_revocation_stops_traffic_and_further_allocations() {
    let relay = TestRelay::start();
    let credentials = [relay.credentials(1, 1), relay.credentials(1, 2), relay.credentials(2, 3)];
    let [of_a, of_b, of_c] = credentials;
    let mut a = Client::udp(relay.udp(), of_a.clone()).await;
    let mut b = Client::udp(relay.udp(), of_b).await;
    let mut c = Client::udp(relay.udp(), of_c).await;
    let (_, at_b) = (a.allocate().await.expect("a"), b.allocate().await.expect("b"));
    c.allocate().await.expect("c");
    a.bind(0x4000, at_b).await.expect("a peer of the call");

    relay.revocations.send(Revocation::Leg(call_id(1), session_id(1))).expect("it runs");
    while a.refresh(600).await != Err(437) {}
    let mut again = Client::udp(relay.udp(), of_a).await;
    assert_eq!(again.allocate().await, Err(401));
    assert_eq!(b.refresh(600).await, Ok(()));
    relay.revocations.send(Revocation::Call(call_id(1))).expect("it runs");
    while b.refresh(600).await != Err(437) {}
    assert_eq!(c.refresh(600).await, Ok(()));
}

#[tokio::test]
async fn ipv4_and_ipv6_clients_meet_on_one_socket() {
    let any = "[::]:0".parse().expect("an address");
    let relay = TestRelay::start();
    let (_keep, revoked) = tokio::sync::mpsc::unbounded_channel();
    let config = relay::Config { udp: vec![any], ..relay::Config::default() };
    let dual = relay::start(config, relay.keys.clone(), revoked).expect("a free port");
    let port = dual.udp[0].port();
    let mut a = Client::udp((LOOPBACK.ip(), port).into(), relay.credentials(1, 1)).await;
    let at_a = a.allocate().await.expect("over IPv4");

    let socket = tokio::net::UdpSocket::bind("[::1]:0").await.expect("IPv6 loopback");
    socket.connect(("::1", port)).await.expect("loopback connects");
    let mut b = Client::over(socket, relay.credentials(1, 2));
    let at_b = b.allocate().await.expect("over IPv6");
    a.permit(at_b).await.expect("a peer");
    b.permit(at_a).await.expect("a peer");
    b.send_indication(at_a, b"six").await;
    assert_eq!(a.receive().await, Some(Received::Data(at_b, b"six".to_vec())));
    a.send_indication(at_b, b"four").await;
    assert_eq!(b.receive().await, Some(Received::Data(at_a, b"four".to_vec())));
}

/// A socket for all addresses, and clients that each know another of them.
#[tokio::test]
async fn answers_and_packets_leave_from_the_address_the_client_knows() {
    for any in ["0.0.0.0:0", "[::]:0"] {
        let relay = TestRelay::start();
        let (_keep, revoked) = tokio::sync::mpsc::unbounded_channel();
        let udp = vec![any.parse().expect("an address")];
        let config = relay::Config { udp, ..relay::Config::default() };
        let relayed = relay::start(config, relay.keys.clone(), revoked).expect("a free port");
        let port = relayed.udp[0].port();
        let at = |ip: [u8; 4]| (ip, port).into();
        let mut a = Client::udp(at([127, 0, 0, 5]), relay.credentials(1, 1)).await;
        let mut b = Client::udp(at([127, 0, 0, 77]), relay.credentials(1, 2)).await;
        let (at_a, at_b) = (a.allocate().await.expect("a"), b.allocate().await.expect("b"));
        a.bind(0x4001, at_b).await.expect("a peer");
        b.bind(0x4002, at_a).await.expect("a peer");
        a.send_channel(0x4001, b"there").await;
        assert_eq!(b.receive().await, Some(Received::Channel(0x4002, b"there".to_vec())));
        b.send_channel(0x4002, b"back").await;
        assert_eq!(a.receive().await, Some(Received::Channel(0x4001, b"back".to_vec())));
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let relay = TestRelay::start();
    let (_keep, revoked) = tokio::sync::mpsc::unbounded_channel();
    let config = relay::Config { udp: vec![relay.udp()], ..relay::Config::default() };
    let error = relay::start(config, relay.keys.clone(), revoked).expect_err("it is taken");
    assert_eq!(error.to_string(), format!("listening on UDP {} failed", relay.udp()));
}
