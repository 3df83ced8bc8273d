//! Links with which somebody chooses a new password.

use rusqlite::{Connection, OptionalExtension};

use super::{SqliteStore, Write, accounts, sessions};
use crate::pure::wire::{Account, AccountId, Blob, Millis, ResetId};
use crate::store::{Ended, NewSession, Pending, Refusal};

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
    ) -> Write<()> {
        self.write(move |connection| {
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
        record: Blob,
        session: NewSession,
    ) -> Write<Ended> {
        self.write(move |connection| {
            let account = find(connection, reset, &secret_hash, session.now)?;
            let account = account.ok_or(Refusal::TicketInvalid)?;
            connection.prepare_cached("DELETE FROM resets WHERE id = ?1")?.execute((reset,))?;
            accounts::set_record(connection, account, &record)?;
            let mut ended = sessions::end_account(connection, account)?;
            ended.extend(sessions::sign_in(connection, account, &session)?);
            Ok(ended)
        })
    }
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
