//! A UDP socket of the runtime.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Outgoing, Slots, platform};

/// A bound UDP socket. IPv4 addresses look like IPv4 addresses, also on an
/// IPv6 socket that takes both.
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
        Ok(socket.into())
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
            if let Ok(result) = guard.try_io(|socket| platform::receive(socket.get_ref(), slots)) {
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
        platform::send(self.socket.get_ref(), slots, batch, self.local.is_ipv6())
    }

    /// Sends one datagram, or loses it if the system's buffer is full.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        self.socket.get_ref().send_to(bytes, as_sent(to, self.local.is_ipv6()))
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
