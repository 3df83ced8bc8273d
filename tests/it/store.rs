//! What the tests of the store share: a database in a folder of its own, ids
//! that count up, people who are registered the way people are.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use callbox::pure::auth::token::Token;
use callbox::pure::wire::api::{Invite, Ticket};
use callbox::pure::wire::{
    Account, AccountId, Blob, Body, ConversationId, DeviceId, InviteId, MessageId, Millis, Name,
    SessionId,
};
use callbox::store::{NewAccount, NewMessage, NewSession, Pending, Refusal, Registered, Store};
use sha2::{Digest, Sha256};

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
        let store = Store::open(&path).expect("an existing database");
        Self { store, path, _folder }
    }
}

/// Somebody with an account and a device that is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: AccountId,
    pub(crate) device: DeviceId,
    pub(crate) session: SessionId,
    pub(crate) token_hash: [u8; 32],
    pub(crate) everyone: ConversationId,
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

/// The first account of a server.
pub(crate) async fn owner(store: &Store, called: &str) -> Person {
    let ticket = Ticket::Setup { token: Blob::from(vec![7; 16]) };
    let new = new_account(called, ticket);
    let registered = done(store.register(new.clone())).await;
    person(&new, &registered)
}

/// Another account, invited by the owner.
pub(crate) async fn member(store: &Store, by: &Person, called: &str) -> Person {
    let ticket = invite(store, by, 1).await;
    let new = new_account(called, ticket);
    let registered = done(store.register(new.clone())).await;
    person(&new, &registered)
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
    done(store.create_invite(invite, Sha256::digest(secret).into())).await;
    Ticket::Invite { invite: id, secret: Blob::from(secret.to_vec()) }
}

pub(crate) fn new_account(called: &str, ticket: Ticket) -> NewAccount {
    NewAccount {
        id: AccountId::from_bytes(fresh()),
        ticket,
        name: name(called),
        record: Blob::from(vec![1; 192]),
        session: new_session(),
        now: NOW,
    }
}

pub(crate) fn new_session() -> NewSession {
    NewSession {
        id: SessionId::from_bytes(fresh()),
        token_hash: Sha256::digest(fresh()).into(),
        device: DeviceId::from_bytes(fresh()),
        device_name: name("Firefox on Linux"),
        network: "192.0.2.0/24".to_owned(),
        now: NOW,
    }
}

/// Another device of somebody, signed in for a real server.
pub(crate) async fn signed_in(store: &Store, person: &Person) -> Token {
    let token = Token::from_bytes([fresh(), fresh()].concat().try_into().expect("32 bytes"));
    // Sessions end by the real clock, which is not that of these tests.
    let now = callbox::http::state::now();
    let session = NewSession { token_hash: token.hash(), now, ..new_session() };
    done(store.sign_in(person.id, session)).await;
    token
}

fn person(new: &NewAccount, registered: &Registered) -> Person {
    assert_eq!(
        registered.account,
        Account { name: new.name.clone(), ..registered.account.clone() }
    );
    Person {
        id: new.id,
        device: new.session.device,
        session: new.session.id,
        token_hash: new.session.token_hash,
        everyone: registered.everyone,
    }
}

pub(crate) fn body(text: &str) -> Body {
    Body { format: 0, data: Blob::from(format!(r#"{{"k":"text","text":"{text}"}}"#).into_bytes()) }
}

pub(crate) fn message(from: &Person, conversation: ConversationId, text: &str) -> NewMessage {
    NewMessage {
        conversation,
        id: MessageId::from_bytes(fresh()),
        sender: from.id,
        device: from.device,
        body: body(text),
        now: NOW,
    }
}
