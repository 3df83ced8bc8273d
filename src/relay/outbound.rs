//! A worker's sockets by name, and the packets that leave from them.

use std::net::IpAddr;

use mio::Token;

use crate::net::udp::{Outgoing, UdpSocket};

/// A socket of the worker, as the system names it in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Listener(usize),
    /// That of the allocation with this place.
    Relay(usize),
    /// One that is connected to a peer.
    Peer(usize),
    /// A client's stream.
    Stream(usize),
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
    packets: Vec<(Source, Outgoing)>,
    /// Their places, with those for one receiver behind each other.
    order: Vec<usize>,
    /// What leaves from one socket.
    batch: Vec<Outgoing>,
}

impl Source {
    /// Its name in events; the bell's is 0.
    pub(super) fn token(self) -> Token {
        match self {
            Self::Listener(place) => Token(4 * place + 1),
            Self::Relay(place) => Token(4 * place + 2),
            Self::Peer(place) => Token(4 * place + 3),
            Self::Stream(place) => Token(4 * place + 4),
        }
    }

    /// The socket of an event, if it is one of these.
    pub(super) fn of(token: Token) -> Option<Self> {
        let number = token.0.checked_sub(1)?;
        let place = number / 4;
        Some(match number % 4 {
            0 => Self::Listener(place),
            1 => Self::Relay(place),
            2 => Self::Peer(place),
            _ => Self::Stream(place),
        })
    }
}

impl Outbound {
    pub(super) fn push(&mut self, source: Source, packet: Outgoing) {
        self.packets.push((source, packet));
    }

    /// Sends all of them, as parts of a buffer; gives how many the system did
    /// not take, or had no socket any more.
    pub(super) fn send<'a>(
        &mut self,
        buffer: &[u8],
        socket: impl Fn(Source) -> Option<&'a UdpSocket>,
    ) -> usize {
        let Self { packets, order, batch } = self;
        order.clear();
        order.extend(0..packets.len());
        // The system takes runs for one receiver as one. Each receiver's keep
        // their order; and this kind of sorting allocates nothing.
        order.sort_unstable_by_key(|place| (packets[*place].0, packets[*place].1.to, *place));
        let mut unsent = 0;
        for run in order.chunk_by(|a, b| packets[*a].0 == packets[*b].0) {
            batch.clear();
            batch.extend(run.iter().map(|place| packets[*place].1.clone()));
            let sent =
                socket(packets[run[0]].0).map_or(0, |socket| socket.send_batch(buffer, batch));
            unsent += batch.len() - sent;
        }
        packets.clear();
        unsent
    }
}

/// The name in events of what wakes the worker for letters.
pub(super) const BELL: Token = Token(0);
