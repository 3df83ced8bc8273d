use super::world::{self, *};
use crate::pure::wire::{Call, CallMedia, CallState, Command, Leg, Millis, SessionId};

fn signal(n: u8, to: u8) -> Command {
    world::signal(n, DIRECT, to)
}

fn rejoin(n: u8) -> Command {
    Command::RejoinCall { call: call(n) }
}

fn relay(n: u8) -> Command {
    Command::RelayCredentials { call: call(n) }
}

/// Anna on device 1 and Ben on device 2 in a running call.
fn in_call() -> (World, super::super::ConnectionId, super::super::ConnectionId) {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 1, start(1, DIRECT));
    world.ask(ben, 2, Command::AcceptCall { call: call(1) });
    world.forget();
    (world, anna, ben)
}

#[test]
fn h65_signals_pass_only_between_the_legs_of_a_running_call() {
    let (mut world, anna, ben) = in_call();
    let tab = world.join(ANNA, 1);
    let phone = world.join(BEN, 3);
    let cleo = world.join(CLEO, 4);
    world.forget();
    world.ask(anna, 1, signal(1, 2));
    assert_eq!(world.got(anna), ["reply 1 done"]);
    assert_eq!(world.got(ben), ["signal 1 from 1"]);

    world.ask(anna, 2, signal(1, 3));
    world.ask(anna, 3, signal(1, 1));
    world.ask(anna, 4, signal(9, 2));
    assert_eq!(world.got(anna), ["error 2 not_found", "error 3 not_found", "error 4 not_found"]);
    world.ask(phone, 5, signal(1, 1));
    world.ask(cleo, 6, signal(1, 1));
    world.ask(tab, 7, signal(1, 2));
    assert_eq!(world.got(phone), ["error 5 not_found"], "another device of a side");
    assert_eq!(world.got(cleo), ["error 6 not_found"], "somebody else");
    assert_eq!(world.got(tab), ["error 7 not_found"], "a tab that does not carry the leg");
    world.ask(ben, 8, Command::EndCall { call: call(1), failed: false });
    world.forget();
    world.ask(anna, 9, signal(1, 2));
    assert_eq!(world.got(anna), ["error 9 not_found"], "an ended call");
    assert!(world.got(ben).is_empty());
}

#[test]
fn h62_signals_are_for_the_conversation_and_epoch_of_the_call() {
    let (mut world, anna, ben) = in_call();
    world.ask(anna, 1, world::signal(1, EVERYONE, 2));
    assert_eq!(world.got(anna), ["error 1 bad_request"]);
    world.control(ANNA, DIRECT, serde_json::json!({"type": "rotate"}));
    world.forget();
    world.ask(anna, 2, signal(1, 2));
    assert_eq!(world.got(anna), ["error 2 stale_epoch"]);
    assert!(world.got(ben).is_empty());
}

#[test]
fn signals_do_not_pass_while_it_rings() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 1, start(1, DIRECT));
    world.forget();
    world.ask(anna, 2, signal(1, 2));
    world.ask(ben, 3, signal(1, 1));
    assert_eq!(world.got(anna), ["error 2 not_found"]);
    assert_eq!(world.got(ben), ["error 3 not_found"]);
}

#[test]
fn a_leg_comes_back_within_its_lease() {
    let (mut world, anna, ben) = in_call();
    world.leave(ben);
    assert_eq!(world.got(anna), ["call 1 runs, legs 1 2?"]);
    world.ask(anna, 1, signal(1, 2));
    assert_eq!(world.got(anna), ["error 1 conflict"], "try again when it is back");
    world.pass(2_000);
    let ben = world.join(BEN, 2);
    world.forget();
    world.ask(ben, 3, rejoin(1));
    assert_eq!(world.got(ben), ["reply 3 call 1 runs, legs 1 2", "call 1 runs, legs 1 2"]);
    assert_eq!(world.got(anna), ["call 1 runs, legs 1 2"]);
    world.ask(anna, 4, signal(1, 2));
    assert_eq!(world.got(ben), ["signal 1 from 1"]);
    world.pass(100_000);
    assert!(world.store.of(DIRECT).is_empty(), "the lease is forgotten");
}

#[test]
fn a_leg_that_vanishes_again_has_a_whole_lease_again() {
    let (mut world, _anna, ben) = in_call();
    world.leave(ben);
    world.pass(2_000);
    let ben = world.join(BEN, 2);
    world.ask(ben, 1, rejoin(1));
    world.pass(10_000);
    world.leave(ben);
    world.pass(19_999);
    assert!(world.store.of(DIRECT).is_empty(), "the first lease has no say any more");
    world.pass(1);
    assert_eq!(world.store.of(DIRECT).len(), 1);
}

