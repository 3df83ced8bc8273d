//! Entries: numbering and storing them, and reading them back in pages.
//!
//! The number is given inside the transaction from the conversation's row, by
//! the only writer. So the order of commits is the order of numbers, there are
//! no gaps, and who sees an entry can see all before it.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::writer::Fault;
use super::{SqliteStore, Write};
use crate::pure::wire::{
    AccountId, Blob, Body, Call, CallEnd, CallId, CallMedia, ConversationId, Entry, EntryContent,
    MessageId, Millis, RoomChange, Seq, limits,
};
use crate::store::{Appended, NewMessage, Page, Pending, Range, Refusal};

/// The values of the column `kind`.
const MESSAGE: i64 = 0;
const CALL: i64 = 1;
const CHANGE: i64 = 2;

impl SqliteStore {
    pub(in crate::store) fn append(&self, message: NewMessage) -> Write<Appended> {
        self.write(move |connection| append(connection, &message))
    }

    pub(in crate::store) fn entries(
        &self,
        conversation: ConversationId,
        range: Range,
        limit: u16,
    ) -> Pending<Page> {
        self.read(move |connection| page(connection, conversation, range, limit))
    }
}

/// Stores a message, once.
fn append(connection: &Connection, new: &NewMessage) -> Result<Appended, Fault> {
    let place: Option<(i64, Seq, i64, i64, bool)> = connection
        .prepare_cached(
            "SELECT c.key, c.head, d.account, d.key,
                    EXISTS (SELECT 1 FROM members m
                            WHERE m.conversation = c.key AND m.account = d.account)
             FROM conversations c, devices d
             WHERE c.id = ?1 AND d.id = ?2
               AND d.account = (SELECT key FROM accounts WHERE id = ?3)",
        )?
        .query_row((new.conversation, new.device, new.sender), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    // Somebody else's conversation looks like one that does not exist.
    let (conversation, head, account, device, member) = place.ok_or(Refusal::NotMember)?;
    let row = NewRow {
        conversation,
        seq: head.next(),
        time: new.now,
        kind: MESSAGE,
        account,
        device: Some(device),
        reference: Some(new.id.as_bytes()),
        format: new.body.format,
        body: new.body.data.as_ref(),
    };
    if member && insert(connection, &row)? {
        advance(connection, conversation, account, row.seq)?;
        return Ok(Appended { seq: row.seq, time: new.now, duplicate: false });
    }
    // The answer to what was stored before is owed to a former member too.
    resent(connection, &row)?
        .ok_or(if member { Refusal::Conflict } else { Refusal::NotMember }.into())
}

/// Where a message stands that was stored before; a conflict when it is another one.
fn resent(connection: &Connection, row: &NewRow<'_>) -> Result<Option<Appended>, Fault> {
    let stored = connection
        .prepare_cached(
            "SELECT seq, time, conversation = ?4 AND format = ?5 AND body = ?6 FROM entries
             WHERE reference = ?1 AND account = ?2 AND kind = ?3",
        )?
        .query_row(
            (row.reference, row.account, row.kind, row.conversation, row.format, row.body),
            |row| {
                let appended = Appended { seq: row.get(0)?, time: row.get(1)?, duplicate: true };
                Ok((appended, row.get(2)?))
            },
        )
        .optional()?;
    match stored {
        Some((_, false)) => Err(Refusal::Conflict.into()),
        Some((appended, true)) => Ok(Some(appended)),
        None => Ok(None),
    }
}

/// Writes the entry of a change to a room or its members.
pub(super) fn write_change(
    connection: &Connection,
    conversation: i64,
    account: i64,
    by: AccountId,
    change: RoomChange,
    now: Millis,
) -> Result<Entry, Fault> {
    let body = serde_json::to_vec(&change).expect("a change of a room is plain data");
    let row = NewRow {
        conversation,
        seq: head(connection, conversation)?.next(),
        time: now,
        kind: CHANGE,
        account,
        device: None,
        reference: None,
        format: 0,
        body: &body,
    };
    insert(connection, &row)?;
    advance(connection, conversation, account, row.seq)?;
    Ok(Entry { seq: row.seq, time: now, content: EntryContent::Room { by, change } })
}

/// Writes the entry of an ended call, once; `None` when it is there already.
pub(super) fn write_call(
    connection: &Connection,
    conversation: i64,
    caller: i64,
    call: &Call,
    end: CallEnd,
    now: Millis,
) -> Result<Option<Entry>, Fault> {
    let body = StoredCall { media: call.media, end };
    let body = serde_json::to_vec(&body).expect("the end of a call is plain data");
    let row = NewRow {
        conversation,
        seq: head(connection, conversation)?.next(),
        time: now,
        kind: CALL,
        account: caller,
        device: None,
        reference: Some(call.id.as_bytes()),
        format: 0,
        body: &body,
    };
    if !insert(connection, &row)? {
        return Ok(None);
    }
    advance(connection, conversation, caller, row.seq)?;
    let content = EntryContent::Call { call: call.id, caller: call.caller, media: call.media, end };
    Ok(Some(Entry { seq: row.seq, time: now, content }))
}

/// The entry of a call that has ended.
pub(super) fn of_call(
    connection: &Connection,
    caller: i64,
    call: CallId,
) -> rusqlite::Result<Entry> {
    connection
        .prepare_cached(&format!(
            "{ENTRY} WHERE e.reference = ?1 AND e.account = ?2 AND e.kind = {CALL}"
        ))?
        .query_row((call, caller), read)
}

/// One entry of a conversation.
pub(super) fn at(
    connection: &Connection,
    conversation: i64,
    seq: Seq,
) -> rusqlite::Result<Option<Entry>> {
    connection
        .prepare_cached(&format!("{ENTRY} WHERE e.conversation = ?1 AND e.seq = ?2"))?
        .query_row((conversation, seq), read)
        .optional()
}

/// A row to be inserted.
struct NewRow<'a> {
    conversation: i64,
    seq: Seq,
    time: Millis,
    kind: i64,
    account: i64,
    device: Option<i64>,
    reference: Option<&'a [u8; 16]>,
    format: u8,
    body: &'a [u8],
}

