use serde_json::json;

use super::super::Conversation;
use super::world::*;
use crate::pure::e2ee::Transcript;
use crate::pure::wire::{AccountId, Command, ConversationId, Event, MemberRole, Millis};

impl World {
    /// A conversation as it was last told.
    fn told(&self, id: ConversationId) -> Conversation {
        let mut events = self.events.iter().rev();
        let told = events.find_map(|(_, event)| match event {
            Event::Conversation { conversation } if conversation.id == id => Some(conversation),
            _ => None,
        });
        told.expect("it was told").clone()
    }
}

fn request(epoch: u32) -> Command {
    Command::RequestGrant { conversation: ROOM, epoch }
}

#[test]
fn a_room_is_made_for_its_members() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.forget();
    world.control(BEN, ROOM, create(BEN, &[ANNA]));
    let made = "conversation 103: 2 members, head 1";
    assert_eq!(world.got(ben), [made]);
    assert_eq!(world.got(anna), [made]);
    assert!(world.got(cleo).is_empty());
    let room = world.told(ROOM);
    assert_eq!((room.epoch, room.control, room.rotation_required), (1, 1, false));
    assert_eq!(room.name, Some(name("Kitchen")));
    world.ask(anna, 3, send(ROOM, 1));
    assert_eq!(world.got(ben), ["entries 103: 2"]);
}

#[test]
fn members_come_and_are_renamed_and_go() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.control(CLEO, ROOM, create(CLEO, &[BEN]));
    world.forget();

    world.control(BEN, ROOM, add(ANNA));
    let state = "conversation 103: 3 members, head 2";
    assert_eq!(world.got(ben), ["entries 103: 2", state]);
    assert_eq!(world.got(cleo), ["entries 103: 2", state]);
    assert_eq!(world.got(anna), [state], "the new member starts at the head");

    world.control(CLEO, ROOM, json!({"type": "rename", "name": "Garden"}));
    assert_eq!(world.told(ROOM).name, Some(name("Garden")));
    world.control(CLEO, ROOM, json!({"type": "role", "account": ANNA, "role": "manager"}));
    assert_eq!(world.told(ROOM).members[2].role, MemberRole::Manager);

    world.forget();
    world.control(ANNA, ROOM, remove(CLEO));
    let state = "conversation 103: 2 members, head 5";
    assert_eq!(world.got(anna), ["entries 103: 5", state]);
    assert_eq!(world.got(cleo), ["gone 103"]);
    let room = world.told(ROOM);
    assert_eq!((room.epoch, room.control, room.rotation_required), (2, 5, false));
}

#[test]
fn h68_a_removed_member_hears_nothing_more() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.control(ANNA, ROOM, create(ANNA, &[BEN]));
    world.forget();
    world.hold = true;
    let removed = world.commit(ANNA, ROOM, remove(BEN));
    world.ask(anna, 3, send(ROOM, 1));
    world.ask(ben, 4, send(ROOM, 2));
    // Her message is told only after the removal that came before it.
    world.settle_one();
    assert_eq!(world.got(ben), [""; 0]);
    world.rooms.handle_control(world.now, ROOM, removed);
    world.settle_outputs();
    assert_eq!(world.got(ben), ["gone 103"]);
    world.hold = false;
    world.settle();
    world.ask(ben, 5, Command::Typing { conversation: ROOM });
    assert_eq!(world.got(ben), ["error 4 not_found", "error 5 not_found"]);
}

#[test]
fn a_member_leaves_and_can_come_back() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.control(ANNA, ROOM, create(ANNA, &[BEN]));
    world.forget();
    world.control(BEN, ROOM, json!({"type": "leave"}));
    assert_eq!(world.got(ben), ["gone 103"]);
    assert!(world.told(ROOM).rotation_required);
    world.control(ANNA, ROOM, json!({"type": "rotate"}));
    assert!(!world.told(ROOM).rotation_required);
    world.forget();
    world.control(ANNA, ROOM, add(BEN));
    world.ask(anna, 4, send(ROOM, 2));
    assert_eq!(world.got(ben), ["conversation 103: 2 members, head 4", "entries 103: 5"]);
}

