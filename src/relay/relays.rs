//! The sockets behind relayed addresses, by the place of their allocation.

use std::io;

use mio::{Interest, Registry, Token};

use super::config::Sockets;
use crate::net::udp::{Engine, UdpSocket};
use crate::pure::turn::{AllocationId, Family};

/// A socket for each allocation of a relay that has such.
#[derive(Debug)]
pub(super) struct Relays {
    sockets: Option<Sockets>,
    open: Vec<Option<Relay>>,
    engine: Engine,
}

/// An allocation's socket.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) id: AllocationId,
    pub(super) socket: UdpSocket,
    /// Whether it waits for its turn to be read.
    pub(super) queued: bool,
}

impl Relays {
    pub(super) fn new(sockets: Option<Sockets>, engine: Engine) -> Self {
        Self { sockets, open: Vec::new(), engine }
    }

    /// Opens a socket and gives its port.
    pub(super) fn open(
        &mut self,
        id: AllocationId,
        family: Family,
        entropy: u64,
        registry: &Registry,
        token: Token,
    ) -> io::Result<u16> {
        let sockets = self.sockets.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let ip = sockets.here(family).ok_or(io::ErrorKind::Unsupported)?;
        let mut socket = UdpSocket::bind_within(ip, &sockets.ports, entropy, self.engine)?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        let port = socket.local_addr().port();
        if self.open.len() <= id.index {
            self.open.resize_with(id.index + 1, || None);
        }
        self.open[id.index] = Some(Relay { id, socket, queued: false });
        Ok(port)
    }

    /// Closes the socket of an allocation, if it has one.
    pub(super) fn shut(&mut self, id: AllocationId, registry: &Registry) {
        let place = self.open.get_mut(id.index);
        if let Some(mut relay) = place.and_then(|place| place.take_if(|relay| relay.id == id)) {
            // Closing it would do, too.
            let _ = registry.deregister(&mut relay.socket);
        }
    }

    /// The socket at a place.
    pub(super) fn at(&self, index: usize) -> Option<&Relay> {
        self.open.get(index)?.as_ref()
    }

    /// The socket at a place, to change.
    pub(super) fn at_mut(&mut self, index: usize) -> Option<&mut Relay> {
        self.open.get_mut(index)?.as_mut()
    }
}
