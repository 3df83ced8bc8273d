//! Who can be a peer.

use super::*;

#[test]
fn t46_create_permission_takes_all_peers_or_none() {
    let mut world = World::new();
    let (mut a, at_a) = world.member(1, 1, 1);
    let (mut b, at_b) = world.member(2, 1, 2);
    let (_, at_c) = world.member(3, 1, 3);
    let none = world.request(&mut a, Method::CREATE_PERMISSION, |request| request);
    assert_eq!(result(&none), Err(400));
    let create = |world: &mut World, actor: &mut Actor, peers: &[SocketAddr]| {
        let answer = world.request(actor, Method::CREATE_PERMISSION, |request| {
            peers.iter().fold(request, |request, peer| {
                request.xor_address(AttributeType::XOR_PEER_ADDRESS, *peer)
            })
        });
        result(&answer)
    };
    let loopback = "127.0.0.1:1".parse().expect("an address");
    assert_eq!(create(&mut world, &mut a, &[at_b, loopback]), Err(403));
    world.permit(&mut b, at_a).expect("a peer");
    let to_b = send_indication(at_b, b"x").finish();
    assert_eq!(world.send(a.client, &to_b), Outcome::Dropped(DropReason::NoPermission));
    assert_eq!(create(&mut world, &mut a, &[at_b, at_c]), Ok(()));
    assert!(matches!(world.send(a.client, &to_b), Outcome::Relayed { .. }));
}

#[test]
fn t47_t48_t49_t50_t51_t52_t53_t54_nothing_outside_the_call_is_a_peer() {
    let mut world = World::new();
    let (mut actor, relayed) = world.member(1, 1, 1);
    let (_, member) = world.member(2, 1, 2);
    let ipv4 = [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.2",
        "192.88.99.1",
        "8.8.8.8",
        "198.51.100.0",
        "198.51.100.1",
        "198.51.100.2",
        "198.51.100.3",
        "198.51.100.255",
    ];
    for ip in ipv4 {
        let ip: Ipv4Addr = ip.parse().expect("an address");
        for port in [0, 22, 443, 3478, relayed.port(), member.port()] {
            let peer = SocketAddr::new(ip.into(), port);
            if peer != member {
                assert_eq!(world.permit(&mut actor, peer), Err(403), "{peer}");
                assert_eq!(world.bind(&mut actor, 0x4000, peer), Err(403), "{peer}");
                let bytes = send_indication(peer, b"x").finish();
                let outcome = world.send(actor.client, &bytes);
                assert_eq!(outcome, Outcome::Dropped(DropReason::NoPeer), "{peer}");
            }
        }
    }
    assert_eq!(world.permit(&mut actor, member), Ok(()));
}

#[test]
fn t49_t56_ipv6_spellings_are_of_the_wrong_family() {
    let mut world = World::new();
    let (mut actor, _) = world.member(1, 1, 1);
    let (_, member) = world.member(2, 1, 2);
    let SocketAddr::V4(v4) = member else { panic!("relayed addresses are IPv4") };
    let ipv6 = [
        "::1".to_owned(),
        "::".to_owned(),
        "::ffff:127.0.0.1".to_owned(),
        "::127.0.0.1".to_owned(),
        "::ffff:0:127.0.0.1".to_owned(),
        "2002:7f00:1::".to_owned(),
        "64:ff9b::7f00:1".to_owned(),
        "2001::1".to_owned(),
        "fe80::1".to_owned(),
        "fd00:ec2::254".to_owned(),
        format!("::ffff:{}", v4.ip()),
    ];
    for ip in ipv6 {
        let peer = SocketAddr::new(ip.parse().expect("an address"), member.port());
        assert_eq!(world.permit(&mut actor, peer), Err(443), "{peer}");
        assert_eq!(world.bind(&mut actor, 0x4000, peer), Err(443), "{peer}");
        let bytes = send_indication(peer, b"x").finish();
        assert_eq!(world.send(actor.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
    }
}

#[test]
fn t55_own_foreign_and_freed_relayed_addresses_are_no_peers() {
    let mut world = World::new();
    let ((mut a, at_a), (mut b, at_b)) = world.pair();
    assert_eq!(world.permit(&mut a, at_a), Err(403), "its own");
    // A call of its own, with legs at the same virtual IP addresses.
    let (mut stranger, at_stranger) = world.member(3, 2, 3);
    assert_eq!(at_stranger.ip(), at_a.ip());
    for peer in [at_a, at_b] {
        assert_eq!(world.permit(&mut stranger, peer), Err(403));
    }
    assert_eq!(world.permit(&mut a, at_stranger), Err(403));
    let zero = SocketAddr::new(at_b.ip(), 0);
    assert_eq!(world.permit(&mut a, zero), Err(403), "port 0");

    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    assert_eq!(world.refresh(&mut b, 0), Ok(0));
    assert_eq!(world.permit(&mut a, at_b), Err(403), "freed");
    let bytes = channel_data(0x4000, b"late");
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
    // Whoever comes next does not inherit the address.
    let next = world.allocate(&mut b).expect("an allocation");
    assert_ne!(next, at_b);
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
}

#[test]
fn t57_channel_numbers_and_peers_pair_up_once() {
    let mut world = World::new();
    let (mut a, _) = world.member(1, 1, 1);
    let (_, at_b) = world.member(2, 1, 2);
    let (_, at_c) = world.member(3, 1, 3);
    assert_eq!(world.bind(&mut a, 0x3FFF, at_b), Err(400));
    assert_eq!(world.bind(&mut a, 0x5000, at_b), Err(400));
    assert_eq!(world.bind(&mut a, 0x4FFF, at_b), Ok(()));
    assert_eq!(world.bind(&mut a, 0x4FFF, at_c), Err(400));
    assert_eq!(world.bind(&mut a, 0x4000, at_b), Err(400));
    assert_eq!(world.bind(&mut a, 0x4FFF, at_b), Ok(()), "renewed");
    assert_eq!(world.bind(&mut a, 0x4000, at_c), Ok(()));
    // Either part missing or misshapen.
    let answer = world.request(&mut a, Method::CHANNEL_BIND, |request| {
        request.xor_address(AttributeType::XOR_PEER_ADDRESS, at_b)
    });
    assert_eq!(result(&answer), Err(400));
    let answer = world.request(&mut a, Method::CHANNEL_BIND, |request| {
        request.attribute(AttributeType::CHANNEL_NUMBER, &[0x40, 1, 0, 0])
    });
    assert_eq!(result(&answer), Err(400));
    let answer = world.request(&mut a, Method::CHANNEL_BIND, |request| {
        request
            .attribute(AttributeType::CHANNEL_NUMBER, &[0x40, 1])
            .attribute(AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0])
    });
    assert_eq!(result(&answer), Err(400));
}

#[test]
fn legs_have_addresses_and_their_allocations_ports() {
    let mut world = World::new();
    let (_, first) = world.member(1, 1, 1);
    let (_, second) = world.member(2, 1, 1);
    let (_, other) = world.member(3, 1, 2);
    assert_eq!(first.ip(), second.ip());
    assert_ne!(first.port(), second.port());
    assert_ne!(first.ip(), other.ip());
}
