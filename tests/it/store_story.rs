//! The whole life of a small server through every operation of the store.
//!
//! The story knows only `Store`, and opens one through [`TestStore`]: a second
//! backend runs the same story.

use bytes::Bytes;
use callbox::pure::wire::api::{AdministerAccount, Settings};
use callbox::pure::wire::{
    Blob, Call, CallEnd, CallId, CallMedia, CallOutcome, CallState, ConversationId,
    ConversationKind, EntryContent, Leg, MemberRole, Millis, ResetId, Role, RoomChange, Seq,
};
use callbox::store::{Administered, NewSession, Range, Refusal, RoomOperation, Watermark};

use crate::store::{
    NOW, Person, TestStore, body, done, fresh, invite, member, message, name, new_account,
    new_session, owner, refused,
};

const DAY: u64 = 86_400_000;

#[tokio::test]
async fn accounts_live_from_setup_to_the_end() {
    let test = TestStore::new();
    let store = &test.store;
    let empty = store.directory().await.expect("reads");
    assert!(empty.accounts.is_empty() && empty.calls.is_empty());
    assert_eq!(empty.conversations.len(), 1);
    assert_eq!(empty.conversations[0].kind, ConversationKind::Everyone);
    assert_eq!((empty.epoch.len(), empty.install_id.len()), (22, 22));

    let anna = owner(store, "Anna").await;
    let setup =
        new_account("Eve", callbox::pure::wire::api::Ticket::Setup { token: Blob::default() });
    assert_eq!(refused(store.register(setup)).await, Refusal::TicketInvalid);
    let ben = member(store, &anna, "Ben").await;

    // A name taken in another case and width leaves the invite unused.
    let ticket = invite(store, &anna, 1).await;
    assert_eq!(
        refused(store.register(new_account("ｂEN", ticket.clone()))).await,
        Refusal::NameTaken
    );
    done(store.register(new_account("Cleo", ticket))).await;

    let everyone = store.entries(anna.everyone, Range::Newest, 10).await.expect("reads");
    let joined: Vec<_> = everyone.entries.iter().map(|e| (e.seq, e.content.clone())).collect();
    assert_eq!(joined[1], (Seq(2), EntryContent::Room { by: ben.id, change: RoomChange::Joined }));
    assert!(!everyone.more);

    assert_eq!(refused(store.set_name(ben.id, name("anna"))).await, Refusal::NameTaken);
    assert_eq!(done(store.set_name(ben.id, name("BEN"))).await.name, name("BEN"));
    done(store.set_settings(ben.id, Settings { relay_calls: true })).await;
    done(store.set_record(ben.id, Blob::from(vec![9; 192]))).await;
    let credentials = store.credentials(&name("ben")).await.expect("reads").expect("exists");
    assert_eq!((credentials.account, credentials.record), (ben.id, Blob::from(vec![9; 192])));
    assert!(store.credentials(&name("nobody")).await.expect("reads").is_none());

    let picture = Bytes::from_static(b"RIFF....WEBP");
    let account = done(store.set_avatar(ben.id, Some(("hash".into(), picture.clone())))).await;
    assert_eq!(account.avatar.as_deref(), Some("hash"));
    assert_eq!(store.avatar(ben.id, "hash").await.expect("reads"), Some(picture));
    assert_eq!(store.avatar(ben.id, "other").await.expect("reads"), None);
    assert_eq!(done(store.set_avatar(ben.id, None)).await.avatar, None);
    assert_eq!(store.avatar(ben.id, "hash").await.expect("reads"), None);

    let nobody = AdministerAccount { role: Some(Role::Member), disabled: Some(true) };
    assert_eq!(refused(store.administer(anna.id, nobody)).await, Refusal::Forbidden);
    let owner_too = AdministerAccount { role: Some(Role::Owner), disabled: None };
    assert_eq!(refused(store.administer(ben.id, owner_too)).await, Refusal::Forbidden);
    let admin = AdministerAccount { role: Some(Role::Admin), disabled: None };
    let Administered { account, ended, .. } = done(store.administer(ben.id, admin)).await;
    assert_eq!((account.role, ended), (Role::Admin, vec![]));
    let disable = AdministerAccount { role: None, disabled: Some(true) };
    let Administered { account, ended, .. } = done(store.administer(ben.id, disable)).await;
    assert_eq!((account.role, account.disabled, ended), (Role::Admin, true, vec![ben.session]));
    assert!(store.session(&ben.token_hash, NOW).await.expect("reads").is_none());
    assert_eq!(refused(store.sign_in(ben.id, new_session())).await, Refusal::Forbidden);
    assert!(store.credentials(&name("ben")).await.expect("reads").expect("exists").disabled);

    let test = test.reopen();
    let directory = test.store.directory().await.expect("reads");
    assert_eq!((directory.epoch, directory.install_id), (empty.epoch, empty.install_id));
    let names: Vec<_> = directory.accounts.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["Anna", "BEN", "Cleo"]);
    assert_eq!(directory.accounts[0].role, Role::Owner);
    assert_eq!(test.store.account(ben.id).await.expect("reads"), Some(account));
    test.store.probe().await.expect("ready");
}

