//! Messages: checked, stored, confirmed, then delivered. And what each store
//! operation under way is for.

use super::commands::{NO_CONVERSATION, NOT_NOW, TOO_LARGE};
use super::connections::Asker;
use super::{ConnectionId, Identity, Operation, RoomOperation, Rooms, Stored};
use crate::pure::wire::{
    AccountId, Body, Call, ConversationId, DeviceId, Entry, EntryContent, MessageId, Millis, Reply,
    SessionId, limits,
};

/// What to do with a result.
#[derive(Debug)]
pub(super) enum Purpose {
    Message(Box<Message>),
    Room { asker: Asker, conversation: ConversationId, by: AccountId, change: RoomOperation },
    Direct { asker: Asker },
    Call(Box<Call>),
    Session { connection: ConnectionId, session: SessionId },
    Nothing,
}

/// A message that waits for its number.
#[derive(Debug)]
pub(super) struct Message {
    asker: Asker,
    conversation: ConversationId,
    id: MessageId,
    sender: AccountId,
    device: DeviceId,
    body: Body,
}

impl Rooms {
    pub(super) fn send(
        &mut self,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        id: MessageId,
        body: Body,
    ) {
        if self.conversations.of_member(conversation, who.account).is_none() {
            return self.refuse(asker, NO_CONVERSATION);
        }
        if body.data.len() > limits::BODY_BYTES {
            return self.refuse(asker, TOO_LARGE);
        }
        let (sender, device) = (who.account, who.device);
        let operation =
            Operation::Append { conversation, message: id, sender, device, body: body.clone() };
        let message = Message { asker, conversation, id, sender, device, body };
        self.store(operation, Purpose::Message(Box::new(message)));
    }

    /// The result of the oldest operation under way.
    pub fn handle_stored(&mut self, now: Millis, stored: Stored) {
        let purpose = self.purposes.pop_front().expect("each result has its operation");
        match purpose {
            Purpose::Message(message) => self.message_stored(now, *message, stored),
            Purpose::Room { asker, conversation, by, change } => {
                self.room_changed(now, asker, conversation, by, change, stored);
            }
            Purpose::Direct { asker } => self.direct_opened(asker, stored),
            Purpose::Call(call) => self.call_stored(now, *call, stored),
            Purpose::Session { connection, session } => {
                self.session_stored(now, connection, session, stored);
            }
            Purpose::Nothing => {}
        }
    }

    fn message_stored(&mut self, now: Millis, message: Message, stored: Stored) {
        let Message { asker, conversation, id, sender, device, body } = message;
        let (seq, time, duplicate) = match stored {
            Stored::Appended { seq, time, duplicate } => (seq, time, duplicate),
            Stored::Refused(error) => return self.refuse(asker, error),
            Stored::Failed => return self.refuse(asker, NOT_NOW),
            Stored::Entry(_)
            | Stored::Room { .. }
            | Stored::Conversation(_)
            | Stored::Expires(_)
            | Stored::Done => {
                unreachable!("a message is answered by its place")
            }
        };
        self.reply(asker, Reply::Sent { message: id, seq, time });
        if !duplicate {
            let content = EntryContent::Message { id, sender, device, body };
            self.take_entry(now, conversation, Entry { seq, time, content });
        }
    }
}
