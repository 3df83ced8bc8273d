//! Why the relay did not start.

use std::io;
use std::net::SocketAddr;

/// A failure to start the relay.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("listening on UDP {address} failed")]
    BindUdp { address: SocketAddr, source: io::Error },
    #[error("taking over an open UDP socket failed")]
    Adopt { source: io::Error },
    #[error("listening on TCP {address} failed")]
    BindTcp { address: SocketAddr, source: io::Error },
    #[error("starting a relay worker failed")]
    Worker { source: io::Error },
    #[error("the system's random source failed")]
    Random,
}
