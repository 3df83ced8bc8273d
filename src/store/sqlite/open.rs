//! Opening the database file: permissions, the lock, connections and their settings.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, FileControl, MAIN_DB, OpenFlags};

use super::migrations;

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot prepare {path}")]
    Files { path: PathBuf, source: io::Error },
    #[error("another process is using {path}")]
    InUse { path: PathBuf },
    #[error("cannot open the database {path}")]
    Database { path: PathBuf, source: rusqlite::Error },
    #[error(
        "{path} was written by a newer version: it has schema {found}, this version knows {known}"
    )]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("{path} is not what this version made: migration {number} differs")]
    Differs { path: PathBuf, number: u32 },
    #[error(
        "{path} was made by an unreleased version that kept messages readable, and is not taken \
         over: move the data directory away to begin anew, and delete it when nothing of it is needed"
    )]
    Readable { path: PathBuf },
    #[error("the database {path} is damaged: {verdict}")]
    Damaged { path: PathBuf, verdict: String },
    #[error("cannot start the store's threads")]
    Threads { source: io::Error },
}

/// An open database, ready for its threads.
pub(super) struct Opened {
    pub writer: Connection,
    pub readers: Vec<Connection>,
    pub lock: File,
}

/// Opens the file, and makes or migrates the database when needed.
pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    let files = |source| OpenError::Files { path: path.to_owned(), source };
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    if let Some(directory) = path.parent().filter(|directory| !directory.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(files)?;
    }
    let lock = lock(path)?;
    // SQLite gives its side files the mode of the database, so making it here sets them all.
    private(path).map_err(files)?;
    let mut writer = writer(path).map_err(database)?;
    migrations::run(&mut writer, path)?;
    let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    let readers = (0..readers).map(|_| reader(path)).collect::<Result<_, _>>().map_err(database)?;
    Ok(Opened { writer, readers, lock })
}

/// Two servers on one database would each number calls and rooms from a memory of their own.
fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = path.with_extension("lock");
    let file = private(&lock).map_err(|source| OpenError::Files { path: lock.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Files { path: lock, source }),
    }
}

/// Makes sure that the file exists and is its owner's alone.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

fn writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // NORMAL would lose answered writes in a power cut and hand out their numbers again.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // In KiB. Readers keep to the default: they read through the mapping.
    connection.pragma_update(None, "cache_size", -65_536)?;
    // A log that keeps its size is overwritten in place, which flushes in half the time.
    let mut persist = 1;
    connection.file_control(Some(MAIN_DB), FileControl::PersistWal(&mut persist))?;
    Ok(connection)
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Without this a bound value that could decide for a partial index (also
    // one that is not used) has the statement compiled anew for each value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    Ok(connection)
}
