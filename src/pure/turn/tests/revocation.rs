//! The hub's word ends allocations.

use super::*;

#[test]
fn t30_a_revoked_session_loses_everything_at_once_and_does_not_return() {
    let mut world = World::new();
    let ((mut a, _), (mut b, at_b)) = world.pair();
    world.bind(&mut a, 0x4000, at_b).expect("a peer");
    let (mut elsewhere, _) = world.member(3, 2, 1);
    world.revoke(Revocation::Session(session(1)));
    assert_eq!(world.server.allocations(), 1);
    let bytes = channel_data(0x4000, b"x");
    assert_eq!(world.send(a.client, &bytes), Outcome::Dropped(DropReason::NoAllocation));
    assert_eq!(world.allocate(&mut a), Err(401));
    assert_eq!(world.allocate(&mut elsewhere), Err(401));
    assert_eq!(world.refresh(&mut b, 600), Ok(600));
}

#[test]
fn t29_a_leg_that_left_needs_new_credentials() {
    let mut world = World::new();
    let (mut a, _) = world.member(1, 1, 1);
    let mut unused = world.actor(2, 1, 1);
    world.revoke(Revocation::Leg(call(1), session(1)));
    assert_eq!(world.server.allocations(), 0);
    assert_eq!(world.allocate(&mut a), Err(401));
    assert_eq!(world.allocate(&mut unused), Err(401));
    let mut in_another_call = world.actor(3, 2, 1);
    assert!(world.allocate(&mut in_another_call).is_ok());
    world.pass(1);
    let mut rejoined = world.actor(4, 1, 1);
    assert!(world.allocate(&mut rejoined).is_ok());
    assert_eq!(world.allocate(&mut unused), Err(401), "the old ones stay revoked");
}

#[test]
fn t70_the_end_of_a_call_ends_all_its_legs_and_no_other() {
    let mut world = World::new();
    world.pair();
    world.member(3, 2, 3);
    world.revoke(Revocation::Call(call(1)));
    assert_eq!(world.server.allocations(), 1);
    let mut late = world.actor(4, 1, 2);
    assert_eq!(world.allocate(&mut late), Err(401));
}

#[test]
fn streams_of_a_revoked_leg_are_closed() {
    let mut world = World::new();
    let mut a = world.actor(1, 1, 1).over_stream(4);
    world.allocate(&mut a).expect("an allocation");
    world.revoke(Revocation::Leg(call(1), session(1)));
    assert_eq!(world.closed, [a.client]);
    world.assert_empty();
}

#[test]
fn revocations_are_forgotten_with_the_credentials_they_cover() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.revoke(Revocation::Call(call(1)));
    world.pass(1800);
    world.revoke(Revocation::Call(call(1)));
    world.pass(1801);
    assert_eq!(world.allocate(&mut actor), Err(401), "revoked again, and expired");
    world.pass(1800);
    assert_eq!(world.server.poll_timeout(), None);
}