#[tokio::test]
async fn sessions_are_found_until_they_end() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let live = async |hash: &[u8; 32], now: u64| {
        store.session(hash, Millis(now)).await.expect("reads").map(|session| session.id)
    };
    let session = store.session(&anna.token_hash, NOW).await.expect("reads").expect("is live");
    assert_eq!(
        (session.id, session.device, session.account.id),
        (anna.session, anna.device, anna.id)
    );
    assert_eq!((session.proved, session.settings), (NOW, Settings::default()));
    assert_eq!(live(&[0; 32], NOW.0).await, None);

    // Idle for 30 days, unless it is used; 180 days in all.
    assert_eq!(live(&anna.token_hash, NOW.0 + 30 * DAY - 1).await, Some(anna.session));
    assert_eq!(live(&anna.token_hash, NOW.0 + 30 * DAY).await, None);
    for days in (0..180).step_by(20) {
        let network = "198.51.100.0/24".to_owned();
        done(store.touch(anna.session, network, Millis(NOW.0 + days * DAY))).await;
    }
    assert_eq!(live(&anna.token_hash, NOW.0 + 180 * DAY - 1).await, Some(anna.session));
    assert_eq!(live(&anna.token_hash, NOW.0 + 180 * DAY).await, None);
    let devices = store.devices(anna.id, anna.device).await.expect("reads");
    assert_eq!((devices.len(), devices[0].current), (1, true));
    assert_eq!(devices[0].network, "198.51.100.0/24");
    assert_eq!(devices[0].last_seen.0, (NOW.0 + 160 * DAY) / DAY * DAY, "to the day");

    done(store.prove(anna.session, Millis(NOW.0 + 5))).await;
    let proved =
        store.session(&anna.token_hash, NOW).await.expect("reads").expect("is live").proved;
    assert_eq!(proved, Millis(NOW.0 + 5));

    // Signing the same device in again replaces its session; nobody takes another's device.
    let ben = member(store, &anna, "Ben").await;
    let again = NewSession { device: ben.device, ..new_session() };
    assert_eq!(done(store.sign_in(ben.id, again.clone())).await, vec![ben.session]);
    let stolen = NewSession { device: ben.device, ..new_session() };
    assert_eq!(refused(store.sign_in(anna.id, stolen)).await, Refusal::Conflict);
    let (second, third) = (new_session(), new_session());
    assert_eq!(done(store.sign_in(ben.id, second.clone())).await, vec![]);
    assert_eq!(done(store.sign_in(ben.id, third.clone())).await, vec![]);
    assert_eq!(store.devices(ben.id, ben.device).await.expect("reads").len(), 3);

    assert_eq!(refused(store.end_device(anna.id, second.device)).await, Refusal::NotFound);
    assert_eq!(done(store.end_device(ben.id, second.device)).await, vec![second.id]);
    assert_eq!(live(&second.token_hash, NOW.0).await, None);
    assert_eq!(done(store.end_other_devices(ben.id, third.device)).await, vec![again.id]);
    assert_eq!(live(&third.token_hash, NOW.0).await, Some(third.id));
    assert_eq!(done(store.end_session(third.id)).await, vec![third.id]);
    assert_eq!(done(store.end_session(third.id)).await, vec![]);
    assert_eq!(refused(store.prove(third.id, NOW)).await, Refusal::NotFound);
    assert_eq!(refused(store.touch(third.id, String::new(), NOW)).await, Refusal::NotFound);
    assert_eq!(done(store.end_account(anna.id)).await, vec![anna.session]);
    assert!(store.devices(anna.id, anna.device).await.expect("reads").is_empty());
}

