//! Account records with their devices, and the sealed keys that go with them.
//!
//! Every version was checked against the one before it inside the transaction
//! that stored it, so of two that race for one number one is refused.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, conversations, passkeys, sessions};
use crate::pure::e2ee::{Record, RecordChange, VerifyKey};
use crate::pure::wire::{AccountId, Blob, Bundle, DeviceId, SealedSettings, SignedRecord, Wrap};
use crate::store::{KeyChange, KeysChanged, NewWrap, Pending, Refusal, StoredKeys};

impl SqliteStore {
    pub(in crate::store) fn device_key(
        &self,
        account: AccountId,
        device: DeviceId,
    ) -> Pending<Option<VerifyKey>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT d.signs FROM devices d JOIN accounts a ON a.key = d.account
                     WHERE d.id = ?1 AND a.id = ?2 AND d.signs IS NOT NULL AND d.revoked = 0",
                )?
                .query_row((device, account), |row| row.get(0))
                .optional()
        })
    }

    pub(in crate::store) fn records(
        &self,
        account: AccountId,
        after: u32,
    ) -> Pending<Vec<SignedRecord>> {
        self.read(move |connection| records(connection, account, after))
    }

    pub(in crate::store) fn keys(&self, account: AccountId) -> Pending<Option<StoredKeys>> {
        self.read(move |connection| keys(connection, account))
    }

    pub(in crate::store) fn put_keys(
        &self,
        change: KeyChange,
        device: DeviceId,
        proved: bool,
    ) -> Write<KeysChanged> {
        self.write(move |connection| {
            let (_, done) = replace(connection, &change, |record| {
                let plain = change.wraps.is_empty() && change.bundle.is_none();
                let own = record.revoked.is_empty() && !record.rekeyed;
                let harmless = plain && own && record.appended == [device];
                if harmless || proved { Ok(()) } else { Err(Refusal::ReauthRequired) }
            })?;
            Ok(done)
        })
    }

    pub(in crate::store) fn put_recovery(
        &self,
        account: AccountId,
        wrap: NewWrap,
        auth_hash: [u8; 32],
    ) -> Write<()> {
        self.write(move |connection| {
            let key = rewrap(connection, account, wrap)?;
            Ok(set_recovery(connection, key, &auth_hash)?)
        })
    }

    pub(in crate::store) fn put_settings(
        &self,
        account: AccountId,
        settings: SealedSettings,
    ) -> Write<()> {
        self.write(move |connection| {
            let changed = connection
                .prepare_cached(
                    "UPDATE accounts SET settings_version = ?2, settings_nonce = ?3, settings = ?4
                     WHERE id = ?1 AND settings_version = ?2 - 1",
                )?
                .execute((
                    account,
                    settings.version,
                    settings.nonce.as_ref(),
                    settings.ct.as_ref(),
                ))?;
            if changed == 0 { Err(Refusal::Conflict.into()) } else { Ok(()) }
        })
    }
}

/// All versions of a record after one, the oldest first.
pub(super) fn records(
    connection: &Connection,
    account: AccountId,
    after: u32,
) -> rusqlite::Result<Vec<SignedRecord>> {
    connection
        .prepare_cached(
            "SELECT payload, signature, continuity FROM records
             WHERE account = (SELECT key FROM accounts WHERE id = ?1) AND version > ?2
             ORDER BY version",
        )?
        .query_map((account, after), read_record)?
        .collect()
}

/// Stores the first version of a record, with everything that goes with it.
pub(super) fn begin(
    connection: &Connection,
    account: i64,
    (record, signed): &(Record, SignedRecord),
) -> Result<(), Fault> {
    insert(connection, account, record, signed, false)?;
    list_devices(connection, account, record)
}

/// Puts the next version of a record and its keys in place, if `allowed` by what it changes.
/// Devices that it revokes, and keys that it renews, call for new keys of all conversations;
/// renewed keys end all passkeys.
pub(super) fn replace(
    connection: &Connection,
    change: &KeyChange,
    allowed: impl FnOnce(&RecordChange) -> Result<(), Refusal>,
) -> Result<(RecordChange, KeysChanged), Fault> {
    let key = accounts::key(connection, change.account)?.ok_or(Refusal::NotFound)?;
    let newest: Vec<u8> = connection
        .prepare_cached(
            "SELECT payload FROM records WHERE account = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row((key,), |row| row.get(0))?;
    let before = Record::stored(&newest).expect("it was checked before it was stored");
    let wanted = Record::stored(change.record.payload.as_ref()).map_err(|_| Refusal::Malformed)?;
    if wanted.version() != before.version() + 1 {
        return Err(Refusal::Conflict.into());
    }
    let (record, changed) = before.next(&change.record).map_err(|error| match error {
        crate::pure::e2ee::InvalidRecord::Prev => Refusal::Conflict,
        _ => Refusal::Malformed,
    })?;
    allowed(&changed)?;
    let bundled = change.bundle.as_ref().map(|bundle| bundle.version);
    if changed.rebundled != bundled.is_some()
        || bundled.is_some_and(|version| version != record.bundle_version())
    {
        return Err(Refusal::Malformed.into());
    }
    insert(connection, key, &record, &change.record, changed.reset)?;
    list_devices(connection, key, &record)?;
    if let Some(bundle) = &change.bundle {
        put_bundle(connection, key, bundle)?;
    }
    put_wraps(connection, change.account, &change.wraps)?;
    if changed.rekeyed {
        // Only each passkey itself could seal the new master key for itself.
        passkeys::drop_all(connection, change.account)?;
    }
    if let Some(hash) = &change.recovery_auth_hash {
        set_recovery(connection, key, hash)?;
    }
    let mut ended = Vec::new();
    for device in &changed.revoked {
        ended.extend(sessions::end_device(connection, *device)?);
    }
    let rotations = if changed.revoked.is_empty() && !changed.rekeyed {
        Vec::new()
    } else {
        conversations::rotate_all_of(connection, change.account)?
    };
    let account = accounts::existing(connection, change.account)?;
    Ok((changed, KeysChanged { account, ended, rotations }))
}

/// Writes a version and what the account's row repeats of it.
fn insert(
    connection: &Connection,
    account: i64,
    record: &Record,
    signed: &SignedRecord,
    reset: bool,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO records (account, version, payload, signature, continuity, identity, reset)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            account,
            record.version(),
            signed.payload.as_ref(),
            signed.signature.as_ref(),
            signed.continuity.as_ref().map(AsRef::<[u8]>::as_ref),
            record.identity(),
            reset,
        ))?;
    connection
        .prepare_cached(
            "UPDATE accounts SET version = ?2, generation = ?3, identity = ?4 WHERE key = ?1",
        )?
        .execute((account, record.version(), record.generation(), record.identity()))?;
    Ok(())
}

