//! How calls end: once, told to both sides, kept as an entry.

use super::super::connections::Asker;
use super::super::messages::Purpose;
use super::super::timers::Timer;
use super::super::{Identity, Operation, Output, Rooms, Stored};
use super::{Hold, NO_CALL};
use crate::pure::wire::{
    AccountId, ApiError, Call, CallEnd, CallId, CallOutcome, CallState, ConversationId, ErrorCode,
    Millis, Reply, SessionId,
};

/// How long to wait before an entry that could not be stored is tried again.
const RETRY: Millis = Millis(1_000);

const NOT_LEG: ApiError = ApiError::new(ErrorCode::Forbidden, "only a device in the call may");

impl Rooms {
    pub(in super::super) fn end_call(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        id: CallId,
        failed: bool,
    ) {
        let Some(call) = self.calls.of_side(id, who.account) else {
            return self.answer_ended(asker, who, id);
        };
        if call.leg(who).is_none() {
            return self.refuse(asker, NOT_LEG);
        }
        let outcome = match (failed, call.active) {
            (true, _) => CallOutcome::Failed,
            (false, Some(_)) => CallOutcome::Completed,
            (false, None) => CallOutcome::Cancelled,
        };
        let by = (!failed).then_some(who.account);
        let call = self.finish(now, id, outcome, by);
        self.reply_call(asker, call);
    }

    /// Who wants a call to be over learns how it ended, if it has already.
    pub(super) fn answer_ended(&mut self, asker: Asker, who: Identity, id: CallId) {
        match self.calls.ended.of(id, who.account).cloned() {
            Some(call) => self.reply(asker, Reply::Call { call }),
            None => self.refuse(asker, NO_CALL),
        }
    }

    pub(super) fn reply_call(&mut self, asker: Asker, call: Option<Call>) {
        if let Some(call) = call {
            self.reply(asker, Reply::Call { call });
        }
    }

    /// Ends a call, if it has not ended before.
    pub(super) fn finish(
        &mut self,
        now: Millis,
        id: CallId,
        outcome: CallOutcome,
        by: Option<AccountId>,
    ) -> Option<Call> {
        let ongoing = self.calls.remove(id)?;
        self.timers.clear(ongoing.ringing_since.plus(self.ring), Timer::Ring(id));
        for leg in &ongoing.legs {
            if let Hold::Lease(at) = leg.hold {
                self.timers.clear(at, Timer::Lease(id, leg.device));
            }
        }
        let duration = ongoing.active.map(|since| now.since(since)).unwrap_or_default();
        let mut call = ongoing.wire();
        call.state = CallState::Ended { end: CallEnd { outcome, duration, relayed: None }, by };
        self.tell_call(&call);
        self.outputs.push_back(Output::RevokeCall(id));
        self.calls.ended.remember(call.clone());
        self.save_ended_call(call.clone());
        Some(call)
    }

    fn save_ended_call(&mut self, call: Call) {
        self.store(Operation::AppendCall(call.clone()), Purpose::Call(Box::new(call)));
    }

    pub(in super::super) fn call_stored(&mut self, now: Millis, call: Call, stored: Stored) {
        match stored {
            Stored::Entry(entry) => self.take_entry(now, call.conversation, entry),
            // An old id used again: its entry stands, this one has no place.
            Stored::Refused(_) => {}
            Stored::Failed => {
                if self.calls.unsaved.is_empty() {
                    self.timers.set(now.plus(RETRY), Timer::EndedCalls);
                }
                self.calls.unsaved.push(call);
            }
            Stored::Appended { .. } | Stored::Expires(_) | Stored::Done => {
                unreachable!("an ended call is answered by its entry")
            }
        }
    }

    /// Tries the entries again that could not be stored.
    pub(in super::super) fn save_ended_calls(&mut self) {
        for call in std::mem::take(&mut self.calls.unsaved) {
            self.save_ended_call(call);
        }
    }

    /// A session is over, and with it the legs it had.
    pub(in super::super) fn end_legs_of(&mut self, now: Millis, session: SessionId) {
        let mut left: Vec<_> = self
            .calls
            .ongoing
            .values()
            .filter_map(|call| {
                let leg = call.legs.iter().find(|leg| leg.session == Some(session))?;
                Some((call.id, leg.account, call.active.is_some()))
            })
            .collect();
        left.sort_unstable();
        for (id, account, active) in left {
            let outcome = if active { CallOutcome::Completed } else { CallOutcome::Cancelled };
            self.finish(now, id, outcome, Some(account));
        }
    }

    /// Somebody is no longer in a conversation, and so in no call of it.
    pub(in super::super) fn end_calls_in(
        &mut self,
        now: Millis,
        conversation: ConversationId,
        account: AccountId,
    ) {
        let of_it = self.calls.of_account(account).filter(|c| c.conversation == conversation);
        let calls: Vec<_> = of_it.map(|call| (call.id, call.active.is_some())).collect();
        for (id, active) in calls {
            let outcome = if active { CallOutcome::Completed } else { CallOutcome::Cancelled };
            self.finish(now, id, outcome, Some(account));
        }
    }

    /// An account was disabled: what rings for it or from it stops.
    pub(in super::super) fn end_rings_of(&mut self, now: Millis, account: AccountId) {
        let rings: Vec<_> = self
            .calls
            .of_account(account)
            .filter(|call| call.active.is_none())
            .map(|call| call.id)
            .collect();
        for id in rings {
            self.finish(now, id, CallOutcome::Failed, None);
        }
    }
}
