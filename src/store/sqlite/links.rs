//! Links of rooms, and how they end: by an event of the control log, which takes those along who
//! came by them, or by their time, which demands such an event.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, control, conversations, grants, keys, sessions};
use crate::pure::e2ee::{Control, Op};
use crate::pure::wire::guest::Host;
use crate::pure::wire::{AccountId, ConversationId, Link, LinkId, MemberRole, Millis};
use crate::store::{
    Controlled, Ended, Expired, LinkGate, NewControl, NewLink, OpenedLink, Pending, Refusal,
};

impl SqliteStore {
    pub(in crate::store) fn create_link(&self, new: NewLink) -> Write<(Link, Controlled)> {
        self.write(move |connection| create(connection, &new))
    }

    pub(in crate::store) fn links(
        &self,
        conversation: ConversationId,
        account: AccountId,
    ) -> Pending<Option<Vec<Link>>> {
        self.read(move |connection| {
            let key = conversations::above_guest(connection, conversation, account)?;
            let Some(key) = key else { return Ok(None) };
            connection
                .prepare_cached(&format!("{LINK} WHERE l.conversation = ?1 ORDER BY l.key DESC"))?
                .query_map((key,), read)?
                .collect::<Result<_, _>>()
                .map(Some)
        })
    }

    pub(in crate::store) fn check_link(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        now: Millis,
    ) -> Pending<Option<LinkGate>> {
        self.read(move |connection| usable(connection, link, &auth_hash, now))
    }

    pub(in crate::store) fn open_link(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        now: Millis,
    ) -> Pending<Option<OpenedLink>> {
        self.read(move |connection| open(connection, link, auth_hash, now))
    }

    pub(in crate::store) fn expire_links(&self, now: Millis) -> Write<Expired> {
        self.write(move |connection| Ok(expire(connection, now)?))
    }
}

/// The columns that [`read`] wants.
const LINK: &str =
    "SELECT l.id, c.id, a.id, l.created, l.expires, l.uses, l.max_uses, l.lobby, l.ended
    FROM links l JOIN conversations c ON c.key = l.conversation JOIN accounts a ON a.key = l.by";

/// What makes a link good. The comparison takes no constant time: what it could tell is a prefix
/// of a hash of random bytes.
const USABLE: &str = "l.id = ?1 AND l.auth_hash = ?2 AND l.expires > ?3 AND l.ended = 0
    AND l.uses < l.max_uses AND a.disabled = 0";

/// Where a link leads, if it can be used now.
pub(super) fn usable(
    connection: &Connection,
    link: LinkId,
    auth_hash: &[u8; 32],
    now: Millis,
) -> rusqlite::Result<Option<LinkGate>> {
    connection
        .prepare_cached(&format!(
            "SELECT c.key, c.id, l.lobby, l.expires, a.id, a.name FROM links l
             JOIN conversations c ON c.key = l.conversation JOIN accounts a ON a.key = l.by
             WHERE {USABLE}"
        ))?
        .query_row((link, auth_hash, now), |row| {
            Ok(LinkGate {
                key: row.get(0)?,
                conversation: row.get(1)?,
                lobby: row.get(2)?,
                expires: row.get(3)?,
                by: Host { id: row.get(4)?, name: row.get(5)? },
            })
        })
        .optional()
}

/// Counts somebody who comes in by a link of a room.
pub(super) fn use_up(connection: &Connection, link: LinkId, now: Millis) -> Result<(), Fault> {
    let used = connection
        .prepare_cached(
            "UPDATE links SET uses = uses + 1
             WHERE id = ?1 AND expires > ?2 AND ended = 0 AND uses < max_uses",
        )?
        .execute((link, now))?;
    if used == 0 { Err(Refusal::Forbidden.into()) } else { Ok(()) }
}

/// The control log has ended a link: its guests are signed out, and nobody waits at it any more.
pub(super) fn end(connection: &Connection, link: LinkId) -> rusqlite::Result<Ended> {
    connection.prepare_cached("UPDATE links SET ended = 2 WHERE id = ?1")?.execute((link,))?;
    close(connection, link)
}

/// Whether the time of a link is over that the control log still has.
pub(super) fn any_expired(connection: &Connection, conversation: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM links WHERE conversation = ?1 AND ended = 1)",
        )?
        .query_row((conversation,), |row| row.get(0))
}

fn close(connection: &Connection, link: LinkId) -> rusqlite::Result<Ended> {
    connection.prepare_cached("DELETE FROM knocks WHERE link = ?1")?.execute((link,))?;
    sessions::end_guests(connection, link)
}

