//! The settings of certificates, and what they amount to.

use std::path::PathBuf;
use std::time::Duration;

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

    /// Seconds that one attempt to obtain a certificate may take [default: 120].
    #[arg(long, env = "CALLBOX_ACME_TIMEOUT", value_name = "N")]
    pub acme_timeout: Option<u32>,
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
    /// One certificate for each; never empty.
    pub names: Vec<String>,
    /// The address of the directory.
    pub directory: String,
    /// Whom to believe instead of the public authorities.
    pub roots: Option<PathBuf>,
    /// As URLs.
    pub contact: Vec<String>,
    pub challenge: AcmeChallenge,
    pub limit: Duration,
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
            acme_timeout: self.acme_timeout.or(weaker.acme_timeout),
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
        let acme = acme(given, names)?.filter(|_| files.is_none());
        Ok(Self { files, acme })
    }
}

fn acme(given: CertificateSettings, names: &[String]) -> Result<Option<Acme>, ConfigError> {
    let limit = match given.acme_timeout.unwrap_or(120) {
        seconds @ 1..=3600 => Duration::from_secs(seconds.into()),
        seconds => {
            return Err(fault("acme_timeout", &seconds.to_string(), "it is from 1 to 3600"));
        }
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
    let possible = |name: &str| match name.parse::<std::net::IpAddr>() {
        Ok(_) => false,
        Err(_) => !public || is_public(name),
    };
    let names: Vec<_> = names.iter().filter(|name| possible(name)).cloned().collect();
    let challenge = given.acme_challenge.unwrap_or_default();
    let acme = Acme { names, directory, roots: given.acme_ca, contact, challenge, limit };
    Ok(Some(acme).filter(|acme| !acme.names.is_empty()))
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

/// Whether a name can be somebody's in the internet at all (RFC 6761, 6762, 8375, 9476).
fn is_public(name: &str) -> bool {
    let reserved = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    name.contains('.') && !NEVER_PUBLIC.into_iter().any(reserved)
}

fn fault(name: &'static str, value: &str, reason: &'static str) -> ConfigError {
    ConfigError::Value { name, value: value.to_owned(), reason }
}

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
        let all = names(&["chat.example.org", "box.local", "box", "203.0.113.7", "a.example"]);
        let default = Certificates::new(CertificateSettings::default(), &all).unwrap();
        let acme = default.acme.unwrap();
        assert_eq!(acme.names, ["chat.example.org"]);
        assert_eq!((acme.directory.as_str(), acme.limit.as_secs()), (LETS_ENCRYPT, 120));
        let own = Certificates::new(with_directory("https://ca.lan/dir"), &all).unwrap();
        assert_eq!(own.acme.unwrap().names, ["chat.example.org", "box.local", "box", "a.example"]);
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
    fn a_contact_is_a_mail_address() {
        assert_eq!(contact_url("anna@example.org").unwrap(), "mailto:anna@example.org");
        assert_eq!(contact_url("mailto:anna@example.org").unwrap(), "mailto:anna@example.org");
        for bad in ["", "anna", "@example.org", "anna@", "a b@c", "anna@example.org?subject=x"] {
            assert!(contact_url(bad).is_err(), "{bad}");
        }
    }
}
