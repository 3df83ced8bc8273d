//! Clients of one call on different workers.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use callbox::net::udp::Engine;
use callbox::pure::auth::relay::Revocation;
use callbox::pure::turn::Limits;
use callbox::relay;

use super::client::{Client, Received};
use super::{LOOPBACK, TestRelay, call_id, open_config, session_id, wide};

/// A client with an allocation, and its relayed address.
type Member = (Client, SocketAddr);

async fn over_udp(relay: &TestRelay, call: u8, session: u8) -> Member {
    let mut client = Client::udp(relay.udp(), relay.credentials(call, session)).await;
    let relayed = client.allocate().await.expect("an allocation");
    (client, relayed)
}

/// One client for each worker: where addresses are virtual, the port tells.
async fn one_each(relay: &TestRelay, workers: usize) -> Vec<Member> {
    let mut members: Vec<Option<Member>> = (0..workers).map(|_| None).collect();
    for session in 0..100 {
        let member = over_udp(relay, 1, session).await;
        let worker = usize::from(member.1.port() - 49_152) % workers;
        members[worker].get_or_insert(member);
        if members.iter().all(Option::is_some) {
            return members.into_iter().flatten().collect();
        }
    }
    panic!("the system spreads clients over workers");
}

/// Channels and indications both ways, one by one and in bursts.
async fn assert_meet((a, at_a): &mut Member, (b, at_b): &mut Member, pair: u16) {
    let (of_a, of_b) = (0x4000 + pair, 0x4100 + pair);
    a.permit(*at_b).await.expect("a peer");
    b.permit(*at_a).await.expect("a peer");
    a.send_indication(*at_b, b"there").await;
    assert_eq!(b.receive().await, Some(Received::Data(*at_a, b"there".to_vec())));
    b.send_indication(*at_a, b"back").await;
    assert_eq!(a.receive().await, Some(Received::Data(*at_b, b"back".to_vec())));
    a.bind(of_a, *at_b).await.expect("a peer");
    b.bind(of_b, *at_a).await.expect("a peer");
    for round in 0..20_u8 {
        let data = |n: usize| vec![round; (n * 61 + usize::from(round)) % 1400];
        for n in 0..40 {
            a.send_channel(of_a, &data(n)).await;
            b.send_channel(of_b, &data(n + 7)).await;
        }
        for n in 0..40 {
            assert_eq!(b.receive().await, Some(Received::Channel(of_b, data(n))));
            assert_eq!(a.receive().await, Some(Received::Channel(of_a, data(n + 7))));
        }
    }
}

fn config(workers: usize) -> relay::Config {
    let endless = u64::MAX / 1000;
    let limits = Limits { allocation_rate: endless, session_rate: endless, ..wide() };
    relay::Config { limits, workers, ..relay::Config::default() }
}

#[tokio::test]
async fn clients_on_different_workers_reach_each_other() {
    for engine in [Engine::Batched, Engine::Single] {
        let relay = TestRelay::with(relay::Config { engine, ..config(3) });
        let mut members = one_each(&relay, 3).await;
        let mut pairs = 0..;
        for first in 0..3 {
            for second in first + 1..3 {
                let (before, after) = members.split_at_mut(second);
                let pair = pairs.next().expect("endless");
                assert_meet(&mut before[first], &mut after[0], pair).await;
            }
        }
        relay.relay.stop().await;
    }
}

/// As a service manager gives them: one for IPv4, one for all addresses.
#[tokio::test]
async fn clients_of_sockets_that_are_given_meet_those_of_every_worker() {
    for engine in [Engine::Batched, Engine::Single] {
        let open = |address| Arc::new(UdpSocket::bind(address).expect("a free port"));
        let given = vec![open("127.0.0.1:0"), open("[::]:0")];
        let relay = TestRelay::with(relay::Config { engine, given, ..config(3) });
        let mut members = one_each(&relay, 3).await;
        let ports: Vec<_> = relay.relay.udp.iter().map(SocketAddr::port).collect();
        let mut pairs = 0..;
        for (place, port) in (0..).zip(&ports[1..]) {
            let at = (LOOPBACK.ip(), *port).into();
            let mut client = Client::udp(at, relay.credentials(1, 200 + place)).await;
            let relayed = client.allocate().await.expect("an allocation");
            assert_eq!(usize::from(relayed.port() - 49_152) % 3, usize::from(place));
            let mut newcomer = (client, relayed);
            for member in &mut members {
                assert_meet(&mut newcomer, member, pairs.next().expect("endless")).await;
            }
            members.push(newcomer);
        }
        relay.relay.stop().await;
    }
}

