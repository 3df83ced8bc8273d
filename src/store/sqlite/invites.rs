//! Invite links.

use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts};
use crate::pure::wire::api::Invite;
use crate::pure::wire::{AccountId, InviteId, Millis, Name};
use crate::store::{Pending, Refusal};

impl SqliteStore {
    pub(in crate::store) fn invites(&self, by: Option<AccountId>) -> Pending<Vec<Invite>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT i.id, a.id, i.created, i.expires, i.uses, i.max_uses, i.revoked
                     FROM invites i JOIN accounts a ON a.key = i.by
                     WHERE ?1 IS NULL OR a.id = ?1 ORDER BY i.key DESC",
                )?
                .query_map((by,), read)?
                .collect()
        })
    }

    pub(in crate::store) fn check_invite(
        &self,
        invite: InviteId,
        secret_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Name>> {
        let secret_hash = *secret_hash;
        self.read(move |connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT a.name FROM invites i JOIN accounts a ON a.key = i.by WHERE {USABLE}"
                ))?
                .query_row((invite, secret_hash, now), |row| row.get(0))
                .optional()
        })
    }

    pub(in crate::store) fn create_invite(
        &self,
        invite: Invite,
        secret_hash: [u8; 32],
    ) -> Write<()> {
        self.write(move |connection| create(connection, &invite, &secret_hash))
    }

    pub(in crate::store) fn revoke_invite(
        &self,
        invite: InviteId,
        by: Option<AccountId>,
    ) -> Write<()> {
        self.write(move |connection| {
            let found = connection
                .prepare_cached(
                    "UPDATE invites SET revoked = 1 WHERE id = ?1
                     AND (?2 IS NULL OR by = (SELECT key FROM accounts WHERE id = ?2))",
                )?
                .execute((invite, by))?;
            if found == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
        })
    }
}

/// What makes an invite `i` of somebody `a` good. The comparison takes no
/// constant time: what it could tell is a prefix of a hash of a random secret.
const USABLE: &str = "i.id = ?1 AND i.secret_hash = ?2 AND i.expires > ?3
    AND i.revoked = 0 AND i.uses < i.max_uses AND a.disabled = 0";

/// Counts a use, or refuses. Inside the one writer's transaction nobody else
/// can take the last one in between.
pub(super) fn use_up(
    connection: &Connection,
    invite: InviteId,
    secret: &[u8],
    now: Millis,
) -> Result<(), Fault> {
    let secret_hash: [u8; 32] = Sha256::digest(secret).into();
    let used = connection
        .prepare_cached(&format!(
            "UPDATE invites AS i SET uses = uses + 1 FROM accounts a WHERE a.key = i.by AND {USABLE}"
        ))?
        .execute((invite, secret_hash, now))?;
    if used == 0 { Err(Refusal::TicketInvalid.into()) } else { Ok(()) }
}

fn create(connection: &Connection, invite: &Invite, secret_hash: &[u8; 32]) -> Result<(), Fault> {
    let by = accounts::key(connection, invite.by)?.ok_or(Refusal::NotFound)?;
    let made = connection
        .prepare_cached(
            "INSERT INTO invites (id, secret_hash, by, created, expires, uses, max_uses, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
        )?
        .execute((
            invite.id,
            secret_hash,
            by,
            invite.created,
            invite.expires,
            invite.uses,
            invite.max_uses,
            invite.revoked,
        ))?;
    if made == 0 { Err(Refusal::Conflict.into()) } else { Ok(()) }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Invite> {
    Ok(Invite {
        id: row.get(0)?,
        by: row.get(1)?,
        created: row.get(2)?,
        expires: row.get(3)?,
        uses: row.get(4)?,
        max_uses: row.get(5)?,
        revoked: row.get(6)?,
    })
}
