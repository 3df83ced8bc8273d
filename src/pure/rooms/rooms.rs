//! The rules of changing conversations: who may make, rename, fill and leave
//! rooms. The store checks once more what has changed in between.

use super::commands::{FIXED, NO_ACCOUNT, NO_CONVERSATION, NOT_NOW};
use super::connections::Asker;
use super::conversations::ConversationState;
use super::messages::Purpose;
use super::{Identity, Operation, RoomOperation, Rooms, Stored};
use crate::pure::wire::{
    AccountId, ApiError, Conversation, ConversationId, ConversationKind, Entry, ErrorCode, Member,
    MemberRole, Millis, Name, Reply, limits,
};

const NOT_MANAGER: ApiError =
    ApiError::new(ErrorCode::Forbidden, "only managers of the room and admins may");
const TOO_MANY: ApiError = ApiError::new(ErrorCode::TooLarge, "too many members");
const ID_USED: ApiError = ApiError::new(ErrorCode::Conflict, "the conversation id is used");
const ONESELF: ApiError = ApiError::new(ErrorCode::BadRequest, "not with oneself");
const DISABLED: ApiError = ApiError::new(ErrorCode::Forbidden, "the account is disabled");

impl Rooms {
    pub(super) fn create_room(
        &mut self,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        name: Name,
        mut members: Vec<AccountId>,
    ) {
        if members.len() > limits::ROOM_MEMBERS {
            return self.refuse(asker, TOO_MANY);
        }
        members.sort_unstable();
        members.dedup();
        members.retain(|member| *member != who.account);
        if members.len() >= limits::ROOM_MEMBERS {
            return self.refuse(asker, TOO_MANY);
        }
        if let Some(error) = self.not_addable(&members) {
            return self.refuse(asker, error);
        }
        // Whether the id is free, or this a repetition, is the store's to know.
        self.change(asker, who, conversation, RoomOperation::Create { name, members });
    }

    pub(super) fn rename_room(
        &mut self,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        name: Name,
    ) {
        let allowed = self.room(who, conversation).and_then(|room| self.manages(who, room));
        match allowed {
            Ok(()) => self.change(asker, who, conversation, RoomOperation::Rename { name }),
            Err(error) => self.refuse(asker, error),
        }
    }

    pub(super) fn add_members(
        &mut self,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        mut accounts: Vec<AccountId>,
    ) {
        let room = match self.room(who, conversation) {
            Ok(room) => room,
            Err(error) => return self.refuse(asker, error),
        };
        if accounts.len() > limits::ROOM_MEMBERS {
            return self.refuse(asker, TOO_MANY);
        }
        accounts.sort_unstable();
        accounts.dedup();
        accounts.retain(|account| room.member(*account).is_none());
        if room.conversation.members.len() + accounts.len() > limits::ROOM_MEMBERS {
            return self.refuse(asker, TOO_MANY);
        }
        if let Some(error) = self.not_addable(&accounts) {
            return self.refuse(asker, error);
        }
        if accounts.is_empty() {
            return self.reply(asker, Reply::Done);
        }
        self.change(asker, who, conversation, RoomOperation::Add { accounts });
    }

    pub(super) fn remove_member(
        &mut self,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        account: AccountId,
    ) {
        let allowed = self.room(who, conversation).and_then(|room| {
            self.manages(who, room)?;
            if account == who.account {
                return Err(ONESELF);
            }
            room.member(account).map(|_| ()).ok_or(NO_ACCOUNT)
        });
        match allowed {
            Ok(()) => self.change(asker, who, conversation, RoomOperation::Remove { account }),
            Err(error) => self.refuse(asker, error),
        }
    }

    pub(super) fn leave_room(&mut self, asker: Asker, who: Identity, conversation: ConversationId) {
        match self.room(who, conversation) {
            Ok(_) => self.change(asker, who, conversation, RoomOperation::Leave),
            Err(error) => self.refuse(asker, error),
        }
    }

    pub(super) fn open_direct(&mut self, asker: Asker, who: Identity, account: AccountId) {
        if account == who.account {
            return self.refuse(asker, ONESELF);
        }
        if let Some(state) = self.conversations.direct(who.account, account) {
            let conversation = state.conversation.clone();
            return self.reply(asker, Reply::Conversation { conversation });
        }
        if let Some(error) = self.not_addable(&[account]) {
            return self.refuse(asker, error);
        }
        let operation = Operation::OpenDirect { a: who.account, b: account };
        self.store(operation, Purpose::Direct { asker });
    }