#[tokio::test]
async fn invites_are_listed_and_revoked() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    invite(store, &ben, 3).await;
    let all = store.invites(None).await.expect("reads");
    assert_eq!(
        all.iter().map(|i| (i.by, i.uses, i.max_uses)).collect::<Vec<_>>(),
        [(ben.id, 0, 3), (anna.id, 1, 1)]
    );
    let bens = store.invites(Some(ben.id)).await.expect("reads");
    assert_eq!(bens.len(), 1);
    assert_eq!(refused(store.revoke_invite(bens[0].id, Some(anna.id))).await, Refusal::NotFound);
    done(store.revoke_invite(bens[0].id, Some(ben.id))).await;
    done(store.revoke_invite(all[1].id, None)).await;
    assert!(store.invites(None).await.expect("reads").iter().all(|invite| invite.revoked));
}

#[tokio::test]
async fn a_reset_link_works_once_and_ends_what_was() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let (old, new) = (ResetId::from_bytes(fresh()), ResetId::from_bytes(fresh()));
    let late = Millis(NOW.0 + 10);
    done(store.create_reset(old, ben.id, [1; 32], late)).await;
    done(store.create_reset(new, ben.id, [2; 32], late)).await;
    let check = async |reset, hash: [u8; 32], now| {
        store.check_reset(reset, &hash, now).await.expect("reads").map(|account| account.id)
    };
    assert_eq!(check(old, [1; 32], NOW).await, None, "replaced by the newer one");
    assert_eq!(check(new, [1; 32], NOW).await, None);
    assert_eq!(check(new, [2; 32], late).await, None);
    assert_eq!(check(new, [2; 32], NOW).await, Some(ben.id));

    let record = || Blob::from(vec![5; 192]);
    let guessed = store.reset_password(new, [1; 32], record(), new_session());
    assert_eq!(refused(guessed).await, Refusal::TicketInvalid);
    let session = new_session();
    let ended = done(store.reset_password(new, [2; 32], record(), session.clone())).await;
    assert_eq!(ended, vec![ben.session]);
    assert!(store.session(&session.token_hash, NOW).await.expect("reads").is_some());
    let credentials = store.credentials(&name("Ben")).await.expect("reads").expect("exists");
    assert_eq!(credentials.record, record());
    let again = store.reset_password(new, [2; 32], record(), new_session());
    assert_eq!(refused(again).await, Refusal::TicketInvalid);
}

