//! The control log: who is in a conversation, as its members have signed it.
//!
//! Everything an event must agree with is read inside the transaction that
//! writes it, so of two that race for one index one is refused.

use rusqlite::{Connection, OptionalExtension};

use super::entries::{self, Place};
use super::writer::Fault;
use super::{SqliteStore, Write, accounts, conversations, grants, guests, links};
use crate::pure::e2ee::{
    self, Control, ControlState, History, MemberKeys, MemberState, Op, WrongGrants,
};
use crate::pure::wire::{
    AccountId, Blob, ControlEvent, ConversationId, ConversationKind, Placed, Role, Seq,
};
use crate::store::{Controlled, NewControl, Pending, Refusal};

/// Events in one page of the log, and their bytes.
const PAGE_EVENTS: usize = 500;
const PAGE_BYTES: usize = 1024 * 1024;

impl SqliteStore {
    pub(in crate::store) fn post_control(&self, new: NewControl) -> Write<Controlled> {
        self.write(move |connection| post(connection, &new))
    }

    pub(in crate::store) fn control(
        &self,
        conversation: ConversationId,
        account: AccountId,
        after: Option<u32>,
    ) -> Pending<Option<(Vec<ControlEvent>, bool)>> {
        self.read(move |connection| {
            let key = member_of(connection, conversation, account)?;
            key.map(|key| log(connection, key, after, PAGE_EVENTS, PAGE_BYTES)).transpose()
        })
    }
}

/// Checks and writes an event, with its grants and all that it changes.
pub(super) fn post(connection: &Connection, new: &NewControl) -> Result<Controlled, Fault> {
    let control = Control::parse(&new.envelope).map_err(|_| Refusal::Malformed)?;
    let place = match &control.op {
        Op::Create { kind, members, .. } => begin(connection, new, *kind, members)?,
        _ => Place::find(connection, &control.header)?,
    };
    let done = |seq, time, duplicate, ended| Controlled {
        conversation: control.header.conversation,
        placed: Placed { id: control.id, seq, time },
        envelope: new.envelope.clone(),
        duplicate,
        ended,
    };
    if let Some(before) = entries::resent(connection, &place, &new.envelope)? {
        return Ok(done(before.seq, before.time, true, Vec::new()));
    }
    check_guest(connection, &control)?;
    // Who is not a member begins or joins, which the rules decide.
    match control.op {
        Op::Create { .. } | Op::Join { .. } => place.check_device()?,
        _ => place.check_sender()?,
    }
    let before = conversations::state(connection, place.conversation)?;
    if let Some(before) = &before {
        check_identity(connection, before, control.header.account)?;
    }
    let step = control.step(before.as_ref(), new.now).map_err(refusal)?;
    if place.rotation && before.as_ref().is_some_and(|before| !control.may_precede_rotation(before))
    {
        return Err(Refusal::RotateFirst.into());
    }
    let rotates = step.rotates();
    let keys = member_keys(connection, &control, &new.grants)?;
    let after = step.admit(&new.grants, |account| keys.get(&account).copied()).map_err(refusal)?;
    place.check_chain(connection, &control.header)?;

    let seq = place.insert(connection, &new.envelope, Some(control.index), new.now)?;
    if after.kind == ConversationKind::Room {
        for link in links::used_by(&control.op) {
            links::use_up(connection, link, new.now)?;
        }
    }
    let ended = match control.op {
        Op::LinkRevoke { link } => links::end(connection, link)?,
        _ => Vec::new(),
    };
    // New keys alone do not make up for a link that is over: its guests must go.
    let rotation = !rotates && (place.rotation || matches!(control.op, Op::Leave {}))
        || links::any_expired(connection, place.conversation)?;
    settle(connection, place.conversation, seq, before.as_ref(), &after, rotation)?;
    entries::advance(connection, place.conversation, place.account, seq)?;
    grants::insert(connection, place.conversation, place.account, &new.grants)?;
    Ok(done(seq, new.now, false, ended))
}

/// Guests begin nothing and ask nobody in, whatever their role in a room.
fn check_guest(connection: &Connection, control: &Control) -> Result<(), Fault> {
    let begins = matches!(control.op, Op::Create { .. } | Op::LinkAdd { .. });
    if begins && accounts::existing(connection, control.header.account)?.role == Role::Guest {
        return Err(Refusal::Forbidden.into());
    }
    Ok(())
}

