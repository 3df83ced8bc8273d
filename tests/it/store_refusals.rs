//! What the store must not do, whoever asks.

use callbox::pure::wire::api::Ticket;
use callbox::pure::wire::{
    Blob, ConversationId, EntryContent, InviteId, MessageId, Millis, RoomChange, Seq,
};
use callbox::store::{NewAccount, NewMessage, NewSession, Range, Refusal, RoomOperation};
use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::store::{
    NOW, TestStore, body, done, fresh, invite, member, message, name, new_account, new_session,
    owner, refused,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h41_of_parallel_last_uses_exactly_one_wins() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    for round in 0..5 {
        let ticket = invite(&test.store, &anna, 3).await;
        done(test.store.register(new_account(&format!("first {round}"), ticket.clone()))).await;
        done(test.store.register(new_account(&format!("second {round}"), ticket.clone()))).await;
        let racers = (0..8).map(|n| {
            let (store, new) =
                (test.store.clone(), new_account(&format!("{round} {n}"), ticket.clone()));
            tokio::spawn(async move { store.register(new).await.expect("the store works") })
        });
        let outcomes: Vec<_> =
            join_all(racers).await.into_iter().map(|o| o.expect("runs").err()).collect();
        assert_eq!(outcomes.iter().filter(|o| o.is_none()).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().flatten().all(|o| *o == Refusal::TicketInvalid), "{outcomes:?}");
    }
    let accounts = test.store.directory().await.expect("reads").accounts;
    assert_eq!(accounts.len(), 1 + 5 * 3);
    let invites = test.store.invites(None).await.expect("reads");
    assert!(invites.iter().all(|invite| invite.uses == 3));
}

#[tokio::test]
async fn h41_expired_revoked_used_and_guessed_invites_are_all_the_same() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let check = async |ticket: &Ticket, now| {
        let Ticket::Invite { invite, secret } = ticket else { unreachable!("tests make invites") };
        let hash = Sha256::digest(secret).into();
        let checked = store.check_invite(*invite, &hash, now).await.expect("reads");
        let register = NewAccount { now, ..new_account("Eve", ticket.clone()) };
        (checked, register)
    };
    let good = invite(store, &anna, 1).await;
    assert_eq!(check(&good, NOW).await.0, Some(name("Anna")));
    let Ticket::Invite { invite: id, secret } = good.clone() else { unreachable!() };

    let revoked = invite(store, &anna, 1).await;
    let Ticket::Invite { invite: revoked_id, .. } = &revoked else { unreachable!() };
    done(store.revoke_invite(*revoked_id, None)).await;
    let used = invite(store, &anna, 1).await;
    done(store.register(new_account("Ben", used.clone()))).await;
    let of_disabled = invite(store, &member(store, &anna, "Cleo").await, 1).await;
    let cleo = store.credentials(&name("Cleo")).await.expect("reads").expect("exists").account;
    let disable = callbox::pure::wire::api::AdministerAccount { role: None, disabled: Some(true) };
    done(store.administer(cleo, disable)).await;

    let guessed_id = Ticket::Invite { invite: InviteId::from_bytes(fresh()), secret };
    let guessed_secret = Ticket::Invite { invite: id, secret: Blob::from(fresh().to_vec()) };
    let no_secret = Ticket::Invite { invite: id, secret: Blob::default() };
    let late = Millis(NOW.0 + 3_600_000);
    for (ticket, now) in [
        (&good, late),
        (&revoked, NOW),
        (&used, NOW),
        (&of_disabled, NOW),
        (&guessed_id, NOW),
        (&guessed_secret, NOW),
        (&no_secret, NOW),
    ] {
        let (checked, register) = check(ticket, now).await;
        assert_eq!(checked, None);
        assert_eq!(refused(store.register(register)).await, Refusal::TicketInvalid);
    }
    assert_eq!(refused(store.register(check(&used, NOW).await.1)).await, Refusal::TicketInvalid);
    done(store.register(check(&good, NOW).await.1)).await;
}

#[tokio::test]
async fn h58_a_foreign_conversation_is_like_none() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let eve = member(store, &anna, "Eve").await;
    let id = || ConversationId::from_bytes(fresh());
    let direct = done(store.open_direct(id(), anna.id, ben.id, NOW)).await;
    let room = id();
    let create = RoomOperation::Create { name: name("Board"), members: vec![ben.id] };
    done(store.change_room(room, anna.id, create, NOW)).await;

    for conversation in [direct.id, room, id()] {
        assert!(!store.is_member(conversation, eve.id).await.expect("reads"));
        let append = store.append(message(&eve, conversation, "let me in"));
        assert_eq!(refused(append).await, Refusal::NotMember);
        for operation in [
            RoomOperation::Add { accounts: vec![eve.id] },
            RoomOperation::Rename { name: name("Eve's") },
            RoomOperation::Remove { account: ben.id },
            RoomOperation::Leave,
        ] {
            let change = store.change_room(conversation, eve.id, operation, NOW);
            assert_eq!(refused(change).await, Refusal::NotMember);
        }
    }
    // Neither in another's name nor from another's device.
    let pretends = NewMessage { sender: anna.id, ..message(&eve, room, "as Anna") };
    assert_eq!(refused(store.append(pretends)).await, Refusal::NotMember);
    let borrowed = NewMessage { device: anna.device, ..message(&eve, eve.everyone, "from Anna's") };
    assert_eq!(refused(store.append(borrowed)).await, Refusal::NotMember);
    let board = store.entries(room, Range::Newest, 100).await.expect("reads");
    assert_eq!(board.entries.len(), 1, "nothing of it was stored");
}

