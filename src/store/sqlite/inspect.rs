//! Reading a database through that no server uses, to see whether it is whole.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::OpenError;

/// Reads every page, and changes nothing. Says how many bytes there are.
pub fn inspect(path: &Path) -> Result<u64, OpenError> {
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(database)?;
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", (), |row| row.get(0))
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                OpenError::Damaged { path: path.to_owned(), verdict: error.to_string() }
            }
            _ => database(error),
        })?;
    if verdict != "ok" {
        return Err(OpenError::Damaged { path: path.to_owned(), verdict });
    }
    let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    let bytes: i64 = connection.query_row(size, (), |row| row.get(0)).map_err(database)?;
    Ok(bytes.unsigned_abs())
}
