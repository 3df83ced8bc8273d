//! The self-signed certificate: made at the first start, kept, and made again
//! when this computer has a name or address it does not cover, or when it
//! expires soon. Keeping it keeps the exceptions that people made for it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};

use super::TlsError;
use crate::pure::wire::Millis;

/// The certificate in this directory, which must exist, made if need be.
pub fn load_or_make(
    directory: &Path,
    names: &[String],
    now: Millis,
) -> Result<Arc<CertifiedKey>, TlsError> {
    if let Some(pem) = load(directory, names, now)? {
        return certified(&pem);
    }
    let pem = make(names, now)?;
    let about = About { names: names.to_vec(), expires: now.plus(LIFETIME) };
    let about = serde_json::to_vec(&about).expect("names and a number are JSON");
    write(&directory.join(PEM), pem.as_bytes())?;
    write(&directory.join(ABOUT), &about)?;
    certified(&pem)
}

/// What is written beside the certificate, so that it need not be parsed.
#[derive(Serialize, Deserialize)]
struct About {
    names: Vec<String>,
    expires: Millis,
}

fn load(directory: &Path, names: &[String], now: Millis) -> Result<Option<String>, TlsError> {
    let read = |name| match fs::read_to_string(directory.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some).map_err(|error| TlsError::File(directory.join(name), error)),
    };
    let (Some(pem), Some(about)) = (read(PEM)?, read(ABOUT)?) else { return Ok(None) };
    let Ok(about) = serde_json::from_str::<About>(&about) else { return Ok(None) };
    let good = names.iter().all(|name| about.names.contains(name))
        && about.expires.since(now) > RENEW_BEFORE;
    Ok(good.then_some(pem))
}

/// Key and certificate in one text, so that they can never be of two makes.
fn make(names: &[String], now: Millis) -> Result<String, TlsError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(names)?;
    let name = names.first().map_or("callbox", String::as_str);
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // A day back, for clients whose clock is late.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_millis(now.0.saturating_sub(DAY));
    params.not_after = epoch + Duration::from_millis(now.plus(LIFETIME).0);
    let certificate = params.self_signed(&key)?;
    Ok(key.serialize_pem() + &certificate.pem())
}

fn certified(pem: &str) -> Result<Arc<CertifiedKey>, TlsError> {
    let broken = |error| rustls::Error::General(format!("{error}"));
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
    let provider = ring::default_provider();
    Ok(Arc::new(CertifiedKey::from_der(vec![certificate], key, &provider)?))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    let fresh = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
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

const PEM: &str = "self-signed.pem";
const ABOUT: &str = "self-signed.json";
const DAY: u64 = 24 * 3_600_000;
const LIFETIME: Millis = Millis(365 * DAY);
const RENEW_BEFORE: Millis = Millis(30 * DAY);

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn load_or_make(directory: &Path, names: &[&str], now: Millis) -> Vec<u8> {
        let names: Vec<_> = names.iter().map(|name| name.to_string()).collect();
        super::load_or_make(directory, &names, now).unwrap().cert[0].to_vec()
    }

    #[test]
    fn it_is_kept_until_it_no_longer_fits() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let first = load_or_make(path, &["localhost", "192.168.1.5", "::1"], NOW);
        assert_eq!(load_or_make(path, &["localhost", "192.168.1.5"], NOW), first);
        let late = NOW.plus(LIFETIME);
        assert_ne!(load_or_make(path, &["localhost"], late), first);
        let second = load_or_make(path, &["localhost"], late);
        assert_ne!(load_or_make(path, &["localhost", "192.168.1.6"], late), second);
    }

    #[test]
    fn h19_the_key_is_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        load_or_make(directory.path(), &["localhost"], NOW);
        for file in fs::read_dir(directory.path()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
