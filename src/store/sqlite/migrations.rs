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
const MIGRATIONS: &[&str] = &[include_str!("sql/0001_first.sql")];

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

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("the system has random numbers");
    bytes
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("there are few migrations")
}
