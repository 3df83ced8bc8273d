//! One name: its certificate, and how getting the next one goes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::sign::CertifiedKey;
use rustls_acme::ResolvesServerCertAcme;

use crate::pure::wire::Millis;
use crate::tls::certificate::{Certificate, now};

/// Shared between the one who orders and the handshakes.
#[derive(Debug)]
pub(in crate::tls) struct Name {
    pub(in crate::tls) name: String,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    live: Option<Certificate>,
    /// What the ACME server will look for while an order is under way.
    proof: Option<Arc<ResolvesServerCertAcme>>,
    trouble: Option<Trouble>,
}

/// Why there is no new certificate yet.
#[derive(Debug, Clone)]
pub(in crate::tls) struct Trouble {
    pub(in crate::tls) reason: String,
    pub(in crate::tls) next_try: Millis,
}

impl Name {
    /// A name, with the certificate of an earlier run.
    pub(super) fn new(name: &str, live: Option<Certificate>) -> Self {
        let held = Held { live, ..Held::default() };
        let name = Self { name: name.to_owned(), held: Mutex::new(held) };
        name.tell();
        name
    }

    /// For handshakes. An expired one, too: browsers then say what is the matter.
    pub(in crate::tls) fn certificate(&self) -> Option<Arc<CertifiedKey>> {
        self.held().live.as_ref().map(|live| Arc::clone(&live.key))
    }

    /// For an ACME server's look.
    pub(in crate::tls) fn proof(&self) -> Option<Arc<ResolvesServerCertAcme>> {
        self.held().proof.clone()
    }

    /// The end of the certificate in use.
    pub(in crate::tls) fn until(&self) -> Option<Millis> {
        self.held().live.as_ref().map(|live| live.until)
    }

    /// What stands in the way of the next one.
    pub(in crate::tls) fn trouble(&self) -> Option<Trouble> {
        self.held().trouble.clone()
    }

    /// How long nothing needs doing.
    pub(super) fn rest(&self) -> Millis {
        self.held().live.as_ref().map_or(Millis(0), |live| live.due.since(now()))
    }

    pub(super) fn set_proof(&self, proof: Option<Arc<ResolvesServerCertAcme>>) {
        self.held().proof = proof;
    }

    pub(super) fn set_trouble(&self, trouble: Trouble) {
        self.held().trouble = Some(trouble);
    }

    /// Uses a new certificate for all handshakes from now on.
    pub(super) fn renew(&self, certificate: Certificate) {
        *self.held() = Held { live: Some(certificate), ..Held::default() };
        self.tell();
    }

    fn tell(&self) {
        if let Some(until) = self.until() {
            let seconds = until.0 as f64 / 1000.0;
            metrics::gauge!("callbox_certificate_not_after_seconds", "name" => self.name.clone())
                .set(seconds);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
