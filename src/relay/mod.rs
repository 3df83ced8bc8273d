//! The relay: STUN and TURN (RFC 8489, RFC 8656) on UDP and TCP sockets.
//!
//! A worker thread owns one `pure::turn` server and the UDP sockets; streams
//! (TCP, or TLS that the front door has unwrapped) are framed by a task each
//! and reach the worker through its mailbox. The rules are all in the core:
//! in here are sockets, deadlines of streams, queues and counters.
//! Nothing here ever opens a socket towards a peer: relayed addresses are
//! virtual, and a packet leaves only towards another client of this relay.

mod counters;
mod error;
mod handle;
mod listener;
mod stream;
mod worker;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::net::udp::UdpSocket;
use crate::pure::auth::relay::{Keys, Revocation};
use crate::pure::turn::Limits;

pub use error::Error;
pub use handle::Handle;

/// Where the relay listens, and how much it bears.
#[derive(Debug, Clone)]
pub struct Config {
    /// UDP addresses; port 0 takes any free port.
    pub udp: Vec<SocketAddr>,
    /// TCP addresses; port 0 takes any free port.
    pub tcp: Vec<SocketAddr>,
    /// Limits of allocations, rates and answers.
    pub limits: Limits,
    /// Streams from one IP address at a time.
    pub streams_per_ip: usize,
    /// Streams in all.
    pub streams: usize,
    /// By when the first message of a stream must be there.
    pub first_message: Duration,
    /// How long both directions of a stream may rest.
    pub idle: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            udp: Vec::new(),
            tcp: Vec::new(),
            limits: Limits::default(),
            streams_per_ip: 64,
            streams: 4096,
            first_message: Duration::from_secs(10),
            idle: Duration::from_secs(120),
        }
    }
}

/// A running relay; it ends when this is dropped.
#[derive(Debug)]
pub struct Relay {
    /// The UDP addresses it listens on, with real ports.
    pub udp: Vec<SocketAddr>,
    /// The TCP addresses it listens on, with real ports.
    pub tcp: Vec<SocketAddr>,
    handle: Handle,
    /// Dropping it tells the worker to end.
    stop: watch::Sender<()>,
    ended: oneshot::Receiver<()>,
}

/// Binds the addresses and starts the worker. Allocations named by a
/// revocation are freed at once, and keys are those last sent. A recorder of metrics must be there before.
pub fn start(
    config: Config,
    keys: watch::Receiver<Keys>,
    revocations: mpsc::UnboundedReceiver<Revocation>,
) -> Result<Relay, Error> {
    let sockets = bind_udp(&config.udp)?;
    let listeners = bind_tcp(&config.tcp)?;
    let udp = sockets.iter().map(|(_, address)| *address).collect();
    let tcp = listeners.iter().map(|(_, address)| *address).collect();
    let (stop, stopped) = watch::channel(());
    let (end, ended) = oneshot::channel();
    let (handle, mailbox) = handle::channel(&config);
    let setup = worker::Setup {
        sockets: sockets.into_iter().map(|(socket, _)| socket).collect(),
        listeners: listeners.into_iter().map(|(listener, _)| listener).collect(),
        limits: config.limits,
        keys,
        revocations,
        mailbox,
        handle: handle.clone(),
        stopped,
        end,
    };
    worker::spawn(setup)?;
    Ok(Relay { udp, tcp, handle, stop, ended })
}

impl Relay {
    /// A handle for those who accept streams on the relay's behalf.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Stops listening, frees all allocations and waits for the worker to end.
    pub async fn stop(self) {
        drop(self.stop);
        // The worker never sends: it drops its end when it has ended.
        let _ = self.ended.await;
    }
}

fn bind_udp(addresses: &[SocketAddr]) -> Result<Vec<(std::net::UdpSocket, SocketAddr)>, Error> {
    // `0.0.0.0` and `[::]` on one port must not get into each other's way.
    let only_ipv6 = addresses.iter().any(SocketAddr::is_ipv4);
    let bind = |address: &SocketAddr| {
        let socket = UdpSocket::bind(*address, only_ipv6)?;
        let address = socket.local_addr()?;
        Ok((socket, address))
    };
    let named = |address: &SocketAddr| {
        bind(address).map_err(|source| Error::BindUdp { address: *address, source })
    };
    addresses.iter().map(named).collect()
}

fn bind_tcp(addresses: &[SocketAddr]) -> Result<Vec<(std::net::TcpListener, SocketAddr)>, Error> {
    let only_ipv6 = addresses.iter().any(SocketAddr::is_ipv4);
    let named = |address: &SocketAddr| {
        listener::bind(*address, only_ipv6)
            .map_err(|source| Error::BindTcp { address: *address, source })
    };
    addresses.iter().map(named).collect()
}

/// The realm of our credentials. Clients take it from the challenge; it is
/// part of the key, and its length keeps the challenge small.
const REALM: &str = "callbox";
