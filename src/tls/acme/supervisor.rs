//! When a certificate is ordered, and what is done with what comes of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::{AcmeConfig, EventError, EventOk, UseChallenge};
use tokio::time::{sleep, timeout};

use super::fault::{Fault, Kind, Patience};
use super::keeper::{Keeper, Obtained};
use super::name::Trouble;
use super::proof::Proof;
use super::{Folder, Name};
use crate::config::{self, AcmeChallenge};
use crate::pure::wire::Millis;
use crate::tls::TlsError;
use crate::tls::certificate::{Certificate, now};

/// Orders certificates from one ACME server.
pub(in crate::tls) struct Supervisor {
    config: config::Acme,
    folder: Folder,
    account: Vec<u8>,
    /// How the ACME server itself is known, when not by the public authorities.
    client: Option<Arc<ClientConfig>>,
    #[cfg(feature = "instant-acme")]
    instant: super::instant::Instant,
}

impl Supervisor {
    /// Reads what is kept in the directory of certificates.
    pub(in crate::tls) fn new(config: &config::Acme, directory: &Path) -> Result<Self, TlsError> {
        let folder = Folder::open(directory, &config.directory)?;
        let account = folder.account()?;
        let client = config.roots.as_deref().map(client).transpose()?;
        #[cfg(feature = "instant-acme")]
        let instant = super::instant::Instant::new(match &client {
            Some(client) => Arc::clone(client),
            None => trusting(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())?,
        });
        Ok(Self {
            config: config.clone(),
            folder,
            account,
            client,
            #[cfg(feature = "instant-acme")]
            instant,
        })
    }

    /// The names, with the certificates that are there already.
    pub(in crate::tls) fn names(&self) -> Vec<Arc<Name>> {
        let load = |name: &String| Arc::new(Name::new(name, self.folder.load(name)));
        self.config.names.iter().map(load).collect()
    }

    /// Sees to one name for ever.
    pub(in crate::tls) async fn run(self: Arc<Self>, name: Arc<Name>) {
        let mut patience = Patience::default();
        loop {
            // The clock on the wall may be moved meanwhile, and a computer may sleep.
            let rest = name.rest();
            if rest > Millis(0) {
                sleep(Duration::from_millis(rest.0).min(LOOK_AGAIN)).await;
                continue;
            }
            tracing::debug!(name = name.name, "ordering a certificate");
            match self.order(&name).await.and_then(|pem| self.take(&name, &pem)) {
                Ok(lifetime) => {
                    patience = Patience::default();
                    // A wrong clock finds every certificate old.
                    sleep((lifetime / 3).min(REST)).await;
                }
                Err(fault) => {
                    let wait = patience.after(fault.kind);
                    if fault.kind == Kind::Nonce && wait.is_zero() {
                        continue;
                    }
                    report(&name, &fault, wait);
                    sleep(wait).await;
                }
            }
        }
    }

    /// One order, from its beginning to its end or the end of our patience.
    async fn order(&self, name: &Name) -> Result<Vec<u8>, Fault> {
        let _proof = Shown(name);
        #[cfg(feature = "instant-acme")]
        if name.is_address() || self.config.binding.is_some() {
            return self.limited(self.instant.order(&self.config, &self.folder, name)).await;
        }
        self.limited(self.first(name)).await
    }

    /// Lets go of an order that takes too long, which breaks off whatever hangs.
    async fn limited(
        &self,
        order: impl Future<Output = Result<Vec<u8>, Fault>>,
    ) -> Result<Vec<u8>, Fault> {
        timeout(self.config.limit, order).await.unwrap_or_else(|_| {
            let seconds = self.config.limit.as_secs();
            Err(Fault::new(Kind::Network, format!("not done within {seconds} seconds")))
        })
    }

