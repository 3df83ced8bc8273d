//! A UDP socket that never waits.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

#[cfg(target_os = "linux")]
use super::linux;
use super::{Head, Outgoing, Slots, portable};

/// A bound UDP socket. IPv4 addresses look like IPv4 addresses, also on an
/// IPv6 socket that takes both. On a socket for all addresses each datagram
/// says which one it came to: its answer must leave from there, or whoever
/// sent it does not take it for one.
#[derive(Debug)]
pub struct UdpSocket {
    socket: mio::net::UdpSocket,
    local: SocketAddr,
    engine: Engine,
    /// Where everything goes, if the system knows.
    peer: Option<SocketAddr>,
    /// Whether the system takes messages apart that are many datagrams.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux does"))]
    join: AtomicBool,
}

/// How a socket receives and sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// Many datagrams with one call, where the system can.
    #[default]
    Batched,
    /// One at a time.
    Single,
}

impl UdpSocket {
    /// Whether the system spreads senders over sockets of one address, and
    /// gives each sender always the same one.
    pub const SPREADS: bool = cfg!(target_os = "linux");

    /// Binds an address. An IPv6 socket takes IPv4 too, unless `only_ipv6`.
    pub fn bind(address: SocketAddr, only_ipv6: bool, engine: Engine) -> io::Result<Self> {
        Self::bind_one(address, only_ipv6, engine, false)
    }

    /// Binds an address several times, if nobody else has.
    pub fn bind_many(
        address: SocketAddr,
        only_ipv6: bool,
        engine: Engine,
        count: usize,
    ) -> io::Result<Vec<Self>> {
        // The first is alone: others of this user might share an address that
        // is shared from the start, and port 0 might even be given twice.
        let first = Self::bind(address, only_ipv6, engine)?;
        let address = first.local_addr();
        let mut sockets = vec![first];
        #[cfg(target_os = "linux")]
        if count > 1 {
            socket2::SockRef::from(&sockets[0].socket).set_reuse_port(true)?;
        }
        for _ in 1..count {
            sockets.push(Self::bind_one(address, only_ipv6, engine, true)?);
        }
        Ok(sockets)
    }

