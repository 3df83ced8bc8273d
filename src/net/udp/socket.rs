//! A UDP socket that never waits.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::batch::Packet;
use super::{Outgoing, Slots, platform};

/// A bound UDP socket. IPv4 addresses look like IPv4 addresses, also on an
/// IPv6 socket that takes both. On a socket for all addresses each datagram
/// says which one it came to: its answer must leave from there, or whoever
/// sent it does not take it for one.
#[derive(Debug)]
pub struct UdpSocket {
    socket: mio::net::UdpSocket,
    local: SocketAddr,
}

impl UdpSocket {
    /// Binds an address. An IPv6 socket takes IPv4 too, unless `only_ipv6`.
    pub fn bind(address: SocketAddr, only_ipv6: bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(only_ipv6)?;
        }
        // The system may grant less; then bursts are lost sooner.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = std::net::UdpSocket::from(socket);
        if address.ip().is_unspecified() {
            platform::tell_destinations(&socket, address.is_ipv6())?;
        }
        let local = socket.local_addr()?;
        Ok(Self { socket: mio::net::UdpSocket::from_std(socket), local })
    }

    /// Binds a free port of a range, looking for it from one that `entropy`
    /// chooses. A range that is all but full may seem full.
    pub fn bind_within(ip: IpAddr, ports: &RangeInclusive<u16>, entropy: u64) -> io::Result<Self> {
        let (first, count) = (*ports.start(), u64::from(ports.end() - ports.start()) + 1);
        let mut result = Err(io::ErrorKind::AddrInUse.into());
        for step in 0..count.min(MOST_TRIES) {
            let port = first + ((entropy % count + step) % count) as u16;
            result = Self::bind(SocketAddr::new(ip, port), true);
            match &result {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                _ => break,
            }
        }
        result
    }

    /// The address it is bound to.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Receives what has arrived, at most a batch; says whether more may
    /// have. If not, what comes later makes the socket ready anew.
    pub fn receive(&self, slots: &mut Slots) -> io::Result<bool> {
        let told = self.local.ip().is_unspecified();
        self.socket.try_io(|| platform::receive(&self.socket, slots, told))?;
        Ok(slots.len() >= platform::MOST)
    }

    /// Sends parts of slots; gives how many the system took. A full buffer
    /// loses the rest: media that waits is worth nothing.
    pub fn send_batch(&self, slots: &Slots, batch: &[Outgoing]) -> usize {
        let packets = batch.iter().map(|outgoing| {
            let Outgoing { to, from, .. } = *outgoing;
            Packet { to, from, bytes: slots.part(outgoing) }
        });
        platform::send(&self.socket, packets, self.local.is_ipv6())
    }

    /// Sends one datagram from one of our addresses, or from that which the
    /// system chooses; gives whether the system took it.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr, from: Option<IpAddr>) -> bool {
        let packet = std::iter::once(Packet { to, from, bytes });
        platform::send(&self.socket, packet, self.local.is_ipv6()) == 1
    }
}

impl Source for UdpSocket {
    fn register(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        self.socket.register(registry, token, on)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        self.socket.reregister(registry, token, on)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket.deregister(registry)
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
/// Ports that are tried: each costs a system call, and media waits meanwhile.
const MOST_TRIES: u64 = 256;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use mio::{Events, Poll};

    use super::*;
    use crate::net::udp::BATCH;

    fn pair(address: &str) -> (UdpSocket, std::net::UdpSocket) {
        let bound = UdpSocket::bind(address.parse().expect("an address"), false);
        let ours = bound.expect("a free port");
        let theirs = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        (ours, theirs)
    }

    /// Receives so many datagrams: who sent them, and what unless too long.
    fn receive(socket: &mut UdpSocket, count: usize) -> Vec<(SocketAddr, Option<Vec<u8>>)> {
        let mut poll = Poll::new().expect("the system polls");
        poll.registry().register(socket, Token(0), Interest::READABLE).expect("a socket");
        let (mut slots, mut more) = (Slots::new(100, 8, 4), false);
        let mut received = Vec::new();
        while received.len() < count {
            if !more {
                poll.poll(&mut Events::with_capacity(1), None).expect("the system polls");
            }
            more = match socket.receive(&mut slots) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
                other => other.expect("loopback gives datagrams"),
            };
            assert!(slots.len() <= BATCH);
            received.extend((0..slots.len()).map(|slot| {
                let datagram = slots.datagram(slot);
                (datagram.from, datagram.bytes.map(<[u8]>::to_vec))
            }));
        }
        poll.registry().deregister(socket).expect("a socket");
        received
    }

    #[test]
    fn batches_arrive_in_order_and_what_is_too_long_is_marked() {
        let (mut ours, theirs) = pair("127.0.0.1:0");
        let from = theirs.local_addr().expect("bound");
        let many = BATCH as u8 + 8;
        for n in 0..many {
            theirs.send_to(&[n; 100], ours.local_addr()).expect("sent");
        }
        theirs.send_to(&[0; 101], ours.local_addr()).expect("sent");
        theirs.send_to(&[], ours.local_addr()).expect("sent");
        let whole = (0..many).map(|n| (from, Some(vec![n; 100])));
        let expected: Vec<_> = whole.chain([(from, None), (from, Some(Vec::new()))]).collect();
        assert_eq!(receive(&mut ours, expected.len()), expected);
        // Nothing was lost of the readiness: what comes later is noticed.
        theirs.send_to(b"later", ours.local_addr()).expect("sent");
        assert_eq!(receive(&mut ours, 1), [(from, Some(b"later".to_vec()))]);
    }

    #[test]
    fn parts_of_slots_are_sent_in_batches_of_any_size() {
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

    #[test]
    fn a_datagram_nobody_can_get_does_not_cost_the_others_theirs() {
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

    #[test]
    fn a_range_gives_each_of_its_ports_once() {
        let localhost = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let base = UdpSocket::bind((localhost, 0).into(), true).expect("a free port");
        let first = base.local_addr().port();
        let alone = first..=first;
        let error = UdpSocket::bind_within(localhost, &alone, 7).expect_err("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(base);
        let bound = UdpSocket::bind_within(localhost, &alone, 7).expect("it is free");
        assert_eq!(bound.local_addr().port(), first);
    }
}
