//! A server with sockets: peers outside, by the rules.

use std::collections::HashMap;

use super::*;

const OUR_IPV4: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);

fn outside() -> SocketAddr {
    SocketAddr::from(([8, 8, 8, 8], 4000))
}

fn open() -> Open {
    let our_ipv6 = "2a00::9".parse().expect("an address");
    let rules = Rules {
        own: vec![OUR_IPV4.into(), std::net::IpAddr::V6(our_ipv6)],
        allow: Network::new(Ipv4Addr::new(10, 1, 0, 0).into(), 16).into_iter().collect(),
        ..Rules::default()
    };
    Open { ipv4: Some(OUR_IPV4), ipv6: Some(our_ipv6), rules }
}

fn world_of(open: Open) -> World {
    let limits = Limits { unauthenticated_replies: 10_000, ..Limits::default() };
    let credentials = Credentials {
        secret: Some("north".to_owned()),
        users: HashMap::from([("anna".to_owned(), "secret".to_owned())]),
        ..Credentials::of_hub(keys())
    };
    World::of(Setup { mode: Mode::Open(open), credentials, ..setup(limits) })
}

fn world() -> World {
    world_of(open())
}

fn named(world: &World, place: u16, username: &str, password: &str) -> Actor {
    let (username, password) = (username.to_owned(), password.to_owned());
    Actor { username, password, ..world.actor(place, 1, 1) }
}

fn family(number: u8) -> impl Fn(Writer) -> Writer {
    move |request| request.attribute(AttributeType::REQUESTED_ADDRESS_FAMILY, &[number, 0, 0, 0])
}

/// The one allocation of a client.
fn id_of(world: &World, actor: &Actor) -> AllocationId {
    world.server.by_client[&actor.client]
}

#[test]
fn an_allocation_has_the_address_of_its_socket() {
    let mut world = world();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let repeated = actor.clone();
    let relayed = world.allocate(&mut actor).expect("an allocation");
    assert_eq!(relayed, SocketAddr::from((OUR_IPV4, 50_000)));
    assert_eq!(world.allocate(&mut repeated.clone()), Ok(relayed), "told again");
    assert_eq!(world.sockets.len(), 1);
    assert_eq!(world.refresh(&mut actor, 0), Ok(0));
    world.assert_empty();
    let (_, relayed) = world.member(2, 1, 1);
    assert_eq!(relayed.port(), 50_001);
    world.pass(600);
    world.assert_empty();
}

#[test]
fn without_a_socket_there_is_no_allocation() {
    let mut world = world();
    world.next_port = None;
    let mut actor = world.actor(1, 1, 1);
    assert_eq!(world.allocate(&mut actor), Err(508));
    world.assert_empty();
    world.next_port = Some(7);
    assert!(world.allocate(&mut actor).is_ok());
}

