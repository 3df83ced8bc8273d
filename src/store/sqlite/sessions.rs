//! Sign-ins and the devices they belong to. Only hashes of tokens come here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, acts};
use crate::pure::wire::api::{Device, Settings};
use crate::pure::wire::owner::Act;
use crate::pure::wire::{Account, AccountId, DeviceId, LinkId, Millis, SessionId};
use crate::store::{By, Ended, NewSession, Pending, Refusal, SessionRecord};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// How long a session lasts unused, and in all.
const IDLE: Millis = Millis(30 * DAY);
const ABSOLUTE: Millis = Millis(180 * DAY);

impl SqliteStore {
    pub(in crate::store) fn session(
        &self,
        token_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<SessionRecord>> {
        let token_hash = *token_hash;
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT a.id, a.name, v.hash, a.role, a.disabled, a.relay_calls, s.id, d.id, s.proved, a.version,
                            s.used, s.created, s.ends
                     FROM sessions s JOIN accounts a ON a.key = s.account
                     JOIN devices d ON d.key = s.device
                     LEFT JOIN avatars v ON v.account = a.key
                     WHERE s.token_hash = ?1 AND s.used > ?2 AND s.created > ?3 AND a.disabled = 0
                       AND (s.ends IS NULL OR s.ends > ?4)",
                )?
                .query_row((token_hash, limit(now, IDLE), limit(now, ABSOLUTE), now), read)
                .optional()
        })
    }

    pub(in crate::store) fn devices(
        &self,
        account: AccountId,
        current: DeviceId,
    ) -> Pending<Vec<Device>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT d.id, d.name, d.created, d.last_seen, d.network
                     FROM devices d JOIN accounts a ON a.key = d.account
                     WHERE a.id = ?1 AND EXISTS (SELECT 1 FROM sessions s WHERE s.device = d.key)
                     ORDER BY d.key DESC",
                )?
                .query_map((account,), |row| read_device(row, current))?
                .collect()
        })
    }

    pub(in crate::store) fn sign_in(
        &self,
        account: AccountId,
        session: NewSession,
    ) -> Write<Ended> {
        self.write(move |connection| sign_in(connection, account, &session))
    }

    pub(in crate::store) fn touch(
        &self,
        session: SessionId,
        network: String,
        now: Millis,
    ) -> Write<()> {
        if !self.0.touched.is_news(session, &network, now) {
            return Pending::done(Ok(()));
        }
        self.write(move |connection| touch(connection, session, &network, now))
    }

    pub(in crate::store) fn use_session(&self, session: SessionId, used: Millis) -> Write<Millis> {
        self.write(move |connection| {
            let lasts = connection
                .prepare_cached(
                    "UPDATE sessions SET used = max(used, ?2) WHERE id = ?1
                     RETURNING used, created, ends",
                )?
                .query_row((session, used), |row| Ok(expiry(row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            Ok(lasts.ok_or(Refusal::NotFound)?)
        })
    }

    pub(in crate::store) fn prove(&self, session: SessionId, now: Millis) -> Write<()> {
        self.write(move |connection| {
            let found = connection
                .prepare_cached("UPDATE sessions SET proved = ?2 WHERE id = ?1")?
                .execute((session, now))?;
            if found == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
        })
    }

    pub(in crate::store) fn end_session(&self, session: SessionId) -> Write<Ended> {
        self.write(move |connection| Ok(end(connection, "id = ?1", (session,))?))
    }

    pub(in crate::store) fn end_device(
        &self,
        account: AccountId,
        device: DeviceId,
    ) -> Write<Ended> {
        self.write(move |connection| {
            let owned: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM devices d JOIN accounts a ON a.key = d.account
                     WHERE d.id = ?2 AND a.id = ?1)",
                )?
                .query_row((account, device), |row| row.get(0))?;
            if !owned {
                return Err(Refusal::NotFound.into());
            }
            Ok(end_device(connection, device)?)
        })
    }

    pub(in crate::store) fn end_other_devices(
        &self,
        account: AccountId,
        keep: DeviceId,
    ) -> Write<Ended> {
        self.write(move |connection| {
            let others = "account = (SELECT key FROM accounts WHERE id = ?1)
                AND device IS NOT (SELECT key FROM devices WHERE id = ?2)";
            Ok(end(connection, others, (account, keep))?)
        })
    }

    pub(in crate::store) fn sign_out(
        &self,
        account: AccountId,
        device: Option<DeviceId>,
        by: By,
    ) -> Write<Ended> {
        self.write(move |connection| sign_out(connection, account, device, by))
    }
}

