//! Packets from client to client.

use super::*;

fn relayed(outcome: Outcome, to: &Actor) -> Vec<u8> {
    match outcome {
        Outcome::Relayed { to: client, bytes } => {
            assert_eq!(client, to.client);
            bytes
        }
        other => panic!("not relayed: {other:?}"),
    }
}

#[test]
fn each_side_gets_the_form_it_has_asked_for() {
    let mut world = World::new();
    let ((mut a, at_a), (b, at_b)) = world.pair();
    let indication = send_indication(at_b, b"hello").finish();
    let bytes = relayed(world.send(a.client, &indication), &b);
    assert_eq!(data_of(&bytes), (at_a, b"hello".to_vec()));

    world.bind(&mut a, 0x4001, at_b).expect("a peer");
    let bytes = relayed(world.send(a.client, &channel_data(0x4001, b"hello")), &b);
    assert_eq!(data_of(&bytes), (at_a, b"hello".to_vec()));
    let back = send_indication(at_a, b"back").finish();
    let bytes = relayed(world.send(b.client, &back), &a);
    assert_eq!(bytes, channel_data(0x4001, b"back"));

    let mut b = b;
    world.bind(&mut b, 0x4ABC, at_a).expect("a peer");
    let bytes = relayed(world.send(a.client, &channel_data(0x4001, b"hello")), &b);
    assert_eq!(bytes, channel_data(0x4ABC, b"hello"));
}

#[test]
fn streams_get_padding() {
    let mut world = World::new();
    let (mut a, at_a) = world.member(1, 1, 1);
    let mut b = world.actor(2, 1, 2).over_stream(5);
    let at_b = world.allocate(&mut b).expect("an allocation");
    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    world.bind(&mut b, 0x4001, at_a).expect("a peer");
    let bytes = relayed(world.send(a.client, &channel_data(0x4000, b"12345")), &b);
    assert_eq!(bytes, [&channel_data(0x4001, b"12345")[..], &[0; 3]].concat());
    // Padding that came is not relayed.
    let padded = [&channel_data(0x4001, b"12345")[..], &[0xFF; 3]].concat();
    let bytes = relayed(world.send(b.client, &padded), &a);
    assert_eq!(bytes, channel_data(0x4000, b"12345"));
}

#[test]
fn t58_channel_data_must_be_bound_and_whole() {
    let mut world = World::new();
    let ((mut a, at_a), (mut b, at_b)) = world.pair();
    world.bind(&mut b, 0x4002, at_a).expect("a peer");
    let unbound = channel_data(0x4002, b"x");
    assert_eq!(world.send(a.client, &unbound), Outcome::Dropped(DropReason::NoChannel));
    world.bind(&mut a, 0x4001, at_b).expect("a peer");
    let whole = channel_data(0x4001, b"whole");
    for cut in 1..whole.len() {
        let outcome = world.send(a.client, &whole[..cut]);
        assert_eq!(outcome, Outcome::Dropped(DropReason::Malformed), "{cut}");
    }
    let empty = channel_data(0x4001, b"");
    assert_eq!(relayed(world.send(a.client, &empty), &b), channel_data(0x4002, b""));
    let nobody = world.actor(9, 1, 1);
    assert_eq!(world.send(nobody.client, &whole), Outcome::Dropped(DropReason::NoAllocation));
    let reserved = [&[0x50, 0, 0, 1][..], b"x"].concat();
    assert_eq!(world.send(a.client, &reserved), Outcome::Dropped(DropReason::Malformed));
}

