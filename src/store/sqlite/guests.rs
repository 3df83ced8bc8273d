//! Guests: made by a link, let in or turned away, and kept as ordinary accounts.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, control, conversations, keys, links, sessions};
use crate::pure::e2ee::link::verify_knock;
use crate::pure::e2ee::{Hash, Signature};
use crate::pure::wire::{Account, AccountId, ConversationId, Knock, LinkId, Millis, Role, Waiting};
use crate::store::{
    Controlled, KeptAccount, Knocked, MadeGuest, NewControl, NewGuest, Pending, Refusal, TurnedAway,
};

impl SqliteStore {
    pub(in crate::store) fn make_guest(&self, new: NewGuest) -> Write<MadeGuest> {
        self.write(move |connection| make(connection, &new))
    }

    pub(in crate::store) fn join_link(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        event: NewControl,
    ) -> Write<Controlled> {
        self.write(move |connection| {
            links::joins_by(&event, link)?;
            let found = links::usable(connection, link, &auth_hash, event.now)?;
            match control::post(connection, &event) {
                // The answer was lost: the last use was this one.
                Ok(controlled) if controlled.duplicate || found.is_some() => Ok(controlled),
                Ok(_) => Err(Refusal::TicketInvalid.into()),
                Err(fault) => Err(fault),
            }
        })
    }

    pub(in crate::store) fn knock(
        &self,
        link: LinkId,
        auth_hash: [u8; 32],
        account: AccountId,
        signature: Signature,
        now: Millis,
    ) -> Write<Knocked> {
        self.write(move |connection| knock(connection, link, &auth_hash, account, &signature, now))
    }

    pub(in crate::store) fn withdraw_knocks(
        &self,
        account: AccountId,
        link: Option<LinkId>,
    ) -> Write<Vec<Waiting>> {
        self.write(move |connection| {
            let gone = connection
                .prepare_cached(
                    "DELETE FROM knocks
                     WHERE account = (SELECT key FROM accounts WHERE id = ?1)
                       AND (?2 IS NULL OR link = ?2)
                     RETURNING (SELECT id FROM conversations WHERE key = conversation), link",
                )?
                .query_map((account, link), |row| {
                    Ok(Waiting { conversation: row.get(0)?, link: row.get(1)? })
                })?
                .collect::<Result<_, _>>()?;
            Ok(gone)
        })
    }

    pub(in crate::store) fn turn_away(
        &self,
        conversation: ConversationId,
        account: AccountId,
        by: AccountId,
    ) -> Write<TurnedAway> {
        self.write(move |connection| turn_away(connection, conversation, account, by))
    }

    pub(in crate::store) fn keep_account(&self, kept: KeptAccount) -> Write<Account> {
        self.write(move |connection| keep(connection, &kept))
    }

    pub(in crate::store) fn sees(&self, viewer: AccountId, subject: AccountId) -> Pending<bool> {
        self.read(move |connection| {
            connection.prepare_cached(SEES)?.query_row((viewer, subject), |row| row.get(0))
        })
    }
}

/// Whether somebody knows of somebody: guests and the others only by a conversation that they
/// share, or by knocking at one.
const SEES: &str = "SELECT ?1 = ?2 OR EXISTS (
        SELECT 1 FROM accounts v, accounts s WHERE v.id = ?1 AND s.id = ?2
           AND (v.role <> 3 AND s.role <> 3 OR v.role IN (1, 2)
            OR EXISTS (SELECT 1 FROM members m JOIN stays b ON b.conversation = m.conversation
                       WHERE m.account = v.key AND b.account = s.key)
            OR EXISTS (SELECT 1 FROM members m JOIN knocks k ON k.conversation = m.conversation
                       WHERE m.account = v.key AND m.role <> 2 AND k.account = s.key)))";

fn make(connection: &Connection, new: &NewGuest) -> Result<MadeGuest, Fault> {
    let gate = links::usable(connection, new.link, &new.auth_hash, new.now)?;
    let gate = gate.ok_or(Refusal::TicketInvalid)?;
    let (record, signed) = &new.record;
    connection
        .prepare_cached(
            "INSERT INTO accounts (id, name, name_key, role, password, recovery, version,
                 generation, identity, bundle_version, bundle_nonce, bundle, created, via)
             VALUES (?1, ?2, ?3, ?4, x'', x'', ?5, ?6, ?7, 0, x'', x'', ?8, ?9)",
        )?
        .execute((
            new.id,
            &new.name,
            name_key(new.id),
            Role::Guest,
            record.version(),
            record.generation(),
            record.identity(),
            new.now,
            new.link,
        ))?;
    let account = connection.last_insert_rowid();
    sessions::sign_in(connection, new.id, &new.session)?;
    sessions::end_at(connection, new.session.id, gate.expires)?;
    keys::begin(connection, account, &(record.clone(), signed.clone()))?;
    let (mut entered, mut knocked) = (None, None);
    match (&new.join, &new.knock) {
        (Some(event), None) if !gate.lobby => {
            links::joins_by(event, new.link)?;
            entered = Some(control::post(connection, event)?);
        }
        (None, Some(signature)) if gate.lobby => {
            let done = knock(connection, new.link, &new.auth_hash, new.id, signature, new.now)?;
            knocked = Some(done);
        }
        _ => return Err(Refusal::Malformed.into()),
    }
    let account = accounts::existing(connection, new.id)?;
    Ok(MadeGuest { account, ends: gate.expires, entered, knocked })
}

/// What keeps the names of guests apart: no name has a zero in it.
pub(super) fn name_key(account: AccountId) -> String {
    format!("\0{account}")
}

