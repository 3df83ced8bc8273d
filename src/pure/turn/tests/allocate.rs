//! The life of an allocation.

use super::*;

#[test]
fn an_allocation_tells_its_addresses_and_lifetime() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    let answer = world.request(&mut actor, Method::ALLOCATE, |request| {
        request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
    });
    let message = parse(&answer);
    let read = |kind| {
        let value = message.first(kind).expect("an address");
        read_xor_address(value, message.transaction()).expect("an address")
    };
    let relayed = read(AttributeType::XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.ip(), Ipv4Addr::new(198, 51, 100, 1));
    assert!(relayed.port() >= 49_152);
    assert_eq!(read(AttributeType::XOR_MAPPED_ADDRESS), actor.client.address);
    assert_eq!(lifetime_of(&answer), 600);
    world.pass(599);
    assert_eq!(world.server.allocations(), 1);
    world.pass(1);
    world.assert_empty();
}

#[test]
fn t37_t38_a_repeated_allocate_is_answered_again_and_another_refused() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let repeated = actor.clone();
    let first = world.allocate(&mut actor).expect("an allocation");
    assert_eq!(world.allocate(&mut repeated.clone()), Ok(first));
    assert_eq!(world.allocate(&mut actor), Err(437));
    // The same transaction with other credentials is another request.
    let mut other = world.actor(1, 1, 2);
    other.nonce = repeated.nonce.clone();
    other.realm = repeated.realm.clone();
    assert_eq!(world.allocate(&mut other), Err(437));
    assert_eq!(world.server.allocations(), 1);
}

#[test]
fn t39_only_udp_is_relayed() {
    let mut world = World::new();
    let transports: [(&[u8], Result<(), u16>); 7] = [
        (&[6, 0, 0, 0], Err(442)),
        (&[255, 0, 0, 0], Err(442)),
        (&[0, 0, 0, 0], Err(442)),
        (&[17], Err(400)),
        (&[], Err(400)),
        (&[17, 0, 0, 0, 0], Err(400)),
        (&[17, 1, 2, 3], Ok(())),
    ];
    for (value, expected) in transports {
        let mut actor = world.actor(1, 1, 1);
        let answer = world.request(&mut actor, Method::ALLOCATE, |request| {
            request.attribute(AttributeType::REQUESTED_TRANSPORT, value)
        });
        assert_eq!(result(&answer), expected, "{value:?}");
    }
    let mut without = world.actor(2, 1, 1);
    let answer = world.request(&mut without, Method::ALLOCATE, |request| request);
    assert_eq!(result(&answer), Err(400));
}

#[test]
fn t40_only_ipv4_is_relayed() {
    let mut world = World::new();
    for (family, expected) in [(1, Ok(())), (2, Err(440)), (3, Err(440))] {
        let mut actor = world.actor(u16::from(family), 1, 1);
        let made = world.allocate_with(&mut actor, |request| {
            request.attribute(AttributeType::REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0])
        });
        assert_eq!(made.map(drop), expected);
    }
    let (mut actor, _) = world.member(9, 1, 1);
    let answer = world.request(&mut actor, Method::REFRESH, |request| {
        request.attribute(AttributeType::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0])
    });
    assert_eq!(result(&answer), Err(443));
}

#[test]
fn t41_extensions_that_must_be_understood_are_refused_and_others_ignored() {
    let mut world = World::new();
    // EVEN-PORT, DONT-FRAGMENT, RESERVATION-TOKEN; MOBILITY-TICKET, ADDITIONAL-ADDRESS-FAMILY.
    let cases: [(u16, &[u8], Result<(), u16>); 5] = [
        (0x0018, &[0x80], Err(420)),
        (0x001A, &[], Err(420)),
        (0x0022, &[0; 8], Err(420)),
        (0x8030, &[], Ok(())),
        (0x8000, &[2, 0, 0, 0], Ok(())),
    ];
    for (place, (kind, value, expected)) in (1..).zip(cases) {
        let mut actor = world.actor(place, 1, 1);
        let extended = |request: Writer| request.attribute(AttributeType(kind), value);
        let made = world.allocate_with(&mut actor, extended);
        assert_eq!(made.map(drop), expected, "{kind:#06x}");
    }
}

#[test]
fn t42_lifetimes_are_kept_within_bounds() {
    let mut world = World::new();
    let cases = [(0, 600), (1, 600), (599, 600), (1800, 1800), (3601, 3600), (u32::MAX, 3600)];
    for (place, (wanted, granted)) in (1..).zip(cases) {
        let mut actor = world.actor(place, 1, 1);
        let answer = world.request(&mut actor, Method::ALLOCATE, |request| {
            request
                .attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
                .attribute(AttributeType::LIFETIME, &u32::to_be_bytes(wanted))
        });
        assert_eq!(lifetime_of(&answer), granted);
        if wanted > 0 {
            assert_eq!(world.refresh(&mut actor, wanted), Ok(granted));
        }
    }
    let mut actor = world.actor(99, 1, 1);
    let short = |request: Writer| request.attribute(AttributeType::LIFETIME, &[1, 2]);
    assert_eq!(world.allocate_with(&mut actor, short), Err(400));
    world.pass(3600);
    world.assert_empty();
}

#[test]
fn t43_a_refresh_of_zero_ends_it_once() {
    let mut world = World::new();
    let (mut actor, _) = world.member(1, 1, 1);
    assert_eq!(world.refresh(&mut actor, 0), Ok(0));
    world.assert_empty();
    assert_eq!(world.refresh(&mut actor, 0), Err(437));
    assert!(world.allocate(&mut actor).is_ok());
}

#[test]
fn a_refresh_moves_the_end() {
    let mut world = World::new();
    let (mut actor, _) = world.member(1, 1, 1);
    world.pass(500);
    assert_eq!(world.refresh(&mut actor, 600), Ok(600));
    world.pass(599);
    assert_eq!(world.server.allocations(), 1);
    world.pass(1);
    world.assert_empty();
}

#[test]
fn requests_without_an_allocation_are_told_so() {
    let mut world = World::new();
    let (_, at_a) = world.member(1, 1, 1);
    let mut actor = world.actor(2, 1, 2);
    assert_eq!(world.refresh(&mut actor, 600), Err(437));
    assert_eq!(world.permit(&mut actor, at_a), Err(437));
    assert_eq!(world.bind(&mut actor, 0x4000, at_a), Err(437));
}

#[test]
fn the_end_of_a_stream_is_the_end_of_its_allocation() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1).over_stream(7);
    world.allocate(&mut actor).expect("an allocation");
    let other = actor.over_stream(8);
    world.disconnect(other.client);
    assert_eq!(world.server.allocations(), 1);
    world.disconnect(actor.client);
    world.assert_empty();
}
