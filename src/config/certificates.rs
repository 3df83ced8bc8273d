//! The settings of certificates, and what they amount to.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::check::ConfigError;
use super::settings::one_or_more;

/// The settings of certificates as given; what is absent is not set there.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize, Serialize)]
#[serde(default)]
pub struct CertificateSettings {
    /// A certificate of your own for HTTPS: a PEM file with the whole chain [default: none].
    ///
    /// Goes with `--tls-key`. Both files are watched: a renewed certificate is used without a restart.
    /// With them, no certificates are obtained for the names of `--domain`.
    #[arg(long, env = "CALLBOX_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of `--tls-cert`: a PEM file that other users cannot read [default: none].
    #[arg(long, env = "CALLBOX_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Who issues certificates for the names of `--domain`, by ACME [default: production].
    ///
    /// `production` and `staging` are those of Let's Encrypt; another is given by the https address of
    /// its directory; `off` obtains none.
    #[arg(long, env = "CALLBOX_ACME_DIRECTORY", value_name = "URL")]
    pub acme_directory: Option<String>,

    /// A PEM file with the root certificates by which the ACME server itself is known [default: the public ones].
    #[arg(long, env = "CALLBOX_ACME_CA", value_name = "FILE")]
    pub acme_ca: Option<PathBuf>,

    /// A mail address that the ACME server may warn when a certificate expires [default: none].
    #[arg(long, env = "CALLBOX_ACME_CONTACT", value_name = "MAIL", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub acme_contact: Option<Vec<String>>,

    /// How a name is proved to be this server's: tls-alpn-01 on port 443, http-01 on port 80 [default: tls-alpn-01].
    #[arg(
        long,
        env = "CALLBOX_ACME_CHALLENGE",
        value_name = "TYPE",
        value_enum,
        hide_possible_values = true
    )]
    pub acme_challenge: Option<AcmeChallenge>,

    /// The account elsewhere that the ACME server wants to know of: its key identifier (EAB) [default: none].
    #[arg(long, env = "CALLBOX_ACME_EAB_KID", value_name = "ID")]
    pub acme_eab_kid: Option<String>,

    /// The key that goes with `--acme-eab-kid`, in base64url as it was given [default: none].
    #[arg(long, env = "CALLBOX_ACME_EAB_HMAC_KEY", value_name = "KEY", hide_env_values = true)]
    pub acme_eab_hmac_key: Option<String>,

    /// Seconds that one attempt to obtain a certificate may take [default: 120].
    #[arg(long, env = "CALLBOX_ACME_TIMEOUT", value_name = "N")]
    pub acme_timeout: Option<u32>,

    /// Whether to announce this server as NAME.local in the local network: on or off [default: on].
    ///
    /// Only while its certificates are made here, and other computers can connect.
    #[arg(long, env = "CALLBOX_MDNS", value_name = "ON", value_enum, hide_possible_values = true)]
    pub mdns: Option<Switch>,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    On,
    Off,
}

/// How a name is proved to be this server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize, Serialize)]
pub enum AcmeChallenge {
    /// RFC 8737.
    #[default]
    #[value(name = "tls-alpn-01")]
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// RFC 8555 section 8.3.
    #[value(name = "http-01")]
    #[serde(rename = "http-01")]
    Http01,
}

/// Where certificates come from, besides the one this server makes itself.
#[derive(Debug, Clone, Default)]
pub struct Certificates {
    pub files: Option<KeyFiles>,
    pub acme: Option<Acme>,
    /// This server's name is announced in the local network.
    pub announce: bool,
}

/// A certificate somebody else looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// How certificates are obtained.
#[derive(Debug, Clone)]
pub struct Acme {
    /// One certificate for each; never empty, and with at most one address.
    pub names: Vec<String>,
    /// The address of the directory.
    pub directory: String,
    /// Whom to believe instead of the public authorities.
    pub roots: Option<PathBuf>,
    /// As URLs.
    pub contact: Vec<String>,
    pub challenge: AcmeChallenge,
    /// The account elsewhere that ours belongs to.
    pub binding: Option<Binding>,
    pub limit: Duration,
}

/// An account elsewhere (RFC 8555 section 7.3.4).
#[derive(Clone)]
pub struct Binding {
    pub id: String,
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Binding").field("id", &self.id).finish_non_exhaustive()
    }
}

impl CertificateSettings {
    /// These settings, and those of `weaker` where nothing is set here.
    pub(super) fn or(self, weaker: Self) -> Self {
        Self {
            tls_cert: self.tls_cert.or(weaker.tls_cert),
            tls_key: self.tls_key.or(weaker.tls_key),
            acme_directory: self.acme_directory.or(weaker.acme_directory),
            acme_ca: self.acme_ca.or(weaker.acme_ca),
            acme_contact: self.acme_contact.or(weaker.acme_contact),
            acme_challenge: self.acme_challenge.or(weaker.acme_challenge),
            acme_eab_kid: self.acme_eab_kid.or(weaker.acme_eab_kid),
            acme_eab_hmac_key: self.acme_eab_hmac_key.or(weaker.acme_eab_hmac_key),
            acme_timeout: self.acme_timeout.or(weaker.acme_timeout),
            mdns: self.mdns.or(weaker.mdns),
        }
    }
}

