//! No memory is allocated on the way of a packet. This counts what the whole
//! process allocates, so it is a process of its own, without a harness.

#![allow(unreachable_pub, reason = "the bench shares its client")]

use std::alloc::System;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{SystemTime, UNIX_EPOCH};

use callbox::pure::auth::relay::{Grant, Keys};
use callbox::pure::stun::{AttributeType, Class, Method, TransactionId, Writer};
use callbox::pure::turn::{Limits, Network};
use callbox::pure::wire::{CallId, SessionId};
use callbox::relay::{self, Face, Mode, Sockets};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[expect(dead_code, reason = "this one offers no protocols")]
#[path = "it/any_certificate.rs"]
mod any_certificate;
#[expect(dead_code, reason = "the bench uses all of it")]
#[path = "../benches/relay/client.rs"]
mod client;

use client::{Client, Wire, plain};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    nothing_is_allocated_for_a_packet_between_two_clients();
    nothing_is_allocated_for_a_packet_to_or_from_a_peer();
}

struct Relay {
    relay: relay::Relay,
    keys: Keys,
}

impl Relay {
    fn start(mode: Mode, workers: usize) -> Self {
        let endless = u64::MAX / 1000;
        let limits = Limits {
            unauthenticated_replies: 10_000,
            allocation_rate: endless,
            session_rate: endless,
            total_rate: endless,
            ..Limits::default()
        };
        let udp = vec![(Ipv4Addr::LOCALHOST, 0).into()];
        let config = relay::Config { udp, mode, workers, limits, ..relay::Config::default() };
        let keys = Keys::new(&[7; 32], None);
        let (_, revocations) = tokio::sync::mpsc::unbounded_channel();
        let told = tokio::sync::watch::channel(keys.clone()).1;
        let relay = relay::start(config, told, revocations).expect("free ports");
        Self { relay, keys }
    }

    fn member(&self, session: u8) -> (Client, SocketAddr) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let call = CallId::from_bytes([1; 16]);
        let session = SessionId::from_bytes([session; 16]);
        let credentials = self.keys.issue(Grant { expires: now + 3600, call, session });
        let mut client = Client::new(Wire::udp(self.relay.udp[0]), credentials);
        let relayed = client.allocate();
        (client, relayed)
    }

    /// Two clients, on one worker or on two: the ports tell.
    fn pair(&self, workers: u16) -> [(Client, SocketAddr); 2] {
        let first = self.member(1);
        let fits = |port: u16| (port % 2 == first.1.port() % 2) == (workers == 1);
        let second = (2..200).map(|session| self.member(session));
        let mut second = second.filter(|(_, relayed)| fits(relayed.port()));
        let second = second.next().expect("the system spreads clients");
        [first, second]
    }
}

/// Sends so many packets, a few at a time, and receives them.
fn exchange(packets: usize, mut send: impl FnMut(), mut receive: impl FnMut() -> bool) -> usize {
    let mut lost = 0;
    for _ in 0..packets / AT_A_TIME {
        (0..AT_A_TIME).for_each(|_| send());
        lost += (0..AT_A_TIME).filter(|_| !receive()).count();
    }
    lost
}

/// What is allocated per packet once the relay has seen some.
fn assert_none(name: &str, mut send: impl FnMut(), mut receive: impl FnMut() -> bool) {
    exchange(PACKETS, &mut send, &mut receive);
    let region = Region::new(ALLOCATOR);
    let lost = exchange(PACKETS, &mut send, &mut receive);
    let change = region.change();
    assert_eq!(lost, 0, "{name}: loopback loses nothing that is waited for");
    assert_eq!((change.allocations, change.reallocations), (0, 0), "{name}: {change:?}");
}

fn channel_data(size: u16) -> Vec<u8> {
    [&[0x40, 0x01][..], &size.to_be_bytes(), &vec![0xAB; size.into()]].concat()
}

fn indication(peer: SocketAddr, size: usize) -> Vec<u8> {
    Writer::new(Class::Indication, Method::SEND, TransactionId([1; 12]))
        .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        .attribute(AttributeType::DATA, &vec![0xAB; size])
        .finish()
}

fn datagrams(client: &mut Client) -> &UdpSocket {
    match &client.wire {
        Wire::Udp(socket) => socket,
        Wire::Tls { .. } => unreachable!("it is UDP"),
    }
}

fn nothing_is_allocated_for_a_packet_between_two_clients() {
    for workers in [1, 2] {
        let relay = Relay::start(Mode::Closed, 2);
        let [(mut a, at_a), (mut b, at_b)] = relay.pair(workers);
        a.bind(0x4001, at_b);
        b.permit(at_a);
        let mut buffer = [0; 2048];
        for (name, packet) in [
            ("a channel, a Data indication", channel_data(200)),
            ("a Send indication, a Data indication", indication(at_b, 200)),
            ("longer ones", channel_data(1200)),
        ] {
            let (from, to) = (datagrams(&mut a), datagrams(&mut b));
            let name = format!("{name}, workers: {workers}");
            let send = || assert!(from.send(&packet).is_ok());
            assert_none(&name, send, || to.recv(&mut buffer).is_ok_and(|n| n >= 200));
        }
        b.bind(0x4001, at_a);
        let packet = channel_data(200);
        let (from, to) = (datagrams(&mut a), datagrams(&mut b));
        let send = || assert!(from.send(&packet).is_ok());
        assert_none("two channels", send, || to.recv(&mut buffer).is_ok_and(|n| n == 204));
    }
}

fn nothing_is_allocated_for_a_packet_to_or_from_a_peer() {
    let localhost = Face { here: Ipv4Addr::LOCALHOST, outside: Ipv4Addr::LOCALHOST };
    let sockets = Sockets {
        ipv4: Some(localhost),
        ipv6: None,
        ports: 20_000..=60_000,
        allow: Network::new(Ipv4Addr::LOCALHOST.into(), 8).into_iter().collect(),
        deny: Vec::new(),
        own: Vec::new(),
        listening: Vec::new(),
    };
    let relay = Relay::start(Mode::Open(sockets), 2);
    let (mut client, relayed) = relay.member(1);
    let peer = plain();
    let at_peer = peer.local_addr().expect("bound");
    client.permit(at_peer);
    let mut buffer = [0; 2048];
    for bound in [false, true] {
        let packet = match bound {
            false => indication(at_peer, 200),
            true => {
                client.bind(0x4001, at_peer);
                channel_data(200)
            }
        };
        let socket = datagrams(&mut client);
        let send = || assert!(socket.send(&packet).is_ok());
        assert_none("to a peer", send, || peer.recv(&mut buffer).is_ok_and(|n| n == 200));
        let data = [0xAB; 200];
        let send = || assert!(peer.send_to(&data, relayed).is_ok());
        assert_none("from a peer", send, || socket.recv(&mut buffer).is_ok_and(|n| n >= 204));
    }
}

const PACKETS: usize = 4_000;
const AT_A_TIME: usize = 20;