/// Notes the keys and the revocations of the devices that a record lists; all of them must
/// have been signed in here.
fn list_devices(connection: &Connection, account: i64, record: &Record) -> Result<(), Fault> {
    let mut update = connection.prepare_cached(
        "UPDATE devices SET signs = ?3, revoked = ?4 WHERE id = ?1 AND account = ?2",
    )?;
    for device in record.devices() {
        if update.execute((device.id, account, device.key, device.revoked.is_some()))? == 0 {
            return Err(Refusal::Malformed.into());
        }
    }
    Ok(())
}

fn put_bundle(connection: &Connection, account: i64, bundle: &Bundle) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE accounts SET bundle_version = ?2, bundle_nonce = ?3, bundle = ?4 WHERE key = ?1",
        )?
        .execute((account, bundle.version, bundle.nonce.as_ref(), bundle.ct.as_ref()))?;
    Ok(())
}

fn set_recovery(connection: &Connection, account: i64, hash: &[u8; 32]) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE accounts SET recovery = ?2 WHERE key = ?1")?
        .execute((account, hash))?;
    Ok(())
}

/// The integer key of an account, whose bundle must still be this version: a master key that was
/// replaced in between opens nothing any more.
pub(super) fn still(
    connection: &Connection,
    account: AccountId,
    bundle_version: u32,
) -> Result<i64, Fault> {
    let (key, version): (i64, u32) = connection
        .prepare_cached("SELECT key, bundle_version FROM accounts WHERE id = ?1")?
        .query_row((account,), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(Refusal::NotFound)?;
    if version == bundle_version { Ok(key) } else { Err(Refusal::Conflict.into()) }
}

/// Seals the master key anew, in place of the wrap of the same type.
pub(super) fn rewrap(
    connection: &Connection,
    account: AccountId,
    NewWrap { wrap, bundle_version }: NewWrap,
) -> Result<i64, Fault> {
    let key = still(connection, account, bundle_version)?;
    put_wraps(connection, account, &[wrap])?;
    Ok(key)
}

/// Adds wraps in place of those of the same type.
pub(super) fn put_wraps(
    connection: &Connection,
    account: AccountId,
    wraps: &[Wrap],
) -> Result<(), Fault> {
    let key = accounts::key(connection, account)?.ok_or(Refusal::NotFound)?;
    for wrap in wraps {
        connection
            .prepare_cached("DELETE FROM wraps WHERE account = ?1 AND type = ?2")?
            .execute((key, wrap.kind))?;
    }
    wraps.iter().try_for_each(|wrap| add_wrap(connection, key, wrap))
}

/// Adds a wrap beside all others.
pub(super) fn add_wrap(connection: &Connection, account: i64, wrap: &Wrap) -> Result<(), Fault> {
    let Wrap { id, kind, nonce, ct } = wrap;
    let made = connection
        .prepare_cached(
            "INSERT INTO wraps (account, id, type, nonce, ct) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        )?
        .execute((account, id, kind, nonce.as_ref(), ct.as_ref()))?;
    if made == 0 { Err(Refusal::Malformed.into()) } else { Ok(()) }
}

fn keys(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<StoredKeys>> {
    let found = connection
        .prepare_cached(
            "SELECT key, bundle_version, bundle_nonce, bundle,
                    settings_version, settings_nonce, settings FROM accounts WHERE id = ?1",
        )?
        .query_row((account,), |row| {
            let bundle = Bundle { version: row.get(1)?, nonce: blob(row, 2)?, ct: blob(row, 3)? };
            let settings =
                SealedSettings { version: row.get(4)?, nonce: blob(row, 5)?, ct: blob(row, 6)? };
            Ok((row.get::<_, i64>(0)?, bundle, (settings.version > 0).then_some(settings)))
        })
        .optional()?;
    let Some((key, bundle, settings)) = found else { return Ok(None) };
    let wraps = connection
        .prepare_cached("SELECT id, type, nonce, ct FROM wraps WHERE account = ?1 ORDER BY type")?
        .query_map((key,), |row| {
            Ok(Wrap { id: row.get(0)?, kind: row.get(1)?, nonce: blob(row, 2)?, ct: blob(row, 3)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some(StoredKeys { records: records(connection, account, 0)?, bundle, wraps, settings }))
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<SignedRecord> {
    Ok(SignedRecord {
        payload: blob(row, 0)?,
        signature: blob(row, 1)?,
        continuity: row.get::<_, Option<Vec<u8>>>(2)?.map(Blob::from),
    })
}

fn blob(row: &Row<'_>, column: usize) -> rusqlite::Result<Blob> {
    row.get::<_, Vec<u8>>(column).map(Blob::from)
}