#[tokio::test]
async fn conversations_keep_what_was_said() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let cleo = member(store, &anna, "Cleo").await;

    let fresh_id = || ConversationId::from_bytes(fresh());
    let direct = done(store.open_direct(fresh_id(), anna.id, ben.id, NOW)).await;
    let same = done(store.open_direct(fresh_id(), ben.id, anna.id, NOW)).await;
    assert_eq!((&direct, direct.kind, direct.head), (&same, ConversationKind::Direct, Seq(0)));
    assert_eq!(
        refused(store.open_direct(fresh_id(), ben.id, ben.id, NOW)).await,
        Refusal::Forbidden
    );
    assert_eq!(
        refused(store.open_direct(direct.id, anna.id, cleo.id, NOW)).await,
        Refusal::Conflict
    );

    let first = message(&anna, direct.id, "Hello");
    let appended = done(store.append(first.clone())).await;
    assert_eq!((appended.seq, appended.duplicate), (Seq(1), false));
    let again = done(store.append(first.clone())).await;
    assert_eq!((again.seq, again.time, again.duplicate), (Seq(1), NOW, true));
    done(store.append(message(&ben, direct.id, "Hello yourself"))).await;
    let marks = |account, delivered, read| Watermark {
        conversation: direct.id,
        account,
        delivered: Seq(delivered),
        read: Seq(read),
    };
    // Too far is cut to the head; backwards is passed over; strangers do not matter.
    done(store.save_watermarks(vec![marks(anna.id, 99, 1), marks(cleo.id, 1, 1)])).await;
    done(store.save_watermarks(vec![marks(anna.id, 1, 0)])).await;

    let room = fresh_id();
    let change = |by: &Person, operation| store.change_room(room, by.id, operation, NOW);
    let create = RoomOperation::Create { name: name("Garden"), members: vec![ben.id, ben.id] };
    let made = done(change(&anna, create.clone())).await;
    assert_eq!(made, done(change(&anna, create.clone())).await, "made once");
    assert_eq!(refused(change(&ben, create)).await, Refusal::Conflict);
    let rename = |text| RoomOperation::Rename { name: name(text) };
    assert_eq!(refused(change(&ben, rename("Ben's"))).await, Refusal::Forbidden);
    assert_eq!(refused(change(&cleo, rename("Cleo's"))).await, Refusal::NotMember);
    done(change(&anna, rename("Orchard"))).await;
    let added = done(change(&ben, RoomOperation::Add { accounts: vec![ben.id, cleo.id] })).await;
    let only_cleo = RoomChange::Added { accounts: vec![cleo.id] };
    assert_eq!(added.entry.content, EntryContent::Room { by: ben.id, change: only_cleo });
    let remove = |account| RoomOperation::Remove { account };
    assert_eq!(refused(change(&cleo, remove(ben.id))).await, Refusal::Forbidden);
    done(change(&anna, remove(cleo.id))).await;
    assert_eq!(refused(change(&anna, remove(cleo.id))).await, Refusal::NotFound);
    let left = done(change(&ben, RoomOperation::Leave)).await;
    assert_eq!((left.entry.seq, left.promoted), (Seq(5), None));
    let everyone = store.change_room(anna.everyone, anna.id, RoomOperation::Leave, NOW);
    assert_eq!(refused(everyone).await, Refusal::Forbidden);

    let test = test.reopen();
    let directory = test.store.directory().await.expect("reads");
    let stored = directory.conversations.iter().find(|c| c.id == direct.id).expect("is kept");
    assert_eq!(stored.head, Seq(2));
    let marks: Vec<_> = stored.members.iter().map(|m| (m.account, m.delivered, m.read)).collect();
    assert_eq!(marks, [(anna.id, Seq(2), Seq(1)), (ben.id, Seq(2), Seq(2))]);
    let EntryContent::Message { body: last, .. } = &stored.last.as_ref().expect("an entry").content
    else {
        panic!("not a message: {:?}", stored.last);
    };
    assert_eq!(*last, body("Hello yourself"));
    let stored = directory.conversations.iter().find(|c| c.id == room).expect("is kept");
    assert_eq!(stored.name, Some(name("Orchard")));
    assert_eq!(stored.members.len(), 1);
    assert_eq!((stored.members[0].role, stored.members[0].read), (MemberRole::Manager, Seq(4)));
    assert!(test.store.is_member(room, anna.id).await.expect("reads"));
    assert!(!test.store.is_member(room, cleo.id).await.expect("reads"));
}

