//! The transcript: one hash over all entries of a conversation in their order,
//! by which two members notice that the server shows them different histories.

use super::{Hash, label};
use crate::pure::wire::{AccountId, CallEnd, CallId, CallMedia, CallOutcome, EnvelopeId, Seq};

/// The transcript at some entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transcript(pub Hash);

impl Transcript {
    /// Before the first entry.
    pub const START: Self = Self(Hash::ZERO);

    /// The transcript once the entry with this id has got this number.
    #[must_use]
    pub fn after(self, id: EnvelopeId, seq: Seq) -> Self {
        let parts = [self.0.as_bytes().as_slice(), id.as_bytes(), &seq.0.to_be_bytes()];
        Self(label::hash("transcript", &parts))
    }
}

/// What stands for the id of an entry that the server wrote at the end of a call.
pub fn call_entry_id(
    call: CallId,
    caller: AccountId,
    media: CallMedia,
    end: CallEnd,
) -> EnvelopeId {
    let media = match media {
        CallMedia::Audio => 0,
        CallMedia::Video => 1,
    };
    let outcome = match end.outcome {
        CallOutcome::Completed => 0,
        CallOutcome::Declined => 1,
        CallOutcome::Cancelled => 2,
        CallOutcome::Missed => 3,
        CallOutcome::Busy => 4,
        CallOutcome::Failed => 5,
    };
    let duration = end.duration.0.to_be_bytes();
    let parts = [call.as_bytes().as_slice(), caller.as_bytes(), &[media, outcome], &duration];
    EnvelopeId::from_bytes(*label::hash("call-entry", &parts).as_bytes())
}
