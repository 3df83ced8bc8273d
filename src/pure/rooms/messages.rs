//! Envelopes of content: stored, confirmed, then delivered. And what each
//! store operation under way is for.

use super::commands::{NOT_NOW, UNREADABLE};
use super::connections::Asker;
use super::{ConnectionId, Operation, Rooms, Stored};
use crate::pure::e2ee::{EnvelopeKind, Verified};
use crate::pure::wire::{Blob, Call, Entry, EntryContent, Millis, Reply, SessionId};

/// What to do with a result.
#[derive(Debug)]
pub(super) enum Purpose {
    Envelope { asker: Asker, envelope: Box<Verified> },
    Call(Box<Call>),
    Session { connection: ConnectionId, session: SessionId },
    Nothing,
}

impl Rooms {
    /// Everything else is for the store to look at: what was stored before is confirmed to
    /// whoever sends it again, former members too.
    pub(super) fn send(&mut self, asker: Asker, envelope: Verified) {
        if envelope.header().kind != EnvelopeKind::Content {
            return self.refuse(asker, UNREADABLE);
        }
        let operation = Operation::Append(envelope.clone());
        self.store(operation, Purpose::Envelope { asker, envelope: Box::new(envelope) });
    }

    /// The result of the oldest operation under way.
    pub fn handle_stored(&mut self, now: Millis, stored: Stored) {
        let purpose = self.purposes.pop_front().expect("each result has its operation");
        match purpose {
            Purpose::Envelope { asker, envelope } => {
                self.envelope_stored(now, asker, &envelope, stored);
            }
            Purpose::Call(call) => self.call_stored(now, *call, stored),
            Purpose::Session { connection, session } => {
                self.session_stored(now, connection, session, stored);
            }
            Purpose::Nothing => {}
        }
    }

    fn envelope_stored(&mut self, now: Millis, asker: Asker, envelope: &Verified, stored: Stored) {
        let (seq, time, duplicate) = match stored {
            Stored::Appended { seq, time, duplicate } => (seq, time, duplicate),
            Stored::Refused(error) => return self.refuse(asker, error),
            Stored::Failed => return self.refuse(asker, NOT_NOW),
            Stored::Entry(_) | Stored::Expires(_) | Stored::Done => {
                unreachable!("an envelope is answered by its place")
            }
        };
        self.reply(asker, Reply::Sent { id: envelope.id(), seq, time });
        if !duplicate {
            let conversation = envelope.header().conversation;
            let envelope = Blob(envelope.bytes().clone());
            let content = EntryContent::Envelope { envelope };
            self.take_entry(now, conversation, Entry { seq, time, content });
        }
    }
}
