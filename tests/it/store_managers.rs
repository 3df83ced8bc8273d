//! A room always has a manager who can act, as long as somebody in it can.

use callbox::pure::wire::api::AdministerAccount;
use callbox::pure::wire::{AccountId, ConversationId, MemberRole};
use callbox::store::{RoomOperation, Store};

use crate::store::{NOW, Person, TestStore, done, fresh, member, name, owner};

#[tokio::test]
async fn who_came_first_takes_over_from_the_last_manager() {
    let test = TestStore::new();
    let store = &test.store;
    let olga = owner(store, "Olga").await;
    let anna = member(store, &olga, "Anna").await;
    let ben = member(store, &olga, "Ben").await;
    let cleo = member(store, &olga, "Cleo").await;
    let room = make(store, &ben, &[]).await;
    // Cleo is in it before Anna, whose account is the older one.
    for who in [&cleo, &anna] {
        done(store.change_room(room, ben.id, add(who), NOW)).await;
    }
    let left = done(store.change_room(room, ben.id, RoomOperation::Leave, NOW)).await;
    assert_eq!(left.promoted, Some(cleo.id));
    assert_eq!(managers(store, room).await, [cleo.id]);

    // Who comes back comes last; a manager who goes beside another leaves no gap.
    done(store.change_room(room, anna.id, add(&ben), NOW)).await;
    let removed = RoomOperation::Remove { account: cleo.id };
    done(store.change_room(room, anna.id, add(&olga), NOW)).await;
    let removed = done(store.change_room(room, olga.id, removed, NOW)).await;
    assert_eq!(removed.promoted, Some(anna.id), "an admin removed the manager");
    let left = done(store.change_room(room, ben.id, RoomOperation::Leave, NOW)).await;
    assert_eq!(left.promoted, None);

    let test = test.reopen();
    assert_eq!(managers(&test.store, room).await, [anna.id]);
    let found = test.store.directory().await.expect("reads").conversations;
    let found = found.into_iter().find(|c| c.id == room).expect("is kept");
    let order: Vec<_> = found.members.iter().map(|member| member.account).collect();
    assert_eq!(order, [anna.id, olga.id], "in the order of coming, not of accounts");
}

#[tokio::test]
async fn a_disabled_manager_is_none() {
    let test = TestStore::new();
    let store = &test.store;
    let olga = owner(store, "Olga").await;
    let anna = member(store, &olga, "Anna").await;
    let ben = member(store, &olga, "Ben").await;
    let cleo = member(store, &olga, "Cleo").await;
    let (shared, alone) = (make(store, &anna, &[&ben, &cleo]).await, make(store, &anna, &[]).await);
    let disable = |who: &Person, disabled| {
        store.administer(who.id, AdministerAccount { role: None, disabled: Some(disabled) })
    };
    assert!(done(disable(&ben, true)).await.promoted.is_empty(), "he managed nothing");
    let administered = done(disable(&anna, true)).await;
    assert_eq!(administered.promoted, [(shared, cleo.id)], "not the one who is disabled too");
    assert_eq!(managers(store, shared).await, [anna.id, cleo.id]);
    assert_eq!(managers(store, alone).await, [anna.id]);

    // With all of them disabled, the first to come back takes over.
    let room = make(store, &cleo, &[&olga]).await;
    done(store.change_room(room, olga.id, add(&ben), NOW)).await;
    done(store.change_room(room, olga.id, RoomOperation::Leave, NOW)).await;
    assert!(done(disable(&cleo, true)).await.promoted.is_empty());
    assert_eq!(done(disable(&ben, false)).await.promoted, [(shared, ben.id), (room, ben.id)]);
    assert!(done(disable(&anna, false)).await.promoted.is_empty());
}

async fn make(store: &Store, by: &Person, members: &[&Person]) -> ConversationId {
    let room = ConversationId::from_bytes(fresh());
    let members = members.iter().map(|member| member.id).collect();
    let create = RoomOperation::Create { name: name("Garden"), members };
    done(store.change_room(room, by.id, create, NOW)).await;
    room
}

fn add(who: &Person) -> RoomOperation {
    RoomOperation::Add { accounts: vec![who.id] }
}

async fn managers(store: &Store, room: ConversationId) -> Vec<AccountId> {
    let conversations = store.directory().await.expect("reads").conversations;
    let room = conversations.into_iter().find(|c| c.id == room).expect("is kept");
    let managers = room.members.into_iter().filter(|m| m.role == MemberRole::Manager);
    managers.map(|member| member.account).collect()
}
