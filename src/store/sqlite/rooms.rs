//! Changes to rooms, each committed together with the entry that tells of it.

use rusqlite::{Connection, OptionalExtension};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts, conversations, entries};
use crate::pure::wire::{
    AccountId, ConversationId, ConversationKind, Entry, EntryContent, MemberRole, Millis, Name,
    Role, RoomChange, Seq, limits,
};
use crate::store::{ChangedRoom, Refusal, RoomOperation};

impl SqliteStore {
    pub(in crate::store) fn change_room(
        &self,
        conversation: ConversationId,
        by: AccountId,
        operation: RoomOperation,
        now: Millis,
    ) -> Write<ChangedRoom> {
        self.write(move |connection| {
            if let RoomOperation::Create { name, members } = operation {
                let entry = create(connection, conversation, by, name, &members, now)?;
                return Ok(ChangedRoom { entry, promoted: None });
            }
            let room = Room::find(connection, conversation, by)?;
            let change = match operation {
                RoomOperation::Create { .. } => unreachable!("done above"),
                RoomOperation::Rename { name } => room.rename(connection, name)?,
                RoomOperation::Add { accounts } => room.add(connection, &accounts)?,
                RoomOperation::Remove { account } => room.remove(connection, by, account)?,
                RoomOperation::Leave => {
                    room.drop_member(connection, room.by)?;
                    RoomChange::Left
                }
            };
            let entry = entries::write_change(connection, room.key, room.by, by, change, now)?;
            Ok(ChangedRoom { entry, promoted: promote(connection, room.key)? })
        })
    }
}

fn create(
    connection: &Connection,
    id: ConversationId,
    by: AccountId,
    name: Name,
    members: &[AccountId],
    now: Millis,
) -> Result<Entry, Fault> {
    let creator = accounts::key(connection, by)?.ok_or(Refusal::NotFound)?;
    let kind = ConversationKind::Room;
    let Some(key) = conversations::insert(connection, id, kind, Some(name.as_str()), None, now)?
    else {
        return created(connection, id, by, &name);
    };
    conversations::join(connection, key, creator, MemberRole::Manager)?;
    for member in members {
        let member = accounts::key(connection, *member)?.ok_or(Refusal::NotFound)?;
        conversations::join(connection, key, member, MemberRole::Member)?;
    }
    check_size(connection, key)?;
    entries::write_change(connection, key, creator, by, RoomChange::Created { name }, now)
}

/// The first entry of a room made before, when this asks for the same one again.
fn created(
    connection: &Connection,
    id: ConversationId,
    by: AccountId,
    name: &Name,
) -> Result<Entry, Fault> {
    let key: i64 = connection
        .prepare_cached("SELECT key FROM conversations WHERE id = ?1")?
        .query_row((id,), |row| row.get(0))?;
    let first = entries::at(connection, key, Seq(1))?;
    let same = |entry: &Entry| match &entry.content {
        EntryContent::Room { by: creator, change: RoomChange::Created { name: given } } => {
            *creator == by && given == name
        }
        EntryContent::Room { .. } | EntryContent::Message { .. } | EntryContent::Call { .. } => {
            false
        }
    };
    Ok(first.filter(same).ok_or(Refusal::Conflict)?)
}

/// Makes the member who came first the manager of a room that has none, or
/// only disabled ones; says who that is.
pub(super) fn promote(connection: &Connection, room: i64) -> rusqlite::Result<Option<AccountId>> {
    connection
        .prepare_cached(
            "WITH able AS MATERIALIZED (
                 SELECT m.account, m.role, m.joined
                 FROM members m JOIN accounts a ON a.key = m.account
                 WHERE m.conversation = ?1 AND a.disabled = 0)
             UPDATE members SET role = ?2
             WHERE conversation = ?1
               AND account = (SELECT account FROM able ORDER BY joined, account LIMIT 1)
               AND NOT EXISTS (SELECT 1 FROM able WHERE role = ?2)
             RETURNING (SELECT id FROM accounts WHERE key = account)",
        )?
        .query_row((room, MemberRole::Manager), |row| row.get(0))
        .optional()
}