#[test]
fn an_answer_waits_for_the_socket_and_a_repetition_for_the_answer() {
    let mut world = world();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let request = actor.request(Method::ALLOCATE);
    let request = actor.sign(request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]));
    let mut opened = Vec::new();
    for _ in 0..2 {
        let verdict = world.server.handle_datagram(world.now, actor.client, &request);
        assert_eq!(verdict, Verdict::Handled);
        while let Some(output) = world.server.poll_output() {
            match output {
                Output::Claim { allocation, claim } => {
                    let claimed = world.ledger.borrow_mut().claim(claim);
                    world.server.handle_claimed(allocation, claimed);
                }
                Output::Open { allocation, .. } => opened.push(allocation),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(opened.len(), 1);
    // Nothing passes while it has no address.
    world.sockets = opened.clone();
    assert_eq!(world.permit(&mut actor, outside()), Ok(()));
    world.server.handle_opened(opened[0], Some(4242));
    let answer = world.obey().expect("an answer").1;
    let message = parse(&answer);
    let relayed = message.first(AttributeType::XOR_RELAYED_ADDRESS).expect("an address");
    let relayed = read_xor_address(relayed, message.transaction()).expect("an address");
    assert_eq!(relayed.port(), 4242);
    // A socket that comes too late is closed again.
    assert_eq!(world.refresh(&mut actor, 0), Ok(0));
    world.server.handle_opened(opened[0], Some(4243));
    world.assert_empty();
}

#[test]
fn t40_families_are_those_of_the_sockets() {
    let both = [(1, Ok(())), (2, Ok(())), (3, Err(440))];
    let ipv4 = [(1, Ok(())), (2, Err(440)), (3, Err(440))];
    let ipv6 = [(1, Err(440)), (2, Ok(())), (3, Err(440))];
    let cases = [
        (open(), both),
        (Open { ipv6: None, ..open() }, ipv4),
        (Open { ipv4: None, ..open() }, ipv6),
    ];
    for (open, cases) in cases {
        let mut world = world_of(open.clone());
        for (number, expected) in cases {
            let mut actor = world.actor(u16::from(number), 1, 1);
            let made = world.allocate_with(&mut actor, family(number));
            assert_eq!(made.map(drop), expected, "{number}");
            if let Ok(relayed) = made {
                assert_eq!(relayed.is_ipv4(), number == 1);
            }
        }
        let mut bare = world.actor(9, 1, 1);
        let made = world.allocate(&mut bare);
        assert_eq!(made.is_ok(), open.ipv4.is_some(), "IPv4, if nothing is said");
    }
}

#[test]
fn t56_peers_are_of_the_family_of_the_allocation() {
    let mut world = world();
    let ipv6 = "[2a00::5]:4000".parse().expect("an address");
    for (place, number, good, bad) in [(1, 1, outside(), ipv6), (2, 2, ipv6, outside())] {
        let mut actor = world.actor(place, 1, 1);
        world.allocate_with(&mut actor, family(number)).expect("an allocation");
        assert_eq!(world.permit(&mut actor, bad), Err(443));
        assert_eq!(world.bind(&mut actor, 0x4000, bad), Err(443));
        assert_eq!(world.permit(&mut actor, good), Ok(()));
        let wrong = send_indication(bad, b"x").finish();
        assert_eq!(world.send(actor.client, &wrong), Outcome::Dropped(DropReason::NoPeer));
        for (asked, expected) in [(number, Ok(())), (3 - number, Err(443))] {
            let answer = world.request(&mut actor, Method::REFRESH, family(asked));
            assert_eq!(result(&answer), expected);
        }
    }
}

#[test]
fn packets_go_out_of_the_socket_and_come_back_in_both_forms() {
    let mut world = world();
    let ipv6: SocketAddr = "[2a00::5]:4000".parse().expect("an address");
    for (place, number, peer) in [(1, 1, outside()), (2, 2, ipv6)] {
        let mut actor = world.actor(place, 1, 1);
        world.allocate_with(&mut actor, family(number)).expect("an allocation");
        let id = id_of(&world, &actor);
        let out = send_indication(peer, b"out").finish();
        let denied = Outcome::Dropped(DropReason::NoPermission);
        assert_eq!(world.send(actor.client, &out), denied);
        assert_eq!(world.send_back(id, peer, b"early"), denied);
        assert_eq!(world.permit(&mut actor, peer), Ok(()));
        let emitted = |bytes: &[u8]| Outcome::Emitted { from: id, to: peer, bytes: bytes.to_vec() };
        assert_eq!(world.send(actor.client, &out), emitted(b"out"));
        for data in [&b""[..], b"1", b"12", b"123", b"1234"] {
            match world.send_back(id, peer, data) {
                Outcome::Relayed { to, bytes } => {
                    assert_eq!(to, actor.client);
                    assert_eq!(data_of(&bytes), (peer, data.to_vec()));
                }
                other => panic!("{other:?}"),
            }
        }
        // RFC 8656, 9: a permission is one for the whole IP address.
        let other_port = SocketAddr::new(peer.ip(), 1);
        assert!(matches!(world.send_back(id, other_port, b"x"), Outcome::Relayed { .. }));

        assert_eq!(world.bind(&mut actor, 0x4001, peer), Ok(()));
        assert_eq!(world.send(actor.client, &channel_data(0x4001, b"out")), emitted(b"out"));
        let bytes = channel_data(0x4001, b"back");
        let expected = Outcome::Relayed { to: actor.client, bytes };
        assert_eq!(world.send_back(id, peer, b"back"), expected);
        world.pass(300);
        assert_eq!(world.send_back(id, peer, b"late"), denied);
        assert_eq!(world.bind(&mut actor, 0x4001, peer), Ok(()));
        assert_eq!(world.send_back(id, peer, b"back"), expected);
    }
}

#[test]
fn t47_t48_t49_t50_t51_t52_t53_t54_refused_peers_are_refused_everywhere() {
    let mut world = world();
    let mut v4 = world.actor(1, 1, 1);
    world.allocate(&mut v4).expect("an allocation");
    let mut v6 = world.actor(2, 1, 1);
    world.allocate_with(&mut v6, family(2)).expect("an allocation");
    let peers = [
        "127.0.0.1:5000",
        "0.0.0.0:5000",
        "10.2.0.1:5000",
        "192.168.0.1:5000",
        "169.254.169.254:80",
        "224.0.0.1:5000",
        "255.255.255.255:5000",
        "198.51.100.1:5000",
        "9.9.9.9:443",
        "8.8.8.8:0",
        "[::1]:5000",
        "[::]:5000",
        "[::ffff:8.8.8.8]:5000",
        "[64:ff9b::808:808]:5000",
        "[2002:808:808::1]:5000",
        "[fd00:ec2::254]:80",
        "[fe80::1]:5000",
        "[ff02::1]:5000",
        "[2a00::9]:22",
    ];
    for peer in peers {
        let peer: SocketAddr = peer.parse().expect("an address");
        let actor = if peer.is_ipv4() { &mut v4 } else { &mut v6 };
        assert_eq!(world.permit(actor, peer), Err(403), "{peer}");
        assert_eq!(world.bind(actor, 0x4000, peer), Err(403), "{peer}");
        let bytes = send_indication(peer, b"x").finish();
        assert_eq!(world.send(actor.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
    }
    assert_eq!(world.permit(&mut v4, SocketAddr::from(([10, 1, 2, 3], 5))), Ok(()), "named");
}

#[test]
fn t55_allocations_of_one_call_meet_inside_and_those_of_others_do_not() {
    let mut world = world();
    let ((mut a, at_a), (mut b, at_b)) = world.pair();
    let (mut stranger, at_stranger) = world.member(3, 2, 3);
    assert_eq!(world.permit(&mut a, at_a), Err(403), "its own");
    assert_eq!(world.permit(&mut a, at_stranger), Err(403));
    assert_eq!(world.permit(&mut stranger, at_a), Err(403));
    let nobody = SocketAddr::new(at_a.ip(), 1);
    assert_eq!(world.permit(&mut a, nobody), Err(403), "no allocation's");

    assert_eq!(world.bind(&mut a, 0x4001, at_b), Ok(()));
    let bytes = channel_data(0x4001, b"inside");
    match world.send(a.client, &bytes) {
        Outcome::Relayed { to, bytes } => {
            assert_eq!((to, data_of(&bytes)), (b.client, (at_a, b"inside".to_vec())));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.bind(&mut b, 0x4002, at_a), Ok(()));
    let expected = Outcome::Relayed { to: b.client, bytes: channel_data(0x4002, b"inside") };
    assert_eq!(world.send(a.client, &bytes), expected);
    // A permission for one of ours lets in nothing that comes from this computer.
    let id = id_of(&world, &a);
    for port in [at_b.port(), 53] {
        let outcome = world.send_back(id, SocketAddr::new(OUR_IPV4.into(), port), b"x");
        assert_eq!(outcome, Outcome::Dropped(DropReason::NoPeer));
    }
    assert_eq!(world.refresh(&mut b, 0), Ok(0));
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::NoPeer), "freed");
    assert_eq!(world.permit(&mut a, at_b), Err(403), "freed");
}

#[test]
fn what_ends_an_allocation_closes_its_socket() {
    let mut world = world();
    let (a, _) = world.member(1, 1, 1);
    world.member(2, 1, 2);
    world.member(3, 2, 3);
    world.disconnect(a.client);
    world.obey();
    assert_eq!(world.sockets.len(), 2);
    world.revoke(Revocation::Call(call(1)));
    world.obey();
    assert_eq!(world.sockets.len(), 1);
    world.revoke(Revocation::Session(session(3)));
    world.obey();
    world.assert_empty();
    assert_eq!(
        world.send_back(AllocationId { shard: 0, index: 0, serial: 0 }, outside(), b"x"),
        Outcome::Dropped(DropReason::NoAllocation)
    );
}

#[test]
fn too_many_permissions_are_refused_all_together() {
    let mut world = world();
    let (mut actor, _) = world.member(1, 1, 1);
    let peer = |n: u16| SocketAddr::from(([8, 8, (n >> 8) as u8, n as u8], 1));
    let create = |world: &mut World, actor: &mut Actor, peers: std::ops::Range<u16>| {
        let answer = world.request(actor, Method::CREATE_PERMISSION, |request| {
            peers.fold(request, |request, n| {
                request.xor_address(AttributeType::XOR_PEER_ADDRESS, peer(n))
            })
        });
        result(&answer)
    };
    for n in 0..12 {
        assert_eq!(create(&mut world, &mut actor, 20 * n..20 * n + 20), Ok(()));
    }
    assert_eq!(create(&mut world, &mut actor, 240..257), Err(508));
    let id = id_of(&world, &actor);
    let denied = Outcome::Dropped(DropReason::NoPermission);
    assert_eq!(world.send_back(id, peer(240), b"x"), denied);
    assert_eq!(create(&mut world, &mut actor, 240..256), Ok(()));
    assert_eq!(create(&mut world, &mut actor, 0..20), Ok(()), "renewed");
    assert!(matches!(world.send_back(id, peer(240), b"x"), Outcome::Relayed { .. }));
}

#[test]
fn t67_bandwidth_is_capped_in_both_directions() {
    let limits =
        Limits { unauthenticated_replies: 100, allocation_rate: 80_000, ..Limits::default() };
    let mut world = World::of(Setup { mode: Mode::Open(open()), ..setup(limits) });
    let (mut actor, _) = world.member(1, 1, 1);
    world.permit(&mut actor, outside()).expect("a peer");
    let id = id_of(&world, &actor);
    let out = send_indication(outside(), &[0; 968]).finish();
    let passed =
        (0..100).filter(|_| matches!(world.send(actor.client, &out), Outcome::Emitted { .. }));
    assert_eq!(passed.count(), 5);
    let passed = (0..100)
        .filter(|_| matches!(world.send_back(id, outside(), &[0; 968]), Outcome::Relayed { .. }));
    assert_eq!(passed.count(), 5);
    let outcome = world.send_back(id, outside(), &[0; 968]);
    assert_eq!(outcome, Outcome::Dropped(DropReason::Bandwidth));
}

#[test]
fn other_applications_and_named_users_get_in_by_their_own_passwords() {
    let mut world = world();
    let mut anna = named(&world, 1, "anna", "secret");
    let at_anna = world.allocate(&mut anna).expect("an allocation");
    // HMAC-SHA1 of the name under "north".
    let mut bob = named(&world, 2, "1900000000:bob", "qPkETtMMQ+tGe7drayY7IqNi1kA=");
    let at_bob = world.allocate(&mut bob).expect("an allocation");
    assert_eq!(world.permit(&mut anna, at_bob), Ok(()), "they could meet outside as well");
    assert_eq!(world.permit(&mut bob, at_anna), Ok(()));
    let (mut leg, _) = world.member(3, 1, 1);
    assert_eq!(world.permit(&mut leg, at_anna), Err(403), "a call is for itself");
    for (username, password) in [("anna", "wrong"), ("1900000000:bob", "wrong"), ("carl", "secret")]
    {
        let mut actor = named(&world, 4, username, password);
        assert_eq!(world.allocate(&mut actor), Err(401), "{username}");
    }
    world.now.unix = 1_900_000_000;
    assert_eq!(world.refresh(&mut bob, 600), Ok(600), "an allocation outlives its credentials");
    let mut late = Actor { transactions: 9, ..bob.moved(5) };
    assert_eq!(world.allocate(&mut late), Err(401));
    assert_eq!(world.refresh(&mut anna, 600), Ok(600));
}

#[test]
fn in_a_closed_server_a_name_is_a_call() {
    let user = |name: &str| (name.to_owned(), "secret".to_owned());
    let users = HashMap::from([user("anna"), user("berta")]);
    let credentials = Credentials { users, ..Credentials::of_hub(keys()) };
    let mut world = World::of(Setup { credentials, ..setup(Limits::default()) });
    let mut first = named(&world, 1, "anna", "secret");
    let mut second = named(&world, 2, "anna", "secret");
    let mut other = named(&world, 3, "berta", "secret");
    let at_first = world.allocate(&mut first).expect("an allocation");
    let at_second = world.allocate(&mut second).expect("an allocation");
    let at_other = world.allocate(&mut other).expect("an allocation");
    assert_eq!(world.bind(&mut first, 0x4000, at_second), Ok(()));
    assert_eq!(world.permit(&mut second, at_first), Ok(()));
    let outcome = world.send(first.client, &channel_data(0x4000, b"x"));
    assert!(matches!(outcome, Outcome::Relayed { .. }));
    if at_other.port() != at_first.port() {
        assert_eq!(world.permit(&mut other, at_first), Err(403));
    }
    assert_eq!(world.permit(&mut first, outside()), Err(403));
}

#[test]
fn t54_an_address_that_becomes_our_own_is_no_peer_any_more() {
    let mut world = world();
    let mut actor = world.actor(1, 1, 1);
    world.allocate(&mut actor).expect("an allocation");
    let other = SocketAddr::from(([8, 8, 4, 4], 4000));
    for (number, peer) in [(0x4001, outside()), (0x4002, other)] {
        assert_eq!(world.bind(&mut actor, number, peer), Ok(()));
    }
    let reached = |world: &mut World, number| {
        matches!(world.send(actor.client, &channel_data(number, b"data")), Outcome::Emitted { .. })
    };
    assert!(reached(&mut world, 0x4001) && reached(&mut world, 0x4002));
    world.server.handle_own_addresses(&[OUR_IPV4.into(), outside().ip()]);
    assert!(!reached(&mut world, 0x4001) && reached(&mut world, 0x4002));
    assert_eq!(world.permit(&mut actor, outside()), Err(403));
    assert_eq!(world.bind(&mut actor, 0x4001, outside()), Err(403));
    // It is somebody else's again.
    world.server.handle_own_addresses(&[OUR_IPV4.into()]);
    assert_eq!(world.bind(&mut actor, 0x4001, outside()), Ok(()));
}
