//! People: making, finding and changing accounts.

use rusqlite::{Connection, OptionalExtension, Row};

use super::writer::Fault;
use super::{SqliteStore, Write, acts, control, conversations, guests, invites, keys, sessions};
use crate::pure::wire::api::{AdministerAccount, Settings, Ticket};
use crate::pure::wire::owner::Act;
use crate::pure::wire::{Account, AccountId, Blob, Name, Role};
use crate::store::{
    By, Controlled, Credentials, Cut, Directory, NewAccount, NewControl, NewWrap, Pending, Refusal,
    Registered,
};

impl SqliteStore {
    pub(in crate::store) fn directory(&self) -> Pending<Directory> {
        self.read(directory)
    }

    pub(in crate::store) fn credentials(&self, name: &Name) -> Pending<Option<Credentials>> {
        let key = name.key();
        self.read(move |connection| credentials(connection, &key))
    }

    pub(in crate::store) fn account(&self, account: AccountId) -> Pending<Option<Account>> {
        self.read(move |connection| find(connection, account))
    }

    pub(in crate::store) fn register(&self, account: NewAccount) -> Write<Registered> {
        self.write(move |connection| register(connection, &account))
    }

    pub(in crate::store) fn set_name(&self, account: AccountId, name: Name) -> Write<Account> {
        self.write(move |connection| set_name(connection, account, &name))
    }

    pub(in crate::store) fn set_settings(
        &self,
        account: AccountId,
        settings: Settings,
    ) -> Write<Account> {
        self.write(move |connection| {
            let Settings { relay_calls } = settings;
            connection
                .prepare_cached("UPDATE accounts SET relay_calls = ?2 WHERE id = ?1")?
                .execute((account, relay_calls))?;
            existing(connection, account)
        })
    }

    pub(in crate::store) fn set_password(
        &self,
        account: AccountId,
        password: Blob,
        wrap: NewWrap,
    ) -> Write<()> {
        self.write(move |connection| {
            keys::rewrap(connection, account, wrap)?;
            Ok(set_password(connection, account, &password)?)
        })
    }

    pub(in crate::store) fn administer(
        &self,
        account: AccountId,
        change: AdministerAccount,
        by: By,
    ) -> Write<(Account, Cut)> {
        self.write(move |connection| administer(connection, account, &change, by))
    }

    pub(in crate::store) fn set_quota(
        &self,
        account: AccountId,
        quota: Option<u64>,
        by: By,
    ) -> Write<()> {
        self.write(move |connection| {
            let key = key(connection, account)?.ok_or(Refusal::NotFound)?;
            let from = self::quota(connection, key)?;
            let column = quota.map(|quota| i64::try_from(quota).unwrap_or(i64::MAX));
            connection
                .prepare_cached("UPDATE accounts SET quota = ?2 WHERE key = ?1")?
                .execute((key, column))?;
            if from != quota {
                acts::note(connection, by, Some(account), &Act::QuotaSet { from, to: quota })?;
            }
            Ok(())
        })
    }
}

/// The columns that [`read`] wants.
const ACCOUNT: &str = "SELECT a.id, a.name, v.hash, a.role, a.disabled, a.version
    FROM accounts a LEFT JOIN avatars v ON v.account = a.key";

/// The integer key of an account.
pub(super) fn key(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT key FROM accounts WHERE id = ?1")?
        .query_row((account,), |row| row.get(0))
        .optional()
}

/// What an account's files may take, when that was set for it alone.
pub(super) fn quota(connection: &Connection, key: i64) -> rusqlite::Result<Option<u64>> {
    let quota: Option<i64> = connection
        .prepare_cached("SELECT quota FROM accounts WHERE key = ?1")?
        .query_row((key,), |row| row.get(0))?;
    Ok(quota.map(i64::unsigned_abs))
}

/// The account, or the refusal that it is not there.
pub(super) fn existing(connection: &Connection, account: AccountId) -> Result<Account, Fault> {
    Ok(find(connection, account)?.ok_or(Refusal::NotFound)?)
}

/// Changes the password file.
pub(super) fn set_password(
    connection: &Connection,
    account: AccountId,
    password: &Blob,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE accounts SET password = ?2 WHERE id = ?1")?
        .execute((account, password.as_ref()))?;
    Ok(())
}

/// The account, if it is there.
pub(super) fn find(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Option<Account>> {
    connection
        .prepare_cached(&format!("{ACCOUNT} WHERE a.id = ?1"))?
        .query_row((account,), read)
        .optional()
}

/// A row's first six columns.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        name: row.get(1)?,
        avatar: row.get(2)?,
        role: row.get(3)?,
        disabled: row.get(4)?,
        record: row.get(5)?,
    })
}

fn directory(connection: &Connection) -> rusqlite::Result<Directory> {
    // One transaction, so that heads, members and accounts belong together.
    let snapshot = connection.unchecked_transaction()?;
    let meta = |key: &str| {
        snapshot.query_row("SELECT value FROM meta WHERE key = ?1", (key,), |row| row.get(0))
    };
    let accounts = snapshot
        .prepare_cached(&format!("{ACCOUNT} ORDER BY a.key"))?
        .query_map((), read)?
        .collect::<Result<_, _>>()?;
    Ok(Directory {
        epoch: meta("epoch")?,
        install_id: meta("install")?,
        accounts,
        conversations: conversations::all(&snapshot)?,
        since: conversations::since(&snapshot)?,
        former: conversations::former(&snapshot)?,
        ways: conversations::ways(&snapshot)?,
        knocks: guests::knocks(&snapshot)?,
        calls: super::calls::all(&snapshot)?,
    })
}

