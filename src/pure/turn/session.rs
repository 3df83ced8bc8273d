//! The sessions that have allocations, in whichever calls.

use super::allocation::AllocationId;
use super::bucket::Bucket;
use crate::pure::wire::SessionId;

/// One session's allocations and what it may send.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) allocations: Vec<AllocationId>,
    pub(super) sent: Bucket,
}
