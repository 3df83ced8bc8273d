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
