//! How much is enough.

use super::*;

#[test]
fn t44_a_session_and_an_address_have_quotas() {
    let mut world = World::new();
    for place in 0..64 {
        world.member(place, 1, 1);
    }
    let mut one_more = world.actor(64, 1, 1);
    assert_eq!(world.allocate(&mut one_more), Err(486));
    // The same session in another call has no quota of its own.
    let mut elsewhere = world.actor(65, 2, 1);
    assert_eq!(world.allocate(&mut elsewhere), Err(486));
    for place in 64..256 {
        world.member(place, 1, place as u8);
    }
    assert_eq!(address(0).ip(), address(255).ip());
    let client = Client { link: Link::Udp(1), address: address(0) };
    let mut one_more = Actor { client, ..world.actor(0, 1, 255) };
    assert_eq!(world.allocate(&mut one_more), Err(486));
    world.member(256, 1, 254);
}

#[test]
fn t44_a_network_of_ipv6_has_the_quota_of_one_address() {
    let limits = Limits { allocations_per_ip: 3, ..World::limits() };
    let mut world = World::with(limits);
    let at = |world: &World, ip: &str, n: u16| {
        let address = SocketAddr::new(ip.parse().expect("an address"), 1000 + n);
        Actor { client: Client { link: Link::Udp(0), address }, ..world.actor(n, 1, n as u8) }
    };
    for (n, ip) in ["2a00:7::1", "2a00:7::2", "2a00:7:0:0:ffff::1"].into_iter().enumerate() {
        let mut actor = at(&world, ip, n as u16);
        world.allocate(&mut actor).expect("there is room");
    }
    let mut one_more = at(&world, "2a00:7::9:9", 9);
    assert_eq!(world.allocate(&mut one_more), Err(486));
    let mut next_network = at(&world, "2a00:7:0:1::1", 10);
    world.allocate(&mut next_network).expect("it has its own");
    let mut first = at(&world, "2a00:7::1", 0);
    assert_eq!(world.refresh(&mut first, 0), Ok(0));
    world.allocate(&mut one_more).expect("there is room again");
}

#[test]
fn all_together_have_a_quota() {
    let limits = Limits { allocations: 3, unauthenticated_replies: 100, ..Limits::default() };
    let mut world = World::with(limits);
    let (mut first, _) = world.member(0, 1, 1);
    world.member(1, 2, 2);
    world.member(2, 3, 3);
    let mut one_more = world.actor(3, 4, 4);
    assert_eq!(world.allocate(&mut one_more), Err(508));
    assert_eq!(world.refresh(&mut first, 0), Ok(0));
    assert!(world.allocate(&mut one_more).is_ok());
}

#[test]
fn t45_nothing_leaks_when_allocations_come_and_go() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    for _ in 0..5_000 {
        world.allocate(&mut actor).expect("an allocation");
        assert_eq!(world.refresh(&mut actor, 0), Ok(0));
        actor.transactions = 0;
    }
    world.assert_empty();
    assert_eq!(world.server.poll_output(), None);
    assert!(world.server.allocations.capacity() <= 4);
    assert_eq!(world.server.size(), Size::default());
}

#[test]
fn ports_of_a_call_come_round() {
    let mut world = World::new();
    let mut keep = world.actor(1, 1, 1);
    let kept = world.allocate(&mut keep).expect("an allocation");
    let mut actor = world.actor(2, 1, 2);
    world.challenge(&mut actor);
    for _ in 0..16_400 {
        let relayed = world.allocate(&mut actor).expect("an allocation");
        assert_ne!(relayed.port(), kept.port());
        world.disconnect(actor.client);
        actor.transactions = 0;
    }
}

#[test]
fn a_call_has_room_for_254_legs() {
    let mut world = World::new();
    for leg in 0..254 {
        let mut actor = world.actor(leg, 1, leg as u8);
        world.allocate(&mut actor).expect("an allocation");
        if leg > 0 {
            world.refresh(&mut actor, 0).expect("it has one");
        }
    }
    let mut one_more = world.actor(254, 1, 254);
    assert_eq!(world.allocate(&mut one_more), Err(508));
    let mut again = world.actor(255, 1, 7);
    assert!(world.allocate(&mut again).is_ok(), "a leg that was there keeps its place");
}

#[test]
fn an_allocation_has_64_channels() {
    let mut world = World::new();
    let (mut a, _) = world.member(0, 1, 1);
    for n in 0..64 {
        let (_, peer) = world.member(n + 1, 1, 2);
        world.bind(&mut a, 0x4000 + n, peer).expect("a peer");
    }
    let (_, peer) = world.member(100, 1, 3);
    assert_eq!(world.bind(&mut a, 0x4100, peer), Err(508));
}

#[test]
fn t67_bandwidth_is_capped_for_one_and_left_to_others() {
    let limits = Limits {
        unauthenticated_replies: 100,
        allocation_rate: 80_000,
        session_rate: 120_000,
        ..Limits::default()
    };
    let mut world = World::with(limits);
    let ((mut a, at_a), (b, at_b)) = world.pair();
    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    // 80 kbit/s are 10 kB/s, and half a second of it passes at once.
    let bytes = channel_data(0x4000, &[0; 968]);
    let passed = |world: &mut World, client: Client, bytes: &[u8]| {
        (0..100).filter(|_| matches!(world.send(client, bytes), Outcome::Relayed { .. })).count()
    };
    assert_eq!(passed(&mut world, a.client, &bytes), 5);
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::Bandwidth));
    let back = send_indication(at_a, &[0; 968]).finish();
    assert_eq!(passed(&mut world, b.client, &back), 5, "the other direction is its own");
    world.now.at = world.now.at.plus(Millis(100));
    assert_eq!(passed(&mut world, a.client, &bytes), 1);
    world.now.at = world.now.at.plus(Millis(60_000));
    assert_eq!(passed(&mut world, a.client, &bytes), 5, "what was not used is not saved up");
    // A second allocation of the same session: 2,500 bytes are left to both.
    let (mut a2, at_a2) = world.member(3, 1, 1);
    let (mut c, at_c) = world.member(4, 1, 3);
    world.permit(&mut c, at_a2).expect("a peer");
    world.bind(&mut a2, 0x4000, at_c).expect("a peer");
    assert_eq!(passed(&mut world, a2.client, &bytes), 2);
}

#[test]
fn t68_a_loop_of_two_that_send_everything_back_runs_dry() {
    let limits =
        Limits { unauthenticated_replies: 100, allocation_rate: 80_000, ..Limits::default() };
    let mut world = World::with(limits);
    let ((mut a, at_a), (mut b, at_b)) = world.pair();
    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    world.bind(&mut b, 0x4000, at_a).expect("a peer");
    let mut bytes = channel_data(0x4000, &[0; 968]);
    let mut from = a.client;
    let mut passed = 0;
    // One packet comes of one packet, until nobody may send any more.
    while let Outcome::Relayed { to, bytes: next } = world.send(from, &bytes) {
        assert_eq!(next.len(), bytes.len());
        (from, bytes, passed) = (to, next, passed + 1);
    }
    assert_eq!(passed, 10, "half a second's worth of each");
    assert_eq!(world.send(from, &bytes), Outcome::Dropped(DropReason::Bandwidth));
}
