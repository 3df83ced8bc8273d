use super::world::*;
use crate::pure::wire::{Command, EntryContent, Role};

fn accept(n: u8) -> Command {
    Command::AcceptCall { call: call(n) }
}

fn decline(n: u8) -> Command {
    Command::DeclineCall { call: call(n) }
}

fn end(n: u8) -> Command {
    Command::EndCall { call: call(n), failed: false }
}

/// Anna on device 1, Ben on devices 2 and 3; Cleo on 4.
fn four() -> (World, [super::super::ConnectionId; 4]) {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let phone = world.join(BEN, 3);
    let cleo = world.join(CLEO, 4);
    world.forget();
    (world, [anna, ben, phone, cleo])
}

/// The ended calls that the store holds for Anna and Ben.
fn kept(world: &World) -> Vec<String> {
    let shown = world.store.of(DIRECT).iter().filter_map(|entry| match &entry.content {
        EntryContent::Call { end, .. } => Some(format!("{:?} {}", end.outcome, end.duration.0)),
        EntryContent::Envelope { .. } => None,
    });
    shown.collect()
}

#[test]
fn a_call_rings_everywhere_and_the_first_accept_wins() {
    let (mut world, [anna, ben, phone, cleo]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    assert_eq!(world.got(anna), ["reply 1 call 1 rings, legs 1", "call 1 rings, legs 1"]);
    assert_eq!(world.got(ben), ["call 1 rings, legs 1"]);
    assert_eq!(world.got(phone), ["call 1 rings, legs 1"]);

    world.ask(phone, 2, accept(1));
    world.ask(ben, 3, accept(1));
    let runs = "call 1 runs, legs 1 3";
    assert_eq!(world.got(phone), [format!("reply 2 {runs}"), runs.to_owned()]);
    assert_eq!(world.got(ben), [runs, "error 3 conflict"], "the other device is told first");
    assert_eq!(world.got(anna), [runs]);

    world.pass(90_000);
    world.ask(anna, 4, end(1));
    let over = "call 1 Completed by 1 after 90000, legs 1 3";
    assert_eq!(world.got(anna), [over, &format!("reply 4 {over}"), "entries 101: 1"]);
    assert_eq!(world.got(ben), [over, "entries 101: 1"]);
    assert_eq!(world.done, ["revoke call 1"]);
    assert_eq!(kept(&world), ["Completed 90000"]);
    assert!(world.got(cleo).is_empty());
}

#[test]
fn nobody_answers() {
    let (mut world, [anna, ben, ..]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.pass(44_999);
    assert!(kept(&world).is_empty());
    world.forget();
    world.pass(1);
    let missed = "call 1 Missed by nobody after 0, legs 1";
    assert_eq!(world.got(ben), [missed, "entries 101: 1"]);
    assert_eq!(kept(&world), ["Missed 0"]);
    world.ask(ben, 2, accept(1));
    assert_eq!(world.got(ben), ["error 2 conflict"]);
}

#[test]
fn somebody_who_is_away_is_rung_too_and_finds_the_ring_on_coming() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.ask(anna, 1, start(1, DIRECT));
    world.pass(20_000);
    let ben = world.join(BEN, 2);
    assert_eq!(world.got(ben)[0], "welcome 2 conversations, 2 online, 1 calls");
    world.ask(ben, 1, accept(1));
    world.pass(60_000);
    assert!(kept(&world).is_empty(), "it runs");
}

#[test]
fn decline_and_cancel_end_it_and_what_crosses_learns_how() {
    let (mut world, [anna, ben, phone, _]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.forget();
    world.ask(ben, 2, decline(1));
    let declined = "call 1 Declined by 2 after 0, legs 1";
    assert_eq!(world.got(ben), [declined, &format!("reply 2 {declined}"), "entries 101: 1"]);
    world.ask(anna, 3, end(1));
    world.ask(phone, 4, decline(1));
    let end_reply = world.got(anna);
    assert_eq!(end_reply.last(), Some(&format!("reply 3 {declined}")));
    assert_eq!(world.got(phone).last(), Some(&format!("reply 4 {declined}")));

    world.ask(anna, 5, start(2, DIRECT));
    world.ask(anna, 6, end(2));
    world.forget();
    world.ask(ben, 7, decline(2));
    world.ask(ben, 8, accept(2));
    assert_eq!(
        world.got(ben),
        ["reply 7 call 2 Cancelled by 1 after 0, legs 1", "error 8 conflict"],
        "decline crossing cancel, accept crossing cancel"
    );
    assert_eq!(kept(&world), ["Declined 0", "Cancelled 0"]);
}

#[test]
fn a_cancel_that_crosses_an_accept_hangs_up() {
    let (mut world, [anna, ben, ..]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.ask(ben, 2, accept(1));
    world.ask(anna, 3, end(1));
    assert_eq!(kept(&world), ["Completed 0"]);
}

#[test]
fn a_decline_on_another_device_does_not_end_a_running_call() {
    let (mut world, [anna, ben, phone, _]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.ask(ben, 2, accept(1));
    world.forget();
    world.ask(phone, 3, decline(1));
    world.ask(phone, 4, end(1));
    assert_eq!(world.got(phone), ["error 3 conflict", "error 4 forbidden"]);
    assert!(kept(&world).is_empty());
}

#[test]
fn who_is_in_a_call_or_rung_is_busy() {
    let (mut world, [anna, ben, _, cleo]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.forget();
    world.ask(cleo, 2, start(2, OTHER_DIRECT));
    let busy = "call 2 Busy by nobody after 0, legs 4";
    assert_eq!(world.got(cleo), [busy, &format!("reply 2 {busy}"), "entries 102: 1"]);
    assert_eq!(world.got(anna), [busy, "entries 102: 1"], "she sees that Cleo called");
    world.ask(ben, 3, accept(1));
    world.ask(cleo, 4, start(3, OTHER_DIRECT));
    assert_eq!(world.store.of(OTHER_DIRECT).len(), 2);
}

#[test]
fn glare_accepts_the_first_call() {
    let (mut world, [anna, ben, ..]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.forget();
    world.ask(ben, 2, start(2, DIRECT));
    assert_eq!(world.got(ben), ["reply 2 call 1 runs, legs 1 2", "call 1 runs, legs 1 2"]);
    assert_eq!(world.got(anna), ["call 1 runs, legs 1 2"]);
    world.ask(ben, 3, end(1));
    assert_eq!(kept(&world), ["Completed 0"]);
}

#[test]
fn start_call_is_idempotent_and_ids_are_not_shared() {
    let (mut world, [anna, ben, _, cleo]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.forget();
    world.ask(anna, 2, start(1, DIRECT));
    assert_eq!(world.got(anna), ["reply 2 call 1 rings, legs 1"]);
    world.ask(cleo, 3, start(1, OTHER_DIRECT));
    assert_eq!(world.got(cleo), ["error 3 conflict"]);
    world.ask(cleo, 4, accept(1));
    world.ask(cleo, 5, decline(1));
    world.ask(cleo, 6, end(1));
    world.ask(cleo, 7, Command::RejoinCall { call: call(1) });
    let refused: Vec<_> = (4..=7).map(|id| format!("error {id} not_found")).collect();
    assert_eq!(world.got(cleo), refused, "h67: a call of others does not exist");
    world.ask(anna, 8, accept(1));
    world.ask(anna, 9, start(2, OTHER_DIRECT));
    assert_eq!(
        world.got(anna),
        ["error 8 conflict", "error 9 conflict"],
        "one's own call; a device in a call"
    );
    world.ask(ben, 10, decline(1));
    world.forget();
    world.ask(anna, 11, start(1, DIRECT));
    assert_eq!(world.got(anna), ["reply 11 call 1 Declined by 2 after 0, legs 1"]);
    assert_eq!(kept(&world), ["Declined 0"], "and it is kept once");
}

#[test]
fn calls_are_for_direct_conversations_and_enabled_accounts() {
    let (mut world, [anna, ..]) = four();
    world.ask(anna, 1, start(1, EVERYONE));
    let mut ben = account(BEN, "Ben", Role::Member);
    ben.disabled = true;
    world.ask(anna, 2, start(2, DIRECT));
    world.rooms.handle_account_changed(world.now, ben);
    world.settle_outputs();
    assert_eq!(kept(&world), ["Failed 0"], "it stops ringing");
    world.forget();
    world.ask(anna, 3, start(3, DIRECT));
    assert_eq!(world.got(anna), ["error 3 forbidden"]);
}

#[test]
fn an_end_that_cannot_be_stored_is_tried_again() {
    let (mut world, [anna, ben, ..]) = four();
    world.ask(anna, 1, start(1, DIRECT));
    world.broken = true;
    world.forget();
    world.ask(ben, 2, decline(1));
    assert_eq!(world.got(anna), ["call 1 Declined by 2 after 0, legs 1"], "told all the same");
    world.pass(3_000);
    assert!(kept(&world).is_empty());
    world.broken = false;
    world.pass(1_000);
    assert_eq!(kept(&world), ["Declined 0"]);
    assert_eq!(world.got(anna), ["entries 101: 1"]);
}
