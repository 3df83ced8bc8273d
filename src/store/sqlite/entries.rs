//! Entries: numbering and storing them, and reading them back in pages.
//!
//! The number is given inside the transaction from the conversation's row, by
//! the only writer. So the order of commits is the order of numbers, there are
//! no gaps, and who sees an entry can see all before it. The transcript runs
//! along in the same row.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::writer::Fault;
use super::{SqliteStore, Write};
use crate::pure::e2ee::{Chain, Header, Transcript, Verified, call_entry_id};
use crate::pure::wire::{
    AccountId, Blob, Call, CallEnd, CallId, CallMedia, ConversationId, DeviceId, Entry,
    EntryContent, EnvelopeId, Millis, Seq, limits,
};
use crate::store::{Appended, NewEnvelope, Page, Pending, Range, Refusal};

/// The values of the column `kind`.
const ENVELOPE: i64 = 0;
const CALL: i64 = 1;

impl SqliteStore {
    pub(in crate::store) fn append(&self, new: NewEnvelope) -> Write<Appended> {
        self.write(move |connection| append(connection, &new))
    }

    pub(in crate::store) fn entries(
        &self,
        conversation: ConversationId,
        range: Range,
        limit: u16,
    ) -> Pending<Page> {
        self.read(move |connection| page(connection, conversation, Seq(1), range, limit))
    }

    pub(in crate::store) fn history(
        &self,
        conversation: ConversationId,
        account: AccountId,
        range: Range,
        limit: u16,
    ) -> Pending<Option<Page>> {
        self.read(move |connection| {
            let since = connection
                .prepare_cached(
                    "SELECT since FROM members
                     WHERE conversation = (SELECT key FROM conversations WHERE id = ?1)
                       AND account = (SELECT key FROM accounts WHERE id = ?2)",
                )?
                .query_row((conversation, account), |row| row.get(0))
                .optional()?;
            since.map(|since| page(connection, conversation, since, range, limit)).transpose()
        })
    }

    pub(in crate::store) fn chain(
        &self,
        conversation: ConversationId,
        device: DeviceId,
    ) -> Pending<Chain> {
        self.read(move |connection| {
            let keys = connection
                .prepare_cached(
                    "SELECT c.key, d.key FROM conversations c, devices d
                     WHERE c.id = ?1 AND d.id = ?2",
                )?
                .query_row((conversation, device), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            keys.map_or(Ok(Chain::START), |(conversation, device)| {
                chain(connection, conversation, device)
            })
        })
    }
}

/// Stores an envelope of content, once.
fn append(connection: &Connection, new: &NewEnvelope) -> Result<Appended, Fault> {
    let envelope = &new.envelope;
    let header = envelope.header();
    let place = Place::find(connection, header)?;
    if let Some(appended) = resent(connection, &place, envelope)? {
        return Ok(appended);
    }
    place.check_sender()?;
    if place.rotation {
        return Err(Refusal::RotateFirst.into());
    }
    if header.epoch != place.epoch {
        return Err(Refusal::StaleEpoch.into());
    }
    place.check_chain(connection, header)?;
    let seq = place.insert(connection, envelope, None, new.now)?;
    advance(connection, place.conversation, place.account, seq)?;
    Ok(Appended { seq, time: new.now, duplicate: false })
}

/// Where an envelope wants to go, and who it is from.
pub(super) struct Place {
    pub(super) conversation: i64,
    pub(super) account: i64,
    device: i64,
    head: Seq,
    transcript: Transcript,
    epoch: u32,
    pub(super) rotation: bool,
    member: bool,
    /// The device is in the account's record and not revoked.
    signs: bool,
}

impl Place {
    /// Somebody else's conversation or device looks like one that does not exist.
    pub(super) fn find(connection: &Connection, header: &Header) -> Result<Self, Fault> {
        let place = connection
            .prepare_cached(
                "SELECT c.key, d.account, d.key, c.head, c.transcript, c.epoch, c.rotation,
                        EXISTS (SELECT 1 FROM members m
                                WHERE m.conversation = c.key AND m.account = d.account),
                        d.signs IS NOT NULL AND d.revoked = 0
                 FROM conversations c, devices d
                 WHERE c.id = ?1 AND d.id = ?2
                   AND d.account = (SELECT key FROM accounts WHERE id = ?3)",
            )?
            .query_row((header.conversation, header.device, header.account), |row| {
                Ok(Self {
                    conversation: row.get(0)?,
                    account: row.get(1)?,
                    device: row.get(2)?,
                    head: row.get(3)?,
                    transcript: row.get(4)?,
                    epoch: row.get(5)?,
                    rotation: row.get(6)?,
                    member: row.get(7)?,
                    signs: row.get(8)?,
                })
            })
            .optional()?;
        Ok(place.ok_or(Refusal::NotMember)?)
    }

