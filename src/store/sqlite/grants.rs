//! Grants: sealed secrets of epochs, kept until their grantee is gone.

use rusqlite::Connection;

use super::control::{keys_of, member_of};
use super::writer::Fault;
use super::{SqliteStore, Write, accounts, conversations};
use crate::pure::wire::{AccountId, ConversationId, Grant, GranteeId, MemberRole, OwnGrant};
use crate::store::{Pending, Refusal};

impl SqliteStore {
    pub(in crate::store) fn own_grants(
        &self,
        conversation: ConversationId,
        account: AccountId,
    ) -> Pending<Option<Vec<OwnGrant>>> {
        self.read(move |connection| {
            let key = member_of(connection, conversation, account)?;
            key.map(|key| of(connection, key, account.into())).transpose()
        })
    }

    pub(in crate::store) fn post_grants(
        &self,
        conversation: ConversationId,
        by: AccountId,
        grants: Vec<Grant>,
    ) -> Write<()> {
        self.write(move |connection| post(connection, conversation, by, &grants))
    }
}

/// The grants for an account or link.
pub(super) fn of(
    connection: &Connection,
    conversation: i64,
    grantee: GranteeId,
) -> rusqlite::Result<Vec<OwnGrant>> {
    connection
        .prepare_cached(
            "SELECT g.epoch, g.g, g.enc, g.ct, a.id FROM grants g JOIN accounts a ON a.key = g.by
             WHERE g.conversation = ?1 AND g.grantee = ?2 ORDER BY g.epoch",
        )?
        .query_map((conversation, grantee), |row| {
            Ok(OwnGrant {
                epoch: row.get(0)?,
                g: row.get(1)?,
                enc: row.get::<_, Vec<u8>>(2)?.into(),
                ct: row.get::<_, Vec<u8>>(3)?.into(),
                by: row.get(4)?,
            })
        })?
        .collect()
}

/// Adds grants by a member, in place of what the same member granted before.
pub(super) fn insert(
    connection: &Connection,
    conversation: i64,
    by: i64,
    grants: &[Grant],
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO grants (conversation, grantee, epoch, by, g, enc, ct)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for grant in grants {
        let (enc, ct) = (grant.enc.as_ref(), grant.ct.as_ref());
        insert.execute((conversation, grant.to, grant.epoch, by, grant.g, enc, ct))?;
    }
    Ok(())
}

/// Who has left gets nothing any more; should they come back, they are granted anew.
pub(super) fn drop(
    connection: &Connection,
    conversation: i64,
    grantee: GranteeId,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM grants WHERE conversation = ?1 AND grantee = ?2")?
        .execute((conversation, grantee))?;
    Ok(())
}

/// Grants given again, by a member to members who cannot open what they may see.
fn post(
    connection: &Connection,
    conversation: ConversationId,
    by: AccountId,
    grants: &[Grant],
) -> Result<(), Fault> {
    let key = member_of(connection, conversation, by)?.ok_or(Refusal::NotMember)?;
    let state = conversations::state(connection, key)?.ok_or(Refusal::NotMember)?;
    if state.member(by).is_none_or(|member| member.role == MemberRole::Guest) {
        return Err(Refusal::Forbidden.into());
    }
    for grant in grants {
        let account = AccountId::from_bytes(*grant.to.as_bytes());
        let keys = keys_of(connection, account)?;
        state.check_regrant(grant, |_| keys).map_err(|_| Refusal::Malformed)?;
        let visible: bool = connection
            .prepare_cached(
                "SELECT NOT EXISTS (SELECT 1 FROM members WHERE conversation = ?1
                     AND account = (SELECT key FROM accounts WHERE id = ?2) AND since_epoch > ?3)",
            )?
            .query_row((key, account, grant.epoch), |row| row.get(0))?;
        if !visible {
            return Err(Refusal::Forbidden.into());
        }
    }
    let granter = accounts::key(connection, by)?.ok_or(Refusal::NotFound)?;
    Ok(insert(connection, key, granter, grants)?)
}
