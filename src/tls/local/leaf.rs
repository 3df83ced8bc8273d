//! The certificate in use: made by the authority, for all this computer is called.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::super::certificate::Certificate;
use super::super::{TlsError, file};
use super::authority::Authority;
use crate::pure::lan::Names;
use crate::pure::wire::Millis;

/// The one in this directory while it fits and is not due, else a new one. Keeping it keeps the
/// exceptions of those who trust it alone.
pub(super) fn load_or_make(
    folder: &Path,
    authority: &Authority,
    names: &Names,
    now: Millis,
) -> Result<Certificate, TlsError> {
    let path = folder.join(LEAF);
    let (names, left_out) = names.within(&authority.scope);
    if !left_out.is_empty() {
        tracing::info!(
            names = left_out.join(", "),
            "this server's authority cannot vouch for these; `callbox ca rotate` makes one that can"
        );
    }
    let kept = file::read(&path)?.and_then(|pem| Certificate::read(&pem, &pem).ok());
    if let Some(kept) = kept
        && now < kept.due
        && fits(&kept.key.cert[0], authority, &names).unwrap_or(false)
    {
        return Ok(kept);
    }
    let pem = make(authority, &names, now)?;
    file::write(&path, pem.as_bytes())?;
    Certificate::read(pem.as_bytes(), pem.as_bytes())
}

/// Whether it is this authority's, and for all these names.
fn fits(leaf: &CertificateDer<'_>, authority: &Authority, names: &Names) -> Option<bool> {
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf).ok()?;
    let (_, root) = x509_parser::parse_x509_certificate(&authority.der).ok()?;
    Some(leaf.issuer().as_raw() == root.subject().as_raw() && names_of(&leaf)?.cover(names))
}

fn names_of(certificate: &X509Certificate<'_>) -> Option<Names> {
    let mut names = Names::default();
    for name in &certificate.subject_alternative_name().ok()??.value.general_names {
        match name {
            GeneralName::DNSName(name) => names.hosts.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => names.addresses.push(match bytes.len() {
                4 => IpAddr::from(<[u8; 4]>::try_from(*bytes).ok()?),
                _ => IpAddr::from(<[u8; 16]>::try_from(*bytes).ok()?),
            }),
            _ => {}
        }
    }
    Some(names)
}

/// Key and certificate in one text, so that they can never be of two makes.
fn make(authority: &Authority, names: &Names, now: Millis) -> Result<String, TlsError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let texts = names.texts();
    let name = texts.first().cloned().unwrap_or_else(|| "callbox".to_owned());
    let mut params = CertificateParams::new(texts)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    // A day back, for clients whose clock is late.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_millis(now.0.saturating_sub(DAY));
    params.not_after = epoch + Duration::from_millis(now.plus(LIFETIME).0);
    let certificate = params.signed_by(&key, &authority.issuer)?;
    Ok(key.serialize_pem() + &certificate.pem())
}

const LEAF: &str = "leaf.pem";
const DAY: u64 = 24 * 3_600_000;
const LIFETIME: Millis = Millis(30 * DAY);
