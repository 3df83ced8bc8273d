use super::world::*;
use crate::pure::rooms::ConnectionId;
use crate::pure::wire::{AccountId, Command, Event, MemberRole, Role};

fn create(members: &[AccountId]) -> Command {
    Command::CreateRoom { conversation: ROOM, name: name("Kitchen"), members: members.to_vec() }
}

fn rename() -> Command {
    Command::RenameRoom { conversation: ROOM, name: name("Garden") }
}

fn add(account: AccountId) -> Command {
    Command::AddMembers { conversation: ROOM, accounts: vec![account] }
}

fn remove(account: AccountId) -> Command {
    Command::RemoveMember { conversation: ROOM, account }
}

/// Who manages the conversation that a connection was last told of.
fn managers(world: &World, connection: ConnectionId) -> Vec<AccountId> {
    let told = world.events.iter().rev().find_map(|(to, event)| match event {
        Event::Conversation { conversation } if *to == connection => Some(conversation),
        _ => None,
    });
    let members = told.expect("it was told of one").members.iter();
    let managers = members.filter(|member| member.role == MemberRole::Manager);
    managers.map(|member| member.account).collect()
}

#[test]
fn a_room_is_made_for_its_members() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.forget();
    world.ask(ben, 1, create(&[ANNA, ANNA, BEN]));
    let made = "conversation 103: 2 members, head 1";
    assert_eq!(world.got(ben), [made, "reply 1 conversation 103"]);
    assert_eq!(world.got(anna), [made]);
    assert!(world.got(cleo).is_empty());

    world.ask(ben, 2, create(&[ANNA]));
    assert_eq!(world.got(ben), ["reply 2 conversation 103"], "a repetition");
    assert!(world.got(anna).is_empty());
    world.ask(anna, 3, send(ROOM, 1));
    assert_eq!(world.got(ben), ["entries 103: 2"]);
}

#[test]
fn members_add_managers_rename_and_remove() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.ask(cleo, 1, create(&[BEN]));
    world.forget();

    world.ask(ben, 1, rename());
    world.ask(ben, 2, remove(CLEO));
    assert_eq!(world.got(ben), ["error 1 forbidden", "error 2 forbidden"]);

    world.ask(ben, 3, add(ANNA));
    let state = "conversation 103: 3 members, head 2";
    assert_eq!(world.got(ben), ["reply 3 done", "entries 103: 2", state]);
    assert_eq!(world.got(cleo), ["entries 103: 2", state]);
    assert_eq!(world.got(anna), [state], "the new member starts at the head");

    world.ask(cleo, 4, rename());
    let state = "conversation 103: 3 members, head 3";
    assert_eq!(world.got(cleo), ["reply 4 done", "entries 103: 3", state]);
    assert_eq!(world.got(anna), ["entries 103: 3", state]);

    world.forget();
    world.ask(anna, 5, remove(CLEO));
    let state = "conversation 103: 2 members, head 4";
    assert_eq!(world.got(anna), ["reply 5 done", "entries 103: 4", state], "the owner may, too");
    assert_eq!(world.got(cleo), ["gone 103"]);
}

#[test]
fn h68_a_removed_member_hears_nothing_more() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 1, create(&[BEN]));
    world.forget();
    world.hold = true;
    world.ask(anna, 2, remove(BEN));
    world.ask(anna, 3, send(ROOM, 1));
    world.ask(ben, 4, send(ROOM, 2));
    world.settle_one();
    world.settle_one();
    assert_eq!(world.got(ben), ["gone 103"]);
    world.hold = false;
    // The store refuses his message, which was on its way; the core refuses the next.
    world.ask(ben, 5, send(ROOM, 3));
    world.ask(ben, 6, Command::Typing { conversation: ROOM });
    let got = world.got(ben);
    assert!(got.contains(&"error 5 not_found".to_owned()), "{got:?}");
    assert!(got.iter().all(|event| !event.starts_with("entries")), "{got:?}");
}

