//! One datagram at a time, on any system.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use super::batch::Received;
use super::socket::as_sent;
use super::{Outgoing, Slots};

/// Most datagrams of one call. One received says nothing about the next.
pub(super) const MOST: usize = 1;

/// Receives one datagram. One that fills its slot may have been cut.
pub(super) fn receive(socket: &UdpSocket, slots: &mut Slots) -> io::Result<()> {
    slots.count = 0;
    let (head_room, longest) = (slots.head_room, slots.longest);
    let slot = &mut slots.slot_mut(0)[head_room..head_room + longest + 1];
    let (length, from) = socket.recv_from(slot)?;
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    slots.received[0] = Received { length, truncated: length > longest, from };
    slots.count = 1;
    Ok(())
}

/// Sends a batch; gives how many the system took.
pub(super) fn send(socket: &UdpSocket, slots: &Slots, batch: &[Outgoing], ipv6: bool) -> usize {
    batch
        .iter()
        .filter(|outgoing| socket.send_to(slots.part(outgoing), as_sent(outgoing.to, ipv6)).is_ok())
        .count()
}
