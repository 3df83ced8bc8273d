//! A certificate with its key, read from PEM, and how long it is good.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::sign::CertifiedKey;

use super::TlsError;
use crate::pure::wire::Millis;

/// What a handshake needs, and when it is due to be replaced.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) until: Millis,
    /// From its first to its last moment.
    pub(super) lifetime: Millis,
    /// When another should take its place: with a third of its life left.
    pub(super) due: Millis,
}

impl Certificate {
    /// Reads a chain and the key that belongs to it; they may be one text.
    pub(super) fn read(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|_| TlsError::Malformed("a certificate in it is malformed"))?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| TlsError::Malformed("it has no private key"))?;
        let Some(leaf) = chain.first() else {
            return Err(TlsError::Malformed("it has no certificate"));
        };
        let (_, parsed) = x509_parser::parse_x509_certificate(leaf)
            .map_err(|_| TlsError::Malformed("a certificate in it is malformed"))?;
        let validity = parsed.validity();
        let time = |seconds: i64| Millis(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000));
        let from = time(validity.not_before.timestamp());
        let until = time(validity.not_after.timestamp());
        // Refuses a key that is another's.
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider())?;
        let lifetime = until.since(from);
        let due = Millis(until.0.saturating_sub(lifetime.0 / 3));
        Ok(Self { key: Arc::new(key), until, lifetime, due })
    }

    /// Whether it is over.
    pub(super) fn is_expired(&self) -> bool {
        self.until <= now()
    }
}

/// The clock on the wall, which certificates go by.
pub(super) fn now() -> Millis {
    Millis(UnixTime::now().as_secs().saturating_mul(1000))
}