/// When which session was last noted, so that a busy one costs one write a day.
#[derive(Debug, Default)]
pub(super) struct Touched(Mutex<HashMap<SessionId, (u64, String)>>);

impl Touched {
    /// Whether the day or the network is another one than last time.
    fn is_news(&self, session: SessionId, network: &str, now: Millis) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let day = now.0 / DAY;
        if noted.get(&session).is_some_and(|(known, from)| *known == day && from == network) {
            return false;
        }
        // Forgetting costs one write for each session that is still there.
        if noted.len() >= 100_000 {
            noted.clear();
        }
        noted.insert(session, (day, network.to_owned()));
        true
    }
}

/// Adds a session; returns those of the same device that it replaces.
pub(super) fn sign_in(
    connection: &Connection,
    account: AccountId,
    new: &NewSession,
) -> Result<Ended, Fault> {
    let (account, disabled): (i64, bool) = connection
        .prepare_cached("SELECT key, disabled FROM accounts WHERE id = ?1")?
        .query_row((account,), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(Refusal::NotFound)?;
    if disabled {
        return Err(Refusal::Forbidden.into());
    }
    let mut ended =
        end(connection, "account = ?1 AND used <= ?2", (account, limit(new.now, IDLE)))?;
    let device = device(connection, account, new)?;
    ended.extend(end(connection, "device = ?1", (device,))?);
    let proved = if new.proved { new.now } else { Millis(0) };
    connection
        .prepare_cached(
            "INSERT INTO sessions (id, token_hash, account, device, created, used, proved)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
        )?
        .execute((new.id, new.token_hash, account, device, new.now, proved))?;
    Ok(ended)
}

/// What an admin does to somebody's sessions: all of them, or those of one device.
fn sign_out(
    connection: &Connection,
    account: AccountId,
    device: Option<DeviceId>,
    by: By,
) -> Result<Ended, Fault> {
    accounts::existing(connection, account)?;
    let Some(device) = device else {
        acts::note(connection, by, Some(account), &Act::SignedOut)?;
        return Ok(end_account(connection, account)?);
    };
    let name = connection
        .prepare_cached(
            "SELECT d.name FROM devices d JOIN accounts a ON a.key = d.account
             WHERE d.id = ?2 AND a.id = ?1",
        )?
        .query_row((account, device), |row| row.get(0))
        .optional()?;
    let act = Act::DeviceSignedOut { device: name.ok_or(Refusal::NotFound)? };
    acts::note(connection, by, Some(account), &act)?;
    Ok(end_device(connection, device)?)
}

/// Ends all sessions of an account.
pub(super) fn end_account(connection: &Connection, account: AccountId) -> rusqlite::Result<Ended> {
    end(connection, "account = (SELECT key FROM accounts WHERE id = ?1)", (account,))
}

/// Ends the sessions of all guests that are here by a link.
pub(super) fn end_guests(connection: &Connection, link: LinkId) -> rusqlite::Result<Ended> {
    end(connection, "account IN (SELECT key FROM accounts WHERE via = ?1 AND role = 3)", (link,))
}

/// Lets a session last no longer than until then.
pub(super) fn end_at(
    connection: &Connection,
    session: SessionId,
    ends: Millis,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE sessions SET ends = ?2 WHERE id = ?1")?
        .execute((session, ends))?;
    Ok(())
}

/// The account's sessions last as those of others.
pub(super) fn lift_end(connection: &Connection, account: AccountId) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE sessions SET ends = NULL
             WHERE account = (SELECT key FROM accounts WHERE id = ?1)",
        )?
        .execute((account,))?;
    Ok(())
}

