//! The relay: STUN and TURN (RFC 8489, RFC 8656) on UDP, TCP and TLS sockets.
//!
//! A worker thread owns one shard of a `pure::turn` relay and UDP sockets of its
//! own, between which the system spreads the clients; and streams (TCP, or TLS after its
//! handshake), which those who accept them give to the workers in turns.
//! Nothing is shared on the way of a packet; one
//! that leads to a client of another worker is handed over. The rules are all in the core:
//! in here are sockets, deadlines of streams, queues and counters.
//! Unless the relay is open, nothing here ever opens a socket towards a peer:
//! relayed addresses are virtual, and a packet leaves only towards another
//! client of this relay.

mod bell;
mod config;
mod control;
mod counters;
mod crew;
mod error;
mod handle;
mod handover;
mod listener;
mod mailbox;
mod outbound;
mod outputs;
mod pace;
mod relays;
mod stream;
mod streams;
mod way;
mod wire;
mod worker;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use crate::net::udp::UdpSocket;
use crate::pure::auth::relay::{Keys, Revocation};
use crate::pure::turn::Meters;

pub use config::{Config, Face, Mode, Sockets};
pub use counters::{Figure, Figures};
pub use error::Error;
pub use handle::Handle;
pub use stream::Stream;

/// A running relay; it ends when this is dropped.
#[derive(Debug)]
pub struct Relay {
    /// The UDP addresses it listens on, with real ports.
    pub udp: Vec<SocketAddr>,
    /// The TCP addresses it listens on, with real ports.
    pub tcp: Vec<SocketAddr>,
    /// The addresses for TLS it listens on, with real ports.
    pub tls: Vec<SocketAddr>,
    handle: Handle,
    figures: Figures,
    meters: Arc<Meters>,
    /// Dropping it tells the workers to end.
    stop: watch::Sender<()>,
    ended: oneshot::Receiver<()>,
}

/// Binds the addresses and starts the workers. Allocations named by a
/// revocation are freed at once, and keys are those last sent.
pub fn start(
    config: Config,
    keys: watch::Receiver<Keys>,
    revocations: mpsc::UnboundedReceiver<Revocation>,
) -> Result<Relay, Error> {
    let mut sockets = bind_udp(&config)?;
    let plain = bind_tcp(&config.tcp, None)?;
    let secure = match &config.tls_config {
        Some(tls) => bind_tcp(&config.tls, Some(tls))?,
        None => Vec::new(),
    };
    let addresses = |listeners: &[listener::Listener]| {
        listeners.iter().map(listener::Listener::address).collect::<Vec<_>>()
    };
    let mut udp: Vec<_> = sockets[0].iter().map(UdpSocket::local_addr).collect();
    for (place, socket) in adopt_udp(&config)?.into_iter().enumerate() {
        udp.push(socket.local_addr());
        let workers = sockets.len();
        sockets[place % workers].push(socket);
    }
    let (tcp, tls) = (addresses(&plain), addresses(&secure));
    let listening = [&udp[..], &tcp, &tls].concat();
    let (stop, stopped) = watch::channel(());
    let (end, ended) = oneshot::channel();
    let (mut figures, meters) = (Figures::default(), Arc::<Meters>::default());
    let workers =
        crew::spawn(&config, sockets, &listening, keys, &mut figures, Arc::clone(&meters))?;
    let mail = workers.iter().map(|worker| worker.mail.clone()).collect();
    let handle = Handle::new(&config, mail);
    let listeners = plain.into_iter().chain(secure).collect();
    control::spawn(workers, listeners, handle.clone(), revocations, stopped, end)?;
    Ok(Relay { udp, tcp, tls, handle, figures, meters, stop, ended })
}

impl Relay {
    /// A handle for those who accept streams on the relay's behalf.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What it counts.
    pub fn figures(&self) -> Figures {
        self.figures.clone()
    }

    /// What it relays for each call.
    pub fn meters(&self) -> Arc<Meters> {
        Arc::clone(&self.meters)
    }

    /// Stops listening, frees all allocations and waits for the workers to end.
    pub async fn stop(self) {
        drop(self.stop);
        // Nobody sends: the other end is dropped when all has ended.
        let _ = self.ended.await;
    }
}

/// Binds each address once for each worker.
fn bind_udp(config: &Config) -> Result<Vec<Vec<UdpSocket>>, Error> {
    // `0.0.0.0` and `[::]` on one port must not get into each other's way.
    let only_ipv6 = config.udp.iter().any(SocketAddr::is_ipv4);
    let workers = if UdpSocket::SPREADS { config.workers.max(1) } else { 1 };
    let mut rows: Vec<_> = (0..workers).map(|_| Vec::new()).collect();
    for &address in &config.udp {
        let bound = UdpSocket::bind_many(address, only_ipv6, config.engine, workers);
        let bound = bound.map_err(|source| Error::BindUdp { address, source })?;
        rows.iter_mut().zip(bound).for_each(|(row, socket)| row.push(socket));
    }
    Ok(rows)
}

/// Takes over the sockets that are open already.
fn adopt_udp(config: &Config) -> Result<Vec<UdpSocket>, Error> {
    let adopt =
        |socket: &Arc<std::net::UdpSocket>| UdpSocket::adopt(socket.try_clone()?, config.engine);
    config
        .given
        .iter()
        .map(adopt)
        .collect::<Result<_, _>>()
        .map_err(|source| Error::Adopt { source })
}

fn bind_tcp(
    addresses: &[SocketAddr],
    tls: Option<&listener::Tls>,
) -> Result<Vec<listener::Listener>, Error> {
    let only_ipv6 = addresses.iter().any(SocketAddr::is_ipv4);
    let bind = |address: &SocketAddr| {
        listener::Listener::bind(*address, only_ipv6, tls.cloned())
            .map_err(|source| Error::BindTcp { address: *address, source })
    };
    addresses.iter().map(bind).collect()
}
