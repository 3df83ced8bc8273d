//! What the store must not do, whoever asks.

use callbox::pure::wire::api::Ticket;
use callbox::pure::wire::{Blob, ConversationId, InviteId, Millis, Seq};
use callbox::store::{NewAccount, NewEnvelope, Range, Refusal};
use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::e2ee_client::{Chance, Talk};
use crate::store::{
    HERE, NOW, TestStore, change, created, direct, done, fresh, invite, member, message, name,
    new_account, owner, read, refused, refused_change, room, text, verified,
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
        let Ticket::Invite { invite, auth } = ticket else { unreachable!("tests make invites") };
        let hash = Sha256::digest(auth).into();
        let checked = store.check_invite(*invite, &hash, now).await.expect("reads");
        let register = NewAccount { now, ..new_account("Eve", ticket.clone()) };
        (checked, register)
    };
    let good = invite(store, &anna, 1).await;
    assert_eq!(check(&good, NOW).await.0, Some(name("Anna")));
    let Ticket::Invite { invite: id, auth } = good.clone() else { unreachable!() };

    let revoked = invite(store, &anna, 1).await;
    let Ticket::Invite { invite: revoked_id, .. } = &revoked else { unreachable!() };
    done(store.revoke_invite(*revoked_id, None, HERE)).await;
    let used = invite(store, &anna, 1).await;
    done(store.register(new_account("Ben", used.clone()))).await;
    let of_disabled = invite(store, &member(store, &anna, "Cleo").await, 1).await;
    let cleo = store.credentials(&name("Cleo")).await.expect("reads").expect("exists").account;
    let disable =
        callbox::pure::wire::api::AdministerAccount { disabled: Some(true), ..Default::default() };
    done(store.administer(cleo, disable, HERE)).await;

    let guessed_id = Ticket::Invite { invite: InviteId::from_bytes(fresh()), auth };
    let guessed_secret = Ticket::Invite { invite: id, auth: Blob::from(fresh().to_vec()) };
    let no_secret = Ticket::Invite { invite: id, auth: Blob::default() };
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
    let direct = direct(store, &anna, &ben).await;
    let room = room(store, &anna, "Board", &[&ben]).await;
    let nowhere = Talk { id: fresh(), ..eve.talk(room) };
    let nowhere_id = ConversationId::from_bytes(nowhere.id);
    eve.settle(nowhere);

    for conversation in [direct, room, nowhere_id] {
        assert!(!store.is_member(conversation, eve.id).await.expect("reads"));
        assert!(
            store.history(conversation, eve.id, Range::Newest, 9).await.expect("reads").is_none()
        );
        assert!(store.control(conversation, eve.id, None).await.expect("reads").is_none());
        assert!(store.own_grants(conversation, eve.id).await.expect("reads").is_none());
        let before = eve.talk(conversation);
        let append = store.append(message(&eve, conversation, "let me in"));
        assert_eq!(refused(append).await, Refusal::NotMember);
        eve.settle(before);
        type Change<'a> = Box<
            dyn FnOnce(&mut Talk, &crate::e2ee_client::Person) -> crate::e2ee_client::Posted + 'a,
        >;
        let changes: [Change<'_>; 4] = [
            Box::new(|talk, by| talk.add(by, &[(by, "member")])),
            Box::new(|talk, by| talk.rename(by, "Eve's")),
            Box::new(|talk, by| talk.remove(by, *ben.id.as_bytes())),
            Box::new(|talk, by| talk.leave(by)),
        ];
        for attempt in changes {
            let refusal = refused_change(store, &eve, conversation, attempt).await;
            assert_eq!(refusal, Refusal::NotMember);
        }
    }
    // Neither in another's name nor from another's device.
    let mut talk = eve.talk(eve.everyone);
    let secret = talk.secrets[0].0;
    let draft = talk.draft(&eve.keys(), crate::e2ee_client::envelope::CONTENT);
    let key = eve.keys().device().key.clone();
    let pretends = crate::e2ee_client::Draft { account: *anna.id.as_bytes(), ..draft.clone() };
    let borrowed = crate::e2ee_client::Draft { device: *anna.device.as_bytes(), ..draft };
    for draft in [pretends, borrowed] {
        let envelope = verified(draft.seal(&secret, &text("as Anna"), &key));
        let append = store.append(NewEnvelope { envelope, now: NOW });
        assert_eq!(refused(append).await, Refusal::NotMember);
    }
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
        new.password = Blob::from(text.as_bytes().to_vec());
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
            auth: Blob::from(text.as_bytes().to_vec()),
        };
        let register = store.register(new_account("nobody", secret));
        assert_eq!(refused(register).await, Refusal::TicketInvalid);

        let room = room(store, &anna, text, &[]).await;
        done(store.append(message(&anna, room, text))).await;
        let entries = store.entries(room, Range::Newest, 10).await.expect("reads").entries;
        assert_eq!(read(&anna, &entries[1].content), *text);
        let directory = store.directory().await.expect("reads");
        let stored = directory.conversations.iter().find(|c| c.id == room).expect("is there");
        assert_eq!(stored.name, Some(name(text)));
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
async fn h61_an_envelope_is_stored_once_and_only_as_it_was() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let room = room(store, &anna, "Garden", &[&ben]).await;
    let fresh_talk = ben.talk(room);
    let said = message(&ben, room, "Hello");
    let first = done(store.append(said.clone())).await;

    let later = NewEnvelope { now: Millis(NOW.0 + 9), ..said.clone() };
    let again = done(store.append(later.clone())).await;
    assert_eq!((again.seq, again.time, again.duplicate), (first.seq, NOW, true));
    // Another envelope under the same counter, one far ahead, one after another predecessor.
    let after = ben.talk(room);
    let (secret, keys) = (after.secrets[0].0, ben.keys().device().key.clone());
    let append = |draft: crate::e2ee_client::Draft, words| {
        let envelope = verified(draft.seal(&secret, &text(words), &keys));
        store.append(NewEnvelope { envelope, now: NOW })
    };
    let content = crate::e2ee_client::envelope::CONTENT;
    let same_n = fresh_talk.clone().draft(&ben.keys(), content);
    assert_eq!(refused(append(same_n, "Bye")).await, Refusal::Conflict);
    let next = after.clone().draft(&ben.keys(), content);
    let ahead = crate::e2ee_client::Draft { n: next.n + 5, ..next.clone() };
    assert_eq!(refused(append(ahead, "Bye")).await, Refusal::Conflict);
    let torn = crate::e2ee_client::Draft { prev: [9; 32], ..next };
    assert_eq!(refused(append(torn, "Bye")).await, Refusal::Conflict);
    let chain = store.chain(room, ben.device).await.expect("reads");
    assert_eq!((chain.n, chain.prev.as_bytes()), (1, said.envelope.id().as_bytes()));

    // Somebody removed may still learn that a message arrived before, but sends no more.
    change(store, &anna, room, |talk, by| talk.remove(by, *ben.id.as_bytes())).await;
    assert_eq!(done(store.append(said)).await.seq, first.seq);
    let more = message(&ben, room, "More");
    assert_eq!(refused(store.append(more)).await, Refusal::NotMember);
    let head = store.entries(room, Range::Newest, 1).await.expect("reads").entries[0].seq;
    assert_eq!(head, Seq(3));
}

