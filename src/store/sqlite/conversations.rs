//! Conversations, who is in them, and how far each has come.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, entries};
use crate::pure::e2ee::{ControlState, Transcript};
use crate::pure::wire::{
    AccountId, Blob, Conversation, ConversationId, ConversationKind, LinkId, Member, Millis, Seq,
};
use crate::store::{Pending, Watermark};

impl SqliteStore {
    pub(in crate::store) fn is_member(
        &self,
        conversation: ConversationId,
        account: AccountId,
    ) -> Pending<bool> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM members
                     WHERE conversation = (SELECT key FROM conversations WHERE id = ?1)
                       AND account = (SELECT key FROM accounts WHERE id = ?2))",
                )?
                .query_row((conversation, account), |row| row.get(0))
        })
    }

    pub(in crate::store) fn direct(
        &self,
        a: AccountId,
        b: AccountId,
    ) -> Pending<Option<ConversationId>> {
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT id FROM conversations WHERE pair = ?1")?
                .query_row((pair(a, b),), |row| row.get(0))
                .optional()
        })
    }

    pub(in crate::store) fn everyone(&self) -> Pending<ConversationId> {
        self.read(|connection| everyone(connection).map(|(_, id)| id))
    }

    pub(in crate::store) fn save_watermarks(&self, watermarks: Vec<Watermark>) -> Write<()> {
        self.write(move |connection| save_watermarks(connection, &watermarks))
    }
}

/// All conversations with their members and newest entries.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Conversation>> {
    let mut conversations: Vec<(i64, Conversation)> = connection
        .prepare_cached(
            "SELECT key, id, kind, head, created, transcript, epoch, rotation
             FROM conversations ORDER BY key",
        )?
        .query_map((), read)?
        .collect::<Result<_, _>>()?;
    for (key, conversation) in &mut conversations {
        fill(connection, *key, conversation)?;
    }
    Ok(conversations.into_iter().map(|(_, conversation)| conversation).collect())
}

/// From where on members see what they do not see from the beginning.
pub(super) fn since(
    connection: &Connection,
) -> rusqlite::Result<Vec<(ConversationId, AccountId, Seq)>> {
    connection
        .prepare_cached(
            "SELECT c.id, a.id, m.since FROM members m
             JOIN conversations c ON c.key = m.conversation JOIN accounts a ON a.key = m.account
             WHERE m.since > 1",
        )?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}

/// The conversation where all accounts meet.
pub(super) fn everyone(connection: &Connection) -> rusqlite::Result<(i64, ConversationId)> {
    connection
        .prepare_cached("SELECT key, id FROM conversations WHERE kind = 0")?
        .query_row((), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Adds a row; `None` when the id or the pair is taken.
pub(super) fn insert(
    connection: &Connection,
    id: ConversationId,
    kind: ConversationKind,
    pair: Option<&[u8]>,
    now: Millis,
) -> rusqlite::Result<Option<i64>> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO conversations (id, kind, pair, created) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute((id, kind, pair, now))?;
    Ok((inserted == 1).then(|| connection.last_insert_rowid()))
}

/// The conversation's key, for a member of it who is no guest there.
pub(super) fn above_guest(
    connection: &Connection,
    conversation: ConversationId,
    account: AccountId,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT m.conversation FROM members m
             WHERE m.conversation = (SELECT key FROM conversations WHERE id = ?1)
               AND m.account = (SELECT key FROM accounts WHERE id = ?2) AND m.role <> 2",
        )?
        .query_row((conversation, account), |row| row.get(0))
        .optional()
}

