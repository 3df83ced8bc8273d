//! A relay with sockets: peers that are not its clients.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use callbox::net::udp::Engine;
use callbox::relay::{self, Face, Mode};
use serde_json::Value;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::client::{Client, Received};
use super::{LOOPBACK, TestRelay, open_config};
use crate::any_certificate::connector;
use crate::server::Server;

/// A plain socket that a relay may reach.
async fn peer(ip: IpAddr) -> UdpSocket {
    UdpSocket::bind((ip, 0)).await.expect("a free port")
}

async fn next(peer: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut bytes = vec![0; 2048];
    let received = timeout(Duration::from_secs(5), peer.recv_from(&mut bytes)).await;
    let (length, from) = received.expect("it arrives in time").expect("loopback gives it");
    bytes.truncate(length);
    (bytes, from)
}

/// Both forms, both directions, between a client and a plain socket.
async fn assert_relays(client: &mut Client, ip: IpAddr) {
    let family = if ip.is_ipv4() { 1 } else { 2 };
    let relayed = client.allocate_of(family).await.expect("an allocation");
    let peer = peer(ip).await;
    let at_peer = peer.local_addr().expect("bound");
    client.permit(at_peer).await.expect("an allowed peer");
    for length in [0, 1, 2, 3, 4, 1200, 1400] {
        let data = vec![0xAB; length];
        client.send_indication(at_peer, &data).await;
        assert_eq!(next(&peer).await, (data.clone(), relayed));
        peer.send_to(&data, relayed).await.expect("loopback takes it");
        assert_eq!(client.receive().await, Some(Received::Data(at_peer, data)));
    }
    client.bind(0x4001, at_peer).await.expect("an allowed peer");
    // A burst, which a stream may carry in few records.
    for n in 0..100_u8 {
        peer.send_to(&[n; 300], relayed).await.expect("loopback takes it");
    }
    for n in 0..100_u8 {
        assert_eq!(client.receive().await, Some(Received::Channel(0x4001, vec![n; 300])));
    }
    for n in 0..100_u8 {
        client.send_channel(0x4001, &[n; 300]).await;
    }
    for n in 0..100_u8 {
        assert_eq!(next(&peer).await, (vec![n; 300], relayed));
    }
    for length in [0, 1, 2, 3, 4, 1200, 1496] {
        let data = vec![0xCD; length];
        client.send_channel(0x4001, &data).await;
        assert_eq!(next(&peer).await, (data.clone(), relayed));
        peer.send_to(&data, relayed).await.expect("loopback takes it");
        assert_eq!(client.receive().await, Some(Received::Channel(0x4001, data)));
    }
}

#[tokio::test]
async fn peers_outside_are_reached_from_every_transport_in_both_families() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = callbox::pure::lan::Names::of(["localhost"]);
    let now = callbox::http::now();
    let local = callbox::tls::Local::open(folder.path(), &names, now).expect("one");
    let resolver = callbox::tls::Resolver::new(local.key());
    let tls = callbox::tls::server_config(resolver).expect("ring has all it takes");
    for engine in [Engine::Batched, Engine::Single] {
        assert_every_way_relays(Arc::clone(&tls), engine).await;
    }
}

async fn assert_every_way_relays(tls: Arc<rustls::ServerConfig>, engine: Engine) {
    let (tls, tls_config) = (vec![LOOPBACK], Some(tls));
    let relay = TestRelay::with(relay::Config { tls, tls_config, engine, ..open_config() });
    let ips: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    for (session, ip) in (0_u8..).zip(ips) {
        let credentials = |n: u8| relay.credentials(1, 3 * session + n);
        let mut over_udp = Client::udp(relay.udp(), credentials(0)).await;
        assert_relays(&mut over_udp, ip).await;
        let mut over_tcp = Client::tcp(relay.tcp(), credentials(1)).await;
        assert_relays(&mut over_tcp, ip).await;
        let stream = TcpStream::connect(relay.relay.tls[0]).await.expect("it listens");
        let name = "localhost".try_into().expect("a name");
        let stream = connector(&["stun.turn"]).connect(name, stream).await.expect("TLS");
        let mut over_tls = Client::stream(stream, credentials(2));
        assert_relays(&mut over_tls, ip).await;
    }
}

#[tokio::test]
async fn t55_what_is_not_permitted_or_freed_does_not_pass() {
    let relay = TestRelay::open();
    let mut client = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    let relayed = client.allocate().await.expect("an allocation");
    let (friend, other) =
        (peer(Ipv4Addr::LOCALHOST.into()).await, peer(Ipv4Addr::new(127, 0, 0, 9).into()).await);
    let at_friend = friend.local_addr().expect("bound");
    client.permit(at_friend).await.expect("an allowed peer");
    other.send_to(b"not permitted", relayed).await.expect("loopback takes it");
    friend.send_to(b"permitted", relayed).await.expect("loopback takes it");
    let expected = Received::Data(at_friend, b"permitted".to_vec());
    assert_eq!(client.receive().await, Some(expected));
    // Where this program listens nobody is sent to, however much is allowed.
    for listening in [relay.udp(), relay.tcp()] {
        assert_eq!(client.permit(listening).await, Err(403));
        assert_eq!(client.bind(0x4000, listening).await, Err(403));
    }
    client.refresh(0).await.expect("it ends");
    friend.connect(relayed).await.expect("loopback connects");
    // Nobody is there any more, and the system says so.
    while friend.send(b"late").await.is_ok() {}
}