impl Certificates {
    /// Fills in the defaults and checks every value.
    pub(super) fn new(given: CertificateSettings, names: &[String]) -> Result<Self, ConfigError> {
        let files = match (given.tls_cert.clone(), given.tls_key.clone()) {
            (Some(certificate), Some(key)) => Some(KeyFiles { certificate, key }),
            (None, None) => None,
            (Some(file), None) => {
                return Err(fault("tls_cert", &file.display().to_string(), "tls_key is missing"));
            }
            (None, Some(file)) => {
                return Err(fault("tls_key", &file.display().to_string(), "tls_cert is missing"));
            }
        };
        let announce = given.mdns != Some(Switch::Off);
        let acme = acme(given, names)?.filter(|_| files.is_none());
        Ok(Self { files, acme, announce })
    }
}

fn acme(given: CertificateSettings, names: &[String]) -> Result<Option<Acme>, ConfigError> {
    let limit = match given.acme_timeout.unwrap_or(120) {
        seconds @ 1..=3600 => Duration::from_secs(seconds.into()),
        seconds => {
            return Err(fault("acme_timeout", &seconds.to_string(), "it is from 1 to 3600"));
        }
    };
    let binding = match (given.acme_eab_kid, given.acme_eab_hmac_key) {
        (None, None) => None,
        (Some(id), Some(key)) => Some(binding(id, &key)?),
        (Some(id), None) => return Err(fault("acme_eab_kid", &id, "acme_eab_hmac_key is missing")),
        (None, Some(_)) => return Err(fault("acme_eab_hmac_key", "…", "acme_eab_kid is missing")),
    };
    let contact = given.acme_contact.unwrap_or_default();
    let contact = contact.iter().map(|mail| contact_url(mail)).collect::<Result<_, _>>()?;
    let (directory, public) = match given.acme_directory.as_deref().unwrap_or("production") {
        "off" => return Ok(None),
        "production" => (LETS_ENCRYPT.to_owned(), true),
        "staging" => (LETS_ENCRYPT_STAGING.to_owned(), true),
        url if url.starts_with("https://") && url.len() > "https://".len() => {
            (url.to_owned(), false)
        }
        other => {
            let reason = "it is production, staging, off, or an address with https://";
            return Err(fault("acme_directory", other, reason));
        }
    };
    // An authority of one's own may certify what no public one can.
    let mut addresses = 0;
    let mut possible = |name: &str| match name.parse::<IpAddr>() {
        Ok(ip) => {
            // Browsers do not say for which they came, so only one can have a certificate.
            addresses += 1;
            SECOND_ENGINE && addresses == 1 && (!public || is_public_address(ip))
        }
        Err(_) => !public || is_public(name),
    };
    let names: Vec<_> = names.iter().filter(|name| possible(name)).cloned().collect();
    let challenge = given.acme_challenge.unwrap_or_default();
    let acme = Acme { names, directory, roots: given.acme_ca, contact, challenge, binding, limit };
    Ok(Some(acme).filter(|acme| !acme.names.is_empty()))
}

fn binding(id: String, key: &str) -> Result<Binding, ConfigError> {
    if !SECOND_ENGINE {
        return Err(fault("acme_eab_kid", &id, "this program was built without instant-acme"));
    }
    let key = URL_SAFE_NO_PAD.decode(key.trim_end_matches('='));
    let key = key.map_err(|_| fault("acme_eab_hmac_key", "…", "it is not base64url"))?;
    Ok(Binding { id, key })
}

fn contact_url(mail: &str) -> Result<String, ConfigError> {
    let address = mail.strip_prefix("mailto:").unwrap_or(mail);
    let plain = address.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\,?&".contains(&b));
    match address.split_once('@') {
        Some((person, host)) if plain && !person.is_empty() && !host.is_empty() => {
            Ok(format!("mailto:{address}"))
        }
        _ => Err(fault("acme_contact", mail, "it is a mail address")),
    }
}

/// The names among these that can be somebody's in the internet at all.
pub(super) fn public_names(names: &[String]) -> Vec<String> {
    let public = |name: &&String| name.parse::<IpAddr>().is_err() && is_public(name);
    names.iter().filter(public).cloned().collect()
}

/// Whether a name can be somebody's in the internet at all (RFC 6761, 6762, 8375, 9476).
fn is_public(name: &str) -> bool {
    let reserved = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    name.contains('.') && !NEVER_PUBLIC.into_iter().any(reserved)
}