/// Inserts a row; false when its reference is there already.
fn insert(connection: &Connection, row: &NewRow<'_>) -> rusqlite::Result<bool> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO entries
                 (conversation, seq, time, kind, account, device, reference, format, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (reference, account, kind) WHERE reference IS NOT NULL DO NOTHING",
        )?
        .execute((
            row.conversation,
            row.seq,
            row.time,
            row.kind,
            row.account,
            row.device,
            row.reference,
            row.format,
            row.body,
        ))?;
    Ok(inserted == 1)
}

/// Moves the conversation's head to its new entry, and with it the watermarks of whose it is.
fn advance(
    connection: &Connection,
    conversation: i64,
    account: i64,
    seq: Seq,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE conversations SET head = ?2 WHERE key = ?1")?
        .execute((conversation, seq))?;
    connection
        .prepare_cached(
            "UPDATE members SET delivered = ?3, read = ?3 WHERE conversation = ?1 AND account = ?2",
        )?
        .execute((conversation, account, seq))?;
    Ok(())
}

fn head(connection: &Connection, conversation: i64) -> rusqlite::Result<Seq> {
    connection
        .prepare_cached("SELECT head FROM conversations WHERE key = ?1")?
        .query_row((conversation,), |row| row.get(0))
}

fn page(
    connection: &Connection,
    conversation: ConversationId,
    range: Range,
    limit: u16,
) -> rusqlite::Result<Page> {
    let (edge, text, rising) = match range {
        Range::Newest => (Seq(u64::MAX), "e.seq < ?2 ORDER BY e.seq DESC", false),
        Range::Before(seq) => (seq, "e.seq < ?2 ORDER BY e.seq DESC", false),
        Range::After(seq) => (seq, "e.seq > ?2 ORDER BY e.seq", true),
    };
    let mut statement = connection.prepare_cached(&format!(
        "{ENTRY} WHERE e.conversation = (SELECT key FROM conversations WHERE id = ?1) AND {text}"
    ))?;
    let mut rows = statement.query((conversation, edge))?;
    let mut page = Page { entries: Vec::new(), more: false };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        bytes += row.get_ref(BODY)?.as_blob()?.len();
        let full = page.entries.len() >= usize::from(limit) || bytes > limits::PAGE_BYTES;
        if full && !page.entries.is_empty() {
            page.more = true;
            break;
        }
        page.entries.push(read(row)?);
    }
    if !rising {
        page.entries.reverse();
    }
    Ok(page)
}

/// The columns that [`read`] wants. Accounts and devices are looked up for
/// each row, so that the planner cannot start from them.
const ENTRY: &str = "SELECT e.seq, e.time, e.kind, e.reference, e.format, e.body,
        (SELECT id FROM accounts WHERE key = e.account),
        (SELECT id FROM devices WHERE key = e.device)
    FROM entries e";

/// The place of the body among the columns.
const BODY: usize = 5;

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let account: AccountId = row.get(6)?;
    let body = row.get_ref(BODY)?.as_blob()?;
    let content = match row.get(2)? {
        MESSAGE => EntryContent::Message {
            id: row.get::<_, MessageId>(3)?,
            sender: account,
            device: row.get(7)?,
            body: Body { format: row.get(4)?, data: Blob::from(body.to_vec()) },
        },
        CALL => {
            let StoredCall { media, end } = parse(body)?;
            EntryContent::Call { call: row.get(3)?, caller: account, media, end }
        }
        CHANGE => EntryContent::Room { by: account, change: parse(body)? },
        other => return Err(rusqlite::Error::IntegralValueOutOfRange(2, other)),
    };
    Ok(Entry { seq: row.get(0)?, time: row.get(1)?, content })
}

/// The body of a call's entry.
#[derive(Serialize, Deserialize)]
struct StoredCall {
    media: CallMedia,
    end: CallEnd,
}

fn parse<'de, T: Deserialize<'de>>(body: &'de [u8]) -> rusqlite::Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            BODY,
            rusqlite::types::Type::Blob,
            Box::new(error),
        )
    })
}
