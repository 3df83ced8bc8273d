//! Allocate (RFC 8656, 7.2).

use super::allocation::{Allocation, AllocationId, Peers};
use super::authentication::Identity;
use super::bucket::Bucket;
use super::call::Call;
use super::client::{Client, Now};
use super::limits::{DEFAULT_LIFETIME, MAX_LIFETIME};
use super::reply::{ErrorCode, has_unknown};
use super::server::{Server, Verdict};
use super::session::Session;
use crate::pure::stun::{AttributeType, Message};
use crate::pure::wire::Millis;

impl Server {
    pub(super) fn handle_allocate(
        &mut self,
        now: Now,
        client: Client,
        message: &Message<'_>,
    ) -> Verdict {
        let identity = match self.authenticate(now, client, message) {
            Ok(identity) => identity,
            Err(verdict) => return verdict,
        };
        // Only here: an allocation outlives the credentials it was made with.
        if identity.grant.expires <= now.unix || self.revocations.cover(&identity.grant) {
            return self.challenge(now, client, message, ErrorCode::Unauthenticated);
        }
        if has_unknown(message) {
            return self.refuse_unknown(client, &identity, message);
        }
        let made = match self.allocation_of(client, now.at) {
            Some(id) => self.repeated(id, &identity, message),
            None => requested_lifetime(message)
                .and_then(|lifetime| self.allocate(now, client, &identity, message, lifetime)),
        };
        match made {
            Ok(id) => self.answer_allocated(id, &identity, message),
            Err(code) => self.refuse(client, &identity, message, code),
        }
    }

    /// A request that comes again gets its answer again; another one does not
    /// get a second allocation.
    fn repeated(
        &self,
        id: AllocationId,
        identity: &Identity,
        message: &Message<'_>,
    ) -> Result<AllocationId, ErrorCode> {
        let allocation = &self.allocations[id.index];
        let same =
            allocation.transaction == message.transaction() && allocation.grant == identity.grant;
        if same { Ok(id) } else { Err(ErrorCode::AllocationMismatch) }
    }

    fn allocate(
        &mut self,
        now: Now,
        client: Client,
        identity: &Identity,
        message: &Message<'_>,
        lifetime: u32,
    ) -> Result<AllocationId, ErrorCode> {
        self.check_quota(client, identity)?;
        // An allocation past its time may still wait for its timeout.
        self.handle_disconnect(client);
        let call = self.call_place(identity);
        let id = AllocationId { index: self.allocations.vacant_key(), serial: self.next_serial };
        let entry = &mut self.calls[call];
        let place = entry.leg(identity.grant.session);
        let Some((leg, relayed)) = place.and_then(|leg| Some((leg, entry.join(leg, id)?))) else {
            return Err(ErrorCode::InsufficientCapacity);
        };
        let session = self.session_place(now, identity);
        self.sessions[session].allocations.push(id);
        *self.by_ip.entry(client.address.ip()).or_default() += 1;
        self.next_serial += 1;
        let expires = now.at.plus(Millis(u64::from(lifetime) * 1000));
        let full = Bucket::full(self.rates.allocation, now.at);
        self.allocations.insert(Allocation {
            id,
            client,
            grant: identity.grant,
            key: identity.key.clone(),
            transaction: message.transaction(),
            lifetime,
            expires,
            relayed,
            call,
            session,
            leg,
            sent: full,
            received: full,
            peers: Peers::default(),
        });
        self.by_client.insert(client, id);
        self.deadlines.insert((expires, id));
        Ok(id)
    }

    fn check_quota(&self, client: Client, identity: &Identity) -> Result<(), ErrorCode> {
        let session = self.by_session.get(&identity.grant.session);
        let of_session = session.map_or(0, |place| self.sessions[*place].allocations.len());
        let of_ip = self.by_ip.get(&client.address.ip()).copied().unwrap_or(0);
        if of_session >= self.limits.allocations_per_session
            || of_ip >= self.limits.allocations_per_ip
        {
            return Err(ErrorCode::AllocationQuotaReached);
        }
        if self.allocations.len() >= self.limits.allocations {
            return Err(ErrorCode::InsufficientCapacity);
        }
        Ok(())
    }

    fn call_place(&mut self, identity: &Identity) -> usize {
        let id = identity.grant.call;
        if let Some(place) = self.by_call.get(&id) {
            return *place;
        }
        let entropy = self.draw();
        let place = self.calls.insert(Call::new(id, entropy));
        self.by_call.insert(id, place);
        place
    }

    fn session_place(&mut self, now: Now, identity: &Identity) -> usize {
        let id = identity.grant.session;
        if let Some(place) = self.by_session.get(&id) {
            return *place;
        }
        let sent = Bucket::full(self.rates.session, now.at);
        let place = self.sessions.insert(Session { id, allocations: Vec::new(), sent });
        self.by_session.insert(id, place);
        place
    }

    fn answer_allocated(
        &mut self,
        id: AllocationId,
        identity: &Identity,
        message: &Message<'_>,
    ) -> Verdict {
        let allocation = &self.allocations[id.index];
        let client = allocation.client;
        let answer = Self::success(message)
            .xor_address(AttributeType::XOR_RELAYED_ADDRESS, allocation.relayed.into())
            .attribute(AttributeType::LIFETIME, &allocation.lifetime.to_be_bytes())
            .xor_address(AttributeType::XOR_MAPPED_ADDRESS, client.address);
        self.send(client, identity, answer)
    }
}

/// Checks what kind of relayed address is wanted, and for how long.
fn requested_lifetime(message: &Message<'_>) -> Result<u32, ErrorCode> {
    match message.first(AttributeType::REQUESTED_TRANSPORT) {
        Some(&[UDP, _, _, _]) => {}
        Some(&[_, _, _, _]) => return Err(ErrorCode::UnsupportedTransport),
        _ => return Err(ErrorCode::BadRequest),
    }
    match message.first(AttributeType::REQUESTED_ADDRESS_FAMILY) {
        None | Some(&[IPV4, _, _, _]) => {}
        Some(&[_, _, _, _]) => return Err(ErrorCode::AddressFamilyNotSupported),
        Some(_) => return Err(ErrorCode::BadRequest),
    }
    let lifetime = read_lifetime(message)?.unwrap_or(0);
    Ok(lifetime.clamp(DEFAULT_LIFETIME, MAX_LIFETIME))
}

/// LIFETIME in seconds, if it is there.
pub(super) fn read_lifetime(message: &Message<'_>) -> Result<Option<u32>, ErrorCode> {
    match message.first(AttributeType::LIFETIME) {
        None => Ok(None),
        Some(value) => match value.try_into() {
            Ok(bytes) => Ok(Some(u32::from_be_bytes(bytes))),
            Err(_) => Err(ErrorCode::BadRequest),
        },
    }
}

/// Protocol number of UDP.
const UDP: u8 = 17;
pub(super) const IPV4: u8 = 1;
