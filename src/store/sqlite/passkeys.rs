//! Passkeys: each has a wrap of the master key and a key that signs its
//! sign-ins, independent of all others. Row and wrap come and go together.

use rusqlite::{Connection, OptionalExtension};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, keys, sessions};
use crate::pure::wire::passkey::Passkey;
use crate::pure::wire::{AccountId, Blob, Name, WrapId, limits};
use crate::store::{Ended, KnownPasskey, NewPasskey, NewSession, Pending, Refusal};

impl SqliteStore {
    pub(in crate::store) fn passkey(&self, credential: Blob) -> Pending<Option<KnownPasskey>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT p.wrap, a.id, a.disabled, p.signs FROM passkeys p
                     JOIN accounts a ON a.key = p.account WHERE p.credential = ?1",
                )?
                .query_row((credential.as_ref(),), |row| {
                    Ok(KnownPasskey {
                        id: row.get(0)?,
                        account: row.get(1)?,
                        disabled: row.get(2)?,
                        signs: row.get(3)?,
                    })
                })
                .optional()
        })
    }

    pub(in crate::store) fn passkeys(&self, account: AccountId) -> Pending<Vec<Passkey>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT p.wrap, p.credential, p.name, p.created FROM passkeys p
                     JOIN accounts a ON a.key = p.account WHERE a.id = ?1 ORDER BY p.key",
                )?
                .query_map((account,), |row| {
                    Ok(Passkey {
                        id: row.get(0)?,
                        credential: row.get::<_, Vec<u8>>(1)?.into(),
                        name: row.get(2)?,
                        created: row.get(3)?,
                    })
                })?
                .collect()
        })
    }

    pub(in crate::store) fn add_passkey(&self, new: NewPasskey) -> Write<Passkey> {
        self.write(move |connection| add(connection, new))
    }

    pub(in crate::store) fn rename_passkey(
        &self,
        account: AccountId,
        passkey: WrapId,
        name: Name,
    ) -> Write<()> {
        self.write(move |connection| {
            let found = connection
                .prepare_cached(
                    "UPDATE passkeys SET name = ?3
                     WHERE wrap = ?2 AND account = (SELECT key FROM accounts WHERE id = ?1)",
                )?
                .execute((account, passkey, &name))?;
            if found == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
        })
    }

    pub(in crate::store) fn remove_passkey(
        &self,
        account: AccountId,
        passkey: WrapId,
    ) -> Write<()> {
        self.write(move |connection| {
            let key = accounts::key(connection, account)?.ok_or(Refusal::NotFound)?;
            let found = connection
                .prepare_cached("DELETE FROM passkeys WHERE account = ?1 AND wrap = ?2")?
                .execute((key, passkey))?;
            if found == 0 {
                return Err(Refusal::NotFound.into());
            }
            connection
                .prepare_cached("DELETE FROM wraps WHERE account = ?1 AND id = ?2")?
                .execute((key, passkey))?;
            Ok(())
        })
    }

    pub(in crate::store) fn sign_in_by_passkey(
        &self,
        passkey: WrapId,
        account: AccountId,
        session: NewSession,
    ) -> Write<Ended> {
        self.write(move |connection| {
            let there: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM passkeys
                     WHERE wrap = ?2 AND account = (SELECT key FROM accounts WHERE id = ?1))",
                )?
                .query_row((account, passkey), |row| row.get(0))?;
            if !there {
                return Err(Refusal::NotFound.into());
            }
            sessions::sign_in(connection, account, &session)
        })
    }
}

fn add(connection: &Connection, new: NewPasskey) -> Result<Passkey, Fault> {
    let NewPasskey { account, credential, name, signs, wrap, bundle_version, now } = new;
    let key = keys::still(connection, account, bundle_version)?;
    let (known, count): (bool, u32) = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM passkeys WHERE credential = ?2 OR wrap = ?3),
                    (SELECT count(*) FROM passkeys WHERE account = ?1)",
        )?
        .query_row((key, credential.as_ref(), wrap.id), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if known {
        return Err(Refusal::Conflict.into());
    }
    if count >= limits::PASSKEYS {
        return Err(Refusal::QuotaExceeded.into());
    }
    let id = wrap.id;
    keys::add_wrap(connection, key, &wrap)?;
    connection
        .prepare_cached(
            "INSERT INTO passkeys (wrap, account, credential, name, signs, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((id, key, credential.as_ref(), &name, signs, now))?;
    Ok(Passkey { id, credential, name, created: now })
}

/// Removes all of an account's: the master key is another one now, or whoever held the account
/// before is to be kept out.
pub(super) fn drop_all(connection: &Connection, account: AccountId) -> rusqlite::Result<()> {
    for text in [
        "DELETE FROM wraps WHERE account = (SELECT key FROM accounts WHERE id = ?1)
             AND id IN (SELECT wrap FROM passkeys WHERE account = wraps.account)",
        "DELETE FROM passkeys WHERE account = (SELECT key FROM accounts WHERE id = ?1)",
    ] {
        connection.prepare_cached(text)?.execute((account,))?;
    }
    Ok(())
}
