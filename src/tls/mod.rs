//! Certificates and the TLS configuration made from them.
//!
//! TLS 1.2 (AEAD suites) and 1.3, no early data, one crypto library (ring).
//! The certificate is asked for at each handshake from a [`Resolver`], so one
//! that is obtained or renewed later takes effect without a restart. They come
//! by ACME ([`acme`]), from files that somebody else looks after ([`files`]),
//! and where neither has one, from this computer itself ([`local`]).
//! There is never a moment without one.

mod acme;
mod certificate;
mod certificates;
mod file;
mod files;
mod local;
mod resolver;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};

pub use certificates::{Certificates, Report, Source};
pub use local::{AuthorityReport, Local};
pub use resolver::Resolver;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot use the file {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("other users can read {}: take that right away from them (chmod o-rwx)", .0.display())]
    Exposed(PathBuf),
    #[error("cannot use the certificate: {0}")]
    Malformed(&'static str),
    #[error("cannot use {}", .0.display())]
    Unfit(PathBuf, #[source] Box<TlsError>),
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    #[error("cannot use the certificate")]
    Use(#[from] rustls::Error),
}

/// How this server speaks TLS.
#[derive(Debug, Clone)]
pub struct Configs {
    /// To everybody.
    pub ordinary: Arc<ServerConfig>,
    /// To an ACME server that looks whether a name is ours (RFC 8737), and says nothing after that.
    challenge: Arc<ServerConfig>,
}

impl Configs {
    /// With the certificates of this resolver.
    pub fn new(resolver: Arc<Resolver>) -> Result<Self, TlsError> {
        let mut challenge = config(resolver.challenges())?;
        challenge.alpn_protocols = vec![ACME.to_vec()];
        challenge.send_tls13_tickets = 0;
        Ok(Self { ordinary: server_config(resolver)?, challenge: Arc::new(challenge) })
    }

    /// The one for this client.
    pub fn choose(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let challenge = hello.alpn().is_some_and(|offered| offered.eq([ACME]));
        Arc::clone(if challenge { &self.challenge } else { &self.ordinary })
    }
}

/// How this server speaks TLS to everybody but ACME servers, with the certificates of this resolver.
pub fn server_config(resolver: Arc<Resolver>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = config(resolver)?;
    // TURN comes first: some of its clients offer http/1.1 as well.
    config.alpn_protocols =
        [STUN_TURN, STUN_DISCOVERY, HTTP_2, HTTP_1].map(<[u8]>::to_vec).to_vec();
    // Whoever comes back brings what there is to remember, so everybody can come back at once, which a table here
    // would have to be as large for. Keys change after six hours; each resumption has a key exchange of its own.
    config.ticketer = ring::Ticketer::new()?;
    Ok(Arc::new(config))
}

fn config(resolver: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.max_early_data_size = 0;
    Ok(config)
}

/// An error with all that it comes from, for people.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// RFC 7443.
pub const STUN_TURN: &[u8] = b"stun.turn";
/// RFC 7443.
pub const STUN_DISCOVERY: &[u8] = b"stun.nat-discovery";
/// RFC 9113.
pub const HTTP_2: &[u8] = b"h2";
/// RFC 7301.
pub const HTTP_1: &[u8] = b"http/1.1";
/// RFC 8737.
pub const ACME: &[u8] = b"acme-tls/1";
