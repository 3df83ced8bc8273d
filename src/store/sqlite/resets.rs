//! Choosing a new password without the old one: with a link from an admin, or
//! the recovery code.

use rusqlite::{Connection, OptionalExtension};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, acts, keys, passkeys, sessions};
use crate::pure::wire::owner::Act;
use crate::pure::wire::{Account, AccountId, Millis, ResetId};
use crate::store::{By, KeysChanged, NewPassword, Pending, Refusal};

impl SqliteStore {
    pub(in crate::store) fn check_reset(
        &self,
        reset: ResetId,
        secret_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Account>> {
        let secret_hash = *secret_hash;
        self.read(move |connection| match find(connection, reset, &secret_hash, now)? {
            Some(account) => accounts::find(connection, account),
            None => Ok(None),
        })
    }

    pub(in crate::store) fn create_reset(
        &self,
        reset: ResetId,
        account: AccountId,
        secret_hash: [u8; 32],
        expires: Millis,
        by: By,
    ) -> Write<()> {
        self.write(move |connection| {
            acts::note(connection, by, Some(account), &Act::ResetMade)?;
            let account = accounts::key(connection, account)?.ok_or(Refusal::NotFound)?;
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO resets (account, id, secret_hash, expires)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((account, reset, secret_hash, expires))?;
            Ok(())
        })
    }

    pub(in crate::store) fn reset_password(
        &self,
        reset: ResetId,
        secret_hash: [u8; 32],
        new: NewPassword,
    ) -> Write<KeysChanged> {
        self.write(move |connection| {
            let account = find(connection, reset, &secret_hash, new.session.now)?;
            if account.ok_or(Refusal::TicketInvalid)? != new.keys.account {
                return Err(Refusal::TicketInvalid.into());
            }
            connection.prepare_cached("DELETE FROM resets WHERE id = ?1")?.execute((reset,))?;
            open_anew(connection, &new)
        })
    }

    pub(in crate::store) fn recovery(
        &self,
        account: AccountId,
        auth_hash: &[u8; 32],
    ) -> Pending<bool> {
        let auth_hash = *auth_hash;
        self.read(move |connection| knows_code(connection, account, &auth_hash))
    }

    pub(in crate::store) fn recover(
        &self,
        auth_hash: [u8; 32],
        new: NewPassword,
    ) -> Write<KeysChanged> {
        self.write(move |connection| {
            // The code is used up by the first of two that race.
            if !knows_code(connection, new.keys.account, &auth_hash)? {
                return Err(Refusal::TicketInvalid.into());
            }
            open_anew(connection, &new)
        })
    }
}

/// Sets password and keys, ends all sessions and passkeys of the account and signs the new one in.
fn open_anew(connection: &Connection, new: &NewPassword) -> Result<KeysChanged, Fault> {
    let account = new.keys.account;
    accounts::set_password(connection, account, &new.password)?;
    let mut ended = sessions::end_account(connection, account)?;
    // Whoever takes an account back by its code may have lost it to somebody who added one.
    passkeys::drop_all(connection, account)?;
    // First, because the record lists the device of the new session.
    ended.extend(sessions::sign_in(connection, account, &new.session)?);
    let (record, mut changed) = keys::replace(connection, &new.keys, |_| Ok(()))?;
    if record.reset != new.reset || record.appended != [new.session.device] {
        return Err(Refusal::Malformed.into());
    }
    changed.ended.extend(ended);
    Ok(changed)
}

/// Whether this is the hash of what the account's recovery code derives. The comparison takes no
/// constant time: what it could tell is a prefix of a hash of random bytes.
fn knows_code(
    connection: &Connection,
    account: AccountId,
    auth_hash: &[u8; 32],
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM accounts
             WHERE id = ?1 AND recovery = ?2 AND disabled = 0)",
        )?
        .query_row((account, auth_hash), |row| row.get(0))
}

/// Whose link it is, if it is good.
fn find(
    connection: &Connection,
    reset: ResetId,
    secret_hash: &[u8; 32],
    now: Millis,
) -> rusqlite::Result<Option<AccountId>> {
    connection
        .prepare_cached(
            "SELECT a.id FROM resets r JOIN accounts a ON a.key = r.account
             WHERE r.id = ?1 AND r.secret_hash = ?2 AND r.expires > ?3 AND a.disabled = 0",
        )?
        .query_row((reset, secret_hash, now), |row| row.get(0))
        .optional()
}
