//! A UDP socket of the runtime.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::batch::Packet;
use super::{Outgoing, Slots, platform};

/// A bound UDP socket. IPv4 addresses look like IPv4 addresses, also on an
/// IPv6 socket that takes both. On a socket for all addresses each datagram
/// says which one it came to: its answer must leave from there, or whoever
/// sent it does not take it for one.
#[derive(Debug)]
pub struct UdpSocket {
    socket: AsyncFd<std::net::UdpSocket>,
    local: SocketAddr,
}

impl UdpSocket {
    /// Binds an address. An IPv6 socket takes IPv4 too, unless `only_ipv6`.
    pub fn bind(address: SocketAddr, only_ipv6: bool) -> io::Result<std::net::UdpSocket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(only_ipv6)?;
        }
        // The system may grant less; then bursts are lost sooner.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = socket.into();
        if address.ip().is_unspecified() {
            platform::tell_destinations(&socket, address.is_ipv6())?;
        }
        Ok(socket)
    }

    /// Registers a bound socket with the current runtime.
    pub fn new(socket: std::net::UdpSocket) -> io::Result<Self> {
        let local = socket.local_addr()?;
        // Reading only: a socket registered for writing, too, would wake the
        // runtime for each datagram that leaves it.
        // SAFETY: a std socket gives the same descriptor for all its life,
        // and nothing takes it out of the AsyncFd before that is dropped.
        let socket = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
        Ok(Self { socket: socket.map_err(io::Error::from)?, local })
    }

    /// The address it is bound to.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Receives what has arrived, at most a batch; ready when that is at
    /// least one datagram.
    pub fn poll_receive(&self, cx: &mut Context<'_>, slots: &mut Slots) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.socket.poll_read_ready(cx))?;
            if let Ok(result) = guard.try_io(|socket| self.receive(socket.get_ref(), slots)) {
                // A batch that is not full has emptied the queue; what comes
                // later makes the socket ready again. Saves a call that
                // would only say so.
                if result.is_ok() && slots.len() < platform::MOST {
                    guard.clear_ready();
                }
                return Poll::Ready(result);
            }
        }
    }

    /// Sends parts of slots; gives how many the system took. A full buffer
    /// loses the rest: media that waits is worth nothing.
    pub fn send_batch(&self, slots: &Slots, batch: &[Outgoing]) -> usize {
        let packets = batch.iter().map(|outgoing| {
            let Outgoing { to, from, .. } = *outgoing;
            Packet { to, from, bytes: slots.part(outgoing) }
        });
        platform::send(self.socket.get_ref(), packets, self.local.is_ipv6())
    }

    /// Sends one datagram from one of our addresses, or from that which the
    /// system chooses; gives whether the system took it.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr, from: Option<IpAddr>) -> bool {
        let packet = std::iter::once(Packet { to, from, bytes });
        platform::send(self.socket.get_ref(), packet, self.local.is_ipv6()) == 1
    }

    fn receive(&self, socket: &std::net::UdpSocket, slots: &mut Slots) -> io::Result<()> {
        platform::receive(socket, slots, self.local.ip().is_unspecified())
    }
}

/// The address as an IPv6 socket wants it.
pub(super) fn as_sent(address: SocketAddr, ipv6: bool) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ipv6 => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        _ => address,
    }
}

/// Holds a tenth of a second of busy traffic.
const BUFFER: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::net::udp::BATCH;

    fn pair(address: &str) -> (UdpSocket, std::net::UdpSocket) {
        let bound = UdpSocket::bind(address.parse().expect("an address"), false);
        let ours = UdpSocket::new(bound.expect("a free port")).expect("a runtime");
        let theirs = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        (ours, theirs)
    }

    /// Receives so many datagrams: who sent them, and what unless too long.
    async fn receive(socket: &UdpSocket, count: usize) -> Vec<(SocketAddr, Option<Vec<u8>>)> {
        let mut slots = Slots::new(100, 8, 4);
        let mut received = Vec::new();
        while received.len() < count {
            let batch = std::future::poll_fn(|cx| socket.poll_receive(cx, &mut slots)).await;
            batch.expect("loopback gives datagrams");
            assert!(!slots.is_empty() && slots.len() <= BATCH);
            received.extend((0..slots.len()).map(|slot| {
                let datagram = slots.datagram(slot);
                (datagram.from, datagram.bytes.map(<[u8]>::to_vec))
            }));
        }
        received
    }

    #[tokio::test]
    async fn batches_arrive_in_order_and_what_is_too_long_is_marked() {
        let (ours, theirs) = pair("127.0.0.1:0");
        let from = theirs.local_addr().expect("bound");
        let many = BATCH as u8 + 8;
        for n in 0..many {
            theirs.send_to(&[n; 100], ours.local_addr()).expect("sent");
        }
        theirs.send_to(&[0; 101], ours.local_addr()).expect("sent");
        theirs.send_to(&[], ours.local_addr()).expect("sent");
        let whole = (0..many).map(|n| (from, Some(vec![n; 100])));
        let expected: Vec<_> = whole.chain([(from, None), (from, Some(Vec::new()))]).collect();
        assert_eq!(receive(&ours, expected.len()).await, expected);
        // Nothing was lost of the readiness: what comes later is noticed.
        theirs.send_to(b"later", ours.local_addr()).expect("sent");
        assert_eq!(receive(&ours, 1).await, [(from, Some(b"later".to_vec()))]);
    }

    #[tokio::test]
    async fn parts_of_slots_are_sent_in_batches_of_any_size() {
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let (ours, theirs) = pair(address);
            let to = theirs.local_addr().expect("bound");
            let mut slots = Slots::new(100, 8, 4);
            for slot in 0..BATCH {
                slots.put(slot, &[slot as u8; 20]);
            }
            let slot_of = |n: usize| n % BATCH;
            let outgoing = |n| Outgoing { to, from: None, slot: slot_of(n), range: 8..8 + n % 20 };
            let batch: Vec<_> = (0..BATCH + 5).map(outgoing).collect();
            assert_eq!(ours.send_batch(&slots, &batch), batch.len());
            let mut buffer = [0; 200];
            for n in 0..batch.len() {
                let (length, from) = theirs.recv_from(&mut buffer).expect("it arrives");
                assert_eq!(buffer[..length], vec![slot_of(n) as u8; n % 20]);
                assert_eq!(from, (Ipv4Addr::LOCALHOST, ours.local_addr().port()).into());
            }
        }
    }

    #[tokio::test]
    async fn a_datagram_nobody_can_get_does_not_cost_the_others_theirs() {
        let (ours, theirs) = pair("127.0.0.1:0");
        let to = theirs.local_addr().expect("bound");
        let nowhere = "[::1]:9".parse().expect("an address");
        let slots = Slots::new(100, 8, 4);
        let send = |to| Outgoing { to, from: None, slot: 0, range: 8..12 };
        assert_eq!(ours.send_batch(&slots, &[send(to), send(nowhere), send(to)]), 2);
        let mut buffer = [0; 200];
        for _ in 0..2 {
            assert_eq!(theirs.recv(&mut buffer).expect("it arrives"), 4);
        }
    }
}