/// Whether an address can be somebody's in the internet at all.
fn is_public_address(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && b & 0xc0 == 64;
            let private = ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared;
            !private && !ip.is_documentation() && (1..224).contains(&a)
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            a & 0xe000 == 0x2000 && !(a == 0x2001 && b == 0xdb8)
        }
    }
}

fn fault(name: &'static str, value: &str, reason: &'static str) -> ConfigError {
    ConfigError::Value { name, value: value.to_owned(), reason }
}

/// Addresses and bound accounts are beyond the first.
const SECOND_ENGINE: bool = cfg!(feature = "instant-acme");

const NEVER_PUBLIC: [&str; 9] =
    ["local", "localhost", "internal", "lan", "home.arpa", "test", "example", "invalid", "alt"];

const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| name.to_string()).collect()
    }

    fn with_directory(directory: &str) -> CertificateSettings {
        CertificateSettings { acme_directory: Some(directory.into()), ..Default::default() }
    }

    #[test]
    fn certificates_are_ordered_for_names_that_can_be_certified() {
        let all = names(&["chat.example.org", "box.local", "box", "192.168.1.5", "a.example"]);
        let default = Certificates::new(CertificateSettings::default(), &all).unwrap();
        let acme = default.acme.unwrap();
        assert_eq!(acme.names, ["chat.example.org"]);
        assert_eq!((acme.directory.as_str(), acme.limit.as_secs()), (LETS_ENCRYPT, 120));
        let own = Certificates::new(with_directory("https://ca.lan/dir"), &all).unwrap();
        let own = own.acme.unwrap().names;
        let own: Vec<_> = own.iter().filter(|name| *name != "192.168.1.5").collect();
        assert_eq!(own, ["chat.example.org", "box.local", "box", "a.example"]);
        let none =
            |given, list: &[&str]| Certificates::new(given, &names(list)).unwrap().acme.is_none();
        assert!(none(with_directory("off"), &["chat.example.org"]));
        assert!(none(with_directory("staging"), &["box.local"]));
        assert!(none(CertificateSettings::default(), &[]));
        let files = CertificateSettings {
            tls_cert: Some("a.pem".into()),
            tls_key: Some("a.key".into()),
            ..Default::default()
        };
        assert!(none(files, &["chat.example.org"]));
    }

    #[test]
    #[cfg(feature = "instant-acme")]
    fn an_address_is_certified_if_it_can_be() {
        let ordered = |given, list: &[&str]| {
            let acme = Certificates::new(given, &names(list)).unwrap().acme;
            acme.map(|acme| acme.names).unwrap_or_default()
        };
        let default = CertificateSettings::default;
        assert_eq!(
            ordered(default(), &["9.9.9.9", "8.8.8.8", "a.example.org"]),
            ["9.9.9.9", "a.example.org"]
        );
        assert_eq!(ordered(default(), &["2620:fe::fe"]), ["2620:fe::fe"]);
        let never =
            ["10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.1.1", "203.0.113.7", "224.0.0.1"];
        for ip in never.into_iter().chain(["::1", "fd00::1", "fe80::1", "2001:db8::1"]) {
            assert!(ordered(default(), &[ip]).is_empty(), "{ip}");
            assert_eq!(ordered(with_directory("https://ca.lan/dir"), &[ip]), [ip]);
        }
    }

    #[test]
    #[cfg(feature = "instant-acme")]
    fn an_account_elsewhere_has_a_name_and_a_key() {
        let bound = |id: Option<&str>, key: Option<&str>| {
            let given = CertificateSettings {
                acme_eab_kid: id.map(str::to_owned),
                acme_eab_hmac_key: key.map(str::to_owned),
                ..Default::default()
            };
            Certificates::new(given, &names(&["a.example.org"])).map(|c| c.acme.unwrap().binding)
        };
        let binding = bound(Some("kid"), Some("AQID")).unwrap().unwrap();
        assert_eq!((binding.id.as_str(), &binding.key[..]), ("kid", &[1, 2, 3][..]));
        assert!(!format!("{binding:?}").contains("key"));
        for (id, key) in [(Some("kid"), None), (None, Some("AQID")), (Some("kid"), Some("+/"))] {
            assert!(bound(id, key).is_err(), "{id:?} {key:?}");
        }
    }

    #[test]
    fn a_contact_is_a_mail_address() {
        assert_eq!(contact_url("anna@example.org").unwrap(), "mailto:anna@example.org");
        assert_eq!(contact_url("mailto:anna@example.org").unwrap(), "mailto:anna@example.org");
        for bad in ["", "anna", "@example.org", "anna@", "a b@c", "anna@example.org?subject=x"] {
            assert!(contact_url(bad).is_err(), "{bad}");
        }
    }
}
