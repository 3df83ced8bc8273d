//! Sockets of every kind on loopback, with and without the calls for many.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mio::{Events, Interest, Poll, Token};

use super::{BATCH, Engine, Head, Outgoing, Slots, UdpSocket};

const ENGINES: [Engine; 2] = [Engine::Batched, Engine::Single];

fn bound(address: &str, engine: Engine) -> UdpSocket {
    let address = address.parse().expect("an address");
    UdpSocket::bind(address, false, engine).expect("a free port")
}

fn plain() -> std::net::UdpSocket {
    std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
}

/// Receives so many datagrams: who sent them, and what unless too long.
fn receive(socket: &mut UdpSocket, count: usize) -> Vec<(SocketAddr, Option<Vec<u8>>)> {
    let mut poll = Poll::new().expect("the system polls");
    poll.registry().register(socket, Token(0), Interest::READABLE).expect("a socket");
    let (mut slots, mut more) = (Slots::new(100), false);
    let mut received = Vec::new();
    while received.len() < count {
        if !more {
            poll.poll(&mut Events::with_capacity(1), None).expect("the system polls");
        }
        more = match socket.receive(&mut slots) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                slots.clear();
                false
            }
            other => other.expect("loopback gives datagrams"),
        };
        received.extend((0..slots.len()).map(|place| {
            let datagram = slots.datagram(place);
            (datagram.from, datagram.bytes.map(<[u8]>::to_vec))
        }));
    }
    poll.registry().deregister(socket).expect("a socket");
    received
}

fn part(to: SocketAddr, range: std::ops::Range<usize>) -> Outgoing {
    Outgoing { to, from: None, head: Head::NONE, range, padding: 0 }
}

#[test]
fn batches_arrive_in_order_and_what_is_too_long_is_marked() {
    for engine in ENGINES {
        let (mut ours, theirs) = (bound("127.0.0.1:0", engine), plain());
        let from = theirs.local_addr().expect("bound");
        let many = BATCH as u8 + 8;
        for n in 0..many {
            theirs.send_to(&[n; 100], ours.local_addr()).expect("sent");
        }
        theirs.send_to(&[0; 101], ours.local_addr()).expect("sent");
        theirs.send_to(&[], ours.local_addr()).expect("sent");
        let whole = (0..many).map(|n| (from, Some(vec![n; 100])));
        let expected: Vec<_> = whole.chain([(from, None), (from, Some(Vec::new()))]).collect();
        assert_eq!(receive(&mut ours, expected.len()), expected);
        // Nothing was lost of the readiness: what comes later is noticed.
        theirs.send_to(b"later", ours.local_addr()).expect("sent");
        assert_eq!(receive(&mut ours, 1), [(from, Some(b"later".to_vec()))]);
    }
}

#[test]
fn what_was_joined_on_its_way_comes_apart_again() {
    for (sender, receiver) in [
        (Engine::Batched, Engine::Batched),
        (Engine::Batched, Engine::Single),
        (Engine::Single, Engine::Batched),
    ] {
        let (ours, mut theirs) = (bound("127.0.0.1:0", sender), bound("127.0.0.1:0", receiver));
        let (from, to) = (ours.local_addr(), theirs.local_addr());
        let buffer: Vec<u8> = (0..=255).cycle().take(4096).collect();
        // Runs of equal ones, ends that are shorter, empty and too long ones.
        let lengths = [90, 90, 90, 20, 90, 90, 0, 0, 7, 7, 8, 101, 101, 50, 50, 50, 50, 1];
        let many = lengths.iter().chain(&[64; 150]).copied();
        let batch: Vec<_> = many.enumerate().map(|(n, length)| part(to, n..n + length)).collect();
        assert_eq!(ours.send_batch(&buffer, &batch), batch.len());
        let expected: Vec<_> = batch
            .iter()
            .map(|packet| (from, Some(buffer[packet.range.clone()].to_vec())))
            .map(|(from, bytes)| (from, bytes.filter(|bytes| bytes.len() <= 100)))
            .collect();
        assert_eq!(receive(&mut theirs, batch.len()), expected, "{sender:?} {receiver:?}");
    }
}

