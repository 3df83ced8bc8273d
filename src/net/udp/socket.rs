//! A UDP socket that never waits.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::{Head, Outgoing, Slots, portable};
#[cfg(target_os = "linux")]
use super::{linux, room::Room};

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
    #[cfg(target_os = "linux")]
    room: Room,
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

impl Engine {
    /// This one, or the simpler one where the system refuses its calls.
    pub fn available(self) -> Self {
        #[cfg(target_os = "linux")]
        if self == Self::Batched {
            let socket = std::net::UdpSocket::bind("0.0.0.0:0");
            let socket = socket.or_else(|_| std::net::UdpSocket::bind("[::]:0"));
            return match socket {
                Ok(socket) if !linux::is_complete(&socket) => Self::Single,
                _ => self,
            };
        }
        self
    }
}

impl UdpSocket {
    /// Whether the system spreads senders over sockets of one address, and
    /// gives each sender always the same one.
    pub const SPREADS: bool = cfg!(target_os = "linux");

    /// Binds an address. An IPv6 socket takes IPv4 too, unless `only_ipv6`.
    pub fn bind(address: SocketAddr, only_ipv6: bool, engine: Engine) -> io::Result<Self> {
        Self::bind_one(address, only_ipv6, engine.available(), false)
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
            sockets.push(Self::bind_one(address, only_ipv6, sockets[0].engine, true)?);
        }
        Ok(sockets)
    }

    fn bind_one(
        address: SocketAddr,
        only_ipv6: bool,
        engine: Engine,
        shared: bool,
    ) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), datagrams(), Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(only_ipv6)?;
        }
        #[cfg(target_os = "linux")]
        if shared {
            socket.set_reuse_port(true)?;
        }
        #[cfg(not(target_os = "linux"))]
        if shared {
            return Err(io::ErrorKind::Unsupported.into());
        }
        make_room(&socket);
        #[cfg(not(target_os = "linux"))]
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        Self::bound(socket.into(), address, engine)
    }

    /// Takes over a socket that somebody else has bound.
    pub fn adopt(socket: std::net::UdpSocket, engine: Engine) -> io::Result<Self> {
        make_room(&socket2::SockRef::from(&socket));
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        Self::bound(socket, address, engine.available())
    }

    /// One that is bound to this address, or to port 0 of it.
    fn bound(socket: std::net::UdpSocket, address: SocketAddr, engine: Engine) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if engine == Engine::Batched {
            if address.ip().is_unspecified() {
                linux::tell_destinations(&socket, address.is_ipv6())?;
            }
            linux::join_received(&socket);
        }
        let local = if address.port() == 0 { socket.local_addr()? } else { address };
        let socket = mio::net::UdpSocket::from_std(socket);
        Ok(Self {
            socket,
            local,
            engine,
            peer: None,
            join: AtomicBool::new(true),
            #[cfg(target_os = "linux")]
            room: Room::default(),
        })
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
    /// chooses, with an engine that is available. A range that is all but full may seem full.
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
            result = Self::bind_one(SocketAddr::new(ip, port), true, engine, false);
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
            let most = self.room.messages();
            let count = self.socket.try_io(|| linux::receive(&self.socket, slots, most));
            return count.map(|count| self.room.came(count));
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

/// A socket for datagrams that never waits, in one call where the system can.
fn datagrams() -> Type {
    #[cfg(target_os = "linux")]
    return Type::DGRAM.nonblocking();
    #[cfg(not(target_os = "linux"))]
    Type::DGRAM
}

/// The system may grant less; then bursts are lost sooner.
fn make_room(socket: &Socket) {
    let _ = socket.set_recv_buffer_size(BUFFER);
    let _ = socket.set_send_buffer_size(BUFFER);
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
