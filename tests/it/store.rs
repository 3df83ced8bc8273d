//! What the tests of the store share: a database in a folder of its own, ids
//! that count up, people who are registered the way people are.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use callbox::pure::auth::token::Token;
use callbox::pure::e2ee::{Record, Verified};
use callbox::pure::wire::api::{Invite, Ticket};
use callbox::pure::wire::{
    AccountId, Blob, Bundle, ConversationId, DeviceId, EntryContent, InviteId, Millis, Name,
    SessionId, Wrap, WrapId, WrapType,
};
use callbox::store::{
    By, Controlled, KeyChange, NewAccount, NewControl, NewEnvelope, NewSession, OpenError, Pending,
    Refusal, Store,
};
use sha2::{Digest, Sha256};

use crate::e2ee_client::crypto::unseal;
use crate::e2ee_client::envelope::message_key;
use crate::e2ee_client::{Chance, Person as Keys, Posted, Talk};

/// By the command line of the server.
pub const HERE: By = By { account: None, now: Millis(1) };

/// When the tests take place, until they move on.
pub(crate) const NOW: Millis = Millis(1_800_000_000_000);

/// A store in a folder that is gone afterwards.
pub(crate) struct TestStore {
    pub(crate) store: Store,
    pub(crate) path: PathBuf,
    // After the store, which writes until it is dropped.
    pub(crate) _folder: tempfile::TempDir,
}

impl TestStore {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("callbox.db");
        let store = Store::open(&path).expect("a new database");
        Self { store, path, _folder: folder }
    }

    /// Closes the database and opens it again.
    pub(crate) fn reopen(self) -> Self {
        let Self { store, path, _folder } = self;
        drop(store);
        // A program that another test starts right now has a copy of every open file for a moment,
        // and so the lock.
        let opened = (0..500).find_map(|_| match Store::open(&path) {
            Err(OpenError::InUse { .. }) => {
                std::thread::sleep(std::time::Duration::from_millis(10));
                None
            }
            opened => Some(opened.expect("an existing database")),
        });
        let store = opened.expect("nobody else has the database");
        Self { store, path, _folder }
    }
}

/// Somebody with an account, keys and a device that is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: AccountId,
    pub(crate) device: DeviceId,
    pub(crate) session: SessionId,
    pub(crate) token_hash: [u8; 32],
    pub(crate) everyone: ConversationId,
    pub(crate) keys: Arc<Mutex<Keys>>,
    /// The conversations of the server, as one who can do everything sees them.
    pub(crate) talks: Arc<Mutex<HashMap<ConversationId, Talk>>>,
}

impl Person {
    /// Their keys, to sign with.
    pub(crate) fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().expect("nobody panicked")
    }

    /// What a conversation amounts to now.
    pub(crate) fn talk(&self, conversation: ConversationId) -> Talk {
        self.talks.lock().expect("nobody panicked")[&conversation].clone()
    }

    /// Takes a conversation to be as a change that was allowed has left it.
    pub(crate) fn settle(&self, talk: Talk) {
        let id = ConversationId::from_bytes(talk.id);
        self.talks.lock().expect("nobody panicked").insert(id, talk);
    }
}

/// Waits for a write and takes what it did.
pub(crate) async fn done<T>(write: Pending<Result<T, Refusal>>) -> T {
    write.await.expect("the store works").expect("the write is allowed")
}

/// Waits for a write and takes why it was refused.
pub(crate) async fn refused<T: std::fmt::Debug>(write: Pending<Result<T, Refusal>>) -> Refusal {
    write.await.expect("the store works").expect_err("the write is refused")
}

/// Sixteen bytes never given before by this process.
pub(crate) fn fresh() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// The first account of a server, with the beginning of Everyone.
pub(crate) async fn owner(store: &Store, called: &str) -> Person {
    let ticket = Ticket::Setup { token: Blob::from(vec![7; 16]) };
    let everyone = store.everyone().await.expect("reads");
    let (mut new, keys) = new_account_with_keys(called, ticket);
    let mut talk = Talk::new(*everyone.as_bytes(), "everyone", "all", "", Chance::random());
    new.everyone = Some(event(talk.create(&[(&keys, "manager")])));
    done(store.register(new.clone())).await;
    let talks = Arc::new(Mutex::new(HashMap::from([(everyone, talk)])));
    person(&new, keys, everyone, talks)
}