#[tokio::test]
async fn history_comes_in_pages() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    for n in 2..=30 {
        done(test.store.append(message(&anna, anna.everyone, &n.to_string()))).await;
    }
    let page = async |range, limit| {
        let page = test.store.entries(anna.everyone, range, limit).await.expect("reads");
        (page.entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), page.more)
    };
    assert_eq!(page(Range::Newest, 3).await, (vec![28, 29, 30], true));
    assert_eq!(page(Range::Before(Seq(28)), 2).await, (vec![26, 27], true));
    assert_eq!(page(Range::Before(Seq(3)), 5).await, (vec![1, 2], false));
    assert_eq!(page(Range::Before(Seq(1)), 5).await, (vec![], false));
    assert_eq!(page(Range::After(Seq(0)), 2).await, (vec![1, 2], true));
    assert_eq!(page(Range::After(Seq(28)), 2).await, (vec![29, 30], false));
    assert_eq!(page(Range::After(Seq(u64::MAX)), 2).await, (vec![], false));
    assert_eq!(page(Range::Before(Seq(u64::MAX)), 1).await, (vec![30], true));

    // Large bodies cut a page, but never to nothing.
    for _ in 0..3 {
        let mut large = message(&anna, anna.everyone, "");
        large.body.data = Blob::from(vec![b'x'; 100 * 1024]);
        done(test.store.append(large)).await;
    }
    assert_eq!(page(Range::Newest, 100).await, (vec![32, 33], true));
    assert_eq!(page(Range::After(Seq(30)), 100).await, (vec![31, 32], true));
    let nowhere = ConversationId::from_bytes(fresh());
    let nothing = test.store.entries(nowhere, Range::Newest, 10).await.expect("reads");
    assert!(nothing.entries.is_empty() && !nothing.more);
}

#[tokio::test]
async fn an_open_call_survives_a_restart_and_ends_once() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    let ben = member(&test.store, &anna, "Ben").await;
    let cleo = member(&test.store, &anna, "Cleo").await;
    let fresh_id = ConversationId::from_bytes(fresh());
    let direct = done(test.store.open_direct(fresh_id, anna.id, ben.id, NOW)).await;
    let leg = |person: &Person| Leg { account: person.id, device: person.device, attached: true };
    let mut call = Call {
        id: CallId::from_bytes(fresh()),
        conversation: direct.id,
        media: CallMedia::Video,
        caller: anna.id,
        callee: ben.id,
        state: CallState::Ringing { since: NOW },
        legs: vec![leg(&anna)],
    };
    done(test.store.save_call(call.clone())).await;
    let foreign = Call { callee: cleo.id, ..call.clone() };
    assert_eq!(refused(test.store.save_call(foreign)).await, Refusal::NotMember);
    call.state = CallState::Active { since: Millis(NOW.0 + 5) };
    call.legs.push(leg(&ben));
    done(test.store.save_call(call.clone())).await;

    let test = test.reopen();
    for leg in &mut call.legs {
        leg.attached = false;
    }
    assert_eq!(test.store.directory().await.expect("reads").calls, [call.clone()]);
    assert_eq!(refused(test.store.append_call(call.clone(), NOW)).await, Refusal::Conflict);
    let end = CallEnd { outcome: CallOutcome::Completed, duration: Millis(42) };
    call.state = CallState::Ended { end, by: Some(ben.id) };
    let entry = done(test.store.append_call(call.clone(), Millis(NOW.0 + 47))).await;
    let content =
        EntryContent::Call { call: call.id, caller: anna.id, media: CallMedia::Video, end };
    assert_eq!((entry.seq, &entry.content), (Seq(1), &content));
    let again = done(test.store.append_call(call.clone(), Millis(NOW.0 + 99))).await;
    assert_eq!(again, entry, "ends once");
    assert!(test.store.directory().await.expect("reads").calls.is_empty());
    let history = test.store.entries(direct.id, Range::Newest, 9).await.expect("reads");
    assert_eq!(history.entries, [entry]);
}
