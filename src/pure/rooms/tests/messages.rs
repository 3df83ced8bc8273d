use super::super::Watermark;
use super::world::*;
use crate::pure::wire::{AccountId, Command, Role, Seq};

#[test]
fn a_message_is_confirmed_to_its_sender_and_delivered_to_all_connections() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let tab = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.forget();

    world.ask(anna, 7, send(DIRECT, 1));
    assert_eq!(world.got(anna), ["reply 7 sent 1", "entries 101: 1"]);
    assert_eq!(world.got(tab), ["entries 101: 1"]);
    assert_eq!(world.got(ben), ["entries 101: 1"]);
    assert!(world.got(cleo).is_empty());
}

#[test]
fn nothing_is_confirmed_before_it_is_stored() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.forget();
    world.hold = true;
    world.ask(anna, 1, send(EVERYONE, 1));
    assert!(world.got(anna).is_empty());
    world.settle();
    assert_eq!(world.got(anna), ["reply 1 sent 1", "entries 100: 1"]);

    world.broken = true;
    world.ask(anna, 2, send(EVERYONE, 2));
    world.settle();
    assert_eq!(world.got(anna), ["error 2 unavailable"]);
}

#[test]
fn a_resend_gets_the_same_number_and_is_not_delivered_again() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.forget();
    world.ask(anna, 1, send(EVERYONE, 1));
    world.ask(anna, 2, send(EVERYONE, 2));
    world.forget();
    world.ask(anna, 3, send(EVERYONE, 1));
    assert_eq!(world.got(anna), ["reply 3 sent 1"]);
    assert!(world.got(ben).is_empty());
}

#[test]
fn a_reply_for_a_connection_that_is_gone_reaches_nobody() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let tab = world.join(ANNA, 1);
    world.forget();
    world.hold = true;
    world.ask(anna, 1, send(EVERYONE, 1));
    world.leave(anna);
    world.settle();
    assert!(world.got(anna).is_empty());
    assert_eq!(world.got(tab), ["entries 100: 1"]);
}

#[test]
fn h58_conversations_of_others_do_not_exist() {
    let mut world = World::new();
    let cleo = world.join(CLEO, 3);
    world.forget();
    let conversation = DIRECT;
    let receipt = Command::Receipt { conversation, delivered: Some(Seq(1)), read: None };
    world.ask(cleo, 1, send(DIRECT, 1));
    world.ask(cleo, 2, receipt);
    world.ask(cleo, 3, Command::Typing { conversation });
    world.ask(cleo, 4, Command::RequestGrant { conversation, epoch: 1 });
    world.ask(cleo, 5, start(1, DIRECT));
    world.ask(cleo, 6, send(ROOM, 1));
    let refused: Vec<_> = (1..=6).map(|id| format!("error {id} not_found")).collect();
    assert_eq!(world.got(cleo), refused);
    assert!(world.store.of(DIRECT).is_empty());
}

#[test]
fn only_content_is_sent_and_only_what_was_verified() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.forget();
    let blob = envelope(0x06, EVERYONE, (ANNA, device(1)), 0, 1, &[0; 80]);
    world.ask_with(anna, 1, send(EVERYONE, 1), Some(verified(&blob)));
    let blob = envelope(0x10, EVERYONE, (ANNA, device(1)), 0, 1, b"{}");
    world.ask_with(anna, 2, send(EVERYONE, 1), Some(verified(&blob)));
    world.ask_with(anna, 3, send(EVERYONE, 1), None);
    let refused: Vec<_> = (1..=3).map(|id| format!("error {id} bad_request")).collect();
    assert_eq!(world.got(anna), refused);
    assert!(world.store.of(EVERYONE).is_empty());
}