/// The place of the first event: a conversation made for it, or Everyone, for the owner.
fn begin(
    connection: &Connection,
    new: &NewControl,
    kind: ConversationKind,
    members: &[e2ee::NewMember],
) -> Result<Place, Fault> {
    let header = new.envelope.header();
    let existing = Place::find(connection, header);
    match kind {
        ConversationKind::Everyone => {
            let (_, everyone) = conversations::everyone(connection)?;
            let account = accounts::existing(connection, header.account)?;
            if header.conversation != everyone || account.role != Role::Owner {
                return Err(Refusal::Forbidden.into());
            }
            existing
        }
        // It is there: a repetition, or somebody else's, which the index tells.
        ConversationKind::Room | ConversationKind::Direct if existing.is_ok() => existing,
        ConversationKind::Room => make(connection, new, kind, None),
        ConversationKind::Direct => match members {
            [a, b] if a.account != b.account => {
                let pair = conversations::pair(a.account, b.account);
                make(connection, new, kind, Some(&pair))
            }
            _ => Err(Refusal::Malformed.into()),
        },
    }
}

fn make(
    connection: &Connection,
    new: &NewControl,
    kind: ConversationKind,
    pair: Option<&[u8]>,
) -> Result<Place, Fault> {
    let header = new.envelope.header();
    conversations::insert(connection, header.conversation, kind, pair, new.now)?
        .ok_or(Refusal::Conflict)?;
    Place::find(connection, header)
}

/// A member whose identity was reset since it came in has no say before it is readmitted.
fn check_identity(
    connection: &Connection,
    state: &ControlState,
    account: AccountId,
) -> Result<(), Fault> {
    let Some(member) = state.member(account) else { return Ok(()) };
    let same: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM records r JOIN accounts a ON a.key = r.account
             WHERE a.id = ?1 AND r.identity = ?2 AND r.version >=
                 (SELECT coalesce(max(version), 1) FROM records WHERE account = a.key AND reset = 1))",
        )?
        .query_row((account, member.identity), |row| row.get(0))?;
    if same { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}

/// Writes what has changed from one state to the next.
fn settle(
    connection: &Connection,
    conversation: i64,
    seq: Seq,
    before: Option<&ControlState>,
    after: &ControlState,
    rotation: bool,
) -> Result<(), Fault> {
    let json = serde_json::to_vec(after).expect("a state is plain data");
    connection
        .prepare_cached(
            "INSERT INTO states (conversation, state) VALUES (?1, ?2)
             ON CONFLICT (conversation) DO UPDATE SET state = excluded.state",
        )?
        .execute((conversation, json))?;
    connection
        .prepare_cached("UPDATE conversations SET epoch = ?2, rotation = ?3 WHERE key = ?1")?
        .execute((conversation, after.epoch, rotation))?;
    let old = before.map_or(&[][..], |before| &before.members);
    let known: std::collections::HashMap<_, _> = old.iter().map(|m| (m.account, m)).collect();
    for member in &after.members {
        match known.get(&member.account) {
            Some(old) if old.role == member.role => {}
            Some(old) => {
                links::outgrown(connection, member.account, member.role, old.via)?;
                connection
                    .prepare_cached(
                        "UPDATE members SET role = ?3 WHERE conversation = ?1
                         AND account = (SELECT key FROM accounts WHERE id = ?2)",
                    )?
                    .execute((conversation, member.account, member.role))?;
            }
            None => join(connection, conversation, seq, after, member)?,
        }
    }
    let left: std::collections::HashSet<_> = after.members.iter().map(|m| m.account).collect();
    for gone in old.iter().filter(|member| !left.contains(&member.account)) {
        connection
            .prepare_cached(
                "DELETE FROM members WHERE conversation = ?1
                 AND account = (SELECT key FROM accounts WHERE id = ?2)",
            )?
            .execute((conversation, gone.account))?;
        grants::drop(connection, conversation, gone.account.into())?;
    }
    for link in before.map_or(&[][..], |before| &before.links) {
        if after.link(link.id).is_none() {
            grants::drop(connection, conversation, link.id.into())?;
        }
    }
    Ok(())
}

/// Adds a member. The watermarks begin at the entry that tells of it: what
/// came before is history, not news.
fn join(
    connection: &Connection,
    conversation: i64,
    seq: Seq,
    state: &ControlState,
    member: &MemberState,
) -> Result<(), Fault> {
    let (since, since_epoch) = match state.history {
        History::All => (Seq(1), 1),
        History::SinceJoin => (seq, state.epoch),
    };
    let joined = connection
        .prepare_cached(
            "INSERT INTO members (conversation, account, role, since, since_epoch, delivered, read)
             SELECT ?1, key, ?3, ?4, ?5, ?6, ?6 FROM accounts
             WHERE id = ?2 AND disabled = 0 AND (role <> 3 OR ?7)",
        )?
        .execute((
            conversation,
            member.account,
            member.role,
            since,
            since_epoch,
            seq,
            // Guests are in rooms and nowhere else.
            state.kind == ConversationKind::Room,
        ))?;
    if joined == 0 {
        return Err(Refusal::Forbidden.into());
    }
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO stays (conversation, account)
             SELECT ?1, key FROM accounts WHERE id = ?2",
        )?
        .execute((conversation, member.account))?;
    Ok(guests::let_in(connection, conversation, member.account)?)
}

