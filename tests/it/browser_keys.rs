//! The keys of the people in browsers: what a client's vault would hold, for
//! all browsers of all tests, and what requests carry of it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callbox::pure::wire::SignedRecord;
use serde_json::{Value, json};

use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, Person, Posted, Talk, b64};

/// What is known, by account, conversation and link.
#[derive(Default)]
pub struct Vault {
    pub people: HashMap<[u8; 16], Arc<Mutex<Person>>>,
    /// Every server's Everyone.
    pub talks: HashMap<[u8; 16], Talk>,
    /// The secrets of invite links.
    pub links: HashMap<[u8; 16], [u8; 32]>,
}

/// All of it.
pub fn vault() -> MutexGuard<'static, Vault> {
    static VAULT: LazyLock<Mutex<Vault>> = LazyLock::new(Mutex::default);
    VAULT.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Vault {
    pub fn person(&self, account: &[u8; 16]) -> Arc<Mutex<Person>> {
        Arc::clone(&self.people[account])
    }

    /// The Everyone that an account is in.
    pub fn everyone(&self, account: &[u8; 16]) -> Talk {
        let mut talks = self.talks.values();
        let has = |talk: &&Talk| talk.state.members.iter().any(|m| m.account == *account);
        talks.find(has).expect("somebody in Everyone").clone()
    }

    pub fn settle(&mut self, talk: Talk) {
        self.talks.insert(talk.id, talk);
    }
}

/// A newcomer's keys for `register/finish`, and its event in Everyone with what comes of it.
pub fn newcomer(started: &Value, ticket: &Value) -> (Person, Value, Option<(Posted, Talk)>) {
    let (account, device) = (id(&started["account"]), id(&started["device"]));
    let everyone = id(&started["everyone"]);
    let person = Person::with_ids(account, device, Chance::random());
    let keys = new_keys(person.record(), 1);
    if ticket["type"] == "setup" {
        let mut talk = Talk::new(everyone, "everyone", "all", "", Chance::random());
        let created = talk.create(&[(&person, "manager")]);
        return (person, keys, Some((created, talk)));
    }
    let link = id(&ticket["invite"]);
    let vault = vault();
    let known = vault.links.get(&link).zip(vault.talks.get(&everyone));
    let joined = known.and_then(|(secret, talk)| {
        let mut talk = talk.clone();
        talk.state.links.iter().find(|held| held.id == link)?;
        let joined = talk.join(&person, &LinkKeys::derive(link, secret), "member");
        Some((joined, talk))
    });
    (person, keys, joined)
}

/// Record, bundle and wraps as a registration or recovery sends them.
pub fn new_keys(record: &SignedRecord, bundle_version: u32) -> Value {
    json!({
        "record": record,
        "bundle": bundle(bundle_version),
        "wraps": [wrap("password"), wrap("recovery")],
        "recovery_auth_hash": b64(crate::e2ee_client::crypto::sha256(&[&CODE])),
    })
}

/// What every recovery code of these tests derives.
pub const CODE: [u8; 32] = [9; 32];

/// Sealed bytes, as far as the server can tell; no two alike.
pub fn wrap(kind: &str) -> Value {
    let mut chance = Chance::random();
    let (id, nonce) = (b64(chance.bytes::<16>()), b64(chance.bytes::<12>()));
    let ct = [chance.bytes::<32>().as_slice(), &chance.bytes::<16>()].concat();
    json!({ "id": id, "type": kind, "nonce": nonce, "ct": b64(ct) })
}

pub fn bundle(version: u32) -> Value {
    let mut chance = Chance::random();
    let (nonce, ct) = (b64(chance.bytes::<12>()), [chance.bytes::<32>(); 8].concat());
    json!({ "version": version, "nonce": nonce, "ct": b64(ct) })
}

/// An event as it is posted.
pub fn posted(posted: &Posted) -> Value {
    json!({ "envelope": b64(&posted.envelope), "grants": posted.grants })
}

pub fn id(value: &Value) -> [u8; 16] {
    let bytes = URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}