/// Notes that somebody waits, if their signature shows that they have the link.
fn knock(
    connection: &Connection,
    link: LinkId,
    auth_hash: &[u8; 32],
    account: AccountId,
    signature: &Signature,
    now: Millis,
) -> Result<Knocked, Fault> {
    let gate = links::usable(connection, link, auth_hash, now)?.ok_or(Refusal::TicketInvalid)?;
    let state = conversations::state(connection, gate.key)?.ok_or(Refusal::TicketInvalid)?;
    let held = state.link(link).filter(|held| held.lobby).ok_or(Refusal::TicketInvalid)?;
    if state.member(account).is_some() {
        return Err(Refusal::Conflict.into());
    }
    let (key, identity): (i64, Hash) = connection
        .prepare_cached("SELECT key, identity FROM accounts WHERE id = ?1")?
        .query_row((account,), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !verify_knock(&held.sign, link, gate.conversation, account, &identity, signature) {
        return Err(Refusal::Forbidden.into());
    }
    let others: u32 = connection
        .prepare_cached("SELECT count(*) FROM knocks WHERE conversation = ?1 AND account <> ?2")?
        .query_row((gate.key, key), |row| row.get(0))?;
    if others >= MOST_WAITING {
        return Err(Refusal::TooMany.into());
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO knocks (conversation, account, link, signature, time)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((gate.key, key, link, signature.as_bytes(), now))?;
    let signature = signature.as_bytes().to_vec().into();
    let knock = Knock { account, link, signature, time: now };
    Ok(Knocked { conversation: gate.conversation, knock })
}

/// Everybody who waits, the longest first.
pub(super) fn knocks(connection: &Connection) -> rusqlite::Result<Vec<(ConversationId, Knock)>> {
    connection
        .prepare_cached(
            "SELECT c.id, a.id, k.link, k.signature, k.time FROM knocks k
             JOIN conversations c ON c.key = k.conversation JOIN accounts a ON a.key = k.account
             ORDER BY k.time",
        )?
        .query_map((), read)?
        .collect()
}

/// Nobody waits who is in.
pub(super) fn let_in(
    connection: &Connection,
    conversation: i64,
    account: AccountId,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM knocks WHERE conversation = ?1
             AND account = (SELECT key FROM accounts WHERE id = ?2)",
        )?
        .execute((conversation, account))?;
    Ok(())
}

fn turn_away(
    connection: &Connection,
    conversation: ConversationId,
    account: AccountId,
    by: AccountId,
) -> Result<TurnedAway, Fault> {
    let key = conversations::above_guest(connection, conversation, by)?;
    let key = key.ok_or(Refusal::NotMember)?;
    let link: LinkId = connection
        .prepare_cached(
            "DELETE FROM knocks WHERE conversation = ?1
             AND account = (SELECT key FROM accounts WHERE id = ?2) RETURNING link",
        )?
        .query_row((key, account), |row| row.get(0))
        .optional()?
        .ok_or(Refusal::NotFound)?;
    // A guest that is in no conversation has nothing left to be here for.
    let stranded: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM accounts a WHERE a.id = ?1 AND a.role = 3
                 AND NOT EXISTS (SELECT 1 FROM members WHERE account = a.key)
                 AND NOT EXISTS (SELECT 1 FROM knocks WHERE account = a.key))",
        )?
        .query_row((account,), |row| row.get(0))?;
    let ended = if stranded { sessions::end_account(connection, account)? } else { Vec::new() };
    Ok(TurnedAway { waiting: Waiting { conversation, link }, ended })
}

/// Makes a guest an ordinary account.
fn keep(connection: &Connection, kept: &KeptAccount) -> Result<Account, Fault> {
    let account = accounts::existing(connection, kept.account)?;
    if account.role != Role::Guest {
        return Err(Refusal::Conflict.into());
    }
    let key = accounts::key(connection, kept.account)?.ok_or(Refusal::NotFound)?;
    let newest = keys::records(connection, kept.account, account.record.saturating_sub(1))?;
    if newest.last() != Some(&kept.record) {
        return Err(Refusal::Conflict.into());
    }
    let bundled = crate::pure::e2ee::Record::stored(kept.record.payload.as_ref())
        .is_ok_and(|record| record.bundle_version() == kept.bundle.version);
    if !bundled {
        return Err(Refusal::Malformed.into());
    }
    let name_key = kept.name.key();
    let taken: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM accounts WHERE name_key = ?1)")?
        .query_row((&name_key,), |row| row.get(0))?;
    if taken {
        return Err(Refusal::NameTaken.into());
    }
    connection
        .prepare_cached(
            "UPDATE accounts SET role = ?2, name = ?3, name_key = ?4, password = ?5, recovery = ?6,
                 bundle_version = ?7, bundle_nonce = ?8, bundle = ?9, via = NULL WHERE key = ?1",
        )?
        .execute((
            key,
            Role::Member,
            &kept.name,
            &name_key,
            kept.password.as_ref(),
            kept.recovery_auth_hash,
            kept.bundle.version,
            kept.bundle.nonce.as_ref(),
            kept.bundle.ct.as_ref(),
        ))?;
    keys::put_wraps(connection, kept.account, &kept.wraps)?;
    sessions::lift_end(connection, kept.account)?;
    accounts::existing(connection, kept.account)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(ConversationId, Knock)> {
    let signature = row.get::<_, Vec<u8>>(3)?.into();
    let knock = Knock { account: row.get(1)?, link: row.get(2)?, signature, time: row.get(4)? };
    Ok((row.get(0)?, knock))
}

/// Who waits in one conversation, at most: more nobody can look through.
const MOST_WAITING: u32 = 32;