/// Another account, invited by somebody and added to Everyone by them.
pub(crate) async fn member(store: &Store, by: &Person, called: &str) -> Person {
    let ticket = invite(store, by, 1).await;
    let (new, keys) = new_account_with_keys(called, ticket);
    done(store.register(new.clone())).await;
    let mut talk = by.talk(by.everyone);
    let added = talk.add(&by.keys(), &[(&keys, "member")]);
    done(store.post_control(event(added))).await;
    by.settle(talk);
    person(&new, keys, by.everyone, Arc::clone(&by.talks))
}

/// A room with its manager and other members.
pub(crate) async fn room(
    store: &Store,
    by: &Person,
    called: &str,
    members: &[&Person],
) -> ConversationId {
    let mut talk = Talk::new(fresh(), "room", "all", called, Chance::random());
    let created = created(&mut talk, by, "manager", members);
    done(store.post_control(created)).await;
    let id = ConversationId::from_bytes(talk.id);
    by.settle(talk);
    id
}

/// The direct conversation of two people.
pub(crate) async fn direct(store: &Store, by: &Person, other: &Person) -> ConversationId {
    let mut talk = Talk::new(fresh(), "direct", "all", "", Chance::random());
    let created = created(&mut talk, by, "member", &[other]);
    done(store.post_control(created)).await;
    let id = ConversationId::from_bytes(talk.id);
    by.settle(talk);
    id
}

/// The first event of a conversation.
pub(crate) fn created(
    talk: &mut Talk,
    by: &Person,
    role: &'static str,
    members: &[&Person],
) -> NewControl {
    let keys: Vec<_> = members.iter().map(|member| member.keys()).collect();
    let own = by.keys();
    let mut all = vec![(&*own, role)];
    all.extend(keys.iter().map(|keys| (&**keys, "member")));
    event(talk.create(&all))
}

/// Carries a change of a conversation out, which must be allowed.
pub(crate) async fn change(
    store: &Store,
    by: &Person,
    conversation: ConversationId,
    change: impl FnOnce(&mut Talk, &Keys) -> Posted,
) -> Controlled {
    let mut talk = by.talk(conversation);
    let posted = change(&mut talk, &by.keys());
    let controlled = done(store.post_control(event(posted))).await;
    by.settle(talk);
    controlled
}

/// Tries a change that must be refused; nothing comes of it.
pub(crate) async fn refused_change(
    store: &Store,
    by: &Person,
    conversation: ConversationId,
    change: impl FnOnce(&mut Talk, &Keys) -> Posted,
) -> Refusal {
    let mut talk = by.talk(conversation);
    let posted = change(&mut talk, &by.keys());
    refused(store.post_control(event(posted))).await
}

/// What the store wants to have of an event.
pub(crate) fn event(posted: Posted) -> NewControl {
    NewControl { envelope: verified(posted.envelope), grants: posted.grants, now: NOW }
}

/// An envelope whose signature is not looked at here.
pub(crate) fn verified(bytes: Vec<u8>) -> Verified {
    Verified::stored(bytes.into()).expect("an envelope")
}

/// A ticket for so many uses, good for an hour.
pub(crate) async fn invite(store: &Store, by: &Person, max_uses: u32) -> Ticket {
    let id = InviteId::from_bytes(fresh());
    let secret = fresh();
    let invite = Invite {
        id,
        by: by.id,
        created: NOW,
        expires: Millis(NOW.0 + 3_600_000),
        uses: 0,
        max_uses,
        revoked: false,
    };
    done(store.create_invite(invite, Sha256::digest(secret).into(), None)).await;
    Ticket::Invite { invite: id, auth: Blob::from(secret.to_vec()) }
}

pub(crate) fn new_account(called: &str, ticket: Ticket) -> NewAccount {
    new_account_with_keys(called, ticket).0
}

