//! A worker's sockets by name, and the packets that leave from them.

use std::net::{IpAddr, SocketAddr};
use std::slice;

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
    /// Where each goes, and its place. Sorted, those for one receiver are behind
    /// each other, as they came.
    order: Vec<(Destination, usize)>,
    /// What leaves from one socket.
    batch: Vec<Outgoing>,
}

/// Socket and receiver in a number that is quickly compared. Two receivers of one
/// socket may have the same: then their packets are not told apart here.
type Destination = u64;

/// What became of packets.
pub(super) struct Sent {
    /// Those that the system did not take, or that had no socket any more.
    pub(super) unsent: usize,
    /// How many they were for.
    pub(super) receivers: usize,
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
        self.order.push((destination(source, packet.to), self.packets.len()));
        self.packets.push((source, packet));
    }

    /// Sends all of them, as parts of a buffer.
    pub(super) fn send<'a>(
        &mut self,
        buffer: &[u8],
        socket: impl Fn(Source) -> Option<&'a UdpSocket>,
    ) -> Sent {
        let Self { packets, order, batch } = self;
        // The system takes runs for one receiver as one; and this kind of sorting
        // allocates nothing.
        order.sort_unstable();
        let receivers = order.chunk_by(|(a, _), (b, _)| a == b).count();
        let mut unsent = 0;
        for run in order.chunk_by(|(a, _), (b, _)| a >> 32 == b >> 32) {
            let (source, first) = &packets[run[0].1];
            let together = if run.len() == 1 {
                slice::from_ref(first)
            } else {
                batch.clear();
                batch.extend(run.iter().map(|(_, place)| packets[*place].1.clone()));
                &batch[..]
            };
            let sent = socket(*source).map_or(0, |socket| socket.send_batch(buffer, together));
            unsent += together.len() - sent;
        }
        packets.clear();
        order.clear();
        Sent { unsent, receivers }
    }
}

fn destination(source: Source, to: SocketAddr) -> Destination {
    let ip = match to.ip() {
        IpAddr::V4(ip) => ip.to_bits(),
        IpAddr::V6(ip) => (ip.to_bits() ^ (ip.to_bits() >> 64)) as u64 as u32,
    };
    let receiver = ip.rotate_left(16) ^ u32::from(to.port());
    // Places of sockets are below the number of descriptors.
    (source.token().0 as u64) << 32 | u64::from(receiver)
}

/// The name in events of what wakes the worker for letters.
pub(super) const BELL: Token = Token(0);

#[cfg(test)]
mod tests {
    use std::iter::repeat_with;
    use std::net::Ipv4Addr;

    use super::*;
    use crate::net::udp::{Engine, Head};

    #[test]
    fn receivers_of_one_number_get_their_own_in_order() {
        let (one, other) = repeat_with(|| {
            let one = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = one.local_addr().unwrap().port() ^ 1;
            let other = std::net::UdpSocket::bind((Ipv4Addr::new(127, 1, 0, 1), port));
            Some((one, other.ok()?))
        })
        .take(100)
        .find_map(|pair| pair)
        .expect("free ports");
        let to = [one.local_addr().unwrap(), other.local_addr().unwrap()];
        let source = Source::Listener(0);
        assert_eq!(destination(source, to[0]), destination(source, to[1]));

        let ours = UdpSocket::bind("127.0.0.1:0".parse().unwrap(), false, Engine::Batched).unwrap();
        let mut outbound = Outbound::default();
        let buffer: Vec<u8> = (0..8).collect();
        for place in 0..8 {
            let range = place..place + 1;
            let to = to[place % 2];
            outbound.push(source, Outgoing { to, from: None, head: Head::NONE, range, padding: 0 });
        }
        let Sent { unsent, receivers } = outbound.send(&buffer, |_| Some(&ours));
        assert_eq!((unsent, receivers), (0, 1));
        for (socket, wanted) in [(one, [0, 2, 4, 6]), (other, [1, 3, 5, 7])] {
            socket.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
            let mut byte = [0; 2];
            let received = wanted.map(|_| (socket.recv(&mut byte).unwrap(), byte[0]).1);
            assert_eq!(received, wanted);
        }
    }
}
