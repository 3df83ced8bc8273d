//! The self-signed certificate: made at the first start, kept, and made again
//! when this computer has a name or address it does not cover, or when it
//! expires soon. Keeping it keeps the exceptions that people made for it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::{TlsError, file};
use crate::pure::wire::Millis;

/// The certificate in this directory, which must exist, made if need be.
pub fn load_or_make(
    directory: &Path,
    names: &[String],
    now: Millis,
) -> Result<Arc<CertifiedKey>, TlsError> {
    if let Some(pem) = load(directory, names, now)? {
        return Ok(Certificate::read(&pem, &pem)?.key);
    }
    let pem = make(names, now)?;
    let about = About { names: names.to_vec(), expires: now.plus(LIFETIME) };
    let about = serde_json::to_vec(&about).expect("names and a number are JSON");
    file::write(&directory.join(PEM), pem.as_bytes())?;
    file::write(&directory.join(ABOUT), &about)?;
    Ok(Certificate::read(pem.as_bytes(), pem.as_bytes())?.key)
}

/// What is written beside the certificate, so that it need not be parsed.
#[derive(Serialize, Deserialize)]
struct About {
    names: Vec<String>,
    expires: Millis,
}

fn load(directory: &Path, names: &[String], now: Millis) -> Result<Option<Vec<u8>>, TlsError> {
    let read = |name| file::read(&directory.join(name));
    let (Some(pem), Some(about)) = (read(PEM)?, read(ABOUT)?) else { return Ok(None) };
    let Ok(about) = serde_json::from_slice::<About>(&about) else { return Ok(None) };
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

const PEM: &str = "self-signed.pem";
const ABOUT: &str = "self-signed.json";
const DAY: u64 = 24 * 3_600_000;
const LIFETIME: Millis = Millis(365 * DAY);
const RENEW_BEFORE: Millis = Millis(30 * DAY);

#[cfg(test)]
mod tests {
    use std::fs;
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
