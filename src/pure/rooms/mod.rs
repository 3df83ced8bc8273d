//! Every rule of conversations, presence and calls, as one state machine.

use crate::pure::wire::{AccountId, DeviceId, SessionId};

/// Names a connection; given by the shell, which may use the numbers again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who a connection belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub account: AccountId,
    pub device: DeviceId,
    pub session: SessionId,
}
