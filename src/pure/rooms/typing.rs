//! Who is writing. Nothing is kept: clients let it fade.

use super::connections::Asker;
use super::{Identity, Rooms};
use crate::pure::wire::{ConversationId, Event, Reply};

impl Rooms {
    pub(super) fn typing(&mut self, asker: Asker, who: Identity, conversation: ConversationId) {
        let Some(state) = self.conversations.of_member(conversation, who.account) else {
            return self.refuse(asker, super::commands::NO_CONVERSATION);
        };
        let others = state.members().filter(|account| *account != who.account);
        let to = self.connections_of(others);
        self.deliver_lossy(to, Event::Typing { conversation, account: who.account });
        self.reply(asker, Reply::Done);
    }
}