/// Ends the sessions of one device.
pub(super) fn end_device(connection: &Connection, device: DeviceId) -> rusqlite::Result<Ended> {
    end(connection, "device = (SELECT key FROM devices WHERE id = ?1)", (device,))
}

/// The device's key; makes it, or notes its new name and place.
fn device(connection: &Connection, account: i64, new: &NewSession) -> Result<i64, Fault> {
    let known: Option<(i64, i64, bool)> = connection
        .prepare_cached("SELECT key, account, revoked FROM devices WHERE id = ?1")?
        .query_row((new.device,), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let today = day(new.now);
    match known {
        None => {
            connection
                .prepare_cached(
                    "INSERT INTO devices (id, account, name, network, created, last_seen)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((new.device, account, &new.device_name, &new.network, new.now, today))?;
            Ok(connection.last_insert_rowid())
        }
        Some((key, owner, false)) if owner == account => {
            connection
                .prepare_cached(
                    "UPDATE devices SET name = ?2, network = ?3, last_seen = ?4 WHERE key = ?1",
                )?
                .execute((key, &new.device_name, &new.network, today))?;
            Ok(key)
        }
        Some(_) => Err(Refusal::Conflict.into()),
    }
}

fn touch(
    connection: &Connection,
    session: SessionId,
    network: &str,
    now: Millis,
) -> Result<(), Fault> {
    let device: Option<i64> = connection
        .prepare_cached("UPDATE sessions SET used = max(used, ?2) WHERE id = ?1 RETURNING device")?
        .query_row((session, now), |row| row.get(0))
        .optional()?;
    connection
        .prepare_cached(
            "UPDATE devices SET last_seen = max(last_seen, ?2), network = ?3 WHERE key = ?1",
        )?
        .execute((device.ok_or(Refusal::NotFound)?, day(now), network))?;
    Ok(())
}

/// Removes the sessions that the condition, one of this file's texts, selects.
fn end(
    connection: &Connection,
    condition: &'static str,
    params: impl Params,
) -> rusqlite::Result<Ended> {
    connection
        .prepare_cached(&format!("DELETE FROM sessions WHERE {condition} RETURNING id"))?
        .query_map(params, |row| row.get(0))?
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<SessionRecord> {
    Ok(SessionRecord {
        account: Account {
            id: row.get(0)?,
            name: row.get(1)?,
            avatar: row.get(2)?,
            role: row.get(3)?,
            disabled: row.get(4)?,
            record: row.get(9)?,
        },
        settings: Settings { relay_calls: row.get(5)? },
        id: row.get(6)?,
        device: row.get(7)?,
        proved: row.get(8)?,
        expires: expiry(row.get(10)?, row.get(11)?, row.get(12)?),
        ends: row.get(12)?,
    })
}

/// A row's first five columns: id, name, created, last seen, network.
pub(super) fn read_device(row: &Row<'_>, current: DeviceId) -> rusqlite::Result<Device> {
    let id = row.get(0)?;
    Ok(Device {
        id,
        name: row.get(1)?,
        current: id == current,
        created: row.get(2)?,
        last_seen: row.get(3)?,
        network: row.get(4)?,
    })
}

/// What must be later than this for a session to last; below zero all are.
fn limit(now: Millis, span: Millis) -> i64 {
    i64::try_from(now.0).unwrap_or(i64::MAX) - i64::try_from(span.0).unwrap_or(i64::MAX)
}

/// The first moment at which a session is no more.
fn expiry(used: Millis, created: Millis, ends: Option<Millis>) -> Millis {
    let expires = used.plus(IDLE).min(created.plus(ABSOLUTE));
    ends.map_or(expires, |ends| ends.min(expires))
}

/// The start of the day: nobody needs to know more closely when a device was used.
fn day(now: Millis) -> Millis {
    Millis(now.0 - now.0 % DAY)
}
