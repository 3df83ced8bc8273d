//! Certificates and the TLS configuration made from them.
//!
//! TLS 1.2 (AEAD suites) and 1.3, no early data, one crypto library (ring).
//! The certificate is asked for at each handshake from a [`Resolver`], so one
//! that is obtained or renewed later takes effect without a restart. For now
//! there is only the self-signed one; nothing here speaks on the network.

mod resolver;
mod self_signed;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;

pub use resolver::Resolver;
pub use self_signed::load_or_make;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot use the certificate file {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    #[error("cannot use the certificate")]
    Use(#[from] rustls::Error),
}

/// How this server speaks TLS, with the certificates of this resolver.
pub fn server_config(resolver: Arc<Resolver>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    // TURN comes first: some of its clients offer http/1.1 as well.
    config.alpn_protocols =
        [STUN_TURN, STUN_DISCOVERY, HTTP_2, HTTP_1].map(<[u8]>::to_vec).to_vec();
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// RFC 7443.
pub const STUN_TURN: &[u8] = b"stun.turn";
/// RFC 7443.
pub const STUN_DISCOVERY: &[u8] = b"stun.nat-discovery";
/// RFC 9113.
pub const HTTP_2: &[u8] = b"h2";
/// RFC 7301.
pub const HTTP_1: &[u8] = b"http/1.1";
