//! One datagram at a time, on any system.

use std::io;
use std::net::SocketAddr;

use super::batch::Message;
use super::socket::as_sent;
use super::{Outgoing, Slots};

/// Most datagrams of one call. One received says nothing about the next.
pub(super) const MOST: usize = 1;

/// Receives one datagram.
pub(super) fn receive(socket: &mio::net::UdpSocket, slots: &mut Slots) -> io::Result<usize> {
    slots.clear();
    let stride = slots.stride;
    let (length, from) = socket.recv_from(&mut slots.bytes[..stride])?;
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    slots.note(0, Message { length, segment: 0, from, to: None });
    Ok(1)
}

/// Sends packets; gives how many the system took. The system chooses the
/// address that they leave from.
pub(super) fn send(
    socket: &mio::net::UdpSocket,
    buffer: &[u8],
    batch: &[Outgoing],
    ipv6: bool,
) -> usize {
    let mut whole = [0; LONGEST];
    let sent = batch.iter().filter(|packet| {
        let mut length = 0;
        for part in packet.parts(buffer) {
            let Some(room) = whole.get_mut(length..length + part.len()) else { return false };
            room.copy_from_slice(part);
            length += part.len();
        }
        let send = || socket.send_to(&whole[..length], as_sent(packet.to, ipv6));
        // A connected socket tells of an earlier datagram first.
        send().or_else(|_| send()).is_ok()
    });
    sent.count()
}

/// The longest datagram that is sent here.
const LONGEST: usize = 2048;
