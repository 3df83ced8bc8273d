//! What an ACME server is to find when it looks whether a name is ours.

use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_acme::ResolvesServerCertAcme;

/// For one order, by whichever engine has it.
#[derive(Debug, Clone)]
pub(in crate::tls) enum Proof {
    /// It knows itself which step the order has come to.
    Crate(Arc<ResolvesServerCertAcme>),
    /// RFC 8555 section 8.3.
    #[cfg(feature = "instant-acme")]
    Http { token: String, authorization: String },
    /// RFC 8737.
    #[cfg(feature = "instant-acme")]
    Tls(Arc<CertifiedKey>),
}

impl Proof {
    /// The answer where somebody asks for this token.
    pub(in crate::tls) fn http_01(&self, token: &str) -> Option<String> {
        match self {
            Self::Crate(resolver) => resolver.get_http_01_key_auth(token),
            #[cfg(feature = "instant-acme")]
            Self::Http { token: own, authorization } if own == token => Some(authorization.clone()),
            #[cfg(feature = "instant-acme")]
            Self::Http { .. } | Self::Tls(_) => None,
        }
    }

    /// The certificate for somebody who looks by a handshake.
    pub(in crate::tls) fn certificate(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match self {
            Self::Crate(resolver) => resolver.resolve(hello),
            #[cfg(feature = "instant-acme")]
            Self::Tls(certificate) => Some(Arc::clone(certificate)),
            #[cfg(feature = "instant-acme")]
            Self::Http { .. } => None,
        }
    }
}
