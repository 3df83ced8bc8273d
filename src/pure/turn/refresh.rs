//! Refresh (RFC 8656, 8.2): keeps an allocation, or ends it with LIFETIME 0.

use super::allocate::read_lifetime;
use super::allocation::AllocationId;
use super::authentication::Identity;
use super::client::{Client, Now};
use super::limits::{DEFAULT_LIFETIME, MAX_LIFETIME};
use super::peer::Family;
use super::reply::{ErrorCode, has_unknown};
use super::server::{Server, Verdict};
use super::tally::Failure;
use crate::pure::stun::{AttributeType, Message};
use crate::pure::wire::Millis;

impl Server {
    pub(super) fn handle_refresh(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Verdict {
        let (identity, id) = match self.owner(now, client, message) {
            Ok(owner) => owner,
            Err(verdict) => return verdict,
        };
        let lifetime = match requested_lifetime(message, self.allocations[id.index].family) {
            Ok(lifetime) => lifetime,
            Err(code) => return self.refuse(client, &identity, message, code),
        };
        if lifetime == 0 {
            self.free(id);
        } else {
            self.set_deadline(id, now.at.plus(Millis(u64::from(lifetime) * 1000)));
        }
        let answer = Self::success(message);
        let answer = answer.attribute(AttributeType::LIFETIME, &lifetime.to_be_bytes());
        self.send(client, &identity, answer)
    }

    /// Who sent a request about an allocation, and that allocation; otherwise
    /// the verdict on the request.
    pub(super) fn owner(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Result<(Identity, AllocationId), Verdict> {
        let identity = self.authenticate(now, client, message)?;
        if has_unknown(message) {
            return Err(self.refuse_unknown(client, &identity, message));
        }
        let code = match self.allocation_of(client, now.at) {
            Some(id) if self.allocations[id.index].grant == identity.grant => {
                return Ok((identity, id));
            }
            Some(_) => {
                self.tally.fail(Failure::Owner);
                ErrorCode::WrongCredentials
            }
            None => ErrorCode::AllocationMismatch,
        };
        Err(self.refuse(client, &identity, message, code))
    }
}

fn requested_lifetime(message: &Message<'_>, family: Family) -> Result<u32, ErrorCode> {
    match message.first(AttributeType::REQUESTED_ADDRESS_FAMILY) {
        None => {}
        Some(&[number, _, _, _]) if Family::from_number(number) == Some(family) => {}
        Some(&[_, _, _, _]) => return Err(ErrorCode::PeerAddressFamilyMismatch),
        Some(_) => return Err(ErrorCode::BadRequest),
    }
    Ok(match read_lifetime(message)? {
        Some(0) => 0,
        Some(seconds) => seconds.clamp(DEFAULT_LIFETIME, MAX_LIFETIME),
        None => DEFAULT_LIFETIME,
    })
}
