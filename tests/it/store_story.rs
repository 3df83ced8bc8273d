//! The whole life of a small server through every operation of the store.
//!
//! The story knows only `Store`, and opens one through [`TestStore`]: a second
//! backend runs the same story.

use bytes::Bytes;
use callbox::pure::wire::api::{AdministerAccount, Settings};
use callbox::pure::wire::{
    Blob, Call, CallEnd, CallId, CallMedia, CallOutcome, CallState, ConversationId,
    ConversationKind, EntryContent, Leg, MemberRole, Millis, ResetId, Role, Seq, WrapType,
};
use callbox::store::{Cut, KeyChange, NewPassword, NewSession, NewWrap, Range, Refusal, Watermark};

use crate::e2ee_client::{Chance, Talk};
use crate::store::{
    HERE, NOW, Person, TestStore, bundle, change, created, direct, done, fresh, invite, member,
    message, name, new_account, new_session, owner, read, refused, refused_change, room, wrap,
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
    assert_eq!(everyone.entries.iter().map(|e| e.seq).collect::<Vec<_>>(), [Seq(1), Seq(2)]);
    assert!(!everyone.more);

    assert_eq!(refused(store.set_name(ben.id, name("anna"))).await, Refusal::NameTaken);
    assert_eq!(done(store.set_name(ben.id, name("BEN"))).await.name, name("BEN"));
    done(store.set_settings(ben.id, Settings { relay_calls: true })).await;
    let new_wrap = wrap(WrapType::Password);
    let rewrapped = NewWrap { wrap: new_wrap.clone(), bundle_version: 1 };
    done(store.set_password(ben.id, Blob::from(vec![9; 192]), rewrapped)).await;
    let kept = store.keys(ben.id).await.expect("reads").expect("exists").wraps;
    assert_eq!(kept.len(), 2, "the recovery code's wrap stays");
    assert_eq!(kept[0], new_wrap);
    let credentials = store.credentials(&name("ben")).await.expect("reads").expect("exists");
    assert_eq!((credentials.account, credentials.password), (ben.id, Blob::from(vec![9; 192])));
    assert!(store.credentials(&name("nobody")).await.expect("reads").is_none());

    let picture = Bytes::from_static(b"RIFF....WEBP");
    let account = done(store.set_avatar(ben.id, Some(("hash".into(), picture.clone())))).await;
    assert_eq!(account.avatar.as_deref(), Some("hash"));
    assert_eq!(store.avatar(ben.id, "hash").await.expect("reads"), Some(picture));
    assert_eq!(store.avatar(ben.id, "other").await.expect("reads"), None);
    assert_eq!(done(store.set_avatar(ben.id, None)).await.avatar, None);
    assert_eq!(store.avatar(ben.id, "hash").await.expect("reads"), None);

    let nobody = AdministerAccount { role: Some(Role::Member), disabled: Some(true), name: None };
    assert_eq!(refused(store.administer(anna.id, nobody, HERE)).await, Refusal::Forbidden);
    let owner_too = AdministerAccount { role: Some(Role::Owner), disabled: None, name: None };
    assert_eq!(refused(store.administer(ben.id, owner_too, HERE)).await, Refusal::Forbidden);
    let admin = AdministerAccount { role: Some(Role::Admin), disabled: None, name: None };
    let (account, cut) = done(store.administer(ben.id, admin, HERE)).await;
    assert_eq!((account.role, cut.ended, cut.rotations), (Role::Admin, vec![], vec![]));
    let disable = AdministerAccount { role: None, disabled: Some(true), name: None };
    let (account, Cut { ended, rotations }) = done(store.administer(ben.id, disable, HERE)).await;
    assert_eq!((account.role, account.disabled, ended), (Role::Admin, true, vec![ben.session]));
    assert_eq!(rotations, [anna.everyone], "what he could read gets new keys");
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
    assert_eq!(done(store.sign_out(anna.id, None, HERE)).await, vec![anna.session]);
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
    assert_eq!(
        refused(store.revoke_invite(bens[0].id, Some(anna.id), HERE)).await,
        Refusal::NotFound
    );
    done(store.revoke_invite(bens[0].id, Some(ben.id), HERE)).await;
    done(store.revoke_invite(all[1].id, None, HERE)).await;
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
    done(store.create_reset(old, ben.id, [1; 32], late, HERE)).await;
    done(store.create_reset(new, ben.id, [2; 32], late, HERE)).await;
    let check = async |reset, hash: [u8; 32], now| {
        store.check_reset(reset, &hash, now).await.expect("reads").map(|account| account.id)
    };
    assert_eq!(check(old, [1; 32], NOW).await, None, "replaced by the newer one");
    assert_eq!(check(new, [1; 32], NOW).await, None);
    assert_eq!(check(new, [2; 32], late).await, None);
    assert_eq!(check(new, [2; 32], NOW).await, Some(ben.id));

    let password = || Blob::from(vec![5; 192]);
    let session = new_session();
    let opened_anew = |record, session: NewSession| NewPassword {
        password: password(),
        keys: KeyChange {
            account: ben.id,
            record,
            bundle: Some(bundle(2)),
            wraps: vec![wrap(WrapType::Password), wrap(WrapType::Recovery)],
            recovery_auth_hash: Some([4; 32]),
        },
        reset: true,
        session,
    };
    let record = {
        let mut keys = ben.keys();
        keys.reset_on(*session.device.as_bytes(), NOW.0).clone()
    };
    let guessed = store.reset_password(new, [1; 32], opened_anew(record.clone(), new_session()));
    assert_eq!(refused(guessed).await, Refusal::TicketInvalid);
    let changed =
        done(store.reset_password(new, [2; 32], opened_anew(record.clone(), session.clone())))
            .await;
    assert_eq!(changed.ended, vec![ben.session]);
    assert_eq!((changed.account.record, changed.rotations), (2, vec![ben.everyone]));
    assert!(store.session(&session.token_hash, NOW).await.expect("reads").is_some());
    let credentials = store.credentials(&name("Ben")).await.expect("reads").expect("exists");
    assert_eq!(credentials.password, password());
    let again = store.reset_password(new, [2; 32], opened_anew(record, new_session()));
    assert_eq!(refused(again).await, Refusal::TicketInvalid);
}

