//! Copying the database while it is in use, giving a copy a life of its own, and how large all is.

use std::fs::{self, File};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OpenFlags};

use super::SqliteStore;
use super::migrations::random;
use super::open::{self, OpenError, private};
use super::writer::failed;
use crate::pure::wire::FileId;
use crate::store::{StoreError, Usage};

impl SqliteStore {
    /// Copies everything that is committed into this file, compact and without
    /// its log, and tells which finished files it knows. Takes a connection of
    /// its own, so that it holds up neither writes nor reads. The file has lost
    /// its name by then: nothing is left of a copy that fails or that nobody waits for.
    pub(in crate::store) async fn snapshot(
        &self,
        into: &Path,
    ) -> Result<(File, Vec<FileId>), StoreError> {
        let (from, into) = (self.0.path.clone(), into.to_owned());
        let copied = tokio::task::spawn_blocking(move || copy(&from, &into)).await;
        copied.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string().into())))
    }
}

impl SqliteStore {
    /// How much there is on the disk.
    pub(in crate::store) async fn usage(&self) -> Result<Usage, StoreError> {
        let log = self.0.path.with_extension("db-wal");
        let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let database = size(&self.0.path) + size(&log);
        let counted = self.read(|connection| {
            let one = |sql| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
            Ok([
                one("SELECT coalesce(sum(stored), 0) FROM files")?,
                one("SELECT count(*) FROM files")?,
                one("SELECT coalesce(sum(head), 0) FROM conversations")?,
            ])
        });
        let [files, file_count, entries] = counted.await?.map(i64::unsigned_abs);
        Ok(Usage { database, files, file_count, entries })
    }
}

fn copy(from: &Path, into: &Path) -> Result<(File, Vec<FileId>), StoreError> {
    let unusable = |error| StoreError::Failed(format!("{}: {error}", into.display()).into());
    // SQLite copies into an empty file, which so far nobody else can read.
    let file = private(into).map_err(unusable)?;
    let emptied = file.set_len(0);
    let copied = emptied.map_err(unusable).and_then(|()| vacuum(from, into));
    fs::remove_file(into).map_err(unusable)?;
    Ok((file, copied?))
}

/// Copies a database into an empty one.
fn vacuum(from: &Path, into: &Path) -> Result<Vec<FileId>, StoreError> {
    let run = || -> rusqlite::Result<Vec<FileId>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(from, flags)?;
        source.busy_timeout(std::time::Duration::from_secs(5))?;
        source.execute("VACUUM INTO ?1", (into.to_string_lossy(),))?;
        let copy = Connection::open_with_flags(into, flags)?;
        let mut files = copy.prepare("SELECT id FROM files WHERE finished = 1 ORDER BY id")?;
        files.query_map((), |row| row.get(0))?.collect()
    };
    run().map_err(|error| failed(&error))
}

/// What a database is after [`renew`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewed {
    pub accounts: u64,
}

/// Checks a copied database and has it begin anew: with another epoch, so that
/// clients void what they hold, and without what belonged to the moment of the
/// copy. Sessions end, because one that was revoked since must not come back, and so do links
/// for a new password, because one that was used since must not work again.
pub fn renew(path: &Path) -> Result<Renewed, OpenError> {
    let opened = open::open(path)?;
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    drop(opened.readers);
    let connection = opened.writer;
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).map_err(database)?;
    if verdict != "ok" {
        return Err(OpenError::Damaged { path: path.to_owned(), verdict });
    }
    let renewed = begin_anew(&connection).map_err(database)?;
    // The file alone must hold everything from now on.
    let left: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))
        .map_err(database)?;
    match left {
        0 => Ok(renewed),
        _ => Err(OpenError::InUse { path: path.to_owned() }),
    }
}

fn begin_anew(connection: &Connection) -> rusqlite::Result<Renewed> {
    let transaction = connection.unchecked_transaction()?;
    let epoch = URL_SAFE_NO_PAD.encode(random());
    transaction.execute("UPDATE meta SET value = ?1 WHERE key = 'epoch'", (epoch,))?;
    transaction.execute("DELETE FROM sessions", ())?;
    transaction.execute("DELETE FROM resets", ())?;
    transaction.execute("DELETE FROM calls", ())?;
    transaction.execute("DELETE FROM files WHERE finished = 0", ())?;
    let accounts: i64 =
        transaction.query_row("SELECT count(*) FROM accounts", (), |row| row.get(0))?;
    transaction.commit()?;
    Ok(Renewed { accounts: accounts.unsigned_abs() })
}
