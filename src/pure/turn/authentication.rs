//! The long-term credential mechanism (RFC 8489, 9.2.4), in an order that
//! spends nothing on those without a nonce of ours.

use super::client::{Client, Now};
use super::nonce::Fresh;
use super::reply::{ErrorCode, error};
use super::server::{DropReason, Server, Verdict};
use super::tally::Failure;
use crate::pure::auth::relay::Grant;
use crate::pure::stun::{
    AttributeType, LongTermKey, Message, PasswordAlgorithm, Writer, check, check_sha256,
};

/// Whoever sent a request, proved by its password.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) grant: Grant,
    pub(super) key: LongTermKey,
    pub(super) sha256: bool,
}

impl Identity {
    /// Adds integrity of the kind that the request had.
    pub(super) fn protect(&self, answer: Writer) -> Writer {
        if self.sha256 {
            answer.integrity_sha256(self.key.as_bytes())
        } else {
            answer.integrity(self.key.as_bytes())
        }
    }
}

impl Server {
    /// Who sent this request; otherwise the verdict on it.
    pub(super) fn authenticate(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Result<Identity, Verdict> {
        let has = |kind| message.first(kind).is_some();
        let sha256 = has(AttributeType::MESSAGE_INTEGRITY_SHA256);
        if !sha256 && !has(AttributeType::MESSAGE_INTEGRITY) {
            self.tally.fail(Failure::Missing);
            return Err(self.challenge(now, client, message, ErrorCode::Unauthenticated));
        }
        let user = User::of(message);
        let (Some(user), Some(realm), Some(nonce)) =
            (user, message.first(AttributeType::REALM), message.first(AttributeType::NONCE))
        else {
            self.tally.fail(Failure::Incomplete);
            let answer = error(message, ErrorCode::BadRequest);
            return Err(self.send_unproved(now, client, answer));
        };
        let Some(fresh) = self.nonces.read(now.at, client.address, nonce) else {
            self.tally.fail(Failure::StaleNonce);
            return Err(self.challenge(now, client, message, ErrorCode::StaleNonce));
        };
        let Some(algorithm) = chosen_algorithm(message, fresh) else {
            self.tally.fail(Failure::Algorithm);
            let answer = error(message, ErrorCode::BadRequest);
            return Err(self.send_unproved(now, client, answer));
        };
        let proof = Proof { message, algorithm, sha256 };
        let failure = match self.prove(client, user, realm, &proof) {
            Ok(identity) => return Ok(identity),
            Err(failure) => failure,
        };
        self.tally.fail(failure);
        // Only answers stop: the same address may be many people's, and those
        // with the right password must get on.
        if !self.failures.admit(now.at, client.address.ip()) {
            self.tally.suppressed += 1;
            return Err(Verdict::Drop(DropReason::Throttled));
        }
        Err(self.challenge(now, client, message, ErrorCode::Unauthenticated))
    }

    fn prove(
        &self,
        client: Client,
        user: User<'_>,
        realm: &[u8],
        proof: &Proof<'_>,
    ) -> Result<Identity, Failure> {
        if realm != self.realm.as_bytes() {
            return Err(Failure::Realm);
        }
        let username = match user {
            User::Name(name) if name.len() <= MAX_USERNAME => std::str::from_utf8(name).ok(),
            User::Name(_) => None,
            User::Hash(hash) => self.user_hashes.get(hash).map(String::as_str),
        };
        let found = username.and_then(|name| self.credentials.look_up(name, &self.mode));
        let Some(((grant, given), username)) = found.zip(username) else {
            // Takes as long as for a user there is.
            let _ = proof.holds(&proof.key("", &self.realm, ""));
            return Err(Failure::User);
        };
        // Keys change daily; an allocation and its call may last longer.
        let held = self.by_client.get(&client).map(|id| &self.allocations[id.index]);
        let held = held.filter(|held| held.grant == grant).map(|held| held.key.clone());
        let given = given.iter().map(|password| proof.key(username, &self.realm, password));
        let right = held.into_iter().chain(given).find(|key| proof.holds(key));
        let sha256 = proof.sha256;
        right.map(|key| Identity { grant, key, sha256 }).ok_or(Failure::Password)
    }
}

/// How a request names its sender.
#[derive(Debug, Clone, Copy)]
enum User<'a> {
    Name(&'a [u8]),
    /// Found only among named users: what the others are called is not kept.
    Hash(&'a [u8]),
}

impl<'a> User<'a> {
    fn of(message: &Message<'a>) -> Option<Self> {
        let name = message.first(AttributeType::USERNAME).map(Self::Name);
        name.or_else(|| message.first(AttributeType::USERHASH).map(Self::Hash))
    }
}

/// What a request proves its sender with.
struct Proof<'a> {
    message: &'a Message<'a>,
    algorithm: PasswordAlgorithm,
    /// With MESSAGE-INTEGRITY-SHA256, which then counts alone.
    sha256: bool,
}

impl Proof<'_> {
    fn key(&self, user: &str, realm: &str, password: &str) -> LongTermKey {
        LongTermKey::with(self.algorithm, user, realm, password)
    }

    fn holds(&self, key: &LongTermKey) -> bool {
        if self.sha256 {
            check_sha256(self.message, key.as_bytes())
        } else {
            check(self.message, key.as_bytes())
        }
    }
}

/// The algorithm that makes the key, if the request does not contradict what
/// was offered with its nonce (RFC 8489, 9.2.4): else somebody in between has
/// changed the offer.
fn chosen_algorithm(message: &Message<'_>, fresh: Fresh) -> Option<PasswordAlgorithm> {
    let offer = message.first(AttributeType::PASSWORD_ALGORITHMS);
    let chosen = message.first(AttributeType::PASSWORD_ALGORITHM);
    match (offer, chosen) {
        (None, None) => Some(PasswordAlgorithm::Md5),
        (Some(offer), Some(chosen)) if fresh.offered && offer == OFFER => {
            PasswordAlgorithm::from_value(chosen)
        }
        _ => None,
    }
}

/// PASSWORD-ALGORITHMS as offered: the better one first.
pub(super) const OFFER: [u8; 8] = {
    let ([a, b, c, d], [e, f, g, h]) =
        (PasswordAlgorithm::Sha256.value(), PasswordAlgorithm::Md5.value());
    [a, b, c, d, e, f, g, h]
};

const MAX_USERNAME: usize = 128;