#[tokio::test]
async fn conversations_keep_what_was_said() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let cleo = member(store, &anna, "Cleo").await;

    let direct = direct(store, &anna, &ben).await;
    // Once for each pair, whoever begins; and not with oneself.
    let mut second = Talk::new(fresh(), "direct", "all", "", Chance::random());
    let twice = created(&mut second, &ben, "member", &[&anna]);
    assert_eq!(refused(store.post_control(twice)).await, Refusal::Conflict);
    assert_eq!(store.direct(ben.id, anna.id).await.expect("reads"), Some(direct));
    assert_eq!(store.direct(ben.id, cleo.id).await.expect("reads"), None);
    let mut used = Talk::new(*direct.as_bytes(), "direct", "all", "", Chance::random());
    let other = created(&mut used, &anna, "member", &[&cleo]);
    assert_eq!(refused(store.post_control(other)).await, Refusal::Conflict);

    let first = message(&anna, direct, "Hello");
    let appended = done(store.append(first.clone())).await;
    assert_eq!((appended.seq, appended.duplicate), (Seq(2), false));
    let again = done(store.append(first.clone())).await;
    assert_eq!((again.seq, again.time, again.duplicate), (Seq(2), NOW, true));
    done(store.append(message(&ben, direct, "Hello yourself"))).await;
    let marks = |account, delivered, read| Watermark {
        conversation: direct,
        account,
        delivered: Seq(delivered),
        read: Seq(read),
    };
    // Too far is cut to the head; backwards is passed over; strangers do not matter.
    done(store.save_watermarks(vec![marks(anna.id, 99, 1), marks(cleo.id, 1, 1)])).await;
    done(store.save_watermarks(vec![marks(anna.id, 1, 0)])).await;

    let room = room(store, &anna, "Garden", &[&ben]).await;
    let rename = |name| move |talk: &mut Talk, by: &_| talk.rename(by, name);
    assert_eq!(refused_change(store, &ben, room, rename("Ben's")).await, Refusal::Forbidden);
    assert_eq!(refused_change(store, &cleo, room, rename("Cleo's")).await, Refusal::NotMember);
    change(store, &anna, room, rename("Orchard")).await;
    change(store, &ben, room, |talk, by| talk.add(by, &[(&cleo.keys(), "member")])).await;
    let again =
        refused_change(store, &anna, room, |talk, by| talk.add(by, &[(&cleo.keys(), "member")]));
    assert_eq!(again.await, Refusal::Conflict);
    let remove = |account: callbox::pure::wire::AccountId| {
        move |talk: &mut Talk, by: &_| talk.remove(by, *account.as_bytes())
    };
    assert_eq!(refused_change(store, &cleo, room, remove(ben.id)).await, Refusal::Forbidden);
    change(store, &anna, room, remove(cleo.id)).await;
    assert_eq!(refused_change(store, &anna, room, remove(cleo.id)).await, Refusal::Conflict);
    let left = change(store, &ben, room, |talk, by| talk.leave(by)).await;
    assert_eq!(left.placed.seq, Seq(5));
    let leave = refused_change(store, &anna, anna.everyone, |talk, by| talk.leave(by));
    assert_eq!(leave.await, Refusal::Forbidden);

    let test = test.reopen();
    let directory = test.store.directory().await.expect("reads");
    let stored = directory.conversations.iter().find(|c| c.id == direct).expect("is kept");
    assert_eq!((stored.head, stored.epoch, stored.control), (Seq(3), 1, 1));
    let marks: Vec<_> = stored.members.iter().map(|m| (m.account, m.delivered, m.read)).collect();
    assert_eq!(marks, [(anna.id, Seq(3), Seq(2)), (ben.id, Seq(3), Seq(3))]);
    assert_eq!(read(&anna, &stored.last.as_ref().expect("an entry").content), "Hello yourself");
    let stored = directory.conversations.iter().find(|c| c.id == room).expect("is kept");
    assert_eq!(stored.name, Some(name("Orchard")));
    assert_eq!(stored.members.len(), 1);
    assert!(stored.rotation_required, "who left could read on");
    assert_eq!((stored.epoch, stored.control), (2, 5));
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

    // Large envelopes cut a page.
    for _ in 0..8 {
        let large = message(&anna, anna.everyone, &"x".repeat(40_000));
        done(test.store.append(large)).await;
    }
    assert_eq!(page(Range::Newest, 100).await, (vec![33, 34, 35, 36, 37, 38], true));
    assert_eq!(page(Range::After(Seq(30)), 100).await, (vec![31, 32, 33, 34, 35, 36], true));
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
    let direct = direct(&test.store, &anna, &ben).await;
    let leg = |person: &Person| Leg { account: person.id, device: person.device, attached: true };
    let mut call = Call {
        id: CallId::from_bytes(fresh()),
        conversation: direct,
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
    let end = CallEnd { outcome: CallOutcome::Completed, duration: Millis(42), relayed: None };
    call.state = CallState::Ended { end, by: Some(ben.id) };
    let entry = done(test.store.append_call(call.clone(), Millis(NOW.0 + 47))).await;
    let content =
        EntryContent::Call { call: call.id, caller: anna.id, media: CallMedia::Video, end };
    assert_eq!((entry.seq, &entry.content), (Seq(2), &content));
    let again = done(test.store.append_call(call.clone(), Millis(NOW.0 + 99))).await;
    assert_eq!(again, entry, "ends once");
    assert!(test.store.directory().await.expect("reads").calls.is_empty());
    let history = test.store.entries(direct, Range::Newest, 9).await.expect("reads");
    assert_eq!(history.entries[1..], [entry]);
}
