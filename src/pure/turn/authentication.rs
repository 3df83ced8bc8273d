//! The long-term credential mechanism (RFC 8489, 9.2.4), in an order that
//! spends nothing on those without a nonce of ours.

use super::client::{Client, Now};
use super::reply::{ErrorCode, error};
use super::server::{DropReason, Server, Verdict};
use crate::pure::auth::relay::Grant;
use crate::pure::stun::{AttributeType, LongTermKey, Message, Writer, check, check_sha256};

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
            return Err(self.challenge(now, client, message, ErrorCode::Unauthenticated));
        }
        let (Some(username), Some(realm), Some(nonce)) = (
            message.first(AttributeType::USERNAME),
            message.first(AttributeType::REALM),
            message.first(AttributeType::NONCE),
        ) else {
            let answer = error(message, ErrorCode::BadRequest);
            return Err(self.send_unproved(now, client, answer));
        };
        if !self.nonces.is_fresh(now.at, client.address, nonce) {
            return Err(self.challenge(now, client, message, ErrorCode::StaleNonce));
        }
        match self.prove(client, username, realm, message, sha256) {
            Some(identity) => Ok(identity),
            // Only answers stop: the same address may be many people's, and
            // those with the right password must get on.
            None if !self.failures.admit(now.at, client.address.ip()) => {
                Err(Verdict::Drop(DropReason::Throttled))
            }
            None => Err(self.challenge(now, client, message, ErrorCode::Unauthenticated)),
        }
    }

    fn prove(
        &self,
        client: Client,
        username: &[u8],
        realm: &[u8],
        message: &Message<'_>,
        sha256: bool,
    ) -> Option<Identity> {
        if username.len() > MAX_USERNAME || realm != self.realm.as_bytes() {
            return None;
        }
        let username = std::str::from_utf8(username).ok()?;
        let (grant, given) = self.credentials.look_up(username, &self.mode)?;
        // Keys change daily; an allocation and its call may last longer.
        let held = self.by_client.get(&client).map(|id| &self.allocations[id.index]);
        let held = held.filter(|held| held.grant == grant).map(|held| held.key.clone());
        let given = given.iter().map(|password| LongTermKey::new(username, &self.realm, password));
        held.into_iter().chain(given).find_map(|key| {
            let right = if sha256 {
                check_sha256(message, key.as_bytes())
            } else {
                check(message, key.as_bytes())
            };
            right.then_some(Identity { grant, key, sha256 })
        })
    }
}

const MAX_USERNAME: usize = 128;
