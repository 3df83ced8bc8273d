//! Pictures of people.

use bytes::Bytes;
use rusqlite::OptionalExtension;

use super::{SqliteStore, Write, accounts};
use crate::pure::wire::{Account, AccountId};
use crate::store::{Pending, Refusal};

impl SqliteStore {
    pub(in crate::store) fn avatar(
        &self,
        account: AccountId,
        hash: &str,
    ) -> Pending<Option<Bytes>> {
        let hash = hash.to_owned();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT v.picture FROM avatars v JOIN accounts a ON a.key = v.account
                     WHERE a.id = ?1 AND v.hash = ?2",
                )?
                .query_row((account, hash), |row| row.get::<_, Vec<u8>>(0).map(Bytes::from))
                .optional()
        })
    }

    pub(in crate::store) fn set_avatar(
        &self,
        account: AccountId,
        picture: Option<(String, Bytes)>,
    ) -> Write<Account> {
        self.write(move |connection| {
            let key = accounts::key(connection, account)?.ok_or(Refusal::NotFound)?;
            match &picture {
                Some((hash, picture)) => connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO avatars (account, hash, picture) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((key, hash, picture.as_ref()))?,
                None => connection
                    .prepare_cached("DELETE FROM avatars WHERE account = ?1")?
                    .execute((key,))?,
            };
            accounts::existing(connection, account)
        })
    }
}