#[test]
fn a_member_leaves_and_can_come_back() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let ben = world.join(BEN, 2);
    world.ask(anna, 1, create(&[BEN]));
    world.forget();
    world.ask(ben, 1, Command::LeaveRoom { conversation: ROOM });
    assert_eq!(world.got(ben), ["reply 1 done", "gone 103"]);
    world.ask(anna, 2, send(ROOM, 1));
    world.forget();
    world.ask(anna, 3, add(BEN));
    world.ask(anna, 4, send(ROOM, 2));
    assert_eq!(world.got(ben), ["conversation 103: 2 members, head 4", "entries 103: 5"]);
}

#[test]
fn a_new_manager_is_told_to_all_and_may_manage() {
    let mut world = World::new();
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.ask(ben, 1, create(&[CLEO, ANNA]));
    world.ask(cleo, 1, rename());
    world.forget();

    world.store.promoted = Some(CLEO);
    world.ask(ben, 2, Command::LeaveRoom { conversation: ROOM });
    let state = "conversation 103: 2 members, head 2";
    assert_eq!(world.got(ben), ["reply 2 done", "gone 103"]);
    assert_eq!(world.got(cleo), ["entries 103: 2", state, state]);
    assert_eq!(managers(&world, cleo), [CLEO]);
    world.ask(cleo, 3, rename());
    assert_eq!(world.got(cleo)[0], "reply 3 done");

    // By an account that was disabled; and one who has left meanwhile is nobody.
    let anna = world.join(ANNA, 1);
    world.forget();
    world.rooms.handle_promoted(&[(ROOM, ANNA), (ROOM, BEN), (OTHER_DIRECT, BEN)]);
    world.settle_outputs();
    let state = "conversation 103: 2 members, head 3";
    assert_eq!(
        (world.got(anna), world.got(cleo)),
        (vec![state.to_owned()], vec![state.to_owned()])
    );
    assert_eq!(managers(&world, anna), [ANNA, CLEO]);
}

#[test]
fn everyone_and_direct_conversations_are_fixed() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    world.forget();
    for conversation in [EVERYONE, DIRECT] {
        world.ask(anna, 1, Command::RenameRoom { conversation, name: name("Ours") });
        world.ask(anna, 2, Command::AddMembers { conversation, accounts: vec![CLEO] });
        world.ask(anna, 3, Command::RemoveMember { conversation, account: BEN });
        world.ask(anna, 4, Command::LeaveRoom { conversation });
        let refused: Vec<_> = (1..=4).map(|id| format!("error {id} forbidden")).collect();
        assert_eq!(world.got(anna), refused);
    }
}

#[test]
fn only_known_and_enabled_accounts_can_be_brought_in() {
    let mut world = World::new();
    let anna = world.join(ANNA, 1);
    let mut ben = account(BEN, "Ben", Role::Member);
    ben.disabled = true;
    world.rooms.handle_account_changed(world.now, ben);
    world.settle_outputs();
    world.forget();
    world.ask(anna, 1, create(&[BEN]));
    world.ask(anna, 2, create(&[AccountId::from_bytes([9; 16])]));
    world.ask(anna, 3, create(&[]));
    world.ask(anna, 4, add(BEN));
    assert_eq!(
        world.got(anna),
        [
            "error 1 forbidden",
            "error 2 not_found",
            "conversation 103: 1 members, head 1",
            "reply 3 conversation 103",
            "error 4 forbidden"
        ]
    );
}

#[test]
fn a_direct_conversation_is_found_or_made_once() {
    let mut world = World::new();
    let ben = world.join(BEN, 2);
    let cleo = world.join(CLEO, 3);
    world.forget();
    world.ask(ben, 1, Command::OpenDirect { account: ANNA });
    assert_eq!(world.got(ben), ["reply 1 conversation 101"]);
    world.hold = true;
    world.ask(ben, 2, Command::OpenDirect { account: CLEO });
    world.ask(cleo, 3, Command::OpenDirect { account: BEN });
    world.settle();
    let made = "conversation 200: 2 members, head 0";
    assert_eq!(world.got(ben), [made, "reply 2 conversation 200"]);
    assert_eq!(world.got(cleo), [made, "reply 3 conversation 200"]);
    world.ask(ben, 4, Command::OpenDirect { account: BEN });
    assert_eq!(world.got(ben), ["error 4 bad_request"]);
}
