//! Certificates for a network without public names: an authority of this
//! server's own, which people may trust once, and short-lived certificates by
//! it for all this computer is called. The authority can vouch for private
//! names and addresses and this server only, so that trusting it gives nobody
//! a say about the rest of the internet.
//!
//! In its directory: `ca.key` (the authority with its key), `ca.pem` (without), `ca.old.pem` (the
//! one before), `leaf.pem` (the certificate in use with its key).

mod authority;
mod leaf;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};

use self::authority::Authority;
use super::TlsError;
use super::certificate::Certificate;
use crate::pure::lan::{self, Names};
use crate::pure::wire::Millis;

/// The authority, and the certificate that is in use.
#[derive(Debug)]
pub struct Local {
    folder: PathBuf,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    authority: Authority,
    leaf: Certificate,
    /// What this computer is called now.
    wanted: Names,
}

/// What people may know of the authority: all but its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityReport {
    /// As it is shown in lists of certificates.
    pub name: String,
    /// The SHA-256 of the certificate, in pairs of hexadecimal digits.
    pub fingerprint: String,
    pub pem: String,
    pub until: Millis,
    /// What the certificate in use is for.
    pub names: Vec<String>,
    pub leaf_until: Millis,
    /// What this computer is called, too, and the authority cannot vouch for.
    pub left_out: Vec<String>,
}

impl Local {
    /// Reads what there is in this directory, which must exist, and makes what is missing or due.
    pub fn open(folder: &Path, names: &Names, now: Millis) -> Result<Self, TlsError> {
        let authority = match Authority::load(folder)? {
            Some(authority) if !authority.is_due(now) => authority,
            old => {
                if old.is_some() {
                    tracing::warn!("the authority's time is over: people have to trust a new one");
                }
                Authority::make(folder, names, now)?
            }
        };
        let leaf = leaf::load_or_make(folder, &authority, names, now)?;
        let held = Held { authority, leaf, wanted: names.clone() };
        Ok(Self { folder: folder.to_owned(), held: Mutex::new(held) })
    }

    /// The certificate in use.
    pub fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.held().leaf.key)
    }

    /// Makes another certificate when this computer is called something else, or when it is
    /// time to; says whether there is one.
    pub fn renew(&self, names: &Names, now: Millis) -> Result<bool, TlsError> {
        let mut held = self.held();
        if held.wanted == *names && now < held.leaf.due {
            return Ok(false);
        }
        let leaf = leaf::load_or_make(&self.folder, &held.authority, names, now)?;
        let another = leaf.key.cert != held.leaf.key.cert;
        held.leaf = leaf;
        held.wanted = names.clone();
        Ok(another)
    }

    /// Takes a new authority: whoever trusted the old one has to trust the new one instead.
    pub fn rotate(&self, now: Millis) -> Result<(), TlsError> {
        let mut held = self.held();
        let authority = Authority::make(&self.folder, &held.wanted, now)?;
        let leaf = leaf::load_or_make(&self.folder, &authority, &held.wanted, now)?;
        (held.authority, held.leaf) = (authority, leaf);
        Ok(())
    }

    /// All that people may know.
    pub fn report(&self) -> AuthorityReport {
        let held = self.held();
        let (names, left_out) = held.wanted.within(&held.authority.scope);
        AuthorityReport {
            name: held.authority.name.clone(),
            fingerprint: hex(&held.authority.fingerprint),
            pem: held.authority.pem.clone(),
            until: held.authority.until,
            names: names.texts(),
            leaf_until: held.leaf.until,
            left_out,
        }
    }

    /// The authority's certificate, as systems install it.
    pub fn der(&self) -> Vec<u8> {
        self.held().authority.der.to_vec()
    }

    /// The authority's certificate, as Apple's systems install it.
    pub fn profile(&self) -> String {
        let held = self.held();
        let Authority { name, der, fingerprint, .. } = &held.authority;
        lan::profile(name, der, fingerprint)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As programs show fingerprints.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);
    const DAY: u64 = 24 * 3_600_000;

    fn open(folder: &Path, names: &[&str], now: Millis) -> Local {
        Local::open(folder, &Names::of(names), now).unwrap()
    }

    #[test]
    fn a_certificate_is_kept_until_it_no_longer_fits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let first = open(path, &["localhost", "192.168.1.5", "::1"], NOW);
        let again = open(path, &["localhost", "192.168.1.5"], NOW);
        assert_eq!(again.key().cert, first.key().cert);
        // An authority that was trusted once stays, whatever becomes of the rest.
        let moved = open(path, &["localhost", "192.168.1.6"], NOW);
        assert_ne!(moved.key().cert, first.key().cert);
        assert_eq!(moved.der(), first.der());
        fs::remove_file(path.join("leaf.pem")).unwrap();
        assert_eq!(open(path, &["localhost"], NOW).der(), first.der());
    }

    #[test]
    fn it_is_renewed_by_time_and_by_address() {
        let folder = tempfile::tempdir().unwrap();
        let names = Names::of(["box.local", "192.168.1.5"]);
        let local = Local::open(folder.path(), &names, NOW).unwrap();
        let first = local.key();
        assert!(!local.renew(&names, NOW.plus(Millis(19 * DAY))).unwrap());
        let day_20 = NOW.plus(Millis(21 * DAY));
        assert!(local.renew(&names, day_20).unwrap());
        assert_ne!(local.key().cert, first.cert);
        assert_eq!(local.report().leaf_until, day_20.plus(Millis(30 * DAY)));
        let more = Names::of(["box.local", "192.168.1.5", "10.0.0.7"]);
        assert!(local.renew(&more, day_20).unwrap());
        assert!(!local.renew(&names, day_20).unwrap(), "it has them all already");
        assert_eq!(local.report().names, ["box.local", "192.168.1.5"]);
    }

    #[test]
    fn an_authority_that_is_nearly_over_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), &["localhost"], NOW);
        let year = |n: u64| NOW.plus(Millis(n * 365 * DAY));
        assert_eq!(open(folder.path(), &["localhost"], year(9)).der(), first.der());
        let late = open(folder.path(), &["localhost"], year(10));
        assert_ne!(late.der(), first.der());
        let old = fs::read_to_string(folder.path().join("ca.old.pem")).unwrap();
        assert_eq!(old, first.report().pem);
    }

    #[test]
    fn another_authority_signs_another_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let names = Names::of(["box.local", "chat.example"]);
        let local = open(folder.path(), &["box.local"], NOW);
        local.renew(&names, NOW).unwrap();
        let first = local.report();
        assert_eq!(first.left_out, ["chat.example"]);
        local.rotate(NOW).unwrap();
        let second = local.report();
        assert_ne!(second.fingerprint, first.fingerprint);
        assert_ne!(second.name, first.name);
        assert_eq!((second.left_out.len(), second.names.len()), (0, 2));
        let reopened = Local::open(folder.path(), &names, NOW).unwrap();
        assert_eq!(reopened.report(), second);
        assert_eq!(reopened.key().cert, local.key().cert);
    }

    #[test]
    fn h19_the_keys_are_for_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), &["localhost"], NOW);
        for file in fs::read_dir(folder.path()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_authority_is_not_replaced_behind_peoples_backs() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), &["localhost"], NOW);
        fs::write(folder.path().join("ca.key"), "no key").unwrap();
        let error = Local::open(folder.path(), &Names::of(["localhost"]), NOW).unwrap_err();
        assert!(error.to_string().contains("ca.key"), "{error}");
    }
}