#[test]
fn a_datagram_is_a_header_a_part_and_padding() {
    for engine in ENGINES {
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let (ours, theirs) = (bound(address, engine), plain());
            let to = theirs.local_addr().expect("bound");
            let buffer: Vec<u8> = (100..200).collect();
            let outgoing = |n: usize| Outgoing {
                to,
                from: None,
                head: Head::of(|bytes| {
                    bytes[..n % 49].fill(n as u8);
                    n % 49
                }),
                range: n % 50..n % 50 + n % 7,
                padding: n % 4,
            };
            let batch: Vec<_> = (0..BATCH + 70).map(outgoing).collect();
            assert_eq!(ours.send_batch(&buffer, &batch), batch.len());
            let mut bytes = [0; 200];
            for (n, packet) in batch.iter().enumerate() {
                let (length, from) = theirs.recv_from(&mut bytes).expect("it arrives");
                assert_eq!(bytes[..length], packet.parts(&buffer).concat(), "{n}");
                assert_eq!(from, (Ipv4Addr::LOCALHOST, ours.local_addr().port()).into());
            }
        }
    }
}

#[test]
fn a_datagram_nobody_can_get_does_not_cost_the_others_theirs() {
    for engine in ENGINES {
        let (ours, theirs) = (bound("127.0.0.1:0", engine), plain());
        let to = theirs.local_addr().expect("bound");
        let nowhere = "[::1]:9".parse().expect("an address");
        let batch = [to, nowhere, nowhere, to].map(|to| part(to, 0..4));
        assert_eq!(ours.send_batch(&[0; 4], &batch), 2);
        let mut buffer = [0; 200];
        for _ in 0..2 {
            assert_eq!(theirs.recv(&mut buffer).expect("it arrives"), 4);
        }
    }
}

#[test]
fn a_connected_socket_has_one_peer_and_the_other_all_the_rest() {
    for engine in ENGINES {
        let (mut all, peer, other) = (bound("127.0.0.1:0", engine), plain(), plain());
        let (at_peer, at_other) =
            (peer.local_addr().expect("bound"), other.local_addr().expect("bound"));
        let mut one = all.connect_beside(at_peer).expect("the system can");
        assert_eq!(one.local_addr(), all.local_addr());
        for n in 0..10_u8 {
            peer.send_to(&[n], one.local_addr()).expect("sent");
            other.send_to(&[n + 100], all.local_addr()).expect("sent");
        }
        let from = |at, first: u8| {
            (0..10_u8).map(move |n| (at, Some(vec![n + first]))).collect::<Vec<_>>()
        };
        assert_eq!(receive(&mut one, 10), from(at_peer, 0));
        assert_eq!(receive(&mut all, 10), from(at_other, 100));
        let mut bytes = [0; 100];
        for socket in [&one, &all] {
            assert_eq!(socket.send_batch(&[7; 90], &[part(at_peer, 0..90)]), 1);
            let (length, from) = peer.recv_from(&mut bytes).expect("it arrives");
            assert_eq!((length, from), (90, all.local_addr()));
        }
        drop(one);
        peer.send_to(b"again", all.local_addr()).expect("sent");
        assert_eq!(receive(&mut all, 1), [(at_peer, Some(b"again".to_vec()))]);
    }
}

#[test]
fn a_peer_that_was_away_loses_nothing_once_it_is_there() {
    for engine in ENGINES {
        let (all, peer) = (bound("127.0.0.1:0", engine), plain());
        let at_peer = peer.local_addr().expect("bound");
        let one = all.connect_beside(at_peer).expect("the system can");
        drop(peer);
        let packet = [part(at_peer, 0..4)];
        // The system says of this one that nobody is there, with the next.
        assert_eq!(one.send_batch(b"gone", &packet), 1);
        let peer = std::net::UdpSocket::bind(at_peer).expect("it was free");
        assert_eq!(one.send_batch(b"here", &packet), 1, "{engine:?}");
        let mut bytes = [0; 100];
        assert_eq!(peer.recv(&mut bytes).expect("it arrives"), 4);
        assert_eq!(&bytes[..4], b"here");
    }
}

#[test]
fn a_range_gives_each_of_its_ports_once() {
    let localhost = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let base = bound("127.0.0.1:0", Engine::Batched);
    let first = base.local_addr().port();
    let within = || UdpSocket::bind_within(localhost, &(first..=first), 7, Engine::Batched);
    let error = within().expect_err("it is taken");
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    drop(base);
    assert_eq!(within().expect("it is free").local_addr().port(), first);
}
