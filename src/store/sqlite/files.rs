//! What is known of files: whose, where, how large, which chunks are there.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts};
use crate::pure::wire::{
    AccountId, ConversationId, FileId, FileUsage, Millis, Shape, Upload, limits,
};
use crate::store::{NewFile, Pending, Refusal};

impl SqliteStore {
    pub(in crate::store) fn create_file(&self, file: NewFile) -> Write<(Upload, bool)> {
        self.write(move |connection| create(connection, &file))
    }

    pub(in crate::store) fn upload(
        &self,
        file: FileId,
        account: AccountId,
    ) -> Pending<Option<Upload>> {
        self.read(move |connection| find(connection, file, account))
    }

    pub(in crate::store) fn readable_file(
        &self,
        file: FileId,
        account: AccountId,
    ) -> Pending<Option<Shape>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT f.size FROM files f
                     JOIN members m ON m.conversation = f.conversation
                     JOIN accounts a ON a.key = m.account
                     WHERE f.id = ?1 AND f.finished = 1 AND a.id = ?2",
                )?
                .query_row((file, account), |row| row.get(0))
                .optional()
        })
    }

    pub(in crate::store) fn keep_chunk(
        &self,
        file: FileId,
        account: AccountId,
        index: u32,
        now: Millis,
    ) -> Write<()> {
        self.write(move |connection| {
            let found = find(connection, file, account)?.ok_or(Refusal::NotFound)?;
            if found.finished {
                return Ok(());
            }
            let mut have = found.have.as_ref().to_vec();
            *have.get_mut(index as usize / 8).ok_or(Refusal::NotFound)? |= 1 << (index % 8);
            connection
                .prepare_cached("UPDATE files SET have = ?2, touched = ?3 WHERE id = ?1")?
                .execute((file, have, now))?;
            Ok(())
        })
    }

    pub(in crate::store) fn finish_file(&self, file: FileId, account: AccountId) -> Write<Upload> {
        self.write(move |connection| finish(connection, file, account))
    }

    pub(in crate::store) fn delete_file(&self, file: FileId, account: AccountId) -> Write<()> {
        self.write(move |connection| {
            let gone = connection
                .prepare_cached(
                    "DELETE FROM files WHERE id = ?1
                     AND account = (SELECT key FROM accounts WHERE id = ?2)",
                )?
                .execute((file, account))?;
            if gone == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
        })
    }

    pub(in crate::store) fn drop_uploads(&self, before: Millis) -> Write<Vec<FileId>> {
        self.write(move |connection| {
            let gone = connection
                .prepare_cached(
                    "DELETE FROM files WHERE finished = 0 AND touched <= ?1 RETURNING id",
                )?
                .query_map((before,), |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(gone)
        })
    }

    pub(in crate::store) fn files(&self) -> Pending<Vec<FileId>> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT id FROM files")?
                .query_map((), |row| row.get(0))?
                .collect()
        })
    }

    pub(in crate::store) fn file_usage(
        &self,
        account: AccountId,
        quota: u64,
    ) -> Pending<FileUsage> {
        self.read(move |connection| {
            let Some(key) = accounts::key(connection, account)? else {
                return Ok(FileUsage { used: 0, quota, files: 0 });
            };
            let (used, files) = used(connection, key)?;
            let quota = accounts::quota(connection, key)?.unwrap_or(quota);
            Ok(FileUsage { used, quota, files })
        })
    }
}

fn create(connection: &Connection, file: &NewFile) -> Result<(Upload, bool), Fault> {
    let account = accounts::key(connection, file.account)?.ok_or(Refusal::NotFound)?;
    let conversation = membership(connection, file.conversation, account)?;
    if let Some(found) = find(connection, file.id, file.account)? {
        let same = found.conversation == file.conversation && found.size == file.shape.size();
        return if same { Ok((found, false)) } else { Err(Refusal::Conflict.into()) };
    }
    let stored = file.shape.stored();
    let column = i64::try_from(stored).expect("a file has at most 100 MiB");
    // Unfinished uploads count as well, so that those in parallel cannot share what is left.
    let quota = accounts::quota(connection, account)?.unwrap_or(file.quota);
    if used(connection, account)?.0.saturating_add(stored) > quota {
        return Err(Refusal::QuotaExceeded.into());
    }
    let open: u32 = connection
        .prepare_cached("SELECT count(*) FROM files WHERE account = ?1 AND finished = 0")?
        .query_row((account,), |row| row.get(0))?;
    if open >= limits::UPLOADS {
        return Err(Refusal::TooMany.into());
    }
    let have = vec![0; file.shape.chunks().div_ceil(8) as usize];
    let made = connection
        .prepare_cached(
            "INSERT INTO files (id, conversation, account, size, stored, have, touched)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
        )?
        .execute((file.id, conversation, account, file.shape, column, have, file.now))?;
    if made == 0 {
        return Err(Refusal::Conflict.into());
    }
    let made = find(connection, file.id, file.account)?.ok_or(Refusal::NotFound)?;
    Ok((made, true))
}

fn finish(connection: &Connection, file: FileId, account: AccountId) -> Result<Upload, Fault> {
    let found = find(connection, file, account)?.ok_or(Refusal::NotFound)?;
    let key = accounts::key(connection, account)?.ok_or(Refusal::NotFound)?;
    membership(connection, found.conversation, key)?;
    if found.finished {
        return Ok(found);
    }
    let there: u32 = found.have.as_ref().iter().map(|byte| byte.count_ones()).sum();
    if there != found.chunks {
        return Err(Refusal::Conflict.into());
    }
    connection
        .prepare_cached("UPDATE files SET finished = 1, have = x'' WHERE id = ?1")?
        .execute((file,))?;
    Ok(find(connection, file, account)?.ok_or(Refusal::NotFound)?)
}

/// The conversation's key, for a member of it.
fn membership(
    connection: &Connection,
    conversation: ConversationId,
    account: i64,
) -> Result<i64, Fault> {
    let key = connection
        .prepare_cached(
            "SELECT c.key FROM conversations c JOIN members m ON m.conversation = c.key
             WHERE c.id = ?1 AND m.account = ?2",
        )?
        .query_row((conversation, account), |row| row.get(0))
        .optional()?;
    Ok(key.ok_or(Refusal::NotMember)?)
}

/// Bytes and number of an account's files.
fn used(connection: &Connection, account: i64) -> rusqlite::Result<(u64, u32)> {
    connection
        .prepare_cached("SELECT coalesce(sum(stored), 0), count(*) FROM files WHERE account = ?1")?
        .query_row((account,), |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)))
}

/// A file of this account, finished or not.
fn find(
    connection: &Connection,
    file: FileId,
    account: AccountId,
) -> rusqlite::Result<Option<Upload>> {
    connection
        .prepare_cached(
            "SELECT f.id, c.id, f.size, f.finished, f.have FROM files f
             JOIN accounts a ON a.key = f.account
             JOIN conversations c ON c.key = f.conversation
             WHERE f.id = ?1 AND a.id = ?2",
        )?
        .query_row((file, account), read)
        .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let shape: Shape = row.get(2)?;
    Ok(Upload {
        id: row.get(0)?,
        conversation: row.get(1)?,
        size: shape.size(),
        chunks: shape.chunks(),
        finished: row.get(3)?,
        have: row.get::<_, Vec<u8>>(4)?.into(),
    })
}
