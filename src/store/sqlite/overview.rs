//! Pages of all people, devices and invites, for the owner.

use rusqlite::{Connection, Params, Row};

use super::{SqliteStore, accounts, invites, sessions};
use crate::pure::wire::owner::{
    AllDevices, AllInvites, Named, People, PeopleOrder, Person, SomeDevice, SomeInvite,
};
use crate::pure::wire::{AccountId, DeviceId, Millis};
use crate::store::{Part, Pending};

impl SqliteStore {
    pub(in crate::store) fn people(
        &self,
        search: String,
        order: PeopleOrder,
        part: Part,
    ) -> Pending<People> {
        self.read(move |connection| people(connection, &search, order, part))
    }

    pub(in crate::store) fn all_devices(
        &self,
        search: String,
        account: Option<AccountId>,
        current: DeviceId,
        part: Part,
    ) -> Pending<AllDevices> {
        self.read(move |connection| {
            let from = &format!(
                "FROM devices d JOIN accounts a ON a.key = d.account
                WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.device = d.key)
                  AND {FOUND}
                  AND (?2 IS NULL OR a.id = ?2)"
            );
            let total = count(connection, from, (&search, account))?;
            let devices = connection
                .prepare_cached(&format!(
                    "SELECT d.id, d.name, d.created, d.last_seen, d.network, a.id, a.name {from}
                     ORDER BY d.last_seen DESC, d.key DESC LIMIT ?3 OFFSET ?4"
                ))?
                .query_map((&search, account, part.limit, part.offset), |row| {
                    let device = sessions::read_device(row, current)?;
                    Ok(SomeDevice { account: named(row, 5)?, device })
                })?
                .collect::<Result<_, _>>()?;
            Ok(AllDevices { devices, total })
        })
    }

    pub(in crate::store) fn all_invites(
        &self,
        open: Option<Millis>,
        part: Part,
    ) -> Pending<AllInvites> {
        self.read(move |connection| {
            let from = "FROM invites i JOIN accounts a ON a.key = i.by
                WHERE ?1 IS NULL OR (i.revoked = 0 AND i.uses < i.max_uses AND i.expires > ?1)";
            let total = count(connection, from, (open,))?;
            let invites = connection
                .prepare_cached(&format!(
                    "SELECT i.id, a.id, i.created, i.expires, i.uses, i.max_uses, i.revoked,
                            a.id, a.name {from} ORDER BY i.key DESC LIMIT ?2 OFFSET ?3"
                ))?
                .query_map((open, part.limit, part.offset), |row| {
                    Ok(SomeInvite { by: named(row, 7)?, invite: invites::read(row)? })
                })?
                .collect::<Result<_, _>>()?;
            Ok(AllInvites { invites, total })
        })
    }
}

/// Whether the name of account `a` has this in it, as keys of names are written. A guest's key
/// is no name.
const FOUND: &str = "instr(CASE a.role WHEN 3 THEN lower(a.name) ELSE a.name_key END, ?1)";

fn people(
    connection: &Connection,
    search: &str,
    order: PeopleOrder,
    part: Part,
) -> rusqlite::Result<People> {
    let total = count(connection, &format!("FROM accounts a WHERE {FOUND}"), (search,))?;
    let order = match order {
        PeopleOrder::Name => "a.name COLLATE NOCASE",
        PeopleOrder::Newest => "a.created DESC",
        PeopleOrder::Seen => "seen DESC, a.name COLLATE NOCASE",
        PeopleOrder::Storage => "used DESC, a.name COLLATE NOCASE",
    };
    let people = connection
        .prepare_cached(&format!(
            "SELECT a.id, a.name, v.hash, a.role, a.disabled, a.version, a.created, a.quota,
                    (SELECT max(last_seen) FROM devices d WHERE d.account = a.key) AS seen,
                    (SELECT count(DISTINCT device) FROM sessions s WHERE s.account = a.key),
                    coalesce(f.files, 0), coalesce(f.used, 0) AS used
             FROM accounts a LEFT JOIN avatars v ON v.account = a.key
             LEFT JOIN (SELECT account, count(*) AS files, sum(stored) AS used
                        FROM files GROUP BY account) f ON f.account = a.key
             WHERE {FOUND} ORDER BY {order}, a.key LIMIT ?2 OFFSET ?3"
        ))?
        .query_map((search, part.limit, part.offset), |row| {
            let quota: Option<i64> = row.get(7)?;
            Ok(Person {
                account: accounts::read(row)?,
                created: row.get(6)?,
                last_seen: row.get(8)?,
                devices: row.get(9)?,
                files: row.get(10)?,
                used: row.get::<_, i64>(11)?.unsigned_abs(),
                quota: quota.unwrap_or_default().unsigned_abs(),
                own_quota: quota.is_some(),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(People { people, total })
}

fn count(connection: &Connection, from: &str, params: impl Params) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(&format!("SELECT count(*) {from}"))?
        .query_row(params, |row| row.get(0))
}

fn named(row: &Row<'_>, first: usize) -> rusqlite::Result<Named> {
    Ok(Named { id: row.get(first)?, name: row.get(first + 1)? })
}
