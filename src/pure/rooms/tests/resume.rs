use super::world::*;
use crate::pure::wire::{Command, Cursor, PROTOCOL, Seq, limits};

/// A world with ten messages in Everyone and two in the direct conversation.
fn with_history() -> World {
    let mut world = World::new();
    world.store.page = 4;
    let anna = world.join(ANNA, 1);
    for n in 1..=10 {
        world.ask(anna, 0, send(EVERYONE, n));
    }
    world.ask(anna, 0, send(DIRECT, 11));
    world.ask(anna, 0, send(DIRECT, 12));
    world.leave(anna);
    world.forget();
    world
}

#[test]
fn h49_hello_comes_first_and_once() {
    let mut world = World::new();
    let early = world.dial(ANNA, 1);
    world.ask(early, 1, Command::Ping {});
    assert_eq!(world.got(early), ["error 1 bad_request", "close 4003"]);
    world.ask(early, 2, hello(&[]));
    assert!(world.got(early).is_empty(), "what it says does not count any more");

    let twice = world.join(ANNA, 1);
    world.forget();
    world.ask(twice, 2, hello(&[]));
    assert_eq!(world.got(twice), ["error 2 bad_request", "close 4003"]);
}

#[test]
fn another_version_is_told_to_reload() {
    let mut world = World::new();
    let old = world.dial(ANNA, 1);
    let client = "old".to_owned();
    let hello = Command::Hello { protocol: PROTOCOL - 1, client, epoch: None, cursors: vec![] };
    world.ask(old, 1, hello);
    assert_eq!(world.got(old), ["error 1 version", "close 4010"]);
}

#[test]
fn a_page_follows_when_the_last_is_written() {
    let mut world = with_history();
    let ben = world.join_with(BEN, 2, &[(EVERYONE, 1), (DIRECT, 0)]);
    assert_eq!(
        world.got(ben),
        ["welcome 2 conversations, 2 online, 0 calls", "reply 0 done", "entries 100: 2 3 4 5"]
    );
    assert_eq!(world.watched, [ben]);
    world.writable(ben);
    assert_eq!(world.got(ben), ["entries 100: 6 7 8 9"]);
    world.writable(ben);
    assert_eq!(world.got(ben), ["entries 100: 10"]);
    world.writable(ben);
    assert_eq!(world.got(ben), ["entries 101: 1 2"]);
    assert!(world.watched.is_empty());
}

#[test]
fn live_messages_wait_for_the_pages_before_them() {
    let mut world = with_history();
    let anna = world.join(ANNA, 1);
    world.hold = true;
    let ben = world.join_with(BEN, 2, &[(EVERYONE, 7)]);
    world.forget();
    world.ask(anna, 1, send(EVERYONE, 20));
    world.ask(anna, 2, send(DIRECT, 21));
    world.settle_one();
    world.settle_one();
    assert_eq!(world.got(ben), ["entries 101: 3"], "the other conversation is live");
    world.settle();
    assert_eq!(world.got(ben), ["entries 100: 8 9 10 11"]);
    world.hold = false;
    world.ask(anna, 3, send(EVERYONE, 22));
    assert_eq!(world.got(ben), ["entries 100: 12"], "it has gone live");
}

#[test]
fn a_page_that_is_ahead_of_the_hub_is_cut_at_the_head() {
    let mut world = with_history();
    let anna = world.join(ANNA, 1);
    world.hold = true;
    let ben = world.join_with(BEN, 2, &[(EVERYONE, 9)]);
    world.forget();
    // Committed, and the result is still on its way when the page is read.
    let content = world.store.of(EVERYONE)[0].content.clone();
    let entry = world.store.push(world.now, EVERYONE, content);
    world.settle();
    assert_eq!(world.got(ben), ["entries 100: 10"]);
    world.rooms.take_entry(world.now, EVERYONE, entry);
    world.settle_outputs();
    assert_eq!(world.got(ben), ["entries 100: 11"]);
    assert_eq!(world.got(anna), ["entries 100: 11"]);
}