/// Who has been in a conversation and is no longer.
pub(super) fn former(
    connection: &Connection,
) -> rusqlite::Result<Vec<(ConversationId, AccountId)>> {
    connection
        .prepare_cached(
            "SELECT c.id, a.id FROM stays s
             JOIN conversations c ON c.key = s.conversation JOIN accounts a ON a.key = s.account
             WHERE NOT EXISTS (SELECT 1 FROM members m
                               WHERE m.conversation = s.conversation AND m.account = s.account)",
        )?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Which guests came by which links.
pub(super) fn ways(
    connection: &Connection,
) -> rusqlite::Result<Vec<(ConversationId, AccountId, LinkId)>> {
    let rooms: Vec<i64> = connection
        .prepare_cached("SELECT DISTINCT conversation FROM members WHERE role = 2")?
        .query_map((), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut ways = Vec::new();
    for room in rooms {
        let Some(state) = state(connection, room)? else { continue };
        let by_link = state.members.iter().filter_map(|m| Some((m.account, m.via?)));
        ways.extend(by_link.map(|(account, link)| (state.conversation, account, link)));
    }
    Ok(ways)
}

/// What names the direct conversation of two accounts.
pub(super) fn pair(a: AccountId, b: AccountId) -> Vec<u8> {
    [*a.min(b).as_bytes(), *a.max(b).as_bytes()].concat()
}

/// Demands new keys of all conversations of an account, and tells of which it was not demanded
/// before.
pub(super) fn rotate_all_of(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Vec<ConversationId>> {
    connection
        .prepare_cached(
            "UPDATE conversations SET rotation = 1 WHERE rotation = 0 AND key IN
                 (SELECT conversation FROM members
                  WHERE account = (SELECT key FROM accounts WHERE id = ?1))
             RETURNING id",
        )?
        .query_map((account,), |row| row.get(0))?
        .collect()
}

/// What the control log of a conversation amounts to; none before its first event.
pub(super) fn state(
    connection: &Connection,
    conversation: i64,
) -> rusqlite::Result<Option<ControlState>> {
    connection
        .prepare_cached("SELECT state FROM states WHERE conversation = ?1")?
        .query_row((conversation,), |row| {
            let json = row.get_ref(0)?.as_blob()?;
            serde_json::from_slice(json).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(
                    0,
                    rusqlite::types::Type::Blob,
                    Box::new(error),
                )
            })
        })
        .optional()
}

fn save_watermarks(connection: &Connection, watermarks: &[Watermark]) -> Result<(), Fault> {
    let mut update = connection.prepare_cached(
        "UPDATE members AS m
         SET delivered = max(m.delivered, min(?3, c.head)), read = max(m.read, min(?4, c.head))
         FROM conversations c
         WHERE c.id = ?1 AND m.conversation = c.key
           AND m.account = (SELECT key FROM accounts WHERE id = ?2)",
    )?;
    for mark in watermarks {
        update.execute((mark.conversation, mark.account, mark.delivered, mark.read))?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Conversation)> {
    let transcript: Transcript = row.get(5)?;
    let conversation = Conversation {
        id: row.get(1)?,
        kind: row.get(2)?,
        name: None,
        members: Vec::new(),
        created: row.get(4)?,
        head: row.get(3)?,
        last: None,
        epoch: row.get(6)?,
        control: 0,
        rotation_required: row.get(7)?,
        transcript: Blob::from(transcript.0.as_bytes().to_vec()),
        knocks: Vec::new(),
    };
    Ok((row.get(0)?, conversation))
}

/// Adds what the state says, the watermarks and the newest entry.
fn fill(
    connection: &Connection,
    key: i64,
    conversation: &mut Conversation,
) -> rusqlite::Result<()> {
    conversation.last = entries::at(connection, key, conversation.head)?;
    let Some(state) = state(connection, key)? else { return Ok(()) };
    let watermarks: HashMap<AccountId, (Seq, Seq)> = connection
        .prepare_cached(
            "SELECT a.id, m.delivered, m.read
             FROM members m JOIN accounts a ON a.key = m.account WHERE m.conversation = ?1",
        )?
        .query_map((key,), |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect::<Result<_, _>>()?;
    conversation.name = state.name;
    conversation.control = state.index + 1;
    conversation.members = state
        .members
        .iter()
        .map(|member| {
            let (delivered, read) = watermarks.get(&member.account).copied().unwrap_or_default();
            Member { account: member.account, role: member.role, delivered, read }
        })
        .collect();
    Ok(())
}
