//! How far everyone has come: watermarks that only rise, told at once and
//! saved in batches. Losing the last second of them is harmless.

use std::collections::BTreeSet;

use super::connections::Asker;
use super::messages::Purpose;
use super::timers::Timer;
use super::{Identity, Operation, Rooms, Watermark};
use crate::pure::wire::{AccountId, ConversationId, Event, Millis, Reply, Seq};

/// How long watermarks gather before they are saved.
pub(super) const GATHER: Millis = Millis(1_000);

/// Whose watermarks are ahead of the store's.
pub(super) type Unsaved = BTreeSet<(ConversationId, AccountId)>;

impl Rooms {
    pub(super) fn receipt(
        &mut self,
        now: Millis,
        asker: Asker,
        who: Identity,
        conversation: ConversationId,
        (delivered, read): (Option<Seq>, Option<Seq>),
    ) {
        let account = who.account;
        let Some(state) = self.conversations.of_member_mut(conversation, account) else {
            return self.refuse(asker, super::commands::NO_CONVERSATION);
        };
        let head = state.conversation.head;
        let Some(member) = state.member_mut(account) else { return };
        let read = member.read.max(read.unwrap_or_default().min(head));
        let delivered = member.delivered.max(delivered.unwrap_or_default().min(head)).max(read);
        if (delivered, read) != (member.delivered, member.read) {
            (member.delivered, member.read) = (delivered, read);
            let to = state.audience();
            self.deliver(to, Event::Receipt { conversation, account, delivered, read });
            if self.unsaved.is_empty() {
                self.timers.set(now.plus(GATHER), Timer::Watermarks);
            }
            self.unsaved.insert((conversation, account));
        }
        self.reply(asker, Reply::Done);
    }

    pub(super) fn save_watermarks(&mut self) {
        let watermarks: Vec<_> = std::mem::take(&mut self.unsaved)
            .into_iter()
            .filter_map(|(conversation, account)| {
                let member = self.conversations.find(conversation)?.member(account)?;
                let (delivered, read) = (member.delivered, member.read);
                Some(Watermark { conversation, account, delivered, read })
            })
            .collect();
        if !watermarks.is_empty() {
            self.store(Operation::SaveWatermarks(watermarks), Purpose::Nothing);
        }
    }
}