#[test]
fn h67_a_leg_moves_to_the_connection_that_rejoins_last() {
    let (mut world, anna, ben) = in_call();
    let tab = world.join(BEN, 2);
    world.forget();
    world.ask(tab, 1, rejoin(1));
    assert_eq!(world.got(tab), ["reply 1 call 1 runs, legs 1 2"]);
    world.ask(anna, 2, signal(1, 2));
    assert_eq!(world.got(tab), ["signal 1 from 1"]);
    world.forget();
    world.leave(ben);
    assert!(world.got(anna).is_empty(), "the old connection carries nothing");
    let phone = world.join(BEN, 3);
    world.forget();
    world.ask(phone, 3, rejoin(1));
    assert_eq!(world.got(phone), ["error 3 conflict"]);
}

#[test]
fn a_leg_that_vanishes_fails_the_call() {
    let (mut world, anna, ben) = in_call();
    world.pass(10_000);
    world.leave(ben);
    world.pass(19_999);
    world.forget();
    world.pass(1);
    assert_eq!(
        world.got(anna),
        ["call 1 Failed by nobody after 30000, legs 1 2?", "entries 101: 1"]
    );
    assert_eq!(world.done, ["revoke call 1"]);
}

#[test]
fn a_caller_who_vanishes_has_given_up() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 1, start(1, DIRECT));
    world.leave(anna);
    world.forget();
    world.pass(20_000);
    assert_eq!(
        world.got(ben),
        ["1 offline", "call 1 Cancelled by nobody after 0, legs 1?", "entries 101: 1"]
    );
    world.pass(60_000);
    assert_eq!(world.store.of(DIRECT).len(), 1, "and is not missed as well");
}

#[test]
fn a_connection_that_could_not_be_made_fails_the_call() {
    let (mut world, anna, _) = in_call();
    world.pass(5_000);
    world.forget();
    world.ask(anna, 1, Command::EndCall { call: call(1), failed: true });
    assert_eq!(world.got(anna)[0], "call 1 Failed by nobody after 5000, legs 1 2");
}

#[test]
fn a_session_that_ends_hangs_up() {
    let (mut world, anna, ben) = in_call();
    world.pass(1_000);
    world.forget();
    world.rooms.handle_sessions_ended(world.now, &[SessionId::from_bytes([2; 16])]);
    world.settle_outputs();
    let over = "call 1 Completed by 2 after 1000, legs 1 2";
    assert_eq!(world.got(anna), [over, "entries 101: 1"]);
    assert!(world.got(ben).contains(&"close 4001".to_owned()));
    assert_eq!(world.done, ["revoke call 1", "revoke session 2"]);
    world.ask(ben, 1, send(DIRECT, 1));
    assert_eq!(world.store.of(DIRECT).len(), 1, "what it still says does not count");
}

#[test]
fn relay_credentials_are_for_legs_and_devices_that_ring() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let phone = world.join(BEN, 3);
    let cleo = world.join(CLEO, 4);
    world.ask(anna, 1, start(1, DIRECT));
    world.forget();
    for connection in [anna, ben, phone, cleo] {
        world.ask(connection, 2, relay(1));
    }
    assert_eq!(world.got(anna), ["reply 2 relay"]);
    assert_eq!(world.got(phone), ["reply 2 relay"]);
    assert_eq!(world.got(cleo), ["error 2 not_found"]);
    world.ask(ben, 3, Command::AcceptCall { call: call(1) });
    world.forget();
    world.ask(phone, 4, relay(1));
    world.ask(ben, 5, relay(1));
    assert_eq!(world.got(phone), ["error 4 not_found"], "it has stopped ringing there");
    assert_eq!(world.got(ben), ["reply 5 relay"]);
}

#[test]
fn after_a_restart_calls_go_on_or_end_with_their_leases() {
    let leg = |account, n| Leg { account, device: device(n), attached: true };
    let running = Call {
        id: call(1),
        conversation: DIRECT,
        media: CallMedia::Audio,
        caller: ANNA,
        callee: BEN,
        state: CallState::Active { since: Millis(900_000) },
        legs: vec![leg(ANNA, 1), leg(BEN, 2)],
    };
    let mut world = World::resumed(vec![running.clone()]);
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 1, rejoin(1));
    world.ask(ben, 2, rejoin(1));
    world.forget();
    world.pass(30_000);
    world.ask(anna, 3, Command::EndCall { call: call(1), failed: false });
    assert_eq!(world.got(ben)[0], "call 1 Completed by 1 after 130000, legs 1 2");

    let mut world = World::resumed(vec![running.clone()]);
    world.pass(20_000);
    assert_eq!(world.store.of(DIRECT).len(), 1, "nobody came back");

    let ringing = Call { state: CallState::Ringing { since: Millis(0) }, ..running };
    let mut world = World::resumed(vec![ringing]);
    let ben = world.join(BEN, 2);
    world.pass(0);
    assert_eq!(world.got(ben)[2], "call 1 Missed by nobody after 0, legs 1? 2?");
}
