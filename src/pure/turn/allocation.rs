//! An allocation with its permissions and channels.

use std::net::{IpAddr, SocketAddr};

use super::authentication::Identity;
use super::bucket::Bucket;
use super::client::Client;
use super::limits::{CHANNEL_LIFETIME, PERMISSION_LIFETIME};
use super::meter::Meter;
use super::peer::{Family, Peer};
use crate::pure::auth::relay::Grant;
use crate::pure::stun::{ChannelNumber, LongTermKey, TransactionId};
use crate::pure::wire::Millis;

/// Names an allocation for as long as the relay runs: the place may be used
/// again, the serial number is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AllocationId {
    /// The shard that has it.
    pub(super) shard: u16,
    /// Its place; no two allocations of a shard have one at the same time.
    pub index: usize,
    pub(super) serial: u64,
}

/// How far an allocation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It may be one too many.
    Claimed,
    /// It counts, and waits for its socket.
    Granted,
    /// Its client has been answered.
    Made,
}

/// Where one client receives, and who may send there.
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) id: AllocationId,
    pub(super) client: Client,
    pub(super) grant: Grant,
    /// Proves its requests, even once the key behind its password is forgotten.
    pub(super) key: LongTermKey,
    /// Of the request that made it, which may come again.
    pub(super) transaction: TransactionId,
    /// Seconds that the client was told when it was made.
    pub(super) lifetime: u32,
    pub(super) expires: Millis,
    pub(super) family: Family,
    /// Without a port until it is made.
    pub(super) relayed: SocketAddr,
    pub(super) stage: Stage,
    /// Whether its answers are proved by MESSAGE-INTEGRITY-SHA256.
    pub(super) sha256: bool,
    /// Place of the call in the server's table.
    pub(super) call: usize,
    /// Place of the session in the server's table.
    pub(super) session: usize,
    pub(super) sent: Bucket,
    pub(super) received: Bucket,
    pub(super) meter: Meter,
    pub(super) peers: Peers,
}

/// Whom a client lets through.
#[derive(Debug, Default)]
pub(super) struct Peers {
    permissions: Vec<Permission>,
    channels: Vec<Channel>,
}

/// Whose packets the client wants (RFC 8656, 9). A leg of a call has a virtual
/// address of its own.
#[derive(Debug, Clone, Copy)]
struct Permission {
    subject: IpAddr,
    expires: Millis,
}

/// A number that stands for a peer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel {
    number: ChannelNumber,
    pub(super) peer: Peer,
    expires: Millis,
}

/// There would be more permissions than an allocation may have.
#[derive(Debug)]
pub(super) struct TooMany;

/// Why a number cannot be bound to a peer.
#[derive(Debug)]
pub(super) enum BindError {
    /// The number or the peer is bound to another.
    Conflict,
    TooMany,
}

impl Peers {
    /// How many permissions there are, expired ones among them.
    pub(super) fn permissions(&self) -> usize {
        self.permissions.len()
    }

    /// Ends the channels to other peers than these.
    pub(super) fn retain(&mut self, mut admitted: impl FnMut(Peer) -> bool) {
        self.channels.retain(|held| admitted(held.peer));
    }

    /// How many channels there are, expired ones among them.
    pub(super) fn channels(&self) -> usize {
        self.channels.len()
    }
}

impl Allocation {
    /// Who made it, as its requests prove it.
    pub(super) fn identity(&self) -> Identity {
        Identity { grant: self.grant, key: self.key.clone(), sha256: self.sha256 }
    }

    /// Whether packets of a peer may come to the client.
    pub(super) fn permits(&self, subject: IpAddr, now: Millis) -> bool {
        self.peers.permissions.iter().any(|held| held.subject == subject && held.expires > now)
    }

    /// Grants or renews permissions, all of them or, if that makes too many, none.
    pub(super) fn permit(
        &mut self,
        subjects: &[IpAddr],
        most: usize,
        now: Millis,
    ) -> Result<(), TooMany> {
        let permissions = &mut self.peers.permissions;
        permissions.retain(|held| held.expires > now);
        let before = permissions.len();
        let expires = now.plus(PERMISSION_LIFETIME);
        for &subject in subjects {
            if !permissions.iter().any(|held| held.subject == subject) {
                push(permissions, Permission { subject, expires });
            }
        }
        if permissions.len() > most {
            permissions.truncate(before);
            return Err(TooMany);
        }
        for held in permissions.iter_mut().filter(|held| subjects.contains(&held.subject)) {
            held.expires = expires;
        }
        Ok(())
    }

    /// The peer that a number stands for.
    pub(super) fn channel_peer(&self, number: ChannelNumber, now: Millis) -> Option<Peer> {
        let channel = self.peers.channels.iter().find(|held| held.number == number)?;
        (channel.expires > now).then_some(channel.peer)
    }

    /// The number that stands for a peer.
    pub(super) fn channel_to(&self, peer: Peer, now: Millis) -> Option<ChannelNumber> {
        let channel = self.peers.channels.iter().find(|held| held.peer == peer)?;
        (channel.expires > now).then_some(channel.number)
    }

    /// Binds a number to a peer, or renews that binding (RFC 8656, 12.2).
    pub(super) fn bind(
        &mut self,
        number: ChannelNumber,
        peer: Peer,
        most: usize,
        now: Millis,
    ) -> Result<(), BindError> {
        self.peers.channels.retain(|held| held.expires > now);
        let expires = now.plus(CHANNEL_LIFETIME);
        let same = |held: &Channel| held.number == number && held.peer == peer;
        let taken = |held: &Channel| held.number == number || held.peer == peer;
        if let Some(held) = self.peers.channels.iter_mut().find(|held| same(held)) {
            held.expires = expires;
        } else if self.peers.channels.iter().any(taken) {
            return Err(BindError::Conflict);
        } else if self.peers.channels.len() >= most {
            return Err(BindError::TooMany);
        } else {
            push(&mut self.peers.channels, Channel { number, peer, expires });
        }
        Ok(())
    }
}

/// Adds to a list that mostly has one or two: room for four would be most of
/// what an allocation takes.
pub(super) fn push<T>(list: &mut Vec<T>, item: T) {
    list.reserve_exact(1);
    list.push(item);
}