fn create(connection: &Connection, new: &NewLink) -> Result<(Link, Controlled), Fault> {
    let control = Control::parse(&new.control.envelope).map_err(|_| Refusal::Malformed)?;
    let Op::LinkAdd { link } = &control.op else { return Err(Refusal::Malformed.into()) };
    let now = new.control.now;
    let expires = link.expires.filter(|end| *end > now && end.since(now) <= LONGEST);
    let (Some(expires), true) = (expires, link.id == new.id) else {
        return Err(Refusal::Malformed.into());
    };
    let controlled = control::post(connection, &new.control)?;
    let by = accounts::key(connection, control.header.account)?.ok_or(Refusal::NotFound)?;
    connection
        .prepare_cached(
            "INSERT INTO links (id, conversation, by, auth_hash, lobby, created, expires, max_uses)
             SELECT ?1, key, ?3, ?4, ?5, ?6, ?7, ?8 FROM conversations WHERE id = ?2 AND kind = 1
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute((
            link.id,
            control.header.conversation,
            by,
            new.auth_hash,
            link.lobby,
            now,
            expires,
            new.max_uses,
        ))?;
    let row = connection
        .prepare_cached(&format!("{LINK} WHERE l.id = ?1 AND l.auth_hash = ?2"))?
        .query_row((link.id, new.auth_hash), read)
        .optional()?;
    Ok((row.ok_or(Refusal::Conflict)?, controlled))
}

/// Everything that is needed to join: the log, the keys to check it by, and what the link can
/// open. With a lobby, its maker's name alone.
fn open(
    connection: &Connection,
    link: LinkId,
    auth_hash: [u8; 32],
    now: Millis,
) -> rusqlite::Result<Option<OpenedLink>> {
    let snapshot = connection.unchecked_transaction()?;
    let Some(gate) = usable(&snapshot, link, &auth_hash, now)? else { return Ok(None) };
    let key = gate.key;
    let mut opened =
        OpenedLink { gate, name: None, control: vec![], records: vec![], grants: vec![] };
    if !opened.gate.lobby {
        opened.name = conversations::state(&snapshot, key)?.and_then(|state| state.name);
        (opened.control, _) = control::log(&snapshot, key, None, usize::MAX, usize::MAX)?;
        for signer in control::signers(&snapshot, key)? {
            opened.records.push((signer, keys::records(&snapshot, signer, 0)?));
        }
        opened.grants = grants::of(&snapshot, key, link.into())?;
    }
    Ok(Some(opened))
}

/// Ends what links whose time is over have let in, and demands that they be ended in the log.
fn expire(connection: &Connection, now: Millis) -> rusqlite::Result<Expired> {
    let over: Vec<(LinkId, i64, ConversationId)> = connection
        .prepare_cached(
            "UPDATE links SET ended = 1 WHERE ended = 0 AND expires <= ?1
             RETURNING id, conversation, (SELECT id FROM conversations WHERE key = conversation)",
        )?
        .query_map((now,), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut expired = Expired::default();
    for (link, key, conversation) in over {
        expired.ended.extend(close(connection, link)?);
        connection
            .prepare_cached("UPDATE conversations SET rotation = 1 WHERE key = ?1")?
            .execute((key,))?;
        expired.links.push((conversation, link));
    }
    expired.next = connection
        .prepare_cached("SELECT min(expires) FROM links WHERE ended = 0")?
        .query_row((), |row| row.get(0))?;
    Ok(expired)
}

/// Whether an event takes somebody in who came by a link of a room, who then is counted.
pub(super) fn used_by(op: &Op) -> Vec<LinkId> {
    match op {
        Op::Join { link, .. } => vec![*link],
        Op::Add { members } => members.iter().filter_map(|member| member.via).collect(),
        Op::Create { .. }
        | Op::Remove { .. }
        | Op::Leave {}
        | Op::Rotate {}
        | Op::Role { .. }
        | Op::Rename { .. }
        | Op::LinkAdd { .. }
        | Op::LinkRevoke { .. }
        | Op::Readmit { .. } => Vec::new(),
    }
}

/// Somebody who came by a link as a guest is one no longer: they stay when the link ends.
pub(super) fn outgrown(
    connection: &Connection,
    account: AccountId,
    role: MemberRole,
    via: Option<LinkId>,
) -> rusqlite::Result<()> {
    if role == MemberRole::Guest {
        return Ok(());
    }
    let Some(link) = via else { return Ok(()) };
    let changed = connection
        .prepare_cached("UPDATE accounts SET via = NULL WHERE id = ?1 AND via = ?2")?
        .execute((account, link))?;
    if changed > 0 {
        sessions::lift_end(connection, account)?;
    }
    Ok(())
}

/// What one asks for by a link goes with the event that joins by it.
pub(super) fn joins_by(event: &NewControl, link: LinkId) -> Result<(), Refusal> {
    match Control::parse(&event.envelope).map(|control| control.op) {
        Ok(Op::Join { link: named, .. }) if named == link => Ok(()),
        _ => Err(Refusal::Malformed),
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        id: row.get(0)?,
        conversation: row.get(1)?,
        by: row.get(2)?,
        created: row.get(3)?,
        expires: row.get(4)?,
        uses: row.get(5)?,
        max_uses: row.get(6)?,
        lobby: row.get(7)?,
        revoked: row.get::<_, i64>(8)? == 2,
    })
}

/// The longest that a link lasts.
const LONGEST: Millis = Millis(90 * 24 * 3_600_000);
