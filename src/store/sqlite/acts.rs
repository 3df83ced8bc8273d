//! The log of admin acts: written in the transaction of the act itself.

use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, accounts};
use crate::pure::wire::AccountId;
use crate::pure::wire::owner::{Act, Named, NotedAct};
use crate::store::{By, Pending};

impl SqliteStore {
    pub(in crate::store) fn note(&self, by: By, act: Act) -> Write<()> {
        self.write(move |connection| note(connection, by, None, &act))
    }

    pub(in crate::store) fn acts(
        &self,
        before: Option<u64>,
        limit: u16,
    ) -> Pending<(Vec<NotedAct>, bool)> {
        self.read(move |connection| {
            let before = before.and_then(|key| i64::try_from(key).ok()).unwrap_or(i64::MAX);
            let mut acts = connection
                .prepare_cached(
                    "SELECT t.key, t.time, b.id, b.name, a.id, a.name, t.act FROM acts t
                     LEFT JOIN accounts b ON b.key = t.by LEFT JOIN accounts a ON a.key = t.account
                     WHERE t.key < ?1 ORDER BY t.key DESC LIMIT ?2",
                )?
                .query_map((before, u32::from(limit) + 1), read)?
                .collect::<Result<Vec<_>, _>>()?;
            let more = acts.len() > usize::from(limit);
            acts.truncate(usize::from(limit));
            Ok((acts, more))
        })
    }
}

/// Writes a line; with the rest of its transaction it is kept or lost.
pub(super) fn note(
    connection: &Connection,
    by: By,
    whom: Option<AccountId>,
    act: &Act,
) -> Result<(), Fault> {
    let key = |account: Option<AccountId>| match account {
        Some(account) => accounts::key(connection, account),
        None => Ok(None),
    };
    let act = serde_json::to_string(act).expect("an act is plain data");
    connection
        .prepare_cached("INSERT INTO acts (time, by, account, act) VALUES (?1, ?2, ?3, ?4)")?
        .execute((by.now, key(by.account)?, key(whom)?, act))?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<NotedAct> {
    let named = |id, name| {
        Ok::<_, rusqlite::Error>(match (row.get(id)?, row.get(name)?) {
            (Some(id), Some(name)) => Some(Named { id, name }),
            _ => None,
        })
    };
    let text: String = row.get(6)?;
    let act = serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(6, Type::Text, error.into()))?;
    Ok(NotedAct {
        id: row.get::<_, i64>(0)?.unsigned_abs(),
        time: row.get(1)?,
        by: named(2, 3)?,
        whom: named(4, 5)?,
        act,
    })
}
