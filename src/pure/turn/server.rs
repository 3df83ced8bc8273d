//! The server: its tables, and the verbs that drive it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;

use slab::Slab;

use super::allocation::{Allocation, AllocationId, Stage};
use super::bucket::Rate;
use super::budget::Share;
use super::call::Call;
use super::client::{Client, Link, Now};
use super::credentials::Credentials;
use super::hash::Seed;
use super::ledger::Claim;
use super::limits::Limits;
use super::meter::Meters;
use super::nonce::Nonces;
use super::peer::{Family, Mode, Peer};
use super::revocations::Revocations;
use super::route::Route;
use super::session::Session;
use super::shard::{Member, News, Passed, Relay, Shard, seed, word};
use super::tally::Tally;
use super::throttle::Throttle;
use crate::pure::auth::relay::{Keys, Revocation};
use crate::pure::stun::{Class, Message, Method};
use crate::pure::wire::{CallId, Millis, SessionId};

/// A STUN and TURN server without sockets, or one shard of such.
pub struct Server {
    pub(super) shard: Shard,
    pub(super) limits: Limits,
    /// Of one allocation.
    pub(super) rate: Rate,
    pub(super) realm: String,
    pub(super) mode: Mode,
    pub(super) credentials: Credentials,
    /// The names of named users.
    pub(super) user_hashes: HashMap<[u8; 32], String>,
    pub(super) nonces: Nonces,
    pub(super) meters: Arc<Meters>,
    pub(super) revocations: Revocations,
    pub(super) replies: Arc<Throttle>,
    pub(super) failures: Arc<Throttle>,
    pub(super) allocations: Slab<Allocation>,
    pub(super) calls: Slab<Call>,
    pub(super) sessions: Slab<Session>,
    pub(super) by_client: HashMap<Client, AllocationId, Seed>,
    /// Allocations with sockets, of all shards.
    pub(super) by_relayed: HashMap<SocketAddr, Member, Seed>,
    pub(super) by_call: HashMap<CallId, usize, Seed>,
    pub(super) by_session: HashMap<SessionId, usize, Seed>,
    pub(super) deadlines: BTreeSet<(Millis, AllocationId)>,
    pub(super) outputs: VecDeque<Output>,
    pub(super) total: Share,
    pub(super) next_serial: u64,
    pub(super) tally: Tally,
    /// State of the generator of transaction ids and first ports.
    pub(super) entropy: u64,
}

/// What a server is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    pub mode: Mode,
    pub limits: Limits,
    pub realm: String,
    pub credentials: Credentials,
    /// Where is counted what goes through.
    pub meters: Arc<Meters>,
}

/// What the shell has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes.
    Send { to: Client, message: Vec<u8> },
    /// End this stream: what it was opened for was revoked.
    Close(Client),
    /// Open a socket of a family for an allocation, on a port that `entropy`
    /// chooses, and say so with `handle_opened`.
    Open { allocation: AllocationId, family: Family, entropy: u64 },
    /// Close the socket of an allocation.
    Shut(AllocationId),
    /// An allocation will send much to this peer and get much from it.
    Bound { allocation: AllocationId, peer: SocketAddr },
    /// Ask the ledger, and say what it says with `handle_claimed`.
    Claim { allocation: AllocationId, claim: Claim },
    /// Tell the ledger that a claim is no longer held.
    Release(Claim),
    /// Tell every other shard, which takes it with `handle_news`, and before
    /// whatever its clients send from then on.
    Tell(News),
}

/// What became of a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes to a client.
    Relay(Route),
    /// A part of it goes to a peer outside, from the socket of an allocation.
    Emit { allocation: AllocationId, to: SocketAddr, data: Range<usize> },
    /// A part of it goes to another shard, which takes it with `handle_passed`.
    Pass { passed: Passed, data: Range<usize> },
    /// It is done; there may be outputs.
    Handled,
    /// Nobody hears of it.
    Drop(DropReason),
}

/// Why a datagram was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DropReason {
    /// Neither a STUN message nor ChannelData.
    Malformed,
    /// A response, an indication or a method that servers do not take.
    Unsupported,
    /// The source has asked too often without credentials.
    Throttled,
    /// Data from a client without allocation.
    NoAllocation,
    /// ChannelData on a number that is not bound.
    NoChannel,
    /// No permission, at the sender or the receiver.
    NoPermission,
    /// The peer is no other allocation of the same call, or no longer.
    NoPeer,
    /// More than the limits of bandwidth let through.
    Bandwidth,
}