#[tokio::test]
async fn h85_sql_in_every_field_is_only_text() {
    let test = TestStore::new();
    let store = &test.store;
    let nasty = [
        "'; DROP TABLE accounts; --",
        "\" OR 1=1 --",
        "%",
        "_____",
        "?1 ?2 :a @b $c",
        "Robert'); DELETE FROM entries;--",
        "\\' || (SELECT record FROM accounts)",
    ];
    let anna = owner(store, nasty[0]).await;
    for text in &nasty[1..] {
        let ticket = invite(store, &anna, 1).await;
        let mut new = new_account(text, ticket);
        new.record = Blob::from(text.as_bytes().to_vec());
        new.session.device_name = name(text);
        new.session.network = (*text).to_owned();
        let (id, device, hash) = (new.id, new.session.device, new.session.token_hash);
        let made = done(store.register(new)).await;
        assert_eq!(made.account.name.as_str(), *text);
        let devices = store.devices(id, device).await.expect("reads");
        assert_eq!((devices[0].name.as_str(), devices[0].network.as_str()), (*text, *text));
        assert!(store.session(&hash, NOW).await.expect("reads").is_some());
        done(store.set_avatar(id, Some(((*text).to_owned(), "picture".into())))).await;
        assert!(store.avatar(id, text).await.expect("reads").is_some());
        assert!(store.avatar(id, "%").await.expect("reads").is_none() || *text == "%");
        let secret = Ticket::Invite {
            invite: InviteId::from_bytes(fresh()),
            secret: Blob::from(text.as_bytes().to_vec()),
        };
        let register = store.register(new_account("nobody", secret));
        assert_eq!(refused(register).await, Refusal::TicketInvalid);

        let room = ConversationId::from_bytes(fresh());
        let create = RoomOperation::Create { name: name(text), members: vec![anna.id] };
        done(store.change_room(room, id, create, NOW)).await;
        let said = NewMessage { sender: id, device, body: body(text), ..message(&anna, room, "") };
        done(store.append(said)).await;
        let entries = store.entries(room, Range::Newest, 10).await.expect("reads").entries;
        let EntryContent::Room { change: RoomChange::Created { name: room_name }, .. } =
            &entries[0].content
        else {
            panic!("not the room's beginning: {:?}", entries[0]);
        };
        assert_eq!(room_name.as_str(), *text);
        let EntryContent::Message { body: stored, .. } = &entries[1].content else {
            panic!("not a message: {:?}", entries[1]);
        };
        assert_eq!(*stored, body(text));
    }
    for text in nasty {
        let found = store.credentials(&name(text)).await.expect("reads").expect("exists");
        let account = store.account(found.account).await.expect("reads").expect("exists");
        assert_eq!(account.name.as_str(), text);
    }
    assert!(store.credentials(&name("%%")).await.expect("reads").is_none());
    assert!(store.credentials(&name("______")).await.expect("reads").is_none());
    assert_eq!(store.directory().await.expect("reads").accounts.len(), nasty.len());
}

#[tokio::test]
async fn a_message_is_stored_once_and_only_as_it_was() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let room = ConversationId::from_bytes(fresh());
    let create = RoomOperation::Create { name: name("Garden"), members: vec![ben.id] };
    done(store.change_room(room, anna.id, create, NOW)).await;
    let said = message(&ben, room, "Hello");
    let first = done(store.append(said.clone())).await;

    let later = NewMessage { now: Millis(NOW.0 + 9), ..said.clone() };
    let again = done(store.append(later)).await;
    assert_eq!((again.seq, again.time, again.duplicate), (first.seq, NOW, true));
    // Another tab of the same account may send it again; another body or place is another message.
    let second = NewSession { ..new_session() };
    done(store.sign_in(ben.id, second.clone())).await;
    let from_there = NewMessage { device: second.device, ..said.clone() };
    assert_eq!(done(store.append(from_there)).await.seq, first.seq);
    let other_body = NewMessage { body: body("Bye"), ..said.clone() };
    assert_eq!(refused(store.append(other_body)).await, Refusal::Conflict);
    let mut other_format = said.clone();
    other_format.body.format = 1;
    assert_eq!(refused(store.append(other_format)).await, Refusal::Conflict);
    let elsewhere = NewMessage { conversation: ben.everyone, ..said.clone() };
    assert_eq!(refused(store.append(elsewhere)).await, Refusal::Conflict);
    // The same id from another sender is another message.
    let annas = NewMessage { id: said.id, ..message(&anna, room, "Hello") };
    assert_eq!(done(store.append(annas)).await.seq, first.seq.next());

    // Somebody removed may still learn that a message arrived before, but sends no more.
    let remove = RoomOperation::Remove { account: ben.id };
    done(store.change_room(room, anna.id, remove, NOW)).await;
    assert_eq!(done(store.append(said.clone())).await.seq, first.seq);
    let more = NewMessage { id: MessageId::from_bytes(fresh()), ..said };
    assert_eq!(refused(store.append(more)).await, Refusal::NotMember);
    let head = store.entries(room, Range::Newest, 1).await.expect("reads").entries[0].seq;
    assert_eq!(head, Seq(4));
}