    /// Whether the sender is a member, on a device that may sign.
    pub(super) fn check_sender(&self) -> Result<(), Fault> {
        if !self.member {
            return Err(Refusal::NotMember.into());
        }
        self.check_device()
    }

    pub(super) fn check_device(&self) -> Result<(), Fault> {
        if self.signs { Ok(()) } else { Err(Refusal::DeviceUnknown.into()) }
    }

    /// Whether it continues what this device has sent here.
    pub(super) fn check_chain(
        &self,
        connection: &Connection,
        header: &Header,
    ) -> Result<(), Fault> {
        let chain = chain(connection, self.conversation, self.device)?;
        chain.check(header).map_err(|_| Refusal::Conflict.into())
    }

    /// Inserts the envelope behind the head; its number.
    pub(super) fn insert(
        &self,
        connection: &Connection,
        envelope: &Verified,
        control: Option<u32>,
        now: Millis,
    ) -> rusqlite::Result<Seq> {
        let seq = self.head.next();
        let row = NewRow {
            conversation: self.conversation,
            seq,
            time: now,
            kind: ENVELOPE,
            account: self.account,
            device: Some((self.device, envelope.header().n)),
            control,
            call: None,
            id: envelope.id(),
            before: self.transcript,
            body: envelope.bytes(),
        };
        insert(connection, &row)?;
        Ok(seq)
    }
}

/// Where an envelope stands that was stored before; a conflict when its counter was used for
/// another one.
pub(super) fn resent(
    connection: &Connection,
    place: &Place,
    envelope: &Verified,
) -> Result<Option<Appended>, Fault> {
    let stored: Option<(Seq, Millis, EnvelopeId)> = connection
        .prepare_cached(
            "SELECT seq, time, id FROM entries WHERE conversation = ?1 AND device = ?2 AND n = ?3",
        )?
        .query_row((place.conversation, place.device, number(envelope.header().n)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match stored {
        Some((seq, time, id)) if id == envelope.id() => {
            Ok(Some(Appended { seq, time, duplicate: true }))
        }
        Some(_) if place.member => Err(Refusal::Conflict.into()),
        Some(_) => Err(Refusal::NotMember.into()),
        None => Ok(None),
    }
}

/// Where a device's envelopes go on.
fn chain(connection: &Connection, conversation: i64, device: i64) -> rusqlite::Result<Chain> {
    let last = connection
        .prepare_cached(
            "SELECT n, id FROM entries WHERE conversation = ?1 AND device = ?2
             ORDER BY n DESC LIMIT 1",
        )?
        .query_row((conversation, device), |row| {
            Ok(Chain::after(row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
        })
        .optional()?;
    Ok(last.unwrap_or(Chain::START))
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
    let (head, before) = connection
        .prepare_cached("SELECT head, transcript FROM conversations WHERE key = ?1")?
        .query_row((conversation,), |row| Ok((row.get::<_, Seq>(0)?, row.get(1)?)))?;
    let row = NewRow {
        conversation,
        seq: head.next(),
        time: now,
        kind: CALL,
        account: caller,
        device: None,
        control: None,
        call: Some(call.id),
        id: call_entry_id(call.id, call.caller, call.media, end),
        before,
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
pub(super) fn of_call(connection: &Connection, call: CallId) -> rusqlite::Result<Entry> {
    connection.prepare_cached(&format!("{ENTRY} WHERE e.call = ?1"))?.query_row((call,), read)
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
    /// With its counter.
    device: Option<(i64, u64)>,
    control: Option<u32>,
    call: Option<CallId>,
    id: EnvelopeId,
    before: Transcript,
    body: &'a [u8],
}

/// Inserts a row and moves the conversation's head to it; false when its call is there already.
fn insert(connection: &Connection, row: &NewRow<'_>) -> rusqlite::Result<bool> {
    let transcript = row.before.after(row.id, row.seq);
    let inserted = connection
        .prepare_cached(
            "INSERT INTO entries (conversation, seq, time, kind, account, device, n, control, call,
                                  id, transcript, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (call) WHERE call IS NOT NULL DO NOTHING",
        )?
        .execute((
            row.conversation,
            row.seq,
            row.time,
            row.kind,
            row.account,
            row.device.map(|(device, _)| device),
            row.device.map(|(_, n)| number(n)),
            row.control,
            row.call,
            row.id,
            transcript,
            row.body,
        ))?;
    if inserted == 0 {
        return Ok(false);
    }
    connection
        .prepare_cached("UPDATE conversations SET head = ?2, transcript = ?3 WHERE key = ?1")?
        .execute((row.conversation, row.seq, transcript))?;
    Ok(true)
}

/// Moves the watermarks of whose entry it is.
pub(super) fn advance(
    connection: &Connection,
    conversation: i64,
    account: i64,
    seq: Seq,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE members SET delivered = ?3, read = ?3 WHERE conversation = ?1 AND account = ?2",
        )?
        .execute((conversation, account, seq))?;
    Ok(())
}

fn page(
    connection: &Connection,
    conversation: ConversationId,
    since: Seq,
    range: Range,
    limit: u16,
) -> rusqlite::Result<Page> {
    let (edge, text, rising) = match range {
        Range::Newest => (Seq(u64::MAX), "e.seq < ?2 AND e.seq >= ?3 ORDER BY e.seq DESC", false),
        Range::Before(seq) => (seq, "e.seq < ?2 AND e.seq >= ?3 ORDER BY e.seq DESC", false),
        Range::After(seq) => (seq, "e.seq > ?2 AND e.seq >= ?3 ORDER BY e.seq", true),
    };
    let mut statement = connection.prepare_cached(&format!(
        "{ENTRY} WHERE e.conversation = (SELECT key FROM conversations WHERE id = ?1) AND {text}"
    ))?;
    let mut rows = statement.query((conversation, edge, since))?;
    let mut page = Page { entries: Vec::new(), before: Transcript::START, more: false };
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
    // Of an empty page: where it would have begun.
    let empty = if rising { Seq(edge.0.saturating_add(1)) } else { edge };
    let first = page.entries.first().map_or(empty, |entry| entry.seq);
    page.before = transcript_before(connection, conversation, first)?;
    Ok(page)
}

/// The transcript at the entry before this number, or at the head.
fn transcript_before(
    connection: &Connection,
    conversation: ConversationId,
    seq: Seq,
) -> rusqlite::Result<Transcript> {
    let found = connection
        .prepare_cached(
            "SELECT transcript FROM entries
             WHERE conversation = (SELECT key FROM conversations WHERE id = ?1) AND seq < ?2
             ORDER BY seq DESC LIMIT 1",
        )?
        .query_row((conversation, seq), |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(Transcript::START))
}

/// The columns that [`read`] wants. Accounts are looked up for each row, so
/// that the planner cannot start from them.
const ENTRY: &str = "SELECT e.seq, e.time, e.kind, e.call, e.body,
        (SELECT id FROM accounts WHERE key = e.account)
    FROM entries e";

/// The place of the body among the columns.
const BODY: usize = 4;

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let body = row.get_ref(BODY)?.as_blob()?;
    let content = match row.get(2)? {
        ENVELOPE => EntryContent::Envelope { envelope: Blob::from(body.to_vec()) },
        CALL => {
            let StoredCall { media, end } = parse(body)?;
            EntryContent::Call { call: row.get(3)?, caller: row.get(5)?, media, end }
        }
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

/// Envelopes count to 2^53 at most.
fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