fn credentials(connection: &Connection, name_key: &str) -> rusqlite::Result<Option<Credentials>> {
    connection
        .prepare_cached("SELECT id, password, disabled FROM accounts WHERE name_key = ?1")?
        .query_row((name_key,), |row| {
            Ok(Credentials {
                account: row.get(0)?,
                password: Blob::from(row.get::<_, Vec<u8>>(1)?),
                disabled: row.get(2)?,
            })
        })
        .optional()
}

fn register(connection: &Connection, new: &NewAccount) -> Result<Registered, Fault> {
    let role = use_up(connection, new)?;
    let name_key = new.name.key();
    let (known, taken): (bool, bool) = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?1),
                    EXISTS (SELECT 1 FROM accounts WHERE name_key = ?2)",
        )?
        .query_row((new.id, &name_key), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if known {
        return Err(Refusal::Conflict.into());
    }
    if taken {
        return Err(Refusal::NameTaken.into());
    }
    let (record, _) = &new.record;
    connection
        .prepare_cached(
            "INSERT INTO accounts (id, name, name_key, role, password, recovery, version,
                 generation, identity, bundle_version, bundle_nonce, bundle, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute((
            new.id,
            &new.name,
            &name_key,
            role,
            new.password.as_ref(),
            new.recovery_auth_hash,
            record.version(),
            record.generation(),
            record.identity(),
            new.bundle.version,
            new.bundle.nonce.as_ref(),
            new.bundle.ct.as_ref(),
            new.now,
        ))?;
    let account = connection.last_insert_rowid();
    sessions::sign_in(connection, new.id, &new.session)?;
    keys::begin(connection, account, &new.record)?;
    keys::put_wraps(connection, new.id, &new.wraps)?;
    let everyone = match &new.everyone {
        Some(event) => enter_everyone(connection, event, role)?,
        None => None,
    };
    Ok(Registered { account: existing(connection, new.id)?, everyone })
}

/// Writes the owner's or newcomer's event in Everyone. When somebody else's came in between, the
/// newcomer waits to be added; everything else wrong with it refuses the registration.
fn enter_everyone(
    connection: &Connection,
    event: &NewControl,
    role: Role,
) -> Result<Option<Controlled>, Fault> {
    connection.prepare_cached("SAVEPOINT everyone")?.execute(())?;
    let entered = match control::post(connection, event) {
        Ok(controlled) => Some(controlled),
        Err(Fault::Refused(Refusal::Conflict | Refusal::RotateFirst)) if role == Role::Member => {
            connection.prepare_cached("ROLLBACK TO everyone")?.execute(())?;
            None
        }
        Err(fault) => return Err(fault),
    };
    connection.prepare_cached("RELEASE everyone")?.execute(())?;
    Ok(entered)
}

/// Takes the ticket, and says what it makes of its bearer.
fn use_up(connection: &Connection, new: &NewAccount) -> Result<Role, Fault> {
    match &new.ticket {
        Ticket::Setup { .. } => {
            let set_up: bool = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM accounts)")?
                .query_row((), |row| row.get(0))?;
            if set_up { Err(Refusal::TicketInvalid.into()) } else { Ok(Role::Owner) }
        }
        Ticket::Invite { invite, auth } => {
            invites::use_up(connection, *invite, auth.as_ref(), new.now)?;
            Ok(Role::Member)
        }
    }
}

fn set_name(connection: &Connection, account: AccountId, name: &Name) -> Result<Account, Fault> {
    let name_key = match existing(connection, account)?.role {
        Role::Guest => guests::name_key(account),
        Role::Member | Role::Admin | Role::Owner => name.key(),
    };
    let taken: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM accounts WHERE name_key = ?1 AND id <> ?2)")?
        .query_row((&name_key, account), |row| row.get(0))?;
    if taken {
        return Err(Refusal::NameTaken.into());
    }
    connection
        .prepare_cached("UPDATE accounts SET name = ?2, name_key = ?3 WHERE id = ?1")?
        .execute((account, name, &name_key))?;
    existing(connection, account)
}

fn administer(
    connection: &Connection,
    account: AccountId,
    change: &AdministerAccount,
    by: By,
) -> Result<(Account, Cut), Fault> {
    let before = existing(connection, account)?;
    let stands = change.role.is_some() || change.disabled.is_some();
    if stands && before.role == Role::Owner || change.role == Some(Role::Owner) {
        return Err(Refusal::Forbidden.into());
    }
    // A guest becomes a member by a password, and nobody becomes a guest.
    if change.role.is_some_and(|role| role != before.role)
        && (before.role == Role::Guest || change.role == Some(Role::Guest))
    {
        return Err(Refusal::Forbidden.into());
    }
    let role = change.role.unwrap_or(before.role);
    let disabled = change.disabled.unwrap_or(before.disabled);
    connection
        .prepare_cached("UPDATE accounts SET role = ?2, disabled = ?3 WHERE id = ?1")?
        .execute((account, role, disabled))?;
    let cut = if disabled && !before.disabled {
        Cut {
            ended: sessions::end_account(connection, account)?,
            rotations: conversations::rotate_all_of(connection, account)?,
        }
    } else {
        Cut::default()
    };
    let act = |act| acts::note(connection, by, Some(account), &act);
    let (from, to) = (before.role, role);
    if from != to {
        act(Act::RoleChanged { from, to })?;
    }
    match (before.disabled, disabled) {
        (false, true) => act(Act::Disabled)?,
        (true, false) => act(Act::Enabled)?,
        (false, false) | (true, true) => {}
    }
    if let Some(to) = change.name.clone().filter(|name| *name != before.name) {
        set_name(connection, account, &to)?;
        act(Act::Renamed { from: before.name, to })?;
    }
    Ok((existing(connection, account)?, cut))
}
