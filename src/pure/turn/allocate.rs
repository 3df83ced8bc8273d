//! Allocate (RFC 8656, 7.2).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::allocation::{Allocation, AllocationId, Peers, Stage, push};
use super::authentication::Identity;
use super::bucket::Bucket;
use super::budget::Share;
use super::call::Call;
use super::client::{Client, Now, network};
use super::ledger::Claim;
use super::limits::{DEFAULT_LIFETIME, MAX_LIFETIME};
use super::meter::Meters;
use super::peer::{Family, Mode};
use super::reply::{ErrorCode, has_unknown};
use super::server::{Output, Server, Verdict};
use super::session::Session;
use super::tally::Failure;
use crate::pure::auth::relay::Grant;
use crate::pure::stun::{AttributeType, Message};
use crate::pure::wire::{CallId, Millis};

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
        let expired = identity.grant.expires <= now.unix;
        if expired || self.revocations.cover(&identity.grant) {
            self.tally.fail(if expired { Failure::Expired } else { Failure::Revoked });
            return self.challenge(now, client, message, ErrorCode::Unauthenticated);
        }
        if has_unknown(message) {
            return self.refuse_unknown(client, &identity, message);
        }
        let made = match self.allocation_of(client, now.at) {
            Some(id) => self.repeated(id, &identity, message),
            None => self
                .wanted(message)
                .map(|wanted| self.allocate(now, client, &identity, message, wanted)),
        };
        match made {
            Ok(id) if self.allocations[id.index].stage == Stage::Made => self.answer_allocated(id),
            // Its answer comes when it is made.
            Ok(_) => Verdict::Handled,
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
        wanted: Wanted,
    ) -> AllocationId {
        // An allocation past its time may still wait for its timeout.
        self.handle_disconnect(client);
        let (index, serial) = (self.allocations.vacant_key(), self.next_serial);
        let id = AllocationId { shard: self.shard.index, index, serial };
        self.next_serial += 1;
        let call = self.call_place(identity.grant.call);
        self.calls[call].join(id);
        let session = self.session_place(identity);
        push(&mut self.sessions[session].allocations, id);
        let expires = now.at.plus(Millis(u64::from(wanted.lifetime) * 1000));
        let full = Bucket::full(self.rate, now.at);
        self.allocations.insert(Allocation {
            id,
            client,
            grant: identity.grant,
            key: identity.key.clone(),
            transaction: message.transaction(),
            lifetime: wanted.lifetime,
            expires,
            family: wanted.family,
            relayed: SocketAddr::new(wanted.ip, 0),
            stage: Stage::Claimed,
            sha256: identity.sha256,
            call,
            session,
            sent: full,
            received: full,
            meter: Meters::open(&self.meters, identity.grant.call, identity.grant.session),
            peers: Peers::default(),
        });
        self.by_client.insert(client, id);
        self.deadlines.insert((expires, id));
        let claim = self.allocations[index].claim();
        self.outputs.push_back(Output::Claim { allocation: id, claim });
        id
    }

    /// The place of a call, which may have only members elsewhere.
    pub(super) fn call_place(&mut self, id: CallId) -> usize {
        if let Some(place) = self.by_call.get(&id) {
            return *place;
        }
        let entropy = self.draw();
        let place = self.calls.insert(Call::new(id, entropy));
        self.by_call.insert(id, place);
        place
    }

    fn session_place(&mut self, identity: &Identity) -> usize {
        let id = identity.grant.session;
        if let Some(place) = self.by_session.get(&id) {
            return *place;
        }
        let (allocations, sent) = (Vec::new(), Share::default());
        let place = self.sessions.insert(Session { id, allocations, sent });
        self.by_session.insert(id, place);
        place
    }

    /// What kind of relayed address is wanted, and for how long.
    fn wanted(&self, message: &Message<'_>) -> Result<Wanted, ErrorCode> {
        match message.first(AttributeType::REQUESTED_TRANSPORT) {
            Some(&[UDP, _, _, _]) => {}
            Some(&[_, _, _, _]) => return Err(ErrorCode::UnsupportedTransport),
            _ => return Err(ErrorCode::BadRequest),
        }
        let family = match message.first(AttributeType::REQUESTED_ADDRESS_FAMILY) {
            None => Some(Family::Ipv4),
            Some(&[number, _, _, _]) => Family::from_number(number),
            Some(_) => return Err(ErrorCode::BadRequest),
        };
        let ip = family.and_then(|family| match &self.mode {
            Mode::Closed => (family == Family::Ipv4).then_some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            Mode::Open(open) => open.ip(family),
        });
        let (Some(family), Some(ip)) = (family, ip) else {
            return Err(ErrorCode::AddressFamilyNotSupported);
        };
        let lifetime = read_lifetime(message)?.unwrap_or(0);
        let lifetime = lifetime.clamp(DEFAULT_LIFETIME, MAX_LIFETIME);
        Ok(Wanted { family, ip, lifetime })
    }
}

impl Allocation {
    /// Whose it counts as.
    pub(super) fn claim(&self) -> Claim {
        let Grant { call, session, .. } = self.grant;
        Claim { call, session, network: network(self.client.address.ip()) }
    }
}

/// What an Allocate request asks for, as far as it can have it.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    family: Family,
    ip: IpAddr,
    /// In seconds.
    lifetime: u32,
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
