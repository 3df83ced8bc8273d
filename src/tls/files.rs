//! A certificate that somebody else looks after: read from its files, and read
//! again when they change. While they make no sense, the last good one serves.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::certificate::Certificate;
use super::{Resolver, TlsError, chain};
use crate::config::KeyFiles;
use crate::pure::wire::Millis;

/// The files, and what was last read from them.
#[derive(Debug)]
pub(super) struct Files {
    paths: KeyFiles,
    held: Mutex<Held>,
    /// Somebody knows that they have changed.
    hint: Notify,
}

#[derive(Debug)]
struct Held {
    live: Certificate,
    /// The files it is from.
    read: Marks,
    /// The files, if they were there, at the last look, when they could not be used.
    refused: Option<Option<Marks>>,
    trouble: Option<String>,
}

/// What changes whenever a file is written or replaced.
type Marks = [Mark; 2];
type Mark = (u64, u64, u64, i64, i64);

impl Files {
    /// Reads them for the first time; now they must be good.
    pub(super) fn open(paths: &KeyFiles) -> Result<Self, TlsError> {
        let read = marks(paths)?;
        let live = load(paths)?;
        if live.is_expired() {
            tracing::warn!(file = %paths.certificate.display(), "the certificate has expired");
        }
        let held = Held { live, read, refused: None, trouble: None };
        Ok(Self { paths: paths.clone(), held: Mutex::new(held), hint: Notify::new() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.paths.certificate
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.held().live.key)
    }

    pub(super) fn until(&self) -> Millis {
        self.held().live.until
    }

    /// Why what is in the files now is not in use.
    pub(super) fn trouble(&self) -> Option<String> {
        self.held().trouble.clone()
    }

    /// Has the files looked at now.
    pub(super) fn hint(&self) {
        self.hint.notify_one();
    }

    /// Looks at the files for ever.
    pub(super) async fn watch(self: Arc<Self>, resolver: Arc<Resolver>) {
        loop {
            let _ = timeout(LOOK_EVERY, self.hint.notified()).await;
            let (files, resolver) = (Arc::clone(&self), Arc::clone(&resolver));
            // The files may lie on a slow disk.
            let looked = spawn_blocking(move || {
                if files.look() {
                    resolver.replace(files.key());
                }
            });
            if looked.await.is_err() {
                return;
            }
        }
    }

    /// Whether there is another certificate now.
    fn look(&self) -> bool {
        let found = marks(&self.paths);
        let mut held = self.held();
        if found.as_ref().is_ok_and(|found| *found == held.read) {
            (held.refused, held.trouble) = (None, None);
            return false;
        }
        let loaded = found.and_then(|found| Ok((found, load(&self.paths)?)));
        match loaded {
            Ok((read, live)) => {
                *held = Held { live, read, refused: None, trouble: None };
                tracing::info!(file = %self.paths.certificate.display(), "the certificate is a new one");
                true
            }
            Err(error) => {
                held.refuse(marks(&self.paths).ok(), &error);
                false
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Says so once, and not while somebody is still writing.
    fn refuse(&mut self, found: Option<Marks>, error: &TlsError) {
        let settled = self.refused == Some(found);
        if settled && self.trouble.is_none() {
            let cause = error as &dyn std::error::Error;
            tracing::warn!(
                error = cause,
                "the new certificate cannot be used; the last one serves"
            );
            self.trouble = Some(chain(cause));
        }
        if !settled {
            (self.refused, self.trouble) = (Some(found), None);
        }
    }
}

fn load(paths: &KeyFiles) -> Result<Certificate, TlsError> {
    let read = |path: &Path| fs::read(path).map_err(|error| TlsError::File(path.to_owned(), error));
    let key = read(&paths.key)?;
    let metadata = fs::metadata(&paths.key);
    if metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0) {
        return Err(TlsError::Exposed(paths.key.clone()));
    }
    let unfit = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsError::Unfit(path, Box::new(error))
    };
    PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| TlsError::Malformed("it has no private key"))
        .map_err(unfit(&paths.key))?;
    Certificate::read(&read(&paths.certificate)?, &key).map_err(unfit(&paths.certificate))
}

fn marks(paths: &KeyFiles) -> Result<Marks, TlsError> {
    let mark = |path: &Path| match fs::metadata(path) {
        Ok(m) => Ok((m.dev(), m.ino(), m.size(), m.mtime(), m.mtime_nsec())),
        Err(error) => Err(TlsError::File(path.to_owned(), error)),
    };
    Ok([mark(&paths.certificate)?, mark(&paths.key)?])
}

const LOOK_EVERY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn paths(&self) -> KeyFiles {
            KeyFiles { certificate: self.path("cert.pem"), key: self.path("key.pem") }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, text: &str, mode: u32) {
            // As renewing programs do: a new file in place of the old one.
            let fresh = self.path("fresh");
            fs::write(&fresh, text).unwrap();
            fs::set_permissions(&fresh, fs::Permissions::from_mode(mode)).unwrap();
            fs::rename(&fresh, self.path(name)).unwrap();
        }
    }

    fn make() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["chat.example".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn renewed_files_are_used_and_broken_ones_are_not() {
        let folder = Folder::new();
        let (certificate, key) = make();
        folder.write("cert.pem", &certificate, 0o644);
        folder.write("key.pem", &key, 0o600);
        let files = Files::open(&folder.paths()).unwrap();
        let first = files.key().cert.clone();
        assert!(!files.look());
        let (certificate, key) = make();
        // Half of it is there: nobody is told yet, and told once when it stays so.
        folder.write("cert.pem", &certificate, 0o644);
        assert!(!files.look());
        assert_eq!((files.trouble(), &files.key().cert), (None, &first));
        assert!(!files.look());
        let trouble = files.trouble().unwrap();
        assert!(trouble.contains("cert.pem") && files.key().cert == first, "{trouble}");
        folder.write("key.pem", &key, 0o600);
        assert!(files.look());
        assert_eq!(files.trouble(), None);
        assert_ne!(files.key().cert, first);
        // Away, and back again as it was.
        let second = files.key().cert.clone();
        fs::rename(folder.path("cert.pem"), folder.path("away")).unwrap();
        assert!(!files.look() && !files.look());
        assert!(files.trouble().is_some() && files.key().cert == second);
        fs::rename(folder.path("away"), folder.path("cert.pem")).unwrap();
        assert!(!files.look());
        assert_eq!(files.trouble(), None);
    }

    #[test]
    fn h19_a_key_that_others_can_read_is_refused() {
        let folder = Folder::new();
        let (certificate, key) = make();
        folder.write("cert.pem", &certificate, 0o644);
        folder.write("key.pem", &key, 0o644);
        assert!(matches!(Files::open(&folder.paths()), Err(TlsError::Exposed(_))));
        // A group for those who may, as some systems have.
        folder.write("key.pem", &key, 0o640);
        assert!(Files::open(&folder.paths()).is_ok());
    }

    #[test]
    fn files_without_what_they_should_hold_are_refused() {
        let folder = Folder::new();
        let (certificate, key) = make();
        let other = make().0;
        for [first, second] in [["", &key], [&certificate, ""], [&key, &key], [&other, &key]] {
            folder.write("cert.pem", first, 0o644);
            folder.write("key.pem", second, 0o600);
            assert!(
                matches!(Files::open(&folder.paths()), Err(TlsError::Unfit(..))),
                "{first}{second}"
            );
        }
    }
}
