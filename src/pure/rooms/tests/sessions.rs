use super::world::*;
use crate::pure::wire::{Command, Millis, SessionId};

const LASTS: u64 = 30 * 86_400_000;

/// A world in which sessions last so long without use.
fn world() -> World {
    let mut world = World::new();
    world.store.lasts = Millis(LASTS);
    world
}

#[test]
fn a_session_that_expires_is_closed_and_cut_from_the_relay() {
    let mut world = world();
    let anna = world.join(ANNA, 1);
    let (ben, tab) = (world.join(BEN, 2), world.join(BEN, 2));
    world.ask(ben, 1, start(7, DIRECT));
    world.ask(anna, 1, Command::AcceptCall { call: call(7) });
    world.pass(LASTS - 1);
    world.ask(anna, 2, Command::Typing { conversation: DIRECT });
    // What clients send by themselves is no use.
    world.ask(ben, 2, Command::Ping {});
    world.ask(tab, 2, Command::Receipt { conversation: DIRECT, delivered: None, read: None });
    let got = [world.got(anna), world.got(ben), world.got(tab)].concat();
    assert!(!got.iter().any(|event| event.starts_with("close")), "{got:?}");
    world.forget();

    world.pass(1);
    let over = format!("call 7 Completed by 2 after {LASTS}, legs 2 1");
    for connection in [ben, tab] {
        assert_eq!(world.got(connection), [over.as_str(), "close 4001", "entries 101: 1"]);
    }
    assert_eq!(world.got(anna), [over.as_str(), "entries 101: 1"]);
    assert_eq!(world.done, ["revoke call 7", "revoke session 2"]);
    world.pass(LASTS - 2);
    assert!(world.got(anna).is_empty(), "she was writing");
    world.pass(1);
    assert_eq!(world.got(anna), ["close 4001"]);
}

#[test]
fn a_session_used_elsewhere_lasts() {
    let mut world = world();
    let ben = world.join(BEN, 2);
    world.pass(LASTS - 1);
    world.store.used.insert(SessionId::from_bytes([2; 16]), world.now);
    world.forget();
    world.pass(LASTS - 1);
    assert!(world.got(ben).is_empty());
    world.pass(1);
    assert_eq!(world.got(ben), ["close 4001"]);
}

#[test]
fn the_store_is_asked_again_until_it_knows() {
    let mut world = world();
    let ben = world.join(BEN, 2);
    world.forget();
    world.broken = true;
    world.pass(LASTS + 999);
    assert!(world.got(ben).is_empty());
    world.broken = false;
    world.pass(1);
    assert_eq!(world.got(ben), ["close 4001"]);
}

#[test]
fn who_leaves_before_the_end_leaves_nothing_behind() {
    let mut world = world();
    let (ben, cleo) = (world.join(BEN, 2), world.join(CLEO, 3));
    world.leave(cleo);
    world.hold = true;
    world.pass(LASTS);
    world.leave(ben);
    world.settle();
    assert_eq!(world.done, ["revoke session 2"], "its allocations are its own to the end");
    world.pass(60_000);
    assert_eq!(world.rooms.poll_timeout(), None);
}
