//! What is kept: the account's key and the certificates, for each ACME server
//! in a directory of its own.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::pure::wire::Millis;
use crate::tls::certificate::Certificate;
use crate::tls::{TlsError, file};

/// The directory for one ACME server.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens or makes it in the directory of certificates.
    pub(super) fn open(certificates: &Path, acme_directory: &str) -> Result<Self, TlsError> {
        let path = certificates.join(format!("{PREFIX}{}", Self::short(acme_directory)));
        match DirBuilder::new().recursive(true).mode(0o700).create(&path) {
            Ok(()) => Ok(Self { path }),
            Err(error) => Err(TlsError::File(path, error)),
        }
    }

    /// A text of any length as part of a file's name.
    pub(super) fn short(text: &str) -> String {
        Sha256::digest(text)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key of the account, made when there is none.
    pub(super) fn account(&self) -> Result<Vec<u8>, TlsError> {
        let path = self.path.join(ACCOUNT);
        if let Some(key) = file::read(&path)? {
            return Ok(key);
        }
        let key = rustls_acme::acme::Account::generate_key_pair();
        file::write(&path, &key)?;
        Ok(key)
    }

    /// The certificate of a name, even if it has expired. One of another ACME
    /// server serves until there is one of this.
    pub(super) fn load(&self, name: &str) -> Option<Certificate> {
        let own = self.read(&self.path, name);
        own.or_else(|| {
            let foreign = self.elsewhere(name)?;
            Some(Certificate { due: Millis(0), ..foreign })
        })
    }

    /// Keeps the certificate of a name, with its key.
    pub(super) fn store(&self, name: &str, pem: &[u8]) -> Result<(), TlsError> {
        file::write(&self.path.join(file_name(name)), pem)
    }

    /// Reads something else that is kept.
    #[cfg(feature = "instant-acme")]
    pub(super) fn read_file(&self, name: &str) -> Result<Option<Vec<u8>>, TlsError> {
        file::read(&self.path.join(name))
    }

    /// Keeps something else.
    #[cfg(feature = "instant-acme")]
    pub(super) fn write_file(&self, name: &str, bytes: &[u8]) -> Result<(), TlsError> {
        file::write(&self.path.join(name), bytes)
    }

    /// Keeps it no longer.
    #[cfg(feature = "instant-acme")]
    pub(super) fn forget(&self, name: &str) -> Result<(), TlsError> {
        let path = self.path.join(name);
        fs::remove_file(&path).map_err(|error| TlsError::File(path, error))
    }

    fn elsewhere(&self, name: &str) -> Option<Certificate> {
        let folders = fs::read_dir(self.path.parent()?).ok()?.flatten();
        let folders = folders.filter(|folder| {
            folder.file_name().to_string_lossy().starts_with(PREFIX) && folder.path() != self.path
        });
        folders
            .filter_map(|folder| self.read(&folder.path(), name))
            .filter(|found| !found.is_expired())
            .max_by_key(|found| found.until)
    }

    fn read(&self, folder: &Path, name: &str) -> Option<Certificate> {
        let path = folder.join(file_name(name));
        let found = file::read(&path)
            .and_then(|pem| pem.map(|pem| Certificate::read(&pem, &pem)).transpose());
        match found {
            Ok(found) => found,
            Err(error) => {
                let cause = &error as &dyn std::error::Error;
                tracing::warn!(error = cause, file = %path.display(), "a kept certificate is of no use");
                None
            }
        }
    }
}

/// A checked host name is a file name.
fn file_name(name: &str) -> String {
    format!("{name}.pem")
}

const PREFIX: &str = "acme-";
const ACCOUNT: &str = "account.key";
