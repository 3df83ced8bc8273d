//! One datagram at a time, on any system.

use std::io;
use std::net::SocketAddr;

use super::Slots;
use super::batch::{Packet, Received};
use super::socket::as_sent;

/// Most datagrams of one call. One received says nothing about the next.
pub(super) const MOST: usize = 1;

/// Here the system chooses the address that answers leave from.
pub(super) fn tell_destinations(_socket: &std::net::UdpSocket, _ipv6: bool) -> io::Result<()> {
    Ok(())
}

/// Receives one datagram. One that fills its slot may have been cut.
pub(super) fn receive(
    socket: &mio::net::UdpSocket,
    slots: &mut Slots,
    _told: bool,
) -> io::Result<()> {
    slots.count = 0;
    let (head_room, longest) = (slots.head_room, slots.longest);
    let slot = &mut slots.slot_mut(0)[head_room..head_room + longest + 1];
    let (length, from) = socket.recv_from(slot)?;
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    slots.received[0] = Received { length, truncated: length > longest, from, to: None };
    slots.count = 1;
    Ok(())
}

/// Sends packets; gives how many the system took.
pub(super) fn send<'a>(
    socket: &mio::net::UdpSocket,
    packets: impl Iterator<Item = Packet<'a>>,
    ipv6: bool,
) -> usize {
    packets.filter(|packet| socket.send_to(packet.bytes, as_sent(packet.to, ipv6)).is_ok()).count()
}
