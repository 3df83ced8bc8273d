//! History and accounts: domain operations, not SQL.
//!
//! [`Store`] is an enum over its backends (SQLite now, PostgreSQL later); one
//! match per operation, in `dispatch`. Writes go through one FIFO: a write
//! method **enqueues when it is called** and returns a future of the committed
//! result, so the order of calls is the order of commits. A full queue answers
//! `StoreError::Busy` at once.
//!
//! The store checks, inside the transaction, what must be true when it
//! commits: membership, uniqueness, use counts, roles. It knows nothing of
//! connections or calls in progress beyond the rows it keeps.

mod backup;
mod dispatch;
mod files;
mod pending;
mod sqlite;
mod types;

pub use backup::{Backup, BackupError};
pub use dispatch::Store;
pub use files::{FileError, FileReader, Files, Hold, Quotas, Span};
pub use pending::Pending;
pub use sqlite::{OpenError, Renewed, inspect, renew};
pub use types::*;
