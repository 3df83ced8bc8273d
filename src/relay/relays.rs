//! The sockets behind relayed addresses, by the place of their allocation; and
//! beside them, for peers that channels are bound to, one each that is connected.

use std::io;
use std::net::SocketAddr;

use mio::{Interest, Registry};
use slab::Slab;

use super::config::Sockets;
use super::outbound::Source;
use crate::net::udp::{Engine, UdpSocket};
use crate::pure::turn::{AllocationId, Family};

/// A socket for each allocation of a relay that has such.
#[derive(Debug)]
pub(super) struct Relays {
    sockets: Option<Sockets>,
    open: Vec<Option<Relay>>,
    connected: Slab<Relay>,
    /// How many may be connected: each is a descriptor.
    most_connected: usize,
    engine: Engine,
}

/// A socket of an allocation.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) id: AllocationId,
    pub(super) socket: UdpSocket,
    /// Whether it waits for its turn to be read.
    pub(super) queued: bool,
    /// The peers of the allocation that have a socket, and its place.
    peers: Vec<(SocketAddr, usize)>,
}

impl Relay {
    fn new(id: AllocationId, socket: UdpSocket) -> Self {
        Self { id, socket, queued: false, peers: Vec::new() }
    }
}

impl Relays {
    pub(super) fn new(sockets: Option<Sockets>, engine: Engine, most_connected: usize) -> Self {
        let (open, connected) = (Vec::new(), Slab::new());
        Self { sockets, open, connected, most_connected, engine: engine.available() }
    }

    /// Opens a socket and gives its port.
    pub(super) fn open(
        &mut self,
        id: AllocationId,
        family: Family,
        entropy: u64,
        registry: &Registry,
    ) -> io::Result<u16> {
        let sockets = self.sockets.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let ip = sockets.here(family).ok_or(io::ErrorKind::Unsupported)?;
        let mut socket = UdpSocket::bind_within(ip, &sockets.ports, entropy, self.engine)?;
        let token = Source::Relay(id.index).token();
        registry.register(&mut socket, token, Interest::READABLE)?;
        let port = socket.local_addr().port();
        if self.open.len() <= id.index {
            self.open.resize_with(id.index + 1, || None);
        }
        self.open[id.index] = Some(Relay::new(id, socket));
        Ok(port)
    }

    /// Connects a socket to a peer, if there are not too many.
    pub(super) fn connect(
        &mut self,
        id: AllocationId,
        peer: SocketAddr,
        registry: &Registry,
    ) -> io::Result<()> {
        let held = self.open.get_mut(id.index).and_then(Option::as_mut);
        let Some(relay) = held.filter(|relay| relay.id == id) else { return Ok(()) };
        let known = relay.peers.iter().any(|(held, _)| *held == peer);
        let full = relay.peers.len() >= PEERS || self.connected.len() >= self.most_connected;
        if known || full {
            return Ok(());
        }
        let mut socket = relay.socket.connect_beside(peer)?;
        let place = self.connected.vacant_key();
        registry.register(&mut socket, Source::Peer(place).token(), Interest::READABLE)?;
        relay.peers.push((peer, place));
        self.connected.insert(Relay::new(id, socket));
        Ok(())
    }

    /// Closes the sockets of an allocation, if it has any.
    pub(super) fn shut(&mut self, id: AllocationId, registry: &Registry) {
        let place = self.open.get_mut(id.index);
        if let Some(mut relay) = place.and_then(|place| place.take_if(|relay| relay.id == id)) {
            // Closing it would do, too.
            let _ = registry.deregister(&mut relay.socket);
            for (_, place) in relay.peers {
                let mut connected = self.connected.remove(place);
                let _ = registry.deregister(&mut connected.socket);
            }
        }
    }

    /// From where an allocation sends to a peer.
    pub(super) fn way(&self, id: AllocationId, peer: SocketAddr) -> Source {
        let relay = self.open.get(id.index).and_then(Option::as_ref);
        let known = relay.and_then(|relay| relay.peers.iter().find(|(held, _)| *held == peer));
        known.map_or(Source::Relay(id.index), |(_, place)| Source::Peer(*place))
    }

    /// The socket of a name.
    pub(super) fn at(&self, source: Source) -> Option<&Relay> {
        match source {
            Source::Relay(place) => self.open.get(place)?.as_ref(),
            Source::Peer(place) => self.connected.get(place),
            Source::Listener(_) | Source::Stream(_) => None,
        }
    }

    /// The socket of a name, to change.
    pub(super) fn at_mut(&mut self, source: Source) -> Option<&mut Relay> {
        match source {
            Source::Relay(place) => self.open.get_mut(place)?.as_mut(),
            Source::Peer(place) => self.connected.get_mut(place),
            Source::Listener(_) | Source::Stream(_) => None,
        }
    }
}

/// Peers of one allocation that have a socket each.
const PEERS: usize = 8;
