//! An allocation with its permissions and channels.

use std::net::SocketAddrV4;

use super::bucket::Bucket;
use super::client::Client;
use super::limits::{CHANNEL_LIFETIME, PERMISSION_LIFETIME};
use crate::pure::auth::relay::Grant;
use crate::pure::stun::{ChannelNumber, TransactionId};
use crate::pure::wire::Millis;

/// Names an allocation for as long as the server runs: the place may be used
/// again, the serial number is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AllocationId {
    pub(super) index: usize,
    pub(super) serial: u64,
}

/// One leg's number within its call; its relayed address tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LegNumber(pub(super) u8);

/// Where one client receives, and who may send there.
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) id: AllocationId,
    pub(super) client: Client,
    pub(super) grant: Grant,
    /// Of the request that made it, which may come again.
    pub(super) transaction: TransactionId,
    /// Seconds that the client was told when it was made.
    pub(super) lifetime: u32,
    pub(super) expires: Millis,
    pub(super) relayed: SocketAddrV4,
    /// Place of the call in the server's table.
    pub(super) call: usize,
    /// Place of the session in the server's table.
    pub(super) session: usize,
    pub(super) leg: LegNumber,
    pub(super) sent: Bucket,
    pub(super) received: Bucket,
    permissions: Vec<Permission>,
    channels: Vec<Channel>,
}

/// A leg whose packets the client wants.
#[derive(Debug, Clone, Copy)]
struct Permission {
    leg: LegNumber,
    expires: Millis,
}

/// A number that stands for a peer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel {
    number: ChannelNumber,
    pub(super) peer: AllocationId,
    expires: Millis,
}

/// The number or the peer is bound to another.
#[derive(Debug)]
pub(super) enum BindError {
    Conflict,
    TooMany,
}

/// What an allocation starts with.
pub(super) struct Birth {
    pub(super) id: AllocationId,
    pub(super) client: Client,
    pub(super) grant: Grant,
    pub(super) transaction: TransactionId,
    pub(super) lifetime: u32,
    pub(super) expires: Millis,
    pub(super) relayed: SocketAddrV4,
    pub(super) call: usize,
    pub(super) session: usize,
    pub(super) leg: LegNumber,
    pub(super) bucket: Bucket,
}

impl Allocation {
    pub(super) fn new(birth: Birth) -> Self {
        let Birth { id, client, grant, transaction, lifetime, expires, .. } = birth;
        let Birth { relayed, call, session, leg, bucket, .. } = birth;
        Self {
            id,
            client,
            grant,
            transaction,
            lifetime,
            expires,
            relayed,
            call,
            session,
            leg,
            sent: bucket,
            received: bucket,
            permissions: Vec::new(),
            channels: Vec::new(),
        }
    }

    /// Whether packets of a leg may come to the client.
    pub(super) fn permits(&self, leg: LegNumber, now: Millis) -> bool {
        self.permissions.iter().any(|held| held.leg == leg && held.expires > now)
    }

    /// Grants or renews a permission.
    pub(super) fn permit(&mut self, leg: LegNumber, now: Millis) {
        let expires = now.plus(PERMISSION_LIFETIME);
        match self.permissions.iter_mut().find(|held| held.leg == leg) {
            Some(held) => held.expires = expires,
            None => self.permissions.push(Permission { leg, expires }),
        }
    }

    /// The peer that a number stands for.
    pub(super) fn channel_peer(&self, number: ChannelNumber, now: Millis) -> Option<AllocationId> {
        let channel = self.channels.iter().find(|held| held.number == number)?;
        (channel.expires > now).then_some(channel.peer)
    }

    /// The number that stands for a peer.
    pub(super) fn channel_to(&self, peer: AllocationId, now: Millis) -> Option<ChannelNumber> {
        let channel = self.channels.iter().find(|held| held.peer == peer)?;
        (channel.expires > now).then_some(channel.number)
    }

    /// Binds a number to a peer, or renews that binding (RFC 8656, 12.2).
    pub(super) fn bind(
        &mut self,
        number: ChannelNumber,
        peer: AllocationId,
        most: usize,
        now: Millis,
    ) -> Result<(), BindError> {
        self.channels.retain(|held| held.expires > now);
        let expires = now.plus(CHANNEL_LIFETIME);
        let same = |held: &Channel| held.number == number && held.peer == peer;
        let taken = |held: &Channel| held.number == number || held.peer == peer;
        if let Some(held) = self.channels.iter_mut().find(|held| same(held)) {
            held.expires = expires;
        } else if self.channels.iter().any(taken) {
            return Err(BindError::Conflict);
        } else if self.channels.len() >= most {
            return Err(BindError::TooMany);
        } else {
            self.channels.push(Channel { number, peer, expires });
        }
        Ok(())
    }
}