pub(crate) fn new_account_with_keys(called: &str, ticket: Ticket) -> (NewAccount, Keys) {
    let session = new_session();
    let id = AccountId::from_bytes(fresh());
    let keys = Keys::with_ids(*id.as_bytes(), *session.device.as_bytes(), Chance::random());
    let signed = keys.record().clone();
    let record = Record::first(id, &signed).expect("a first record");
    let account = NewAccount {
        id,
        ticket,
        name: name(called),
        password: Blob::from(vec![1; 192]),
        record: (record, signed),
        bundle: bundle(1),
        wraps: vec![wrap(WrapType::Password), wrap(WrapType::Recovery)],
        recovery_auth_hash: [3; 32],
        session,
        everyone: None,
        now: NOW,
    };
    (account, keys)
}

/// Sealed bytes, as far as the store can tell.
pub(crate) fn bundle(version: u32) -> Bundle {
    let version_in_it = u8::try_from(version).expect("few versions");
    Bundle { version, nonce: Blob::from(vec![1; 12]), ct: Blob::from(vec![version_in_it; 200]) }
}

pub(crate) fn wrap(kind: WrapType) -> Wrap {
    let (nonce, ct) = (Blob::from(vec![2; 12]), Blob::from(vec![2; 48]));
    Wrap { id: WrapId::from_bytes(fresh()), kind, nonce, ct }
}

pub(crate) fn new_session() -> NewSession {
    NewSession {
        id: SessionId::from_bytes(fresh()),
        token_hash: Sha256::digest(fresh()).into(),
        device: DeviceId::from_bytes(fresh()),
        device_name: name("Firefox on Linux"),
        network: "192.0.2.0/24".to_owned(),
        now: NOW,
        proved: true,
    }
}

/// Another device of somebody, signed in for a real server, its keys in the record.
pub(crate) async fn signed_in(store: &Store, person: &Person) -> (Token, DeviceId) {
    let token = Token::from_bytes([fresh(), fresh()].concat().try_into().expect("32 bytes"));
    // Sessions end by the real clock, which is not that of these tests.
    let now = callbox::http::state::now();
    let session = NewSession { token_hash: token.hash(), now, ..new_session() };
    let device = session.device;
    done(store.sign_in(person.id, session)).await;
    let record = person.keys().add_device(*device.as_bytes(), now.0).clone();
    let account = person.id;
    let change =
        KeyChange { account, record, bundle: None, wraps: vec![], recovery_auth_hash: None };
    done(store.put_keys(change, device, false)).await;
    (token, device)
}

fn person(
    new: &NewAccount,
    keys: Keys,
    everyone: ConversationId,
    talks: Arc<Mutex<HashMap<ConversationId, Talk>>>,
) -> Person {
    Person {
        id: new.id,
        device: new.session.device,
        session: new.session.id,
        token_hash: new.session.token_hash,
        everyone,
        keys: Arc::new(Mutex::new(keys)),
        talks,
    }
}

/// The plaintext of a message.
pub(crate) fn text(text: &str) -> Vec<u8> {
    serde_json::json!({"k": "text", "text": text}).to_string().into_bytes()
}

/// The next message of somebody's device, sealed.
pub(crate) fn message(from: &Person, conversation: ConversationId, words: &str) -> NewEnvelope {
    let mut talks = from.talks.lock().expect("nobody panicked");
    let talk = talks.get_mut(&conversation).expect("a known conversation");
    NewEnvelope { envelope: verified(talk.say(&from.keys(), &text(words))), now: NOW }
}

/// What a member reads in an envelope.
pub(crate) fn read(reader: &Person, content: &EntryContent) -> String {
    let EntryContent::Envelope { envelope } = content else { panic!("no envelope: {content:?}") };
    let header = verified(envelope.as_ref().to_vec()).header().clone();
    let talk = reader.talk(header.conversation);
    let (secret, _) = talk.secrets[header.epoch as usize - 1];
    let (header, rest) = envelope.as_ref().split_at(164);
    let (key, iv) = message_key(&secret, header);
    let plain = unseal(&key, &iv, header, &rest[..rest.len() - 64]).expect("opens");
    let end = plain.iter().rposition(|byte| *byte != 0).expect("padding");
    let json: serde_json::Value = serde_json::from_slice(&plain[..end]).expect("JSON");
    json["text"].as_str().expect("a text").to_owned()
}