#[test]
fn a_page_with_a_hole_is_not_passed_on() {
    let mut world = with_history();
    world.hold = true;
    let ben = world.join_with(BEN, 2, &[(EVERYONE, 7)]);
    world.forget();
    let page = world.store.of(EVERYONE)[8..].to_vec();
    world.rooms.handle_page(ben, EVERYONE, Some(page));
    world.settle_outputs();
    let close = format!("close {}", TRY_LATER.number());
    assert_eq!(world.got(ben), [close], "9 does not follow 7");
}

#[test]
fn receipts_reach_a_connection_that_catches_up() {
    let mut world = with_history();
    let anna = world.join(ANNA, 1);
    world.hold = true;
    let ben = world.join_with(BEN, 2, &[(DIRECT, 1)]);
    world.forget();
    let receipt = Command::Receipt { conversation: DIRECT, delivered: None, read: Some(Seq(2)) };
    let other = world.join_with(BEN, 4, &[]);
    world.forget();
    world.ask(other, 1, receipt);
    assert_eq!(world.got(ben), ["receipt 101 of 2: 2 2"]);
    assert_eq!(world.got(anna), ["receipt 101 of 2: 2 2"]);
}

#[test]
fn h57_cursors_that_are_void_are_not_replayed() {
    let mut world = with_history();
    let ben = world.join_with(BEN, 2, &[(EVERYONE, 99), (OTHER_DIRECT, 0), (ROOM, 0)]);
    assert_eq!(world.got(ben).len(), 2, "the welcome and its reply");

    let cleo = world.dial(CLEO, 3);
    let cursor = Cursor { conversation: EVERYONE, seq: Seq(1) };
    let client = "test".to_owned();
    let epoch = Some("another".to_owned());
    world.ask(cleo, 1, Command::Hello { protocol: PROTOCOL, client, epoch, cursors: vec![cursor] });
    assert_eq!(world.got(cleo).len(), 2, "cursors of another epoch count for nothing");
    world.forget();
    world.ask(ben, 2, send(EVERYONE, 30));
    assert_eq!(world.got(cleo), ["entries 100: 11"], "and it is live");
}

#[test]
fn too_many_cursors_are_refused() {
    let mut world = World::new();
    let ben = world.dial(BEN, 2);
    let cursors = vec![(EVERYONE, 0); limits::CURSORS + 1];
    world.ask(ben, 1, hello(&cursors));
    assert_eq!(world.got(ben), ["error 1 bad_request", "close 4003"]);
}

#[test]
fn a_member_removed_while_catching_up_gets_no_more_pages() {
    let mut world = World::new();
    world.store.page = 2;
    let anna = world.join(ANNA, 1);
    world.control(ANNA, ROOM, create(ANNA, &[BEN]));
    for n in 1..=9 {
        world.ask(anna, 0, send(ROOM, n));
    }
    world.ask(anna, 0, send(DIRECT, 10));
    let ben = world.join_with(BEN, 2, &[(ROOM, 0), (DIRECT, 0)]);
    world.forget();
    world.hold = true;
    world.writable(ben);
    world.control(ANNA, ROOM, remove(BEN));
    assert_eq!(world.got(ben), ["gone 103"]);
    world.settle();
    assert_eq!(world.got(ben), ["entries 101: 1"], "the page of the room is dropped");
}

#[test]
fn a_page_that_cannot_be_read_closes_the_connection() {
    let mut world = with_history();
    world.hold = true;
    let ben = world.join_with(BEN, 2, &[(EVERYONE, 1)]);
    world.forget();
    world.rooms.handle_page(ben, EVERYONE, None);
    world.settle_outputs();
    assert_eq!(world.got(ben), [format!("close {}", TRY_LATER.number())]);
}