    fn bind_one(
        address: SocketAddr,
        only_ipv6: bool,
        engine: Engine,
        shared: bool,
    ) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(only_ipv6)?;
        }
        #[cfg(target_os = "linux")]
        socket.set_reuse_port(shared)?;
        #[cfg(not(target_os = "linux"))]
        if shared {
            return Err(io::ErrorKind::Unsupported.into());
        }
        // The system may grant less; then bursts are lost sooner.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = std::net::UdpSocket::from(socket);
        #[cfg(target_os = "linux")]
        let engine = if linux::is_complete(&socket) { engine } else { Engine::Single };
        #[cfg(target_os = "linux")]
        if engine == Engine::Batched {
            if address.ip().is_unspecified() {
                linux::tell_destinations(&socket, address.is_ipv6())?;
            }
            linux::join_received(&socket);
        }
        let local = socket.local_addr()?;
        let socket = mio::net::UdpSocket::from_std(socket);
        Ok(Self { socket, local, engine, peer: None, join: AtomicBool::new(true) })
    }

    /// Binds another socket to the same address, for one peer: the system
    /// finds the way there once, and hands that socket what this peer sends.
    /// What others send until then may arrive there, too.
    pub fn connect_beside(&self, peer: SocketAddr) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        socket2::SockRef::from(&self.socket).set_reuse_port(true)?;
        let mut socket = Self::bind_one(self.local, true, self.engine, true)?;
        socket2::SockRef::from(&socket.socket).connect(&peer.into())?;
        socket.peer = Some(peer);
        Ok(socket)
    }

    /// Binds a free port of a range, looking for it from one that `entropy`
    /// chooses. A range that is all but full may seem full.
    pub fn bind_within(
        ip: IpAddr,
        ports: &RangeInclusive<u16>,
        entropy: u64,
        engine: Engine,
    ) -> io::Result<Self> {
        let (first, count) = (*ports.start(), u64::from(ports.end() - ports.start()) + 1);
        let mut result = Err(io::ErrorKind::AddrInUse.into());
        for step in 0..count.min(MOST_TRIES) {
            let port = first + ((entropy % count + step) % count) as u16;
            result = Self::bind(SocketAddr::new(ip, port), true, engine);
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
        #[cfg(target_os = "linux")]
        if self.engine == Engine::Batched {
            let count = self.socket.try_io(|| linux::receive(&self.socket, slots));
            return count.map(|count| count >= linux::MOST);
        }
        portable::receive(&self.socket, slots).map(|count| count >= portable::MOST)
    }

    /// Sends datagrams of which `buffer` has the parts; gives how many the
    /// system took. A full queue loses the rest: media that waits is worth
    /// nothing.
    pub fn send_batch(&self, buffer: &[u8], batch: &[Outgoing]) -> usize {
        let ipv6 = self.local.is_ipv6();
        #[cfg(target_os = "linux")]
        if self.engine == Engine::Batched {
            let way = linux::Way { ipv6, named: self.peer.is_none(), join: &self.join };
            return linux::send(&self.socket, buffer, batch, way);
        }
        portable::send(&self.socket, buffer, batch, ipv6)
    }

    /// Sends one datagram from one of our addresses, or from that which the
    /// system chooses; gives whether the system took it.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr, from: Option<IpAddr>) -> bool {
        let whole = Outgoing { to, from, head: Head::NONE, range: 0..bytes.len(), padding: 0 };
        self.send_batch(bytes, &[whole]) == 1
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

/// Has the system take each message that a plain socket sends apart into
/// datagrams of this length, as network cards do: for tools that make load.
pub fn split_sent(socket: &std::net::UdpSocket, length: u16) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return linux::split_sent(socket, length);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (socket, length);
        Err(io::ErrorKind::Unsupported.into())
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

    const ENGINES: [Engine; 2] = [Engine::Batched, Engine::Single];

    fn bound(address: &str, engine: Engine) -> UdpSocket {
        let address = address.parse().expect("an address");
        UdpSocket::bind(address, false, engine).expect("a free port")
    }

    fn plain() -> std::net::UdpSocket {
        std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
    }

    /// Receives so many datagrams: who sent them, and what unless too long.
    fn receive(socket: &mut UdpSocket, count: usize) -> Vec<(SocketAddr, Option<Vec<u8>>)> {
        let mut poll = Poll::new().expect("the system polls");
        poll.registry().register(socket, Token(0), Interest::READABLE).expect("a socket");
        let (mut slots, mut more) = (Slots::new(100), false);
        let mut received = Vec::new();
        while received.len() < count {
            if !more {
                poll.poll(&mut Events::with_capacity(1), None).expect("the system polls");
            }
            more = match socket.receive(&mut slots) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    slots.clear();
                    false
                }
                other => other.expect("loopback gives datagrams"),
            };
            received.extend((0..slots.len()).map(|place| {
                let datagram = slots.datagram(place);
                (datagram.from, datagram.bytes.map(<[u8]>::to_vec))
            }));
        }
        poll.registry().deregister(socket).expect("a socket");
        received
    }

    fn part(to: SocketAddr, range: std::ops::Range<usize>) -> Outgoing {
        Outgoing { to, from: None, head: Head::NONE, range, padding: 0 }
    }

    #[test]
    fn batches_arrive_in_order_and_what_is_too_long_is_marked() {
        for engine in ENGINES {
            let (mut ours, theirs) = (bound("127.0.0.1:0", engine), plain());
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
    }

    #[test]
    fn what_was_joined_on_its_way_comes_apart_again() {
        for (sender, receiver) in [
            (Engine::Batched, Engine::Batched),
            (Engine::Batched, Engine::Single),
            (Engine::Single, Engine::Batched),
        ] {
            let (ours, mut theirs) = (bound("127.0.0.1:0", sender), bound("127.0.0.1:0", receiver));
            let (from, to) = (ours.local_addr(), theirs.local_addr());
            let buffer: Vec<u8> = (0..=255).cycle().take(4096).collect();
            // Runs of equal ones, ends that are shorter, empty and too long ones.
            let lengths = [90, 90, 90, 20, 90, 90, 0, 0, 7, 7, 8, 101, 101, 50, 50, 50, 50, 1];
            let many = lengths.iter().chain(&[64; 150]).copied();
            let batch: Vec<_> =
                many.enumerate().map(|(n, length)| part(to, n..n + length)).collect();
            assert_eq!(ours.send_batch(&buffer, &batch), batch.len());
            let expected: Vec<_> = batch
                .iter()
                .map(|packet| (from, Some(buffer[packet.range.clone()].to_vec())))
                .map(|(from, bytes)| (from, bytes.filter(|bytes| bytes.len() <= 100)))
                .collect();
            assert_eq!(receive(&mut theirs, batch.len()), expected, "{sender:?} {receiver:?}");
        }
    }

    #[test]
    fn a_datagram_is_a_header_a_part_and_padding() {
        for engine in ENGINES {
            for address in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
                let (ours, theirs) = (bound(address, engine), plain());
                let to = theirs.local_addr().expect("bound");
                let buffer: Vec<u8> = (100..200).collect();
                let outgoing = |n: usize| Outgoing {
                    to,
                    from: None,
                    head: Head::of(|bytes| {
                        bytes[..n % 49].fill(n as u8);
                        n % 49
                    }),
                    range: n % 50..n % 50 + n % 7,
                    padding: n % 4,
                };
                let batch: Vec<_> = (0..BATCH + 70).map(outgoing).collect();
                assert_eq!(ours.send_batch(&buffer, &batch), batch.len());
                let mut bytes = [0; 200];
                for (n, packet) in batch.iter().enumerate() {
                    let (length, from) = theirs.recv_from(&mut bytes).expect("it arrives");
                    assert_eq!(bytes[..length], packet.parts(&buffer).concat(), "{n}");
                    assert_eq!(from, (Ipv4Addr::LOCALHOST, ours.local_addr().port()).into());
                }
            }
        }
    }

    #[test]
    fn a_datagram_nobody_can_get_does_not_cost_the_others_theirs() {
        for engine in ENGINES {
            let (ours, theirs) = (bound("127.0.0.1:0", engine), plain());
            let to = theirs.local_addr().expect("bound");
            let nowhere = "[::1]:9".parse().expect("an address");
            let batch = [to, nowhere, nowhere, to].map(|to| part(to, 0..4));
            assert_eq!(ours.send_batch(&[0; 4], &batch), 2);
            let mut buffer = [0; 200];
            for _ in 0..2 {
                assert_eq!(theirs.recv(&mut buffer).expect("it arrives"), 4);
            }
        }
    }

    #[test]
    fn a_range_gives_each_of_its_ports_once() {
        let localhost = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let base = bound("127.0.0.1:0", Engine::Batched);
        let first = base.local_addr().port();
        let within = || UdpSocket::bind_within(localhost, &(first..=first), 7, Engine::Batched);
        let error = within().expect_err("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(base);
        assert_eq!(within().expect("it is free").local_addr().port(), first);
    }
}
