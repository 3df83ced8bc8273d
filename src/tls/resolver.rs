//! Which certificate a handshake gets.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::acme::Name;

/// Holds the certificates in use. A name that is not ours gets one too: it is
/// refused later, as HTTP, where the reason can be said.
#[derive(Debug)]
pub struct Resolver {
    /// For names without a certificate of their own.
    common: RwLock<Arc<CertifiedKey>>,
    names: Vec<Arc<Name>>,
}

/// Answers ACME servers only, and only for names under proof.
#[derive(Debug)]
struct Challenges(Vec<Arc<Name>>);

impl Resolver {
    /// A resolver that answers with this certificate.
    pub fn new(certificate: Arc<CertifiedKey>) -> Arc<Self> {
        Self::with_names(certificate, Vec::new())
    }

    /// The same, except to those who ask for one of these names.
    pub(super) fn with_names(certificate: Arc<CertifiedKey>, names: Vec<Arc<Name>>) -> Arc<Self> {
        Arc::new(Self { common: RwLock::new(certificate), names })
    }

    /// Takes another common certificate for all handshakes from now on.
    pub fn replace(&self, certificate: Arc<CertifiedKey>) {
        *self.common.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    pub(super) fn challenges(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::new(Challenges(self.names.clone()))
    }

    fn common(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.common.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Who asks for no name of ours learns nothing but the first one: the
        // certificate made here lists this computer's addresses.
        let asked = match hello.server_name() {
            Some(asked) => self.names.iter().find(|name| name.name.eq_ignore_ascii_case(asked)),
            // Browsers name no address.
            None => self.names.iter().find(|name| name.is_address()),
        };
        let asked = asked.or(self.names.first());
        asked.and_then(|name| name.certificate()).or_else(|| Some(self.common()))
    }
}

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.server_name()?;
        let name = self.0.iter().find(|name| name.is_looked_for_as(asked))?;
        name.proof()?.certificate(hello)
    }
}