impl DropReason {
    /// Every reason, for counters.
    pub const ALL: [Self; 8] = [
        Self::Malformed,
        Self::Unsupported,
        Self::Throttled,
        Self::NoAllocation,
        Self::NoChannel,
        Self::NoPermission,
        Self::NoPeer,
        Self::Bandwidth,
    ];

    /// The reason in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::Throttled => "throttled",
            Self::NoAllocation => "no_allocation",
            Self::NoChannel => "no_channel",
            Self::NoPermission => "no_permission",
            Self::NoPeer => "no_peer",
            Self::Bandwidth => "bandwidth",
        }
    }
}

impl Server {
    /// A shard without allocations.
    pub(super) fn new(relay: &Relay, shard: Shard) -> Self {
        let Setup { mode, limits, realm, credentials, meters } = relay.setup.clone();
        let (common, secret) = (relay.common.clone(), &relay.secret);
        let seed = seed(secret);
        Self {
            shard,
            limits,
            rate: Rate::from_bits(limits.allocation_rate),
            user_hashes: credentials.user_hashes(&realm),
            realm,
            mode,
            credentials,
            meters,
            nonces: Nonces::new(secret.first_chunk().expect("64 bytes start with 32")),
            revocations: Revocations::new(seed),
            replies: common.replies,
            failures: common.failures,
            allocations: Slab::new(),
            calls: Slab::new(),
            sessions: Slab::new(),
            by_client: HashMap::with_hasher(seed),
            by_relayed: HashMap::with_hasher(seed),
            by_call: HashMap::with_hasher(seed),
            by_session: HashMap::with_hasher(seed),
            deadlines: BTreeSet::new(),
            outputs: VecDeque::new(),
            total: Share::of(&common.total),
            next_serial: 0,
            tally: Tally::default(),
            // Each shard draws numbers of its own.
            entropy: seed.hash_one((word(secret, 48), shard.index)),
        }
    }

    /// From now on these keys sign credentials. What is allocated stays.
    pub fn handle_keys(&mut self, keys: Keys) {
        self.credentials.keys = keys;
    }

    /// From now on this computer has these addresses. No peer has them, so a channel to one that
    /// was somebody else's ends.
    pub fn handle_own_addresses(&mut self, own: &[IpAddr]) {
        let Mode::Open(open) = &mut self.mode else { return };
        if open.rules.own == own {
            return;
        }
        open.rules.own = own.to_vec();
        for (_, allocation) in &mut self.allocations {
            allocation.peers.retain(|peer| match peer {
                Peer::Member(_) => true,
                Peer::Outside(address) => open.rules.admit(address),
            });
        }
    }

    /// Takes one datagram, or one message of a stream.
    pub fn handle_datagram(&mut self, now: Now, client: Client, datagram: &[u8]) -> Verdict {
        match datagram.first() {
            Some(0x40..=0x4F) => self.relay_channel_data(now.at, client, datagram),
            Some(0x00..=0x3F) => match Message::parse(datagram) {
                Ok(message) => self.handle_message(now, client, &message),
                Err(_) => Verdict::Drop(DropReason::Malformed),
            },
            _ => Verdict::Drop(DropReason::Malformed),
        }
    }

    /// A stream has ended, and with it its allocation.
    pub fn handle_disconnect(&mut self, client: Client) {
        if let Some(id) = self.by_client.get(&client).copied() {
            self.free(id);
        }
    }

    /// Frees what a revocation names and refuses its credentials from now on.
    pub fn handle_revocation(&mut self, now: Now, revocation: Revocation) {
        self.revocations.add(now, revocation);
        let ended: Vec<AllocationId> = match revocation {
            Revocation::Call(call) => self.allocations_of_call(call).collect(),
            Revocation::Leg(call, session) => self
                .allocations_of_call(call)
                .filter(|id| self.allocations[id.index].grant.session == session)
                .collect(),
            Revocation::Session(session) => match self.by_session.get(&session) {
                Some(&place) => self.sessions[place].allocations.clone(),
                None => Vec::new(),
            },
        };
        for id in ended {
            let client = self.allocations[id.index].client;
            self.free(id);
            if let Link::Stream(_) = client.link {
                self.outputs.push_back(Output::Close(client));
            }
        }
    }

