//! The server's half of the password protocol, OPAQUE (RFC 9807).
//!
//! Suite: ristretto255-SHA512, 3DH. The server never sees a password and
//! never stretches one: Argon2id runs in the client alone, so the key
//! stretching function is the identity here. The server identity is the
//! install id, so that a new host name locks nobody out; the client identity
//! and the context are unset, as in `@serenity-kit/opaque`.
//!
//! The parsers of the crate pass over trailing bytes, so every message is
//! checked for its exact length first.

use std::fmt;

use opaque_ke::key_exchange::tripledh::TripleDh;
use opaque_ke::rand::{CryptoRng, RngCore};
use opaque_ke::{
    CipherSuite, CredentialFinalization, CredentialRequest, Identifiers, RegistrationRequest,
    RegistrationUpload, Ristretto255, ServerLogin, ServerLoginParameters, ServerRegistration,
    ServerSetup, ksf,
};
use ring::hmac;

use crate::pure::wire::{AccountId, Blob, Name};

/// The server's keys, and what it does with them.
pub struct Opaque {
    setup: ServerSetup<Suite>,
    server_id: String,
    /// Is read in place of a record that does not exist.
    decoy: Blob,
    unknown: hmac::Key,
    devices: hmac::Key,
}

/// A login between its two halves.
pub struct Login(ServerLogin<Suite>);

/// What a login is bound to: the account, or what stands in for one that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId([u8; 16]);

/// The bytes are not a message of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the password protocol")]
pub struct Malformed;

/// The password is wrong, or the message belongs to another login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password was not proved")]
pub struct Unproved;

#[derive(Debug)]
struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = ksf::Identity;
}

impl Opaque {
    /// Makes keys, as they are to be kept: outside the database, so that the
    /// database alone does not allow guessing passwords.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Vec<u8> {
        ServerSetup::<Suite>::new(rng).serialize().to_vec()
    }

    /// Reads keys that `generate` made, for the server with this install id.
    pub fn new(keys: &[u8], server_id: String) -> Result<Self, Malformed> {
        exactly::<SETUP_BYTES>(keys)?;
        let setup = ServerSetup::deserialize(keys).map_err(|_| Malformed)?;
        let derive = |label: &[u8]| {
            let root = hmac::Key::new(hmac::HMAC_SHA256, keys);
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, label).as_ref())
        };
        Ok(Self {
            decoy: decoy(&setup),
            setup,
            server_id,
            unknown: derive(b"callbox/unknown-names"),
            devices: derive(b"callbox/known-devices"),
        })
    }

    /// The server identity that clients bind their registration to.
    pub fn server_id(&self) -> &str {
        &self.server_id
    }

    /// The key that marks known devices.
    pub fn device_key(&self) -> &hmac::Key {
        &self.devices
    }

    /// Answers a registration request for an account.
    pub fn register(&self, account: AccountId, request: &[u8]) -> Result<Blob, Malformed> {
        exactly::<32>(request)?;
        let request = RegistrationRequest::deserialize(request).map_err(|_| Malformed)?;
        let started = ServerRegistration::start(&self.setup, request, account.as_bytes())
            .map_err(|_| Malformed)?;
        Ok(Blob::from(started.message.serialize().to_vec()))
    }

    /// Checks a registration record, and returns it as it is to be stored.
    pub fn record(&self, record: &[u8]) -> Result<Blob, Malformed> {
        exactly::<192>(record)?;
        let upload = RegistrationUpload::<Suite>::deserialize(record).map_err(|_| Malformed)?;
        Ok(Blob::from(ServerRegistration::finish(upload).serialize().to_vec()))
    }

    /// Answers KE1 with KE2. Without a record the answer looks the same, but
    /// nothing can prove a password against it.
    pub fn login(
        &self,
        rng: &mut (impl RngCore + CryptoRng),
        id: CredentialId,
        record: Option<&Blob>,
        request: &[u8],
    ) -> Result<(Login, Blob), Malformed> {
        exactly::<96>(request)?;
        let request = CredentialRequest::deserialize(request).map_err(|_| Malformed)?;
        // Reading one takes time: it is done either way, or the time would tell who exists.
        let read = ServerRegistration::deserialize(record.unwrap_or(&self.decoy).as_ref())
            .expect("records are checked before they are stored");
        let record = record.map(|_| read);
        let started =
            ServerLogin::start(rng, &self.setup, record, request, &id.0, self.parameters())
                .map_err(|_| Malformed)?;
        Ok((Login(started.state), Blob::from(started.message.serialize().to_vec())))
    }

    /// Takes KE3: whether whoever sent KE1 knows the password.
    pub fn finish(&self, login: Login, finalization: &[u8]) -> Result<(), Unproved> {
        exactly::<64>(finalization).map_err(|_| Unproved)?;
        let finalization =
            CredentialFinalization::deserialize(finalization).map_err(|_| Unproved)?;
        login.0.finish(finalization, self.parameters()).map_err(|_| Unproved)?;
        Ok(())
    }

    /// What stands in for an account when there is none with this name:
    /// always the same for the same name, as it is for an account.
    pub fn unknown(&self, name: &Name) -> CredentialId {
        let tag = hmac::sign(&self.unknown, name.key().as_bytes());
        CredentialId(tag.as_ref()[..16].try_into().expect("a tag has 32 bytes"))
    }

    fn parameters(&self) -> ServerLoginParameters<'_, '_> {
        let identifiers = Identifiers { client: None, server: Some(self.server_id.as_bytes()) };
        ServerLoginParameters { context: None, identifiers }
    }
}