#[test]
fn t59_send_needs_permission_and_data() {
    let mut world = World::new();
    let (mut a, at_a) = world.member(1, 1, 1);
    let (mut b, at_b) = world.member(2, 1, 2);
    let bytes = send_indication(at_b, b"x").finish();
    let denied = Outcome::Dropped(DropReason::NoPermission);
    assert_eq!(world.send(a.client, &bytes), denied, "the sender's is missing");
    world.permit(&mut a, at_b).expect("a peer");
    assert_eq!(world.send(a.client, &bytes), denied, "the receiver's is missing");
    world.permit(&mut b, at_a).expect("a peer");
    relayed(world.send(a.client, &bytes), &b);

    let malformed = Outcome::Dropped(DropReason::Malformed);
    let start = || Writer::new(Class::Indication, Method::SEND, TransactionId([0; 12]));
    let without_data = start().xor_address(AttributeType::XOR_PEER_ADDRESS, at_b).finish();
    assert_eq!(world.send(a.client, &without_data), malformed);
    let without_peer = start().attribute(AttributeType::DATA, b"x").finish();
    assert_eq!(world.send(a.client, &without_peer), malformed);
    let dont_fragment = send_indication(at_b, b"x").attribute(AttributeType(0x001A), b"");
    assert_eq!(world.send(a.client, &dont_fragment.finish()), malformed);
}

#[test]
fn t60_integrity_on_an_indication_proves_nothing() {
    let mut world = World::new();
    let ((a, _), (b, at_b)) = world.pair();
    let signed = a.sign(send_indication(at_b, b"x"));
    relayed(world.send(a.client, &signed), &b);
    // From an address without allocation even right credentials are worth nothing.
    let elsewhere = a.moved(9);
    let outcome = world.send(elsewhere.client, &signed);
    assert_eq!(outcome, Outcome::Dropped(DropReason::NoAllocation));
}

#[test]
fn t61_permissions_last_300_s_and_channels_600_s() {
    let mut world = World::new();
    let ((mut a, at_a), (mut b, at_b)) = world.pair();
    for actor in [&mut a, &mut b] {
        assert_eq!(world.refresh(actor, 3600), Ok(3600));
    }
    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    let bytes = channel_data(0x4000, b"x");
    world.pass(299);
    relayed(world.send(a.client, &bytes), &b);
    world.pass(1);
    let denied = Outcome::Dropped(DropReason::NoPermission);
    assert_eq!(world.send(a.client, &bytes), denied, "the receiver's has ended");
    world.permit(&mut b, at_a).expect("a peer");
    relayed(world.send(a.client, &bytes), &b);
    let indication = send_indication(at_b, b"x").finish();
    assert_eq!(world.send(a.client, &indication), denied, "the sender's has ended");
    world.pass(299);
    relayed(world.send(a.client, &bytes), &b);
    world.pass(1);
    world.permit(&mut b, at_a).expect("a peer");
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::NoChannel));
    // What has ended can be bound anew.
    assert_eq!(world.bind(&mut a, 0x4001, at_b), Ok(()));
}

#[test]
fn t62_another_leg_or_call_does_not_get_in() {
    let mut world = World::new();
    let ((_, at_a), (_, at_b)) = world.pair();
    let (mut c, _) = world.member(3, 1, 3);
    world.permit(&mut c, at_a).expect("a peer");
    let bytes = send_indication(at_a, b"x").finish();
    assert_eq!(world.send(c.client, &bytes), Outcome::Dropped(DropReason::NoPermission));
    let (stranger, _) = world.member(4, 2, 4);
    for peer in [at_a, at_b] {
        let bytes = send_indication(peer, b"x").finish();
        assert_eq!(world.send(stranger.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
    }
}

#[test]
fn t69_other_methods_are_dropped() {
    let mut world = World::new();
    let (actor, _) = world.member(1, 1, 1);
    // CONNECT, CONNECTION-BIND, CONNECTION-ATTEMPT, and a few nobody has.
    for method in [0x000, 0x002, 0x00A, 0x00B, 0x00C, 0x7FF, 0xFFF] {
        let request = actor.sign(actor.request(Method::new(method)));
        let outcome = world.send(actor.client, &request);
        assert_eq!(outcome, Outcome::Dropped(DropReason::Unsupported));
    }
}

#[test]
fn a_packet_in_the_last_moment_is_not_relayed_after_it() {
    let mut world = World::new();
    let ((mut a, _), (_, at_b)) = world.pair();
    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    // Past the end, but the timeout has not been handled yet.
    world.now.at = world.now.at.plus(Millis(600_000));
    let bytes = channel_data(0x4000, b"x");
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::NoAllocation));
}
