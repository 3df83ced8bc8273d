//! The authority: a root certificate with its key.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PublicKeyData,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::extensions::GeneralName;

use super::super::{TlsError, file};
use crate::pure::lan::{Names, Scope};
use crate::pure::wire::Millis;

/// Signs certificates within its scope.
#[derive(Debug)]
pub(super) struct Authority {
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) until: Millis,
    pub(super) fingerprint: [u8; 32],
    pub(super) pem: String,
    pub(super) der: CertificateDer<'static>,
    pub(super) issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The one in this directory, if there is one.
    pub(super) fn load(folder: &Path) -> Result<Option<Self>, TlsError> {
        let path = folder.join(KEY);
        let Some(text) = file::read(&path)? else { return Ok(None) };
        let read = Self::read(&text).map_err(|error| TlsError::Unfit(path, Box::new(error)))?;
        // Only a copy for people, who may have moved it away.
        let copy = folder.join(PEM);
        if file::read(&copy)?.as_deref() != Some(read.pem.as_bytes()) {
            file::write(&copy, read.pem.as_bytes())?;
        }
        Ok(Some(read))
    }

    /// A new one for a computer with these names. The certificate of the one before is kept
    /// aside, so that people can find it where it was trusted; its key is not.
    pub(super) fn make(folder: &Path, names: &Names, now: Millis) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let made = params(&key, names, now).self_signed(&key)?;
        // Key and certificate in one text, so that they can never be of two makes.
        let text = key.serialize_pem() + &made.pem();
        if let Some(old) = file::read(&folder.join(PEM))? {
            file::write(&folder.join(OLD), &old)?;
        }
        file::write(&folder.join(KEY), text.as_bytes())?;
        file::write(&folder.join(PEM), made.pem().as_bytes())?;
        Self::read(text.as_bytes())
    }

    /// Whether another should take its place.
    pub(super) fn is_due(&self, now: Millis) -> bool {
        self.until.since(now) < REPLACE_BEFORE
    }

    fn read(text: &[u8]) -> Result<Self, TlsError> {
        let text = std::str::from_utf8(text).map_err(|_| TlsError::Malformed("it is no text"))?;
        let key =
            KeyPair::from_pem(text).map_err(|_| TlsError::Malformed("it has no private key"))?;
        let der = CertificateDer::from_pem_slice(text.as_bytes())
            .map_err(|_| TlsError::Malformed("it has no certificate"))?;
        let broken = || TlsError::Malformed("a certificate in it is malformed");
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).map_err(|_| broken())?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err(TlsError::Malformed("the key is not the certificate's"));
        }
        let name = parsed.subject().iter_common_name().next();
        let name = name.and_then(|name| name.as_str().ok()).ok_or_else(broken)?.to_owned();
        let until = u64::try_from(parsed.validity().not_after.timestamp()).unwrap_or(0);
        let scope = scope(&parsed).ok_or_else(broken)?;
        let hash = digest(&SHA256, &der);
        let fingerprint = hash.as_ref().try_into().expect("SHA-256 has 32 bytes");
        let pem = text.find(BEGIN).map(|at| text[at..].to_owned()).ok_or_else(broken)?;
        let issuer = Issuer::from_ca_cert_der(&der, key)?;
        let der = der.into_owned();
        let until = Millis(until.saturating_mul(1000));
        Ok(Self { name, scope, until, fingerprint, pem, der, issuer })
    }
}

fn params(key: &KeyPair, names: &Names, now: Millis) -> CertificateParams {
    let mut params = CertificateParams::default();
    // Two authorities of one computer differ by their keys; people have to tell them apart, too.
    let hash = digest(&SHA256, &key.subject_public_key_info());
    let mark: String = hash.as_ref()[..3].iter().map(|byte| format!("{byte:02x}")).collect();
    let whose = names.hosts.first().map_or("localhost", String::as_str);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Callbox {whose} {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let Scope { domains, networks } = Scope::around(names);
    let domains = domains.into_iter().map(GeneralSubtree::DnsName);
    let networks = networks.into_iter().map(|(address, bits)| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
    });
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: domains.chain(networks).collect(),
        excluded_subtrees: Vec::new(),
    });
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_millis(now.0.saturating_sub(DAY));
    params.not_after = epoch + Duration::from_millis(now.plus(LIFETIME).0);
    params
}

/// What the certificate says of its names; nothing when it says nothing.
fn scope(parsed: &x509_parser::certificate::X509Certificate<'_>) -> Option<Scope> {
    let constraints = parsed.name_constraints().ok()??;
    let mut scope = Scope::default();
    for subtree in constraints.value.permitted_subtrees.iter().flatten() {
        match &subtree.base {
            GeneralName::DNSName(name) => scope.domains.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => scope.networks.push(network(bytes)?),
            _ => {}
        }
    }
    Some(scope)
}

/// An address and a mask of the same length (RFC 5280 section 4.2.1.10).
fn network(bytes: &[u8]) -> Option<(IpAddr, u8)> {
    let (address, mask) = bytes.split_at(bytes.len() / 2);
    let bits = mask.iter().map(|byte| byte.count_ones()).sum::<u32>();
    let address = match address.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
        _ => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
    };
    Some((address, u8::try_from(bits).ok()?))
}

const KEY: &str = "ca.key";
const PEM: &str = "ca.pem";
const OLD: &str = "ca.old.pem";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

const DAY: u64 = 24 * 3_600_000;
/// Installed by hand on every device, so it is to last.
const LIFETIME: Millis = Millis(3650 * DAY);
const REPLACE_BEFORE: Millis = Millis(60 * DAY);