    /// Ends what has come to its time.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some(&(at, id)) = self.deadlines.first()
            && at <= now.at
        {
            self.free(id);
        }
        self.revocations.expire(now.at);
    }

    /// The next thing to do, if any.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When `handle_timeout` wants to be called next.
    pub fn poll_timeout(&self) -> Option<Millis> {
        let allocation = self.deadlines.first().map(|(at, _)| *at);
        allocation.into_iter().chain(self.revocations.next()).min()
    }

    /// How many allocations there are.
    pub fn allocations(&self) -> usize {
        self.allocations.len()
    }

    /// What it has counted so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    fn handle_message(&mut self, now: Now, client: Client, message: &Message<'_>) -> Verdict {
        match (message.class(), message.method()) {
            (Class::Request, Method::BINDING) => self.handle_binding(now, client, message),
            (Class::Request, Method::ALLOCATE) => self.handle_allocate(now, client, message),
            (Class::Request, Method::REFRESH) => self.handle_refresh(now, client, message),
            (Class::Request, Method::CREATE_PERMISSION) => {
                self.handle_create_permission(now, client, message)
            }
            (Class::Request, Method::CHANNEL_BIND) => {
                self.handle_channel_bind(now, client, message)
            }
            (Class::Indication, Method::SEND) => self.relay_send(now.at, client, message),
            _ => Verdict::Drop(DropReason::Unsupported),
        }
    }

    /// The allocation of a client, if it has one that still lives.
    pub(super) fn allocation_of(&self, client: Client, now: Millis) -> Option<AllocationId> {
        let id = *self.by_client.get(&client)?;
        (self.allocations[id.index].expires > now).then_some(id)
    }

    /// The allocation with this name, if it still lives.
    pub(super) fn living(&self, id: AllocationId, now: Millis) -> Option<&Allocation> {
        self.allocations.get(id.index).filter(|held| held.id == id && held.expires > now)
    }

    fn allocations_of_call(&self, call: CallId) -> impl Iterator<Item = AllocationId> {
        let place = self.by_call.get(&call).copied();
        place.into_iter().flat_map(|place| self.calls[place].allocations())
    }

    /// Sets when an allocation ends.
    pub(super) fn set_deadline(&mut self, id: AllocationId, expires: Millis) {
        let allocation = &mut self.allocations[id.index];
        self.deadlines.remove(&(allocation.expires, id));
        allocation.expires = expires;
        self.deadlines.insert((expires, id));
    }

    /// Takes an allocation out of every table.
    pub(super) fn free(&mut self, id: AllocationId) {
        let allocation = self.allocations.remove(id.index);
        self.by_client.remove(&allocation.client);
        if allocation.stage == Stage::Made {
            let (call, relayed) = (allocation.grant.call, allocation.relayed);
            self.tell(News::Left(Member { id, call, relayed }));
        }
        if allocation.stage != Stage::Claimed {
            self.outputs.push_back(Output::Release(allocation.claim()));
            if let Mode::Open(_) = self.mode {
                self.by_relayed.remove(&allocation.relayed);
                self.outputs.push_back(Output::Shut(id));
            }
        }
        self.deadlines.remove(&(allocation.expires, id));
        self.calls[allocation.call].leave(id);
        self.tidy_call(allocation.call);
        let session = &mut self.sessions[allocation.session];
        session.allocations.retain(|held| *held != id);
        if session.allocations.is_empty() {
            self.by_session.remove(&session.id);
            self.sessions.remove(allocation.session);
        }
    }

    /// Forgets a call that nobody is in any more.
    pub(super) fn tidy_call(&mut self, place: usize) {
        let call = &self.calls[place];
        if call.is_empty() {
            self.by_call.remove(&call.id);
            self.calls.remove(place);
        }
    }

    /// A number nobody outside can guess (splitmix64).
    pub(super) fn draw(&mut self) -> u64 {
        self.entropy = self.entropy.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.entropy ^ (self.entropy >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
