//! Requests for grants: who cannot open an epoch asks, and one online member
//! after the other is asked to help, until one has or none is left.

use std::collections::HashSet;

use super::commands::NO_CONVERSATION;
use super::connections::Asker;
use super::timers::Timer;
use super::{Identity, Rooms};
use crate::pure::wire::{
    AccountId, ApiError, ConversationId, ErrorCode, Event, MemberRole, Millis, Reply, limits,
};

/// How long a member has to help before another is asked.
const PATIENCE: Millis = Millis(limits::GRANT_REQUEST_MS);

const NO_EPOCH: ApiError = ApiError::new(ErrorCode::NotFound, "no such epoch");

/// Who needs a grant where, and who has been asked for it.
pub(super) type Requests = std::collections::HashMap<(ConversationId, AccountId), Request>;

/// One member's wish.
#[derive(Debug)]
pub(super) struct Request {
    epoch: u32,
    asked: HashSet<AccountId>,
    /// When the next one is asked.
    at: Millis,
}

impl Rooms {
    pub(super) fn request_grant(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        epoch: u32,
    ) {
        let Some(state) = self.conversations.of_member(conversation, who.account) else {
            return self.refuse(asker, NO_CONVERSATION);
        };
        if !(1..=state.conversation.epoch).contains(&epoch) {
            return self.refuse(asker, NO_EPOCH);
        }
        self.reply(asker, Reply::Done);
        let key = (conversation, who.account);
        // A wish under way goes on; the one who is asked gives all that is missing.
        if let Some(request) = self.requests.get_mut(&key) {
            request.epoch = request.epoch.min(epoch);
            return;
        }
        self.requests.insert(key, Request { epoch, asked: HashSet::new(), at: now });
        self.ask_for_grant(now, conversation, who.account);
    }

    /// Asks the next online member.
    pub(super) fn ask_for_grant(
        &mut self,
        now: Millis,
        conversation: ConversationId,
        account: AccountId,
    ) {
        let Some(mut request) = self.requests.remove(&(conversation, account)) else { return };
        let Some(state) = self.conversations.of_member(conversation, account) else { return };
        let helper = state.conversation.members.iter().find(|member| {
            member.role != MemberRole::Guest
                && member.account != account
                && !request.asked.contains(&member.account)
                && self.person(member.account).is_some_and(|p| !p.connections.is_empty())
        });
        let Some(helper) = helper.map(|member| member.account) else { return };
        let event = Event::GrantRequest { conversation, epoch: request.epoch, account };
        self.deliver(self.connections_of([helper]), event);
        request.asked.insert(helper);
        request.at = now.plus(PATIENCE);
        self.timers.set(request.at, Timer::GrantRequest(conversation, account));
        self.requests.insert((conversation, account), request);
    }

    /// Somebody has helped.
    pub(super) fn answer_request(&mut self, conversation: ConversationId, account: AccountId) {
        if let Some(request) = self.requests.remove(&(conversation, account)) {
            self.timers.clear(request.at, Timer::GrantRequest(conversation, account));
        }
    }
}