#[tokio::test]
async fn streams_take_turns_and_meet_datagrams_of_other_workers() {
    let relay = TestRelay::with(config(2));
    let mut members = one_each(&relay, 2).await;
    let mut workers = Vec::new();
    for session in [0xA0, 0xB0] {
        let credentials = relay.credentials(1, session as u8);
        let mut client = Client::tcp(relay.tcp(), credentials).await;
        let relayed = client.allocate().await.expect("an allocation");
        workers.push(relayed.port() % 2);
        let mut stream = (client, relayed);
        for (pair, member) in (0..).zip(&mut members) {
            assert_meet(&mut stream, member, pair + session).await;
        }
    }
    assert_ne!(workers[0], workers[1]);
}

#[tokio::test]
async fn with_sockets_workers_meet_inside_as_well() {
    let relay = TestRelay::with(relay::Config { workers: 3, ..open_config() });
    let mut members = Vec::new();
    // On one worker all of them only once in 177,147 times.
    for session in 0..12 {
        members.push(over_udp(&relay, 1, session).await);
    }
    let stranger = over_udp(&relay, 2, 100).await;
    let (first, others) = members.split_first_mut().expect("twelve");
    assert_eq!(first.0.permit(stranger.1).await, Err(403));
    for other in others {
        assert_eq!(other.0.permit(stranger.1).await, Err(403));
        first.0.permit(other.1).await.expect("a peer");
        other.0.permit(first.1).await.expect("a peer");
        first.0.send_indication(other.1, b"there").await;
        assert_eq!(other.0.receive().await, Some(Received::Data(first.1, b"there".to_vec())));
        other.0.send_indication(first.1, b"back").await;
        assert_eq!(first.0.receive().await, Some(Received::Data(other.1, b"back".to_vec())));
    }
}

#[tokio::test]
async fn t70_a_revocation_reaches_every_worker() {
    let relay = TestRelay::with(config(3));
    let mut members = one_each(&relay, 3).await;
    let mut other = over_udp(&relay, 2, 200).await;
    relay.revocations.send(Revocation::Call(call_id(1))).expect("it runs");
    for (client, _) in &mut members {
        while client.refresh(600).await != Err(437) {}
        assert_eq!(client.allocate().await, Err(401));
    }
    assert_eq!(other.0.refresh(600).await, Ok(()));
    relay.revocations.send(Revocation::Session(session_id(200))).expect("it runs");
    while other.0.refresh(600).await != Err(437) {}
}

#[tokio::test]
async fn t44_quotas_are_for_all_workers_together() {
    let limits = Limits { allocations_per_session: 5, ..wide() };
    let relay = TestRelay::with(relay::Config { limits, ..config(3) });
    let mut clients = Vec::new();
    for _ in 0..40 {
        clients.push(Client::udp(relay.udp(), relay.credentials(1, 1)).await);
    }
    let mut made = Vec::new();
    for client in &mut clients {
        match client.allocate().await {
            Ok(_) => made.push(client),
            Err(code) => assert_eq!(code, 486),
        }
    }
    assert_eq!(made.len(), 5);
    let mut late = Client::udp(relay.udp(), relay.credentials(2, 1)).await;
    assert_eq!(late.allocate().await, Err(486));
    made[0].refresh(0).await.expect("it ends");
    late.allocate().await.expect("there is room for one");
}

/// A leg has one address, wherever its allocations are.
#[tokio::test]
async fn a_permission_for_a_leg_holds_on_every_worker() {
    let relay = TestRelay::with(config(2));
    let mut a = over_udp(&relay, 1, 1).await;
    let mut of_b = Vec::new();
    for _ in 0..12 {
        of_b.push(over_udp(&relay, 1, 2).await);
    }
    a.0.permit(of_b[0].1).await.expect("a peer");
    assert!(of_b.iter().any(|b| b.1.port() % 2 != of_b[0].1.port() % 2), "they are on both");
    for (client, relayed) in &mut of_b {
        client.permit(a.1).await.expect("a peer");
        client.send_indication(a.1, b"from any of them").await;
        let expected = Received::Data(*relayed, b"from any of them".to_vec());
        assert_eq!(a.0.receive().await, Some(expected));
    }
}
