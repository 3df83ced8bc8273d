//! A worker's sockets by name, and the packets that leave from them.

use std::net::IpAddr;

use mio::Token;

use crate::net::udp::{Outgoing, UdpSocket};

/// A socket of the worker, as the system names it in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Listener(usize),
    /// That of the allocation with this place.
    Relay(usize),
    /// One that is connected to a peer.
    Peer(usize),
}

/// A socket, and for one that has all addresses, one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) socket: usize,
    pub(super) ip: Option<IpAddr>,
}

/// Packets that are to be sent, and the sockets they leave from.
#[derive(Debug, Default)]
pub(super) struct Outbound {
    packets: Vec<Outgoing>,
    sources: Vec<Source>,
}

impl Source {
    /// Its name in events; the bell's is 0.
    pub(super) fn token(self) -> Token {
        match self {
            Self::Listener(place) => Token(3 * place + 1),
            Self::Relay(place) => Token(3 * place + 2),
            Self::Peer(place) => Token(3 * place + 3),
        }
    }

    /// The socket of an event, if it is one of these.
    pub(super) fn of(token: Token) -> Option<Self> {
        let number = token.0.checked_sub(1)?;
        let place = number / 3;
        Some(match number % 3 {
            0 => Self::Listener(place),
            1 => Self::Relay(place),
            _ => Self::Peer(place),
        })
    }
}

impl Outbound {
    pub(super) fn push(&mut self, source: Source, packet: Outgoing) {
        self.sources.push(source);
        self.packets.push(packet);
    }

    /// Sends all of them, as parts of a buffer; gives how many the system did
    /// not take, or had no socket any more.
    pub(super) fn send<'a>(
        &mut self,
        buffer: &[u8],
        socket: impl Fn(Source) -> Option<&'a UdpSocket>,
    ) -> usize {
        let (mut done, mut unsent) = (0, 0);
        for run in self.sources.chunk_by(|a, b| a == b) {
            let batch = &self.packets[done..done + run.len()];
            let sent = socket(run[0]).map_or(0, |socket| socket.send_batch(buffer, batch));
            unsent += batch.len() - sent;
            done += run.len();
        }
        self.packets.clear();
        self.sources.clear();
        unsent
    }
}

/// The name in events of what wakes the worker for letters.
pub(super) const BELL: Token = Token(0);