/// A channel's peer has a socket of its own, beside that of all others.
#[tokio::test]
async fn a_channel_leaves_the_way_to_other_peers_as_it_was() {
    for connect in [true, false] {
        let relay = TestRelay::with(relay::Config { connect, ..open_config() });
        let mut client = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
        let relayed = client.allocate().await.expect("an allocation");
        let mut peers = Vec::new();
        // More than get sockets.
        for n in 0..12_u16 {
            let peer = peer(Ipv4Addr::LOCALHOST.into()).await;
            let at_peer = peer.local_addr().expect("bound");
            if n % 4 == 3 {
                client.permit(at_peer).await.expect("an allowed peer");
            } else {
                client.bind(0x4000 + n, at_peer).await.expect("an allowed peer");
                client.bind(0x4000 + n, at_peer).await.expect("it is renewed");
            }
            peers.push((n, peer, at_peer));
        }
        for round in 0..3_u8 {
            for (n, peer, at_peer) in &peers {
                let data = vec![round, *n as u8];
                peer.send_to(&data, relayed).await.expect("loopback takes it");
                let expected = match n % 4 {
                    3 => Received::Data(*at_peer, data.clone()),
                    _ => Received::Channel(0x4000 + n, data.clone()),
                };
                assert_eq!(client.receive().await, Some(expected));
                match n % 4 {
                    3 => client.send_indication(*at_peer, &data).await,
                    _ => client.send_channel(0x4000 + n, &data).await,
                }
                assert_eq!(next(peer).await, (data, relayed));
            }
        }
    }
}

#[tokio::test]
async fn two_of_one_call_meet_at_the_address_they_are_told() {
    let mut config = open_config();
    let Mode::Open(sockets) = &mut config.mode else { unreachable!("it is open") };
    let outside = Ipv4Addr::new(9, 9, 9, 9);
    sockets.ipv4 = Some(Face { here: Ipv4Addr::LOCALHOST, outside });
    let relay = TestRelay::with(config);
    let mut a = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    let mut b = Client::tcp(relay.tcp(), relay.credentials(1, 2)).await;
    let mut stranger = Client::udp(relay.udp(), relay.credentials(2, 3)).await;
    let (at_a, at_b) = (a.allocate().await.expect("a"), b.allocate().await.expect("b"));
    assert_eq!((at_a.ip(), at_b.ip()), (outside.into(), outside.into()));
    stranger.allocate().await.expect("an allocation");
    assert_eq!(stranger.permit(at_a).await, Err(403));
    a.bind(0x4001, at_b).await.expect("a peer");
    b.permit(at_a).await.expect("a peer");
    a.send_channel(0x4001, b"there").await;
    assert_eq!(b.receive().await, Some(Received::Data(at_a, b"there".to_vec())));
    b.send_indication(at_a, b"back").await;
    assert_eq!(a.receive().await, Some(Received::Channel(0x4001, b"back".to_vec())));
}

#[tokio::test]
async fn ports_are_those_of_the_range_and_come_back() {
    let mut config = open_config();
    let Mode::Open(sockets) = &mut config.mode else { unreachable!("it is open") };
    let free = peer(Ipv4Addr::LOCALHOST.into()).await.local_addr().expect("bound").port();
    sockets.ports = free..=free;
    let relay = TestRelay::with(config);
    let mut first = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    let mut second = Client::udp(relay.udp(), relay.credentials(1, 2)).await;
    assert_eq!(first.allocate().await.expect("an allocation").port(), free);
    assert_eq!(second.allocate().await, Err(508));
    first.refresh(0).await.expect("it ends");
    assert_eq!(second.allocate().await.expect("an allocation").port(), free);
}

#[tokio::test]
async fn t45_sockets_are_closed_with_their_allocations() {
    let relay = TestRelay::open();
    let descriptors = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let mut client = Client::udp(relay.udp(), relay.credentials(1, 1)).await;
    client.allocate().await.expect("an allocation");
    client.refresh(0).await.expect("it ends");
    let before = descriptors();
    let peer = peer(Ipv4Addr::LOCALHOST.into()).await.local_addr().expect("bound");
    for _ in 0..500 {
        client.allocate().await.expect("an allocation");
        client.bind(0x4000, peer).await.expect("an allowed peer");
        client.refresh(0).await.expect("it ends");
    }
    // Other tests of this process open and close some meanwhile.
    assert!(descriptors() < before + 250);
}

#[tokio::test]
async fn the_program_opens_its_relay_when_told_to() {
    let server = Server::with(&[
        "--turn-mode=public",
        "--turn-allow-peer=127.0.0.0/8",
        "--turn-user=anna:password",
        "--turn-realm=example.org",
        "--turn-ports=20000-60000",
        "--turns-listen=127.0.0.1:0",
        "--turn-challenge-rate=1000",
    ]);
    let address = |value: &Value| value.as_str().expect("text").parse().expect("an address");
    let anna = || ("anna".to_owned(), "password".to_owned());
    let mut client = Client::udp(address(&server.ready["turn"]["udp"][0]), anna()).await;
    assert_relays(&mut client, Ipv4Addr::LOCALHOST.into()).await;
    let tls = server.ready["turn"]["tls"].as_array().expect("a list");
    assert_eq!(tls.len(), 2, "that of the pages, and its own");
    for (listener, alpn) in tls.iter().zip([&["stun.turn"][..], &[]]) {
        let stream = TcpStream::connect(address(listener)).await.expect("it listens");
        let name = "localhost".try_into().expect("a name");
        let stream = connector(alpn).connect(name, stream).await.expect("TLS");
        let mut client = Client::stream(stream, anna());
        assert_relays(&mut client, Ipv4Addr::LOCALHOST.into()).await;
    }
}