    pub(super) fn direct_opened(&mut self, asker: Asker, stored: Stored) {
        let conversation = match stored {
            Stored::Conversation(conversation) => conversation,
            Stored::Refused(error) => return self.refuse(asker, error),
            Stored::Failed => return self.refuse(asker, NOT_NOW),
            Stored::Appended { .. }
            | Stored::Entry(_)
            | Stored::Room { .. }
            | Stored::Expires(_)
            | Stored::Done => {
                unreachable!("opening is answered by the conversation")
            }
        };
        let id = conversation.id;
        if self.conversations.find(id).is_none() {
            self.open(conversation);
            self.tell_conversation(id);
        }
        self.reply_conversation(asker, id);
    }

    pub(super) fn room_changed(
        &mut self,
        now: Millis,
        asker: Asker,
        conversation: ConversationId,
        by: AccountId,
        change: RoomOperation,
        stored: Stored,
    ) {
        let (entry, promoted) = match stored {
            Stored::Room { entry, promoted } => (entry, promoted),
            Stored::Refused(error) => return self.refuse(asker, error),
            Stored::Failed => return self.refuse(asker, NOT_NOW),
            Stored::Appended { .. }
            | Stored::Entry(_)
            | Stored::Conversation(_)
            | Stored::Expires(_)
            | Stored::Done => {
                unreachable!("a change is answered by its entry")
            }
        };
        match change {
            RoomOperation::Create { name, members } => {
                // A repetition is answered with the room as it is, to its members.
                if self.conversations.find(conversation).is_none() {
                    self.open(created(conversation, by, name, members, entry));
                    self.tell_conversation(conversation);
                } else if self.conversations.of_member(conversation, by).is_none() {
                    return self.refuse(asker, ID_USED);
                }
                self.reply_conversation(asker, conversation);
            }
            RoomOperation::Rename { .. }
            | RoomOperation::Add { .. }
            | RoomOperation::Remove { .. }
            | RoomOperation::Leave => {
                self.reply(asker, Reply::Done);
                self.take_entry(now, conversation, entry);
            }
        }
        if let Some(manager) = promoted {
            self.handle_promoted(&[(conversation, manager)]);
        }
    }

    /// Rooms whose last manager who could act is gone have these now.
    pub fn handle_promoted(&mut self, promoted: &[(ConversationId, AccountId)]) {
        for (room, manager) in promoted {
            let state = self.conversations.find_mut(*room);
            let Some(member) = state.and_then(|state| state.member_mut(*manager)) else { continue };
            member.role = MemberRole::Manager;
            self.tell_conversation(*room);
        }
    }

    fn change(
        &mut self,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        change: RoomOperation,
    ) {
        let by = who.account;
        let operation = Operation::ChangeRoom { conversation, by, change: change.clone() };
        self.store(operation, Purpose::Room { asker, conversation, by, change });
    }

    fn reply_conversation(&mut self, asker: Asker, id: ConversationId) {
        if let Some(state) = self.conversations.find(id) {
            let conversation = state.conversation.clone();
            self.reply(asker, Reply::Conversation { conversation });
        }
    }

    /// The room, if it is one and the asker is in it.
    fn room(&self, who: Identity, id: ConversationId) -> Result<&ConversationState, ApiError> {
        let state = self.conversations.of_member(id, who.account).ok_or(NO_CONVERSATION)?;
        match state.conversation.kind {
            ConversationKind::Room => Ok(state),
            ConversationKind::Everyone | ConversationKind::Direct => Err(FIXED),
        }
    }

    fn manages(&self, who: Identity, room: &ConversationState) -> Result<(), ApiError> {
        let manager = room.member(who.account).is_some_and(|m| m.role == MemberRole::Manager);
        if manager || self.is_admin(who.account) { Ok(()) } else { Err(NOT_MANAGER) }
    }

    /// Why one of them cannot be brought into a conversation.
    fn not_addable(&self, accounts: &[AccountId]) -> Option<ApiError> {
        accounts.iter().find_map(|account| {
            let person = self.person(*account);
            match person {
                None => Some(NO_ACCOUNT),
                Some(person) if person.account.disabled => Some(DISABLED),
                Some(_) => None,
            }
        })
    }
}

/// A room at its first entry.
fn created(
    id: ConversationId,
    by: AccountId,
    name: Name,
    members: Vec<AccountId>,
    entry: Entry,
) -> Conversation {
    let head = entry.seq;
    let member = |account, role| Member { account, role, delivered: head, read: head };
    let manager = member(by, MemberRole::Manager);
    let others = members.into_iter().map(|account| member(account, MemberRole::Member));
    Conversation {
        id,
        kind: ConversationKind::Room,
        name: Some(name),
        members: std::iter::once(manager).chain(others).collect(),
        created: entry.time,
        head,
        last: Some(entry),
    }
}