#[test]
fn the_last_manager_who_leaves_has_an_heir() {
    let mut world = World::new();
    let ben = world.join(BEN, 2);
    world.control(ANNA, ROOM, create(ANNA, &[BEN, CLEO]));
    world.control(BEN, ROOM, json!({"type": "role", "account": BEN, "role": "guest"}));
    world.control(ANNA, ROOM, json!({"type": "leave"}));
    let roles: Vec<_> = world.told(ROOM).members.iter().map(|m| (m.account, m.role)).collect();
    assert_eq!(roles, [(BEN, MemberRole::Guest), (CLEO, MemberRole::Manager)]);
    world.got(ben);
}

#[test]
fn the_transcript_runs_over_all_entries() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.control(ANNA, ROOM, create(ANNA, &[BEN]));
    for n in 1..=3 {
        world.ask(anna, 0, send(ROOM, n));
    }
    world.control(ANNA, ROOM, json!({"type": "rotate"}));
    let mut transcript = Transcript::START;
    for entry in world.store.of(ROOM) {
        let crate::pure::wire::EntryContent::Envelope { envelope } = &entry.content else {
            unreachable!("there was no call");
        };
        transcript = transcript.after(verified(envelope).id(), entry.seq);
    }
    let told = world.told(ROOM).transcript;
    assert_eq!(told.as_ref(), transcript.0.as_bytes().as_slice());
}

#[test]
fn one_online_member_after_the_other_is_asked_for_a_grant() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.control(ANNA, ROOM, create(ANNA, &[BEN, CLEO]));
    world.forget();
    world.ask(ben, 1, request(2));
    assert_eq!(world.got(ben), ["error 1 not_found"], "there is no such epoch");
    world.ask(ben, 2, request(1));
    assert_eq!(world.got(ben), ["reply 2 done"]);
    let asked = ["grant of 1 in 103 for 2?"];
    assert_eq!(world.got(anna), asked);
    assert!(world.got(cleo).is_empty());
    world.pass(4_999);
    assert!(world.got(cleo).is_empty());
    world.pass(1);
    assert_eq!(world.got(cleo), asked);
    world.rooms.handle_granted(ROOM, &[BEN]);
    world.settle_outputs();
    assert_eq!(world.got(ben), ["grants 103"]);
    world.pass(60_000);
    assert!(world.got(anna).is_empty() && world.got(cleo).is_empty(), "it is answered");

    world.ask(ben, 3, request(1));
    world.pass(60_000);
    let again = [world.got(anna), world.got(cleo)].concat();
    assert_eq!(again, [asked[0]; 2], "each once, and nobody is left");
    let ends = Some(Millis(u64::MAX / 2));
    assert!(world.rooms.poll_timeout() >= ends, "but for the ends of sessions");
}

#[test]
fn guests_strangers_and_the_absent_are_not_asked() {
    let mut world = World::new();
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.control(ANNA, ROOM, create(ANNA, &[BEN]));
    let mut guest = add(CLEO);
    guest["members"][0]["role"] = json!("guest");
    world.control(ANNA, ROOM, guest);
    world.forget();
    world.ask(ben, 1, request(1));
    world.pass(60_000);
    assert_eq!(world.got(ben), ["reply 1 done"]);
    assert!(world.got(cleo).is_empty());
}

#[test]
fn h59_newcomers_get_nothing_of_what_was_before_them() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let mut since_join = create(ANNA, &[BEN]);
    since_join["history"] = json!("since_join");
    world.control(ANNA, ROOM, since_join);
    world.ask(anna, 0, send(ROOM, 1));
    world.control(ANNA, ROOM, add(CLEO));
    world.ask(anna, 0, send(ROOM, 2));
    let early = world.join_with(CLEO, 3, &[(ROOM, 0)]);
    assert_eq!(world.got(early).len(), 2, "the welcome and its reply");
    let fair = world.join_with(CLEO, 3, &[(ROOM, 2)]);
    assert_eq!(world.got(fair).last(), Some(&"entries 103: 3 4".to_owned()));
    let ben = world.join_with(BEN, 2, &[(ROOM, 0)]);
    assert_eq!(world.got(ben).last(), Some(&"entries 103: 1 2 3 4".to_owned()));
}

#[test]
fn a_revoked_device_or_link_calls_for_new_keys() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.forget();
    world.rooms.handle_rotation_required(&[DIRECT, ConversationId::from_bytes([9; 16])]);
    world.settle_outputs();
    assert_eq!(world.got(anna), ["conversation 101: 2 members, head 0"]);
    assert!(world.told(DIRECT).rotation_required);
    let nobody: [AccountId; 0] = [];
    world.rooms.handle_granted(DIRECT, &nobody);
    world.settle_outputs();
    assert!(world.got(anna).is_empty());
}
