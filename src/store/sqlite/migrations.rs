//! Brings the schema to the version this program knows.
//!
//! Numbered SQL texts, each run once and remembered with its checksum, all
//! pending ones in one exclusive transaction. A database that is not new is
//! copied first. Only ever append here: a text that has shipped never changes.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SecureRandom;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sha2::{Digest, Sha256};

use super::open::{OpenError, private};
use crate::pure::wire::ConversationId;

/// The texts; the first is number 1.
const MIGRATIONS: &[&str] = &[
    include_str!("sql/0001_first.sql"),
    include_str!("sql/0002_files.sql"),
    include_str!("sql/0003_guests.sql"),
    include_str!("sql/0004_passkeys.sql"),
    include_str!("sql/0005_acts.sql"),
];

/// The checksum of the first text before messages were sealed; that version was never released.
const READABLE: [u8; 32] = [
    0xdf, 0xd9, 0x8c, 0x7b, 0xe8, 0xab, 0x1d, 0x18, 0xf5, 0xcc, 0x24, 0x7c, 0x95, 0xb2, 0x24, 0x66,
    0xb2, 0xad, 0x79, 0x47, 0xb8, 0xdc, 0xf5, 0x9f, 0x43, 0x6b, 0x3b, 0xb4, 0x7a, 0xdc, 0x1a, 0xec,
];

/// Migrates, or refuses a database that is newer or different.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    migrate(connection, path, MIGRATIONS)
}

fn migrate(connection: &mut Connection, path: &Path, texts: &[&str]) -> Result<(), OpenError> {
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    let found = version(connection).map_err(database)?;
    let known = number(texts.len());
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    // The lock is held, so nobody migrates between the copy and the transaction.
    if found > 0 && found < known {
        back_up(connection, path, found)?;
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Exclusive).map_err(database)?;
    for (index, text) in texts.iter().enumerate() {
        let number = number(index + 1);
        let checksum = Sha256::digest(text);
        if number > found {
            apply(&transaction, number, text, &checksum).map_err(database)?;
        } else if !is_same(&transaction, number, &checksum).map_err(database)? {
            if is_same(&transaction, 1, &READABLE).map_err(database)? {
                return Err(OpenError::Readable { path: path.to_owned() });
            }
            return Err(OpenError::Differs { path: path.to_owned(), number });
        }
    }
    if found == 0 {
        settle(&transaction).map_err(database)?;
    }
    transaction.commit().map_err(database)
}

/// The number of the newest migration in the database; 0 when it is empty.
fn version(connection: &Connection) -> rusqlite::Result<u32> {
    if connection.table_exists(None, "migrations")? {
        connection
            .query_row("SELECT coalesce(max(number), 0) FROM migrations", (), |row| row.get(0))
    } else {
        Ok(0)
    }
}

fn apply(
    connection: &Connection,
    number: u32,
    text: &str,
    checksum: &[u8],
) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL) STRICT",
    )?;
    connection.execute_batch(text)?;
    connection
        .execute("INSERT INTO migrations (number, checksum) VALUES (?1, ?2)", (number, checksum))?;
    Ok(())
}

fn is_same(connection: &Connection, number: u32, checksum: &[u8]) -> rusqlite::Result<bool> {
    let stored: Option<Vec<u8>> = connection
        .query_row("SELECT checksum FROM migrations WHERE number = ?1", (number,), |row| row.get(0))
        .optional()?;
    Ok(stored.is_some_and(|stored| stored == checksum))
}

/// What a new database starts with: its names, and the conversation of everyone.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    for key in ["epoch", "install"] {
        let value = URL_SAFE_NO_PAD.encode(random());
        connection.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", (key, value))?;
    }
    connection.execute(
        "INSERT INTO conversations (id, kind, created) VALUES (?1, 0, unixepoch() * 1000)",
        (ConversationId::from_bytes(random()),),
    )?;
    Ok(())
}

/// Copies the database beside itself, consistently and without its log.
fn back_up(connection: &Connection, path: &Path, found: u32) -> Result<PathBuf, OpenError> {
    let copy = path.with_extension(format!("before-{}.db", found + 1));
    let files = |source| OpenError::Files { path: copy.clone(), source };
    let made = private(&copy).map_err(files)?;
    // Left over from an attempt that failed; SQLite copies only into an empty file.
    made.set_len(0).map_err(files)?;
    connection
        .execute("VACUUM INTO ?1", (copy.to_string_lossy(),))
        .map_err(|source| OpenError::Database { path: copy.clone(), source })?;
    made.sync_all().map_err(files)?;
    tracing::info!(copy = %copy.display(), "copied the database before migrating it");
    Ok(copy)
}

/// For names that nothing has had before.
pub(super) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("the system has random numbers");
    bytes
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("there are few migrations")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        CREATE TABLE conversations (id BLOB, kind INTEGER, created INTEGER) STRICT;";
    const SECOND: &str = "ALTER TABLE meta ADD COLUMN note TEXT;";
    const BROKEN: &str = "DROP TABLE conversations; CREATE TABLE meta (oops)";

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("callbox.db");
        (folder, path)
    }

    fn count(path: &Path, table: &str) -> i64 {
        let connection = Connection::open(path).expect("the database opens");
        connection
            .query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0))
            .expect("the table exists")
    }

    #[test]
    fn a_new_step_runs_once_after_a_copy() {
        let (_folder, path) = folder();
        let mut connection = Connection::open(&path).expect("a new database");
        migrate(&mut connection, &path, &[FIRST]).expect("migrates");
        let copy = path.with_extension("before-2.db");
        assert!(!copy.exists(), "there was nothing to copy");
        std::fs::write(&copy, "left over from an attempt that failed").expect("writes");
        for _ in 0..2 {
            migrate(&mut connection, &path, &[FIRST, SECOND]).expect("migrates");
        }
        assert_eq!((count(&path, "migrations"), count(&path, "meta")), (2, 2));
        assert_eq!((count(&copy, "migrations"), count(&copy, "meta")), (1, 2));
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let (_folder, path) = folder();
        let mut connection = Connection::open(&path).expect("a new database");
        migrate(&mut connection, &path, &[FIRST]).expect("migrates");
        let failed = migrate(&mut connection, &path, &[FIRST, SECOND, BROKEN]);
        assert!(matches!(failed, Err(OpenError::Database { .. })), "{failed:?}");
        assert_eq!((count(&path, "migrations"), count(&path, "conversations")), (1, 1));
        migrate(&mut connection, &path, &[FIRST]).expect("is what it was");
    }

    #[test]
    fn newer_and_different_databases_are_refused() {
        let (_folder, path) = folder();
        let mut connection = Connection::open(&path).expect("a new database");
        migrate(&mut connection, &path, &[FIRST, SECOND]).expect("migrates");
        let newer = migrate(&mut connection, &path, &[FIRST]);
        assert!(matches!(newer, Err(OpenError::Newer { found: 2, known: 1, .. })), "{newer:?}");
        let different = migrate(&mut connection, &path, &[FIRST, "SELECT 1"]);
        assert!(matches!(different, Err(OpenError::Differs { number: 2, .. })), "{different:?}");
    }
}
