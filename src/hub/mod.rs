//! The task that owns the rooms core: it feeds in commands and results, and
//! carries out what the core decides: store, deliver, close, revoke.
//!
//! Others hold a [`Hub`] handle. The outbox of a connection lives here; the
//! session keeps its reading end, so nothing imports upward. The hub never
//! waits on a client or disk: a full outbox closes that connection, which
//! resumes by sequence number.

mod alarm;
mod ended;
mod handle;
mod operations;
mod outbox;
mod task;

pub use handle::{Connection, Hub, Refused};
pub use outbox::{Outbox, Received};
pub use task::{Limits, Meter, Relay, start};

pub use crate::pure::rooms::{ConnectionId, Identity, Summary};