#[tokio::test]
async fn h59_e10_newcomers_see_and_open_nothing_from_before_they_came() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let mut talk = Talk::new(fresh(), "room", "since_join", "Board", Chance::random());
    let room = ConversationId::from_bytes(talk.id);
    done(store.post_control(created(&mut talk, &anna, "manager", &[]))).await;
    anna.settle(talk);
    done(store.append(message(&anna, room, "before"))).await;
    change(store, &anna, room, |talk, by| talk.add(by, &[(&ben.keys(), "member")])).await;
    done(store.append(message(&anna, room, "after"))).await;

    let page = store.history(room, ben.id, Range::Newest, 100).await.expect("reads");
    let page = page.expect("a member");
    assert_eq!(page.entries.iter().map(|e| e.seq.0).collect::<Vec<_>>(), [3, 4]);
    assert!(!page.more);
    let before = store.entries(room, Range::Before(Seq(4)), 1).await.expect("reads");
    assert_eq!(page.before, before.before, "it chains on from what was before");
    let whole = store.history(room, anna.id, Range::Newest, 100).await.expect("reads");
    assert_eq!(whole.expect("a member").entries.len(), 4);

    let grants = store.own_grants(room, ben.id).await.expect("reads").expect("a member");
    assert_eq!(grants.iter().map(|grant| grant.epoch).collect::<Vec<_>>(), [2]);
    let mut talk = anna.talk(room);
    let old = talk.grant(&anna.keys(), *ben.id.as_bytes(), 1);
    assert_eq!(refused(store.post_grants(room, anna.id, vec![old])).await, Refusal::Forbidden);
    let current = talk.grant(&anna.keys(), *ben.id.as_bytes(), 2);
    done(store.post_grants(room, anna.id, vec![current.clone()])).await;
    // Neither for strangers, nor by them, nor of epochs that are not there.
    let eve = member(store, &anna, "Eve").await;
    let by_eve = store.post_grants(room, eve.id, vec![current.clone()]);
    assert_eq!(refused(by_eve).await, Refusal::NotMember);
    let eves = callbox::pure::wire::Grant { to: eve.id.into(), ..current.clone() };
    let future = callbox::pure::wire::Grant { epoch: 3, ..current };
    for bad in [eves, future] {
        let post = store.post_grants(room, anna.id, vec![bad]);
        assert_eq!(refused(post).await, Refusal::Malformed);
    }
}

#[tokio::test]
async fn e9_e13_old_secrets_end_with_their_epoch_and_clocks_do_not_matter() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let room = room(store, &anna, "Garden", &[&ben]).await;
    const YEAR: u64 = 365 * 24 * 3_600_000;
    for time in [NOW.0 - YEAR, NOW.0 + YEAR, 0] {
        let mut talk = ben.talk(room);
        talk.time = time;
        ben.settle(talk);
        done(store.append(message(&ben, room, "at any time"))).await;
    }
    let old = anna.talk(room);
    change(store, &anna, room, |talk, by| talk.rotate(by)).await;
    let mut late = ben.talk(room);
    late.secrets = old.secrets.clone();
    let envelope = verified(late.say(&ben.keys(), &text("under the old secret")));
    let append = store.append(NewEnvelope { envelope, now: NOW });
    assert_eq!(refused(append).await, Refusal::StaleEpoch);
    // Sealed anew under the same counter it is taken.
    done(store.append(message(&ben, room, "under the new one"))).await;
}
