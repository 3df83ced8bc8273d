//! Files with keys in them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::TlsError;

/// Reads a file that need not be there.
pub(super) fn read(file: &Path) -> Result<Option<Vec<u8>>, TlsError> {
    match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some).map_err(|error| TlsError::File(file.to_owned(), error)),
    }
}

/// Writes a file for its owner only, whole or not at all.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    let mut fresh = file.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut open| open.write_all(bytes).and_then(|()| open.sync_all()))
        .and_then(|()| fs::rename(&fresh, file))
        .map_err(|error| TlsError::File(file.to_owned(), error))
}
