//! SQLite: one writer thread with group commit, a read connection per core.
//!
//! Durability is not negotiable: WAL with `synchronous=FULL`, so an answered
//! write survives a power cut. Public ids stay outside; rows refer to each
//! other by integer keys. One file per noun holds its operations and their SQL.

mod accounts;
mod acts;
mod avatars;
mod backup;
mod calls;
mod column;
mod control;
mod conversations;
mod entries;
mod files;
mod grants;
mod guests;
mod inspect;
mod invites;
mod keys;
mod links;
mod migrations;
mod open;
mod overview;
mod passkeys;
mod readers;
mod resets;
mod sessions;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use self::readers::Readers;
use self::sessions::Touched;
use self::writer::{Fault, Writer};
use super::{Pending, Refusal, StoreError};

pub use self::backup::{Renewed, renew};
pub use self::inspect::inspect;
pub use self::open::OpenError;

/// A handle to an open database.
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Inner>);

/// Dropped in this order: the last write is committed before the lock is given up.
#[derive(Debug)]
struct Inner {
    writer: Writer,
    readers: Readers,
    touched: Touched,
    path: PathBuf,
    _lock: File,
}

/// A write's result to come: the inner error is the client's fault.
type Write<T> = Pending<Result<T, Refusal>>;

impl SqliteStore {
    /// Opens the file, and makes or migrates the database when needed.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let opened = open::open(path)?;
        let threads = |source| OpenError::Threads { source };
        Ok(Self(Arc::new(Inner {
            writer: Writer::start(opened.writer).map_err(threads)?,
            readers: Readers::start(opened.readers).map_err(threads)?,
            touched: Touched::default(),
            path: path.to_owned(),
            _lock: opened.lock,
        })))
    }

    /// Resolves with the cause when the disk can no longer be trusted.
    pub(super) async fn broken(&self) -> Arc<str> {
        let mut broken = self.0.writer.broken();
        match broken.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(cause)) => cause.clone(),
            Ok(None) | Err(_) => "the store's writer has stopped".into(),
        }
    }

    /// Goes the whole way to the disk and back. The row must change each time:
    /// SQLite does not write a page that stays as it is.
    pub(super) async fn probe(&self) -> Result<(), StoreError> {
        let written = self.write(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES ('probe', '0') ON CONFLICT (key)
                     DO UPDATE SET value = CASE value WHEN '0' THEN '1' ELSE '0' END",
                )?
                .execute(())?;
            Ok(())
        });
        written.await.map(|_| ())
    }

    fn write<T, F>(&self, work: F) -> Write<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.0.writer.write(work)
    }

    fn read<T, F>(&self, work: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.0.readers.read(work)
    }
}