impl From<AccountId> for CredentialId {
    fn from(account: AccountId) -> Self {
        Self(*account.as_bytes())
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque")
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

/// What reads like a record, with a key that is there anyway.
fn decoy(setup: &ServerSetup<Suite>) -> Blob {
    let mut bytes = setup.keypair().public().serialize().to_vec();
    bytes.resize(192, 0);
    Blob::from(bytes)
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<(), Malformed> {
    if bytes.len() == N { Ok(()) } else { Err(Malformed) }
}

/// Seed, private key, and the public key that stands in for unknown accounts.
const SETUP_BYTES: usize = 128;

#[cfg(test)]
mod tests {
    use opaque_ke::rand::{self, CryptoRng, RngCore};
    use opaque_ke::{
        ClientLogin, ClientLoginFinishParameters, ClientRegistration,
        ClientRegistrationFinishParameters, CredentialResponse, RegistrationResponse,
    };
    use proptest::prelude::*;

    use super::*;

    /// The same bytes for the same start; nothing to guess here.
    struct Repeatable(u64);

    impl RngCore for Repeatable {
        fn next_u32(&mut self) -> u32 {
            self.next_u64() as u32
        }

        fn next_u64(&mut self) -> u64 {
            // SplitMix64.
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(8) {
                let random = self.next_u64().to_le_bytes();
                chunk.copy_from_slice(&random[..chunk.len()]);
            }
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
            self.fill_bytes(bytes);
            Ok(())
        }
    }

    impl CryptoRng for Repeatable {}

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);

    fn opaque() -> Opaque {
        let keys = Opaque::generate(&mut Repeatable(1));
        Opaque::new(&keys, "install".into()).unwrap()
    }

    fn identifiers(server: &str) -> Identifiers<'_> {
        Identifiers { client: None, server: Some(server.as_bytes()) }
    }

    fn register(opaque: &Opaque, password: &[u8]) -> Blob {
        let mut rng = Repeatable(2);
        let start = ClientRegistration::<Suite>::start(&mut rng, password).unwrap();
        let answer = opaque.register(ACCOUNT, &start.message.serialize()).unwrap();
        assert_eq!(answer.len(), 64);
        let parameters = ClientRegistrationFinishParameters::new(identifiers("install"), None);
        let answer = RegistrationResponse::deserialize(answer.as_ref()).unwrap();
        let end = start.state.finish(&mut rng, password, answer, parameters).unwrap();
        opaque.record(&end.message.serialize()).unwrap()
    }

    struct Started {
        state: ClientLogin<Suite>,
        login: Login,
        answer: Blob,
    }

    fn start(opaque: &Opaque, record: Option<&Blob>, password: &[u8], seed: u64) -> Started {
        let mut rng = Repeatable(seed);
        let start = ClientLogin::<Suite>::start(&mut rng, password).unwrap();
        let request = start.message.serialize();
        let (login, answer) = opaque.login(&mut rng, ACCOUNT.into(), record, &request).unwrap();
        assert_eq!(answer.len(), 320);
        Started { state: start.state, login, answer }
    }

    fn finalize(started: &Started, password: &[u8], server: &str) -> Option<Vec<u8>> {
        let parameters = ClientLoginFinishParameters::new(None, identifiers(server), None);
        let answer = CredentialResponse::deserialize(started.answer.as_ref()).unwrap();
        let mut rng = Repeatable(9);
        let end = started.state.clone().finish(&mut rng, password, answer, parameters).ok()?;
        Some(end.message.serialize().to_vec())
    }

    #[test]
    fn the_password_and_only_it_proves_itself() {
        let opaque = opaque();
        let record = register(&opaque, b"right");
        let started = start(&opaque, Some(&record), b"right", 3);
        let finalization = finalize(&started, b"right", "install").unwrap();
        assert_eq!(opaque.finish(started.login, &finalization), Ok(()));

        let started = start(&opaque, Some(&record), b"wrong", 4);
        assert_eq!(finalize(&started, b"wrong", "install"), None);
        let started = start(&opaque, Some(&record), b"right", 5);
        assert_eq!(finalize(&started, b"right", "another install"), None);
        let started = start(&opaque, None, b"right", 6);
        assert_eq!(finalize(&started, b"right", "install"), None);
    }

    #[test]
    fn h29_a_finalization_belongs_to_one_login() {
        let opaque = opaque();
        let record = register(&opaque, b"right");
        let first = start(&opaque, Some(&record), b"right", 3);
        let second = start(&opaque, Some(&record), b"right", 4);
        let finalization = finalize(&first, b"right", "install").unwrap();
        assert_eq!(opaque.finish(second.login, &finalization), Err(Unproved));
    }

    #[test]
    fn h28_only_exact_lengths_are_messages() {
        let opaque = opaque();
        let record = register(&opaque, b"right");
        let mut rng = Repeatable(7);
        let request = ClientLogin::<Suite>::start(&mut rng, b"right").unwrap().message.serialize();
        let mut login =
            |bytes: &[u8]| opaque.login(&mut rng, ACCOUNT.into(), Some(&record), bytes).map(|_| ());
        assert_eq!(login(&request), Ok(()));
        assert_eq!(login(&[&request[..], &[0]].concat()), Err(Malformed));
        assert_eq!(login(&request[..95]), Err(Malformed));
        let longer = [record.as_ref(), &[0]].concat();
        assert_eq!(opaque.record(&longer), Err(Malformed));
        // The identity element of the group is 32 zero bytes.
        assert_eq!(opaque.register(ACCOUNT, &[0; 32]), Err(Malformed));
        assert_eq!(login(&[0; 96]), Err(Malformed));
        assert_eq!(opaque.record(&[0; 192]), Err(Malformed));
    }

    #[test]
    fn an_unknown_name_stands_for_the_same_thing_every_time() {
        let opaque = opaque();
        let id = |name| opaque.unknown(&Name::new(name).unwrap());
        assert_eq!(id("Anna"), id("ANNA"));
        assert_ne!(id("Anna"), id("Hanna"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn h28_random_messages_never_panic_nor_prove(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let opaque = opaque();
            let record = register(&opaque, b"right");
            let started = start(&opaque, Some(&record), b"right", 8);
            prop_assert_eq!(opaque.finish(started.login, &bytes), Err(Unproved));
            let mut rng = Repeatable(7);
            for length in [32, 64, 96, 192, bytes.len()] {
                let mut message = bytes.clone();
                message.resize(length, 0);
                let _ = opaque.register(ACCOUNT, &message);
                let _ = opaque.record(&message);
                let _ = opaque.login(&mut rng, ACCOUNT.into(), Some(&record), &message);
            }
        }
    }
}
