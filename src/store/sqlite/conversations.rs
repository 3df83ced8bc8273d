//! Conversations, who is in them, and how far each has come.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, entries};
use crate::pure::wire::{
    AccountId, Conversation, ConversationId, ConversationKind, Member, MemberRole, Millis,
};
use crate::store::{Pending, Refusal, Watermark};

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

    pub(in crate::store) fn open_direct(
        &self,
        fresh: ConversationId,
        a: AccountId,
        b: AccountId,
        now: Millis,
    ) -> Write<Conversation> {
        self.write(move |connection| open_direct(connection, fresh, a, b, now))
    }

    pub(in crate::store) fn save_watermarks(&self, watermarks: Vec<Watermark>) -> Write<()> {
        self.write(move |connection| save_watermarks(connection, &watermarks))
    }
}

/// All conversations with their members and newest entries.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Conversation>> {
    let mut conversations: Vec<(i64, Conversation)> = connection
        .prepare_cached(&format!("{CONVERSATION} ORDER BY key"))?
        .query_map((), read)?
        .collect::<Result<_, _>>()?;
    for (key, conversation) in &mut conversations {
        fill(connection, *key, conversation)?;
    }
    Ok(conversations.into_iter().map(|(_, conversation)| conversation).collect())
}

/// The conversation that all accounts are in.
pub(super) fn everyone(connection: &Connection) -> rusqlite::Result<(i64, ConversationId)> {
    connection
        .prepare_cached("SELECT key, id FROM conversations WHERE kind = 0")?
        .query_row((), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Adds a row; `None` when the id is taken.
pub(super) fn insert(
    connection: &Connection,
    id: ConversationId,
    kind: ConversationKind,
    name: Option<&str>,
    pair: Option<&[u8]>,
    now: Millis,
) -> rusqlite::Result<Option<i64>> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO conversations (id, kind, name, pair, created) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute((id, kind, name, pair, now))?;
    Ok((inserted == 1).then(|| connection.last_insert_rowid()))
}

/// Adds a member; false when it is one already. The watermarks begin at the
/// entry about to be written: what came before is history, not news.
pub(super) fn join(
    connection: &Connection,
    conversation: i64,
    account: i64,
    role: MemberRole,
) -> rusqlite::Result<bool> {
    let joined = connection
        .prepare_cached(
            "INSERT INTO members (conversation, account, role, delivered, read, joined)
             SELECT key, ?2, ?3, head + 1, head + 1, head + 1 FROM conversations WHERE key = ?1
             ON CONFLICT (conversation, account) DO NOTHING",
        )?
        .execute((conversation, account, role))?;
    Ok(joined == 1)
}

fn open_direct(
    connection: &Connection,
    fresh: ConversationId,
    a: AccountId,
    b: AccountId,
    now: Millis,
) -> Result<Conversation, Fault> {
    if a == b {
        return Err(Refusal::Forbidden.into());
    }
    let members = [
        accounts::key(connection, a)?.ok_or(Refusal::NotFound)?,
        accounts::key(connection, b)?.ok_or(Refusal::NotFound)?,
    ];
    let pair = [*a.min(b).as_bytes(), *a.max(b).as_bytes()].concat();
    let existing: Option<i64> = connection
        .prepare_cached("SELECT key FROM conversations WHERE pair = ?1")?
        .query_row((&pair,), |row| row.get(0))
        .optional()?;
    let key = match existing {
        Some(key) => key,
        None => {
            let kind = ConversationKind::Direct;
            let key = insert(connection, fresh, kind, None, Some(&pair), now)?
                .ok_or(Refusal::Conflict)?;
            for member in members {
                add_to_direct(connection, key, member)?;
            }
            key
        }
    };
    Ok(load(connection, key)?)
}

/// Direct conversations begin without an entry, so their watermarks begin at nothing.
fn add_to_direct(connection: &Connection, conversation: i64, account: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO members (conversation, account, role, delivered, read)
             VALUES (?1, ?2, ?3, 0, 0)",
        )?
        .execute((conversation, account, MemberRole::Member))?;
    Ok(())
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

fn load(connection: &Connection, key: i64) -> rusqlite::Result<Conversation> {
    let (_, mut conversation) = connection
        .prepare_cached(&format!("{CONVERSATION} WHERE key = ?1"))?
        .query_row((key,), read)?;
    fill(connection, key, &mut conversation)?;
    Ok(conversation)
}

/// The columns that [`read`] wants.
const CONVERSATION: &str = "SELECT key, id, kind, name, head, created FROM conversations";

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Conversation)> {
    let conversation = Conversation {
        id: row.get(1)?,
        kind: row.get(2)?,
        name: row.get(3)?,
        members: Vec::new(),
        created: row.get(5)?,
        head: row.get(4)?,
        last: None,
    };
    Ok((row.get(0)?, conversation))
}

/// Adds the members and the newest entry.
fn fill(
    connection: &Connection,
    key: i64,
    conversation: &mut Conversation,
) -> rusqlite::Result<()> {
    conversation.members = connection
        .prepare_cached(
            "SELECT a.id, m.role, m.delivered, m.read
             FROM members m JOIN accounts a ON a.key = m.account
             WHERE m.conversation = ?1 ORDER BY m.joined, m.account",
        )?
        .query_map((key,), |row| {
            Ok(Member {
                account: row.get(0)?,
                role: row.get(1)?,
                delivered: row.get(2)?,
                read: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    conversation.last = entries::at(connection, key, conversation.head)?;
    Ok(())
}
