//! The chain of what one device sends to one conversation: each envelope counts
//! one further and names the one before.

use super::{Hash, Header};
use crate::pure::wire::EnvelopeId;

/// Where a device's chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The counter of the next envelope.
    pub n: u64,
    /// The id of the last one; zeros when there is none.
    pub prev: Hash,
}

/// Why an envelope does not continue a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    #[error("the counter was used before")]
    Replayed,
    #[error("envelopes are missing before this one")]
    Gap,
    #[error("the envelope before this one is another")]
    Prev,
}

impl Chain {
    /// Before the first envelope.
    pub const START: Self = Self { n: 0, prev: Hash::ZERO };

    /// The chain after an envelope with this counter and id.
    pub fn after(n: u64, id: EnvelopeId) -> Self {
        Self { n: n + 1, prev: Hash::new(*id.as_bytes()) }
    }

    /// Whether the envelope is the next one.
    pub fn check(&self, header: &Header) -> Result<(), BrokenChain> {
        if header.n < self.n {
            return Err(BrokenChain::Replayed);
        }
        if header.n > self.n {
            return Err(BrokenChain::Gap);
        }
        let continues = header.prev == self.prev;
        continues.then_some(()).ok_or(BrokenChain::Prev)
    }
}
