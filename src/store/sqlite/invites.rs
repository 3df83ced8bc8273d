//! Invite links.

use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, acts, control, conversations, grants, keys};
use crate::pure::e2ee::{Control, Op};
use crate::pure::wire::api::Invite;
use crate::pure::wire::owner::Act;
use crate::pure::wire::{AccountId, ConversationId, InviteId, LinkId, Millis, Name};
use crate::store::{By, Controlled, NewControl, Opened, Pending, Refusal};

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
        auth_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Name>> {
        let auth_hash = *auth_hash;
        self.read(move |connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT a.name FROM invites i JOIN accounts a ON a.key = i.by WHERE {USABLE}"
                ))?
                .query_row((invite, auth_hash, now), |row| row.get(0))
                .optional()
        })
    }

    pub(in crate::store) fn open_invite(
        &self,
        invite: InviteId,
        auth_hash: &[u8; 32],
        now: Millis,
    ) -> Pending<Option<Opened>> {
        let auth_hash = *auth_hash;
        self.read(move |connection| open(connection, invite, auth_hash, now))
    }

    pub(in crate::store) fn create_invite(
        &self,
        invite: Invite,
        auth_hash: [u8; 32],
        link: Option<NewControl>,
    ) -> Write<Option<Controlled>> {
        self.write(move |connection| {
            create(connection, &invite, &auth_hash)?;
            let Some(event) = link else {
                let by = By { account: None, now: invite.created };
                let act = Act::InviteMade { invite: invite.id, uses: invite.max_uses };
                acts::note(connection, by, None, &act)?;
                return Ok(None);
            };
            adds_link(&event, invite.id)?;
            control::post(connection, &event).map(Some)
        })
    }

    pub(in crate::store) fn revoke_invite(
        &self,
        invite: InviteId,
        by: Option<AccountId>,
        admin: By,
    ) -> Write<Vec<ConversationId>> {
        self.write(move |connection| revoke(connection, invite, by, admin))
    }
}

/// What makes an invite `i` of somebody `a` good. The comparison takes no
/// constant time: what it could tell is a prefix of a hash of random bytes.
const USABLE: &str = "i.id = ?1 AND i.auth_hash = ?2 AND i.expires > ?3
    AND i.revoked = 0 AND i.uses < i.max_uses AND a.disabled = 0";

/// Counts a use, or refuses. Inside the one writer's transaction nobody else
/// can take the last one in between.
pub(super) fn use_up(
    connection: &Connection,
    invite: InviteId,
    auth: &[u8],
    now: Millis,
) -> Result<(), Fault> {
    let auth_hash: [u8; 32] = Sha256::digest(auth).into();
    let used = connection
        .prepare_cached(&format!(
            "UPDATE invites AS i SET uses = uses + 1 FROM accounts a WHERE a.key = i.by AND {USABLE}"
        ))?
        .execute((invite, auth_hash, now))?;
    if used == 0 { Err(Refusal::TicketInvalid.into()) } else { Ok(()) }
}

/// Whoever still has a revoked link could read on: Everyone needs new keys, if the link is in it.
fn revoke(
    connection: &Connection,
    invite: InviteId,
    by: Option<AccountId>,
    admin: By,
) -> Result<Vec<ConversationId>, Fault> {
    let whose: Option<AccountId> = connection
        .prepare_cached(
            "UPDATE invites SET revoked = 1 WHERE id = ?1
             AND (?2 IS NULL OR by = (SELECT key FROM accounts WHERE id = ?2))
             RETURNING (SELECT id FROM accounts WHERE key = by)",
        )?
        .query_row((invite, by), |row| row.get(0))
        .optional()?;
    let whose = whose.ok_or(Refusal::NotFound)?;
    // What people do with their own is theirs.
    if admin.account != Some(whose) {
        acts::note(connection, admin, Some(whose), &Act::InviteRevoked { invite })?;
    }
    let (key, everyone) = conversations::everyone(connection)?;
    let state = conversations::state(connection, key)?;
    if state.is_none_or(|state| state.link(invite.into()).is_none()) {
        return Ok(Vec::new());
    }
    let marked = connection
        .prepare_cached("UPDATE conversations SET rotation = 1 WHERE key = ?1 AND rotation = 0")?
        .execute((key,))?;
    Ok(if marked == 0 { Vec::new() } else { vec![everyone] })
}

/// Whether the event adds the invite's link, and to Everyone is for the rules to say.
fn adds_link(event: &NewControl, invite: InviteId) -> Result<(), Refusal> {
    match Control::parse(&event.envelope).map(|control| control.op) {
        Ok(Op::LinkAdd { link }) if link.id == invite.into() => Ok(()),
        _ => Err(Refusal::Malformed),
    }
}

/// Everything that the invited needs: the log of Everyone, the keys to check it by, and
/// what the link can open. Links without keys get their name alone.
fn open(
    connection: &Connection,
    invite: InviteId,
    auth_hash: [u8; 32],
    now: Millis,
) -> rusqlite::Result<Option<Opened>> {
    let snapshot = connection.unchecked_transaction()?;
    let by = snapshot
        .prepare_cached(&format!(
            "SELECT a.name FROM invites i JOIN accounts a ON a.key = i.by WHERE {USABLE}"
        ))?
        .query_row((invite, auth_hash, now), |row| row.get(0))
        .optional()?;
    let Some(by) = by else { return Ok(None) };
    let (key, everyone) = conversations::everyone(&snapshot)?;
    let mut opened =
        Opened { by, everyone, control: Vec::new(), records: Vec::new(), grants: Vec::new() };
    let state = conversations::state(&snapshot, key)?;
    if state.is_some_and(|state| state.link(invite.into()).is_some()) {
        (opened.control, _) = control::log(&snapshot, key, None, usize::MAX, usize::MAX)?;
        for signer in control::signers(&snapshot, key)? {
            opened.records.push((signer, keys::records(&snapshot, signer, 0)?));
        }
        opened.grants = grants::of(&snapshot, key, LinkId::from(invite).into())?;
    }
    Ok(Some(opened))
}

fn create(connection: &Connection, invite: &Invite, auth_hash: &[u8; 32]) -> Result<(), Fault> {
    let by = accounts::key(connection, invite.by)?.ok_or(Refusal::NotFound)?;
    let made = connection
        .prepare_cached(
            "INSERT INTO invites (id, auth_hash, by, created, expires, uses, max_uses, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
        )?
        .execute((
            invite.id,
            auth_hash,
            by,
            invite.created,
            invite.expires,
            invite.uses,
            invite.max_uses,
            invite.revoked,
        ))?;
    if made == 0 { Err(Refusal::Conflict.into()) } else { Ok(()) }
}

/// A row's first seven columns.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Invite> {
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
