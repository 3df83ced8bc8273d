//! Calls: the server's state of them, from the ring to the entry they leave.
//!
//! A call is between the two accounts of a direct conversation, or of a room of two. A leg is a
//! device; the connection that brought it in carries it. Of everything that
//! happens at the same moment, what comes in first counts.

mod end;
mod legs;
mod ring;

use std::collections::{HashMap, VecDeque};

use super::timers::Timer;
use super::{ConnectionId, Identity, Rooms};
use crate::pure::wire::{
    AccountId, ApiError, Call, CallId, CallMedia, CallState, ConversationId, DeviceId, ErrorCode,
    Event, Leg, Millis, SessionId, limits,
};

pub(super) const LEASE: Millis = Millis(limits::LEG_LEASE_MS);

const NO_CALL: ApiError = ApiError::new(ErrorCode::NotFound, "no such call");
const OVER: ApiError = ApiError::new(ErrorCode::Conflict, "the call is over");
const OTHER_DEVICE: ApiError = ApiError::new(ErrorCode::Conflict, "another device is in this call");

/// Calls in progress, and the last ones that ended.
#[derive(Debug, Default)]
pub(super) struct Calls {
    ongoing: HashMap<CallId, Ongoing>,
    /// The calls each account is a side of.
    engaged: HashMap<AccountId, Vec<CallId>>,
    ended: Ended,
    /// Ended, and not yet in the store because it could not take them.
    unsaved: Vec<Call>,
}

/// A call that rings or runs.
#[derive(Debug)]
struct Ongoing {
    id: CallId,
    conversation: ConversationId,
    media: CallMedia,
    caller: AccountId,
    callee: AccountId,
    /// Since when it runs; it rings until then.
    active: Option<Millis>,
    ringing_since: Millis,
    /// The caller's, then the callee's.
    legs: Vec<LegState>,
}

/// A device in a call.
#[derive(Debug)]
struct LegState {
    account: AccountId,
    device: DeviceId,
    /// Unknown after a restart, until it rejoins.
    session: Option<SessionId>,
    hold: Hold,
}

/// What keeps a leg in its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Connection(ConnectionId),
    /// Its connection is gone; it has until then to come back.
    Lease(Millis),
}

impl Ongoing {
    /// As clients and store see it.
    fn wire(&self) -> Call {
        let state = match self.active {
            Some(since) => CallState::Active { since },
            None => CallState::Ringing { since: self.ringing_since },
        };
        let legs = self.legs.iter().map(|leg| Leg {
            account: leg.account,
            device: leg.device,
            attached: matches!(leg.hold, Hold::Connection(_)),
        });
        Call {
            id: self.id,
            conversation: self.conversation,
            media: self.media,
            caller: self.caller,
            callee: self.callee,
            state,
            legs: legs.collect(),
        }
    }

    fn is_side(&self, account: AccountId) -> bool {
        account == self.caller || account == self.callee
    }

    fn leg(&self, who: Identity) -> Option<&LegState> {
        self.legs.iter().find(|leg| leg.account == who.account && leg.device == who.device)
    }

    fn leg_mut(&mut self, who: Identity) -> Option<&mut LegState> {
        self.legs.iter_mut().find(|leg| leg.account == who.account && leg.device == who.device)
    }
}

impl LegState {
    fn new(who: Identity, connection: ConnectionId) -> Self {
        Self {
            account: who.account,
            device: who.device,
            session: Some(who.session),
            hold: Hold::Connection(connection),
        }
    }
}

impl Calls {
    /// How many ring, and how many run.
    pub(super) fn count(&self) -> (usize, usize) {
        let active = self.ongoing.values().filter(|call| call.active.is_some()).count();
        (self.ongoing.len() - active, active)
    }
}

/// The last calls that ended, so that a late command learns how.
#[derive(Debug, Default)]
struct Ended {
    calls: HashMap<CallId, Call>,
    order: VecDeque<CallId>,
}

impl Ended {
    const KEPT: usize = 1_024;

    fn remember(&mut self, call: Call) {
        if self.order.len() == Self::KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.calls.remove(&oldest);
        }
        self.order.push_back(call.id);
        self.calls.insert(call.id, call);
    }

    /// The ended call, for its two sides.
    fn of(&self, id: CallId, account: AccountId) -> Option<&Call> {
        self.calls.get(&id).filter(|call| account == call.caller || account == call.callee)
    }
}

impl Calls {
    /// An account's calls in progress.
    pub(super) fn of(&self, account: AccountId) -> Vec<Call> {
        self.of_account(account).map(Ongoing::wire).collect()
    }

    fn of_account(&self, account: AccountId) -> impl Iterator<Item = &Ongoing> {
        let ids = self.engaged.get(&account).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.ongoing.get(id))
    }

    /// The call, for its two sides.
    fn of_side(&self, id: CallId, account: AccountId) -> Option<&Ongoing> {
        self.ongoing.get(&id).filter(|call| call.is_side(account))
    }

    /// All calls in progress.
    pub(super) fn all(&self) -> Vec<Call> {
        self.ongoing.values().map(Ongoing::wire).collect()
    }

    fn is_leg(&self, who: Identity) -> bool {
        self.of_account(who.account).any(|call| call.leg(who).is_some())
    }

    fn insert(&mut self, call: Ongoing) {
        for account in [call.caller, call.callee] {
            self.engaged.entry(account).or_default().push(call.id);
        }
        self.ongoing.insert(call.id, call);
    }

    fn remove(&mut self, id: CallId) -> Option<Ongoing> {
        let call = self.ongoing.remove(&id)?;
        for account in [call.caller, call.callee] {
            if let Some(ids) = self.engaged.get_mut(&account) {
                ids.retain(|other| *other != id);
                if ids.is_empty() {
                    self.engaged.remove(&account);
                }
            }
        }
        Some(call)
    }
}

impl Rooms {
    /// A call that was in progress when the server last stopped: its devices
    /// have a lease to come back.
    pub(super) fn resume_call(&mut self, now: Millis, call: Call) {
        let (active, ringing_since) = match call.state {
            CallState::Ringing { since } => (None, since),
            CallState::Active { since } => (Some(since), since),
            CallState::Ended { .. } => return,
        };
        let lease = now.plus(LEASE);
        let legs = call.legs.iter().map(|leg| {
            self.timers.set(lease, Timer::Lease(call.id, leg.device));
            LegState {
                account: leg.account,
                device: leg.device,
                session: None,
                hold: Hold::Lease(lease),
            }
        });
        let ongoing = Ongoing {
            id: call.id,
            conversation: call.conversation,
            media: call.media,
            caller: call.caller,
            callee: call.callee,
            active,
            ringing_since,
            legs: legs.collect(),
        };
        if active.is_none() {
            self.timers.set(ringing_since.plus(self.ring), Timer::Ring(call.id));
        }
        self.calls.insert(ongoing);
    }

    /// Tells both sides how the call is now.
    fn tell_call(&mut self, call: &Call) {
        let to = self.connections_of([call.caller, call.callee]);
        self.deliver(to, Event::Call { call: call.clone() });
    }
}
