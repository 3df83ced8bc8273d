//! Calls that have not ended, kept so that a restart does not end them.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, entries};
use crate::pure::wire::{AccountId, Call, CallState, DeviceId, Entry, Leg, Millis};
use crate::store::Refusal;

impl SqliteStore {
    pub(in crate::store) fn save_call(&self, call: Call) -> Write<()> {
        self.write(move |connection| save(connection, &call))
    }

    pub(in crate::store) fn append_call(&self, call: Call, now: Millis) -> Write<Entry> {
        self.write(move |connection| append(connection, &call, now))
    }
}

/// The open calls; nobody is attached to a call that was just read.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Call>> {
    connection
        .prepare_cached(
            "SELECT k.id, c.id, k.media, a.id, b.id, k.active, k.since, k.legs
             FROM calls k JOIN conversations c ON c.key = k.conversation
             JOIN accounts a ON a.key = k.caller JOIN accounts b ON b.key = k.callee
             ORDER BY k.since",
        )?
        .query_map((), read)?
        .collect()
}

fn save(connection: &Connection, call: &Call) -> Result<(), Fault> {
    let (active, since) = match call.state {
        CallState::Ringing { since } => (false, since),
        CallState::Active { since } => (true, since),
        CallState::Ended { .. } => return Err(Refusal::Conflict.into()),
    };
    let mut legs = Vec::with_capacity(call.legs.len() * 32);
    for leg in &call.legs {
        legs.extend_from_slice(leg.account.as_bytes());
        legs.extend_from_slice(leg.device.as_bytes());
    }
    let (conversation, caller, callee) = parties(connection, call)?;
    connection
        .prepare_cached(
            "INSERT INTO calls (id, conversation, media, caller, callee, active, since, legs)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE
             SET media = excluded.media, active = excluded.active, since = excluded.since,
                 legs = excluded.legs",
        )?
        .execute((call.id, conversation, call.media, caller, callee, active, since, legs))?;
    Ok(())
}

fn append(connection: &Connection, call: &Call, now: Millis) -> Result<Entry, Fault> {
    let CallState::Ended { end, .. } = call.state else { return Err(Refusal::Conflict.into()) };
    let (conversation, caller, _) = parties(connection, call)?;
    connection.prepare_cached("DELETE FROM calls WHERE id = ?1")?.execute((call.id,))?;
    match entries::write_call(connection, conversation, caller, call, end, now)? {
        Some(entry) => Ok(entry),
        None => Ok(entries::of_call(connection, call.id)?),
    }
}

/// The keys of conversation, caller and callee, who must be its members.
fn parties(connection: &Connection, call: &Call) -> Result<(i64, i64, i64), Fault> {
    let parties = connection
        .prepare_cached(
            "SELECT c.key, a.key, b.key FROM conversations c, accounts a, accounts b
             WHERE c.id = ?1 AND a.id = ?2 AND b.id = ?3
               AND EXISTS (SELECT 1 FROM members WHERE conversation = c.key AND account = a.key)
               AND EXISTS (SELECT 1 FROM members WHERE conversation = c.key AND account = b.key)",
        )?
        .query_row((call.conversation, call.caller, call.callee), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(parties.ok_or(Refusal::NotMember)?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Call> {
    let since = row.get(6)?;
    let active: bool = row.get(5)?;
    let legs = row.get_ref(7)?.as_blob()?;
    Ok(Call {
        id: row.get(0)?,
        conversation: row.get(1)?,
        media: row.get(2)?,
        caller: row.get(3)?,
        callee: row.get(4)?,
        state: if active { CallState::Active { since } } else { CallState::Ringing { since } },
        legs: legs.as_chunks::<32>().0.iter().map(leg).collect(),
    })
}

fn leg(bytes: &[u8; 32]) -> Leg {
    let [mut account, mut device] = [[0; 16]; 2];
    account.copy_from_slice(&bytes[..16]);
    device.copy_from_slice(&bytes[16..]);
    Leg {
        account: AccountId::from_bytes(account),
        device: DeviceId::from_bytes(device),
        attached: false,
    }
}