/// The same for all rooms of an account that has come or gone.
pub(super) fn promote_beside(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Vec<(ConversationId, AccountId)>> {
    let rooms: Vec<(i64, ConversationId)> = connection
        .prepare_cached(
            "SELECT c.key, c.id FROM conversations c JOIN members m ON m.conversation = c.key
             WHERE c.kind = ?2 AND m.account = (SELECT key FROM accounts WHERE id = ?1)",
        )?
        .query_map((account, ConversationKind::Room), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut promoted = Vec::new();
    for (key, room) in rooms {
        promoted.extend(promote(connection, key)?.map(|manager| (room, manager)));
    }
    Ok(promoted)
}

/// A room, with the member who changes it.
struct Room {
    key: i64,
    by: i64,
    /// Whether that is one of its managers, or keeps order on this server.
    manages: bool,
}

impl Room {
    /// Finds it; to who is not in it, it does not exist. The other kinds do not change.
    fn find(
        connection: &Connection,
        conversation: ConversationId,
        by: AccountId,
    ) -> Result<Self, Fault> {
        let (room, kind) = connection
            .prepare_cached(
                "SELECT c.key, a.key, m.role = ?3 OR a.role >= ?4, c.kind
                 FROM conversations c
                 JOIN members m ON m.conversation = c.key
                 JOIN accounts a ON a.key = m.account
                 WHERE c.id = ?1 AND a.id = ?2",
            )?
            .query_row((conversation, by, MemberRole::Manager, Role::Admin), |row| {
                Ok((Self { key: row.get(0)?, by: row.get(1)?, manages: row.get(2)? }, row.get(3)?))
            })
            .optional()?
            .ok_or(Refusal::NotMember)?;
        match kind {
            ConversationKind::Room => Ok(room),
            ConversationKind::Everyone | ConversationKind::Direct => Err(Refusal::Forbidden.into()),
        }
    }

    fn rename(&self, connection: &Connection, name: Name) -> Result<RoomChange, Fault> {
        self.must_manage()?;
        connection
            .prepare_cached("UPDATE conversations SET name = ?2 WHERE key = ?1")?
            .execute((self.key, &name))?;
        Ok(RoomChange::Renamed { name })
    }

    fn add(&self, connection: &Connection, accounts: &[AccountId]) -> Result<RoomChange, Fault> {
        let mut added = Vec::new();
        for account in accounts {
            let key = accounts::key(connection, *account)?.ok_or(Refusal::NotFound)?;
            if conversations::join(connection, self.key, key, MemberRole::Member)? {
                added.push(*account);
            }
        }
        if added.is_empty() {
            return Err(Refusal::Conflict.into());
        }
        check_size(connection, self.key)?;
        Ok(RoomChange::Added { accounts: added })
    }

    fn remove(
        &self,
        connection: &Connection,
        by: AccountId,
        account: AccountId,
    ) -> Result<RoomChange, Fault> {
        self.must_manage()?;
        // Leaving is another thing to tell.
        if account == by {
            return Err(Refusal::Conflict.into());
        }
        let key = accounts::key(connection, account)?.ok_or(Refusal::NotFound)?;
        self.drop_member(connection, key)?;
        Ok(RoomChange::Removed { account })
    }

    fn drop_member(&self, connection: &Connection, account: i64) -> Result<(), Fault> {
        let dropped = connection
            .prepare_cached("DELETE FROM members WHERE conversation = ?1 AND account = ?2")?
            .execute((self.key, account))?;
        if dropped == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
    }

    fn must_manage(&self) -> Result<(), Fault> {
        if self.manages { Ok(()) } else { Err(Refusal::Forbidden.into()) }
    }
}

fn check_size(connection: &Connection, room: i64) -> Result<(), Fault> {
    let members: u32 = connection
        .prepare_cached("SELECT count(*) FROM members WHERE conversation = ?1")?
        .query_row((room,), |row| row.get(0))?;
    if members as usize > limits::ROOM_MEMBERS { Err(Refusal::Forbidden.into()) } else { Ok(()) }
}
