//! Ringing: start, accept, decline, and nobody answers.

use super::super::commands::NO_CONVERSATION;
use super::super::connections::Asker;
use super::super::messages::Purpose;
use super::super::timers::Timer;
use super::super::{Identity, Operation, Rooms};
use super::{LegState, NO_CALL, OTHER_DEVICE, OVER, Ongoing};
use crate::pure::wire::{
    ApiError, CallId, CallMedia, CallOutcome, ConversationId, ErrorCode, Millis, Reply,
};

const NOT_TWO: ApiError = ApiError::new(ErrorCode::Forbidden, "calls are for two");
const CALLEE_DISABLED: ApiError = ApiError::new(ErrorCode::Forbidden, "the account is disabled");
const IN_CALL: ApiError = ApiError::new(ErrorCode::Conflict, "this device is in a call");
const ID_USED: ApiError = ApiError::new(ErrorCode::Conflict, "the call id is used");
const OWN_CALL: ApiError = ApiError::new(ErrorCode::Conflict, "only the callee may");

impl Rooms {
    pub(in super::super) fn start_call(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        id: CallId,
        conversation: ConversationId,
        media: CallMedia,
    ) {
        let caller = who.account;
        let Some(state) = self.conversations.of_member(conversation, caller) else {
            return self.refuse(asker, NO_CONVERSATION);
        };
        let Some(callee) = state.other(caller) else {
            return self.refuse(asker, NOT_TWO);
        };
        if self.answer_known_id(asker, who, id) {
            return;
        }
        if !self.is_enabled(callee) {
            return self.refuse(asker, CALLEE_DISABLED);
        }
        // Both call each other at the same moment: this accepts.
        let glare = self.calls.of_account(caller).find(|call| {
            call.conversation == conversation && call.callee == caller && call.active.is_none()
        });
        if let Some(id) = glare.map(|call| call.id) {
            return self.accept_call(now, asker, who, id);
        }
        if self.calls.is_leg(who) {
            return self.refuse(asker, IN_CALL);
        }
        let busy = self.calls.of_account(callee).next().is_some();
        self.calls.insert(Ongoing {
            id,
            conversation,
            media,
            caller,
            callee,
            active: None,
            ringing_since: now,
            legs: vec![LegState::new(who, asker.connection)],
        });
        if busy {
            let call = self.finish(now, id, CallOutcome::Busy, None);
            return self.reply_call(asker, call);
        }
        self.timers.set(now.plus(self.ring), Timer::Ring(id));
        self.call_changed(asker, id);
    }

    /// A repetition of `start_call` is answered with the call as it is;
    /// somebody else's id is taken.
    fn answer_known_id(&mut self, asker: Asker, who: Identity, id: CallId) -> bool {
        if let Some(call) = self.calls.ongoing.get(&id) {
            if call.caller != who.account || call.leg(who).is_none() {
                self.refuse(asker, ID_USED);
            } else {
                self.attach(asker, who, id);
            }
            return true;
        }
        if let Some(call) = self.calls.ended.calls.get(&id) {
            if call.caller == who.account {
                let call = call.clone();
                self.reply(asker, Reply::Call { call });
            } else {
                self.refuse(asker, ID_USED);
            }
            return true;
        }
        false
    }

    pub(in super::super) fn accept_call(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        id: CallId,
    ) {
        let Some(call) = self.calls.of_side(id, who.account) else {
            let error = if self.calls.ended.of(id, who.account).is_some() { OVER } else { NO_CALL };
            return self.refuse(asker, error);
        };
        if call.callee != who.account {
            return self.refuse(asker, OWN_CALL);
        }
        if call.leg(who).is_some() {
            // A repetition, perhaps on a new connection.
            return self.attach(asker, who, id);
        }
        if call.active.is_some() {
            return self.refuse(asker, OTHER_DEVICE);
        }
        if self.calls.is_leg(who) {
            return self.refuse(asker, IN_CALL);
        }
        let Some(call) = self.calls.ongoing.get_mut(&id) else { return };
        call.active = Some(now);
        call.legs.push(LegState::new(who, asker.connection));
        let ring_end = call.ringing_since.plus(self.ring);
        self.timers.clear(ring_end, Timer::Ring(id));
        self.call_changed(asker, id);
    }

    pub(in super::super) fn decline_call(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        id: CallId,
    ) {
        let Some(call) = self.calls.of_side(id, who.account) else {
            return self.answer_ended(asker, who, id);
        };
        if call.callee != who.account {
            return self.refuse(asker, OWN_CALL);
        }
        if call.active.is_some() {
            return self.refuse(asker, OTHER_DEVICE);
        }
        let call = self.finish(now, id, CallOutcome::Declined, Some(who.account));
        self.reply_call(asker, call);
    }

    pub(in super::super) fn ring_timed_out(&mut self, now: Millis, id: CallId) {
        self.finish(now, id, CallOutcome::Missed, None);
    }

    /// A call began or was answered: saves it, replies, and tells both sides.
    fn call_changed(&mut self, asker: Asker, id: CallId) {
        let Some(call) = self.calls.ongoing.get(&id).map(Ongoing::wire) else { return };
        self.store(Operation::SaveCall(call.clone()), Purpose::Nothing);
        self.reply(asker, Reply::Call { call: call.clone() });
        self.tell_call(&call);
    }
}