#[test]
fn receipts_only_rise_and_never_pass_the_head() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    for n in 1..=3 {
        world.ask(anna, 0, send(DIRECT, n));
    }
    world.forget();
    let receipt = |delivered: Option<u64>, read: Option<u64>| Command::Receipt {
        conversation: DIRECT,
        delivered: delivered.map(Seq),
        read: read.map(Seq),
    };
    world.ask(ben, 1, receipt(Some(2), None));
    world.ask(ben, 2, receipt(Some(1), None));
    world.ask(ben, 3, receipt(None, Some(99)));
    let told = ["receipt 101 of 2: 2 0", "receipt 101 of 2: 3 3"];
    assert_eq!(world.got(anna), told);
    assert_eq!(world.got(ben), [told[0], "reply 1 done", "reply 2 done", told[1], "reply 3 done"]);

    assert!(world.store.watermarks.is_empty());
    world.pass(1_000);
    let saved = Watermark { conversation: DIRECT, account: BEN, delivered: Seq(3), read: Seq(3) };
    assert_eq!(world.store.watermarks, [saved]);
    world.pass(10_000);
    assert_eq!(world.store.watermarks.len(), 1, "and only once");
}

#[test]
fn watermarks_are_saved_at_the_stop() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 0, send(DIRECT, 1));
    let receipt = Command::Receipt { conversation: DIRECT, delivered: Some(Seq(1)), read: None };
    world.ask(ben, 1, receipt);
    world.rooms.handle_stop();
    world.settle_outputs();
    assert_eq!(world.store.watermarks.len(), 1);
}

#[test]
fn typing_reaches_the_other_members_only() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let tab = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.forget();
    world.ask(anna, 1, Command::Typing { conversation: DIRECT });
    assert_eq!(world.got(anna), ["reply 1 done"]);
    assert!(world.got(tab).is_empty());
    assert_eq!(world.got(ben), ["typing 101 by 1"]);
    assert!(world.got(cleo).is_empty(), "h69");
}

#[test]
fn somebody_is_offline_only_after_a_grace() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    assert_eq!(world.got(anna), [""; 0], "Ben's coming was read by join");
    world.leave(ben);
    world.pass(2_999);
    let ben = world.join(BEN, 2);
    world.leave(ben);
    world.pass(2_999);
    assert_eq!(world.got(anna), [""; 0], "the grace begins anew");
    world.pass(1);
    assert_eq!(world.got(anna), ["2 offline"]);
    let tab = world.dial(BEN, 2);
    world.ask(tab, 0, hello(&[]));
    world.join(BEN, 2);
    world.leave(tab);
    world.pass(60_000);
    assert_eq!(world.got(anna), [""; 0], "the other connection keeps him online");
}

#[test]
fn an_account_that_joins_is_told_with_its_entry() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.forget();
    world.rooms.handle_account_changed(world.now, account(DORA, "Dora", Role::Member));
    world.control(ANNA, EVERYONE, add(DORA));
    assert_eq!(
        world.got(anna),
        ["account 4", "entries 100: 1", "conversation 100: 4 members, head 1"]
    );
    let dora = world.join(DORA, 4);
    assert_eq!(world.got(dora), ["welcome 1 conversations, 2 online, 0 calls", "reply 0 done"]);
}

#[test]
fn entries_whose_results_cross_are_delivered_in_order() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.rooms.handle_account_changed(world.now, account(DORA, "Dora", Role::Member));
    world.settle_outputs();
    world.forget();
    let joined = world.commit(ANNA, EVERYONE, add(DORA));
    world.ask(anna, 1, send(EVERYONE, 1));
    assert_eq!(world.got(anna), ["reply 1 sent 2"], "2 waits for 1");
    world.rooms.handle_control(world.now, EVERYONE, joined);
    world.settle_outputs();
    assert_eq!(
        world.got(anna),
        ["entries 100: 1", "conversation 100: 4 members, head 1", "entries 100: 2"]
    );
}

#[test]
fn an_entry_that_nobody_reports_is_read_from_the_store() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.commit(ANNA, EVERYONE, add(DORA));
    world.ask(anna, 1, send(EVERYONE, 1));
    world.forget();
    world.pass(1_000);
    assert_eq!(
        world.got(anna),
        ["entries 100: 1", "conversation 100: 4 members, head 1", "entries 100: 2"]
    );
}

const DORA: AccountId = AccountId::from_bytes([4; 16]);