/// The conversation's key, for a member of it.
pub(super) fn member_of(
    connection: &Connection,
    conversation: ConversationId,
    account: AccountId,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT m.conversation FROM members m
             WHERE m.conversation = (SELECT key FROM conversations WHERE id = ?1)
               AND m.account = (SELECT key FROM accounts WHERE id = ?2)",
        )?
        .query_row((conversation, account), |row| row.get(0))
        .optional()
}

/// Events of a log after an index, and whether there are more.
pub(super) fn log(
    connection: &Connection,
    conversation: i64,
    after: Option<u32>,
    most: usize,
    most_bytes: usize,
) -> rusqlite::Result<(Vec<ControlEvent>, bool)> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, time, body FROM entries
         WHERE conversation = ?1 AND control IS NOT NULL AND control > ?2 ORDER BY control",
    )?;
    let mut rows = statement.query((conversation, after.map_or(-1, i64::from)))?;
    let (mut events, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let body = row.get_ref(2)?.as_blob()?;
        bytes += body.len();
        if !events.is_empty() && (events.len() >= most || bytes > most_bytes) {
            return Ok((events, true));
        }
        let envelope = Blob::from(body.to_vec());
        events.push(ControlEvent { seq: row.get(0)?, time: row.get(1)?, envelope });
    }
    Ok((events, false))
}

/// Who has signed in a log or is a member, by whose keys the log is checked.
pub(super) fn signers(
    connection: &Connection,
    conversation: i64,
) -> rusqlite::Result<Vec<AccountId>> {
    connection
        .prepare_cached(
            "SELECT DISTINCT a.id FROM accounts a JOIN (
                 SELECT account FROM entries WHERE conversation = ?1 AND control IS NOT NULL
                 UNION SELECT account FROM members WHERE conversation = ?1
             ) s ON s.account = a.key ORDER BY a.key",
        )?
        .query_map((conversation,), |row| row.get(0))?
        .collect()
}

/// What a broken rule is for the client: to fetch and try again, or not to.
fn refusal(refusal: e2ee::Refusal) -> Refusal {
    use e2ee::Refusal as R;
    match refusal {
        R::Index
        | R::Prev
        | R::AlreadyMember
        | R::NoSuchMember
        | R::Nothing
        | R::LinkTwice
        | R::NoSuchLink
        | R::Identity
        | R::Grants(WrongGrants::Generation) => Refusal::Conflict,
        R::NotMember => Refusal::NotMember,
        R::Role
        | R::Kind
        | R::NewRole
        | R::LastManager
        | R::Lobby
        | R::Via
        | R::LinkRole
        | R::JoinOther
        | R::JoinSignature
        | R::TooMany => Refusal::Forbidden,
        R::Conversation
        | R::Beginning
        | R::Name
        | R::Founders
        | R::Nobody
        | R::Oneself
        | R::Epoch
        | R::Commit
        | R::State
        | R::Grants(_) => Refusal::Malformed,
    }
}

/// The newest keys of an account, as grants and newcomers must have them.
pub(super) fn keys_of(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Option<MemberKeys>> {
    connection
        .prepare_cached("SELECT generation, identity FROM accounts WHERE id = ?1")?
        .query_row((account,), |row| {
            Ok(MemberKeys { generation: row.get(0)?, identity: row.get(1)? })
        })
        .optional()
}

/// The newest keys of everybody whom an event or its grants name.
fn member_keys(
    connection: &Connection,
    control: &Control,
    grants: &[crate::pure::wire::Grant],
) -> Result<std::collections::HashMap<AccountId, MemberKeys>, Fault> {
    let named = match &control.op {
        Op::Create { members, .. } | Op::Add { members } => {
            members.iter().map(|member| member.account).collect()
        }
        Op::Join { member, .. } => vec![member.account],
        Op::Readmit { member } => vec![member.account],
        Op::Remove { .. }
        | Op::Leave {}
        | Op::Rotate {}
        | Op::Role { .. }
        | Op::Rename { .. }
        | Op::LinkAdd { .. }
        | Op::LinkRevoke { .. } => Vec::new(),
    };
    let granted = grants.iter().map(|grant| AccountId::from_bytes(*grant.to.as_bytes()));
    let mut keys = std::collections::HashMap::new();
    for account in named.into_iter().chain(granted) {
        if let Some(found) = keys_of(connection, account)? {
            keys.insert(account, found);
        }
    }
    Ok(keys)
}
