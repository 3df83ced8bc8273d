//! The sessions that have allocations, in whichever calls.

use super::allocation::AllocationId;
use super::budget::Share;
use crate::pure::wire::SessionId;

/// One session's allocations in this shard, and what they may send.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) allocations: Vec<AllocationId>,
    pub(super) sent: Share,
}
