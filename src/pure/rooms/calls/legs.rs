//! Legs: which connection carries them, their leases, and what passes between them.

use super::super::commands::{STALE_EPOCH, UNREADABLE};
use super::super::connections::Asker;
use super::super::timers::Timer;
use super::super::{ConnectionId, Identity, Output, Recipients, Rooms};
use super::{Hold, LEASE, NO_CALL, OTHER_DEVICE, OVER, Ongoing};
use crate::pure::e2ee::{EnvelopeKind, Verified};
use crate::pure::wire::{
    ApiError, Blob, CallId, CallOutcome, DeviceId, ErrorCode, Event, Millis, Reply,
};

const NO_LEG: ApiError = ApiError::new(ErrorCode::NotFound, "no such leg of an active call");
const AWAY: ApiError = ApiError::new(ErrorCode::Conflict, "the other side is reconnecting");

impl Rooms {
    pub(in super::super) fn rejoin_call(&mut self, asker: Asker, who: Identity, id: CallId) {
        let Some(call) = self.calls.of_side(id, who.account) else {
            let error = if self.calls.ended.of(id, who.account).is_some() { OVER } else { NO_CALL };
            return self.refuse(asker, error);
        };
        if call.leg(who).is_none() {
            return self.refuse(asker, OTHER_DEVICE);
        }
        self.attach(asker, who, id);
    }

    /// Puts this device's leg on the asker's connection, and replies.
    pub(super) fn attach(&mut self, asker: Asker, who: Identity, id: CallId) {
        let Some(call) = self.calls.ongoing.get_mut(&id) else { return };
        let Some(leg) = call.leg_mut(who) else { return };
        leg.session = Some(who.session);
        let before = std::mem::replace(&mut leg.hold, Hold::Connection(asker.connection));
        let call = call.wire();
        self.reply(asker, Reply::Call { call: call.clone() });
        if let Hold::Lease(at) = before {
            self.timers.clear(at, Timer::Lease(id, who.device));
            self.tell_call(&call);
        }
    }

    /// A connection is gone: the legs it carried have a lease to come back.
    pub(in super::super) fn detach_legs(
        &mut self,
        now: Millis,
        connection: ConnectionId,
        who: Identity,
    ) {
        let at = now.plus(LEASE);
        let ids: Vec<_> = self.calls.of_account(who.account).map(|call| call.id).collect();
        for id in ids {
            let Some(call) = self.calls.ongoing.get_mut(&id) else { continue };
            let Some(leg) =
                call.legs.iter_mut().find(|leg| leg.hold == Hold::Connection(connection))
            else {
                continue;
            };
            leg.hold = Hold::Lease(at);
            self.timers.set(at, Timer::Lease(id, leg.device));
            let call = call.wire();
            self.tell_call(&call);
        }
    }

    /// A leg did not come back.
    pub(in super::super) fn lease_ran_out(&mut self, now: Millis, id: CallId, device: DeviceId) {
        let Some(call) = self.calls.ongoing.get(&id) else { return };
        let due = |leg: &super::LegState| {
            leg.device == device && matches!(leg.hold, Hold::Lease(at) if at <= now)
        };
        if call.legs.iter().any(due) {
            let ringing = call.active.is_none();
            let outcome = if ringing { CallOutcome::Cancelled } else { CallOutcome::Failed };
            self.finish(now, id, outcome, None);
        }
    }

    pub(in super::super) fn signal(
        &mut self,
        asker: Asker,
        who: Identity,
        id: CallId,
        to: DeviceId,
        envelope: &Verified,
    ) {
        let carrier = Hold::Connection(asker.connection);
        let call = self.calls.of_side(id, who.account).filter(|call| {
            call.active.is_some() && call.leg(who).is_some_and(|leg| leg.hold == carrier)
        });
        let Some(call) = call else { return self.refuse(asker, NO_LEG) };
        let header = envelope.header();
        if header.kind != EnvelopeKind::Signal || header.conversation != call.conversation {
            return self.refuse(asker, UNREADABLE);
        }
        let other = call.legs.iter().find(|leg| leg.device == to && leg.account != who.account);
        let Some(other) = other else { return self.refuse(asker, NO_LEG) };
        let Hold::Connection(connection) = other.hold else { return self.refuse(asker, AWAY) };
        let epoch = self.conversations.find(header.conversation).map(|s| s.conversation.epoch);
        if epoch != Some(header.epoch) {
            return self.refuse(asker, STALE_EPOCH);
        }
        let envelope = Blob(envelope.bytes().clone());
        let event = Event::Signal { call: id, from: who.device, envelope };
        self.deliver(Recipients::One(connection), event);
        self.reply(asker, Reply::Done);
    }

    pub(in super::super) fn relay_credentials(&mut self, asker: Asker, who: Identity, id: CallId) {
        let rung = |call: &Ongoing| call.active.is_none() && call.callee == who.account;
        let entitled = self
            .calls
            .of_side(id, who.account)
            .is_some_and(|call| call.leg(who).is_some() || rung(call));
        if !entitled {
            return self.refuse(asker, NO_CALL);
        }
        if let Some(reply) = asker.id {
            let connection = asker.connection;
            let session = who.session;
            self.outputs.push_back(Output::IssueRelay { connection, reply, call: id, session });
        }
    }
}
