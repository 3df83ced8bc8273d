//! What committed control events change here: members, roles, names, epochs.
//!
//! The store has checked them by the rules of `pure/e2ee`; this only follows.

use super::Rooms;
use super::entries::Told;
use crate::pure::e2ee::{Control, Hash, History, NewMember, Op, Transcript};
use crate::pure::wire::{
    AccountId, Blob, Conversation, ConversationId, Entry, Event, Member, MemberRole, Millis, Seq,
};

impl Rooms {
    /// A control event was committed; the first one makes its conversation.
    pub fn handle_control(&mut self, now: Millis, conversation: ConversationId, entry: Entry) {
        if self.conversations.find(conversation).is_some() {
            return self.take_entry(now, conversation, entry);
        }
        let told = Told::read(&entry);
        if let Some(control) = &told.control
            && let Op::Create { kind, name, history, members } = &control.op
        {
            let id = conversation;
            let transcript = Transcript::START.after(told.id, entry.seq);
            let conversation = Conversation {
                id,
                kind: *kind,
                name: name.clone(),
                members: members.iter().map(|member| founder(member, entry.seq)).collect(),
                created: entry.time,
                head: entry.seq,
                last: Some(entry),
                epoch: control.epoch,
                control: 1,
                rotation_required: false,
                transcript: Blob::from(transcript.0.as_bytes().to_vec()),
                knocks: Vec::new(),
            };
            self.open(conversation);
            self.keep_history(id, *history);
            for member in members {
                self.acquaint(id, member.account);
            }
            self.tell_conversation(id);
        }
    }

    /// The keys of these conversations must be renewed before anything else is sent.
    pub fn handle_rotation_required(&mut self, conversations: &[ConversationId]) {
        for id in conversations {
            if let Some(state) = self.conversations.find_mut(*id) {
                state.conversation.rotation_required = true;
                self.tell_conversation(*id);
            }
        }
    }

    /// There are new grants for these members.
    pub fn handle_granted(&mut self, conversation: ConversationId, accounts: &[AccountId]) {
        for account in accounts {
            self.answer_request(conversation, *account);
            let to = self.connections_of([*account]);
            self.deliver(to, Event::Grants { conversation });
        }
    }

    /// Follows an event that is not the first, or the first one of Everyone.
    pub(super) fn take_control(&mut self, id: ConversationId, control: &Control) {
        match &control.op {
            Op::Create { history, members, .. } => {
                self.keep_history(id, *history);
                self.take_members(id, members);
            }
            Op::Add { members } => self.take_members(id, members),
            Op::Join { member, link, .. } => {
                self.take_members(id, &[NewMember { via: Some(*link), ..*member }]);
            }
            Op::Role { account, role } => {
                if let Some(state) = self.conversations.find_mut(id)
                    && let Some(member) = state.member_mut(*account)
                {
                    member.role = *role;
                    if *role != MemberRole::Guest {
                        state.ways.remove(account);
                    }
                }
            }
            Op::Rename { name } => {
                if let Some(state) = self.conversations.find_mut(id) {
                    state.conversation.name = Some(name.clone());
                }
            }
            Op::Leave {} => {
                if let Some(state) = self.conversations.find_mut(id) {
                    state.conversation.rotation_required = true;
                    state.find_manager();
                }
            }
            Op::Remove { .. }
            | Op::Rotate {}
            | Op::LinkAdd { .. }
            | Op::LinkRevoke { .. }
            | Op::Readmit { .. } => {}
        }
        let Some(state) = self.conversations.find_mut(id) else { return };
        state.conversation.control = control.index + 1;
        if control.epoch > state.conversation.epoch {
            state.conversation.epoch = control.epoch;
            state.conversation.rotation_required = false;
        }
    }

    fn take_members(&mut self, id: ConversationId, members: &[NewMember]) {
        for member in members {
            self.take_member(id, member.account, member.role);
            if let (Some(link), Some(state)) = (member.via, self.conversations.find_mut(id)) {
                state.ways.insert(member.account, link);
            }
        }
    }

    fn keep_history(&mut self, id: ConversationId, history: History) {
        if let Some(state) = self.conversations.find_mut(id) {
            state.from_joining = history == History::SinceJoin;
        }
    }
}

impl super::conversations::ConversationState {
    /// Moves head, transcript and newest entry.
    pub(super) fn advance(&mut self, entry: &Entry, id: crate::pure::wire::EnvelopeId) {
        let before = Hash::try_from(self.conversation.transcript.as_ref())
            .map_or(Transcript::START, Transcript);
        let after = before.after(id, entry.seq);
        self.conversation.transcript = Blob::from(after.0.as_bytes().to_vec());
        self.conversation.head = entry.seq;
        self.conversation.last = Some(entry.clone());
    }

    /// When the last manager has left, the first member who is no guest becomes one.
    fn find_manager(&mut self) {
        let members = &mut self.conversation.members;
        if members.iter().all(|member| member.role != MemberRole::Manager)
            && let Some(next) = members.iter_mut().find(|m| m.role != MemberRole::Guest)
        {
            next.role = MemberRole::Manager;
        }
    }
}

fn founder(member: &NewMember, head: Seq) -> Member {
    Member { account: member.account, role: member.role, delivered: head, read: head }
}