    /// One order by rustls-acme.
    async fn first(&self, name: &Name) -> Result<Vec<u8>, Fault> {
        let obtained = Obtained::default();
        let config = match &self.client {
            Some(client) => AcmeConfig::new_with_client_config([&name.name], Arc::clone(client)),
            None => AcmeConfig::new_with_provider([&name.name], Arc::new(ring::default_provider())),
        };
        let mut order = config
            .directory(&self.config.directory)
            .contact(&self.config.contact)
            .challenge_type(match self.config.challenge {
                AcmeChallenge::TlsAlpn01 => UseChallenge::TlsAlpn01,
                AcmeChallenge::Http01 => UseChallenge::Http01,
            })
            .cache(Keeper::new(self.account.clone(), obtained.clone()))
            .state();
        name.set_proof(Some(Proof::Crate(order.resolver())));
        while let Some(event) = order.next().await {
            match event {
                Ok(EventOk::CertCacheStore) => break,
                Ok(_) => {}
                Err(EventError::Order(error)) => return Err(Fault::of(&error)),
                Err(error) => return Err(Fault::new(Kind::Network, error.to_string())),
            }
        }
        obtained.take().ok_or_else(|| Fault::new(Kind::Network, "there was no certificate"))
    }

    /// Uses what was obtained, and keeps it.
    fn take(&self, name: &Name, pem: &[u8]) -> Result<Duration, Fault> {
        let certificate = Certificate::read(pem, pem)
            .map_err(|error| Fault::new(Kind::Network, error.to_string()))?;
        let lifetime = certificate.lifetime;
        let days = certificate.until.since(now()).0 / DAY;
        name.renew(certificate);
        tracing::info!(name = name.name, days, "a certificate was obtained");
        metrics::counter!("callbox_certificates_obtained_total").increment(1);
        if let Err(error) = self.folder.store(&name.name, pem) {
            let cause = &error as &dyn std::error::Error;
            tracing::warn!(error = cause, "a new certificate is used, but could not be kept");
        }
        Ok(Duration::from_millis(lifetime.0))
    }
}

/// What the ACME server will look for, for as long as the order lasts.
struct Shown<'a>(&'a Name);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0.set_proof(None);
    }
}

fn report(name: &Name, fault: &Fault, wait: Duration) {
    metrics::counter!("callbox_certificate_failures_total").increment(1);
    let (reason, again) = (&fault.reason, wait.as_secs());
    let left = name.until().map(|until| until.since(now()));
    let name_text = &name.name;
    match left {
        None => tracing::warn!(
            name = name_text,
            reason,
            retry_in = again,
            "no certificate could be obtained; browsers will warn of this server's own"
        ),
        Some(left) if left <= Millis(WORRY * DAY) => tracing::error!(
            name = name_text,
            reason,
            retry_in = again,
            days_left = left.0 / DAY,
            "the certificate could not be renewed, and ends soon"
        ),
        Some(left) => tracing::warn!(
            name = name_text,
            reason,
            retry_in = again,
            days_left = left.0 / DAY,
            "the certificate could not be renewed; the one in use is still good"
        ),
    }
    let next_try = now().plus(Millis(again * 1000));
    name.set_trouble(Trouble { reason: reason.clone(), next_try });
}

/// A client that believes these roots and no others.
fn client(roots: &Path) -> Result<Arc<ClientConfig>, TlsError> {
    let unfit = |error| TlsError::Unfit(roots.to_owned(), Box::new(error));
    let malformed = || unfit(TlsError::Malformed("it is no PEM file with root certificates"));
    let mut store = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(roots).map_err(|_| malformed())?;
    for root in found {
        let root = root.map_err(|_| malformed())?;
        store.add(root).map_err(|error| unfit(error.into()))?;
    }
    if store.is_empty() {
        return Err(malformed());
    }
    trusting(store)
}

fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, TlsError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

const REST: Duration = Duration::from_secs(3600);
const LOOK_AGAIN: Duration = Duration::from_secs(60);
const DAY: u64 = 24 * 3_600_000;
const WORRY: u64 = 14;
