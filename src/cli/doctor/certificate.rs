//! The certificates: what the running server presents, or what lies there for it.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::extensions::GeneralName;

use super::running::Running;
use super::{reachable, wire};
use crate::config::Config;
use crate::pure::doctor::{Certificate, Seen, Source};
use crate::pure::wire::Millis;
use crate::tls::{self, HTTP_1};

/// One for each name; where there is none, the one that everybody gets.
pub(super) fn look_at(
    config: &Config,
    running: Option<&Running>,
    domains: &[String],
) -> Vec<Certificate> {
    let Some(running) = running else { return stored(config, domains) };
    let Some(at) = running.overview.listen.first().map(|address| reachable(*address)) else {
        return Vec::new();
    };
    if running.prepared.proxied {
        // A proxy in front has them, or passes on connections that begin otherwise.
        return Vec::new();
    }
    let reports = &running.overview.certificates;
    let report_of = |name: &str| {
        let file = || reports.iter().find(|report| report.source == tls::Source::File);
        reports.iter().find(|report| report.name == name).or_else(file)
    };
    let asked: Vec<String> = match domains.is_empty() {
        true => vec!["localhost".to_owned()],
        false => domains.to_vec(),
    };
    let authority = authority(config);
    let look = |name: String| {
        let report = report_of(&name);
        let source = match report.map(|report| report.source) {
            Some(tls::Source::Acme) => Source::Acme,
            Some(tls::Source::File) => Source::File,
            Some(tls::Source::Own) | None => Source::Own,
        };
        let trouble = report.and_then(|report| report.trouble.clone());
        Certificate { seen: presented(at, &name, authority.as_ref()), name, source, trouble }
    };
    asked.into_iter().map(look).collect()
}

/// What a browser that comes by this name would be shown.
fn presented(
    at: SocketAddr,
    name: &str,
    authority: Option<&CertificateDer<'_>>,
) -> Result<Seen, String> {
    let name = name.trim_matches(['[', ']']);
    let stream = wire::tls(at, name, &[HTTP_1]).map_err(|error| error.to_string())?;
    let chain = stream.conn.peer_certificates().ok_or("the server showed none")?;
    read(chain.first().ok_or("the server showed none")?, authority)
}

/// What a server with these settings would begin with.
fn stored(config: &Config, domains: &[String]) -> Vec<Certificate> {
    if let Some(files) = &config.certificates.files {
        let seen = match fs::File::open(&files.key) {
            Ok(_) => read_file(&files.certificate, None),
            Err(error) => Err(format!("{}: {error}", files.key.display())),
        };
        let name = match domains.first() {
            Some(name) => name.clone(),
            None => match &seen {
                Ok(Seen { names, .. }) if !names.is_empty() => names[0].clone(),
                _ => files.certificate.display().to_string(),
            },
        };
        return vec![Certificate { name, source: Source::File, seen, trouble: None }];
    }
    let own = config.data.join("tls").join("leaf.pem");
    let acme = config.certificates.acme.is_some();
    match acme || !own.exists() {
        // They are obtained, or made, once a server runs.
        true => Vec::new(),
        false => {
            let name = "localhost".to_owned();
            let seen = read_file(&own, authority(config).as_ref());
            vec![Certificate { name, source: Source::Own, seen, trouble: None }]
        }
    }
}

/// The server's own authority, if it has one already.
fn authority(config: &Config) -> Option<CertificateDer<'static>> {
    first(&config.data.join("tls").join("ca.pem")).ok()
}

fn read_file(file: &Path, authority: Option<&CertificateDer<'_>>) -> Result<Seen, String> {
    read(&first(file)?, authority)
}

/// The first certificate in a file.
fn first(file: &Path) -> Result<CertificateDer<'static>, String> {
    let tried = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = fs::read(file).map_err(|error| tried(&error))?;
    let first = CertificateDer::pem_slice_iter(&text).next();
    first.ok_or_else(|| tried(&"no certificate in it"))?.map_err(|error| tried(&error))
}

fn read(
    certificate: &CertificateDer<'_>,
    authority: Option<&CertificateDer<'_>>,
) -> Result<Seen, String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
        .map_err(|_| "the certificate is malformed".to_owned())?;
    let authority = authority.and_then(|held| x509_parser::parse_x509_certificate(held).ok());
    let by = authority.filter(|(_, held)| held.subject() == parsed.issuer());
    let time = |seconds: i64| Millis(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000));
    let names = parsed.subject_alternative_name().ok().flatten();
    let names = names
        .map_or(Vec::new(), |names| names.value.general_names.iter().filter_map(written).collect());
    Ok(Seen {
        from: time(parsed.validity().not_before.timestamp()),
        until: time(parsed.validity().not_after.timestamp()),
        names,
        made_here: parsed.issuer() == parsed.subject() || by.is_some(),
    })
}

fn written(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let sixteen = || <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| sixteen()).ok().map(|ip| ip.to_string())
        }
        _ => None,
    }
}
