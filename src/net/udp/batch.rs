//! Buffers for a batch of datagrams.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;

/// Most datagrams of one call.
pub const BATCH: usize = 32;

/// Room for a batch of received datagrams, each with room before and behind
/// it so that it can be rewritten and sent on from where it lies.
#[derive(Debug)]
pub struct Slots {
    pub(super) bytes: Box<[u8]>,
    pub(super) stride: usize,
    pub(super) head_room: usize,
    pub(super) longest: usize,
    pub(super) received: [Received; BATCH],
    pub(super) count: usize,
}

/// One received datagram.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received {
    pub(super) length: usize,
    pub(super) truncated: bool,
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
}

/// A received datagram, as its receiver sees it.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    pub from: SocketAddr,
    /// Which of our addresses it came to, if the socket has more than one.
    pub to: Option<IpAddr>,
    /// Nothing if it was too long.
    pub bytes: Option<&'a [u8]>,
}

/// A datagram to send: a part of a slot.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub to: SocketAddr,
    /// Which of our addresses it leaves from, if not the system's choice.
    pub from: Option<IpAddr>,
    pub slot: usize,
    pub range: Range<usize>,
}

/// A datagram to send, with its bytes.
pub(super) struct Packet<'a> {
    pub(super) to: SocketAddr,
    pub(super) from: Option<IpAddr>,
    pub(super) bytes: &'a [u8],
}

impl Slots {
    /// Slots for datagrams of at most `longest` bytes.
    pub fn new(longest: usize, head_room: usize, tail_room: usize) -> Self {
        let stride = (head_room + longest + tail_room).next_multiple_of(64);
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Self {
            bytes: vec![0; stride * BATCH].into_boxed_slice(),
            stride,
            head_room,
            longest,
            received: [Received { length: 0, truncated: false, from: nobody, to: None }; BATCH],
            count: 0,
        }
    }

    /// How many datagrams the last call received.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it received none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A datagram of the last call.
    pub fn datagram(&self, slot: usize) -> Datagram<'_> {
        let received = &self.received[slot];
        let start = slot * self.stride + self.head_room;
        let bytes = || &self.bytes[start..start + received.length];
        let bytes = (!received.truncated).then(bytes);
        Datagram { from: received.from, to: received.to, bytes }
    }

    /// A slot with its room; the datagram starts after the head room.
    pub fn slot_mut(&mut self, slot: usize) -> &mut [u8] {
        &mut self.bytes[slot * self.stride..(slot + 1) * self.stride]
    }

    /// Puts a datagram that came another way into a slot; it must fit.
    pub fn put(&mut self, slot: usize, datagram: &[u8]) {
        let start = slot * self.stride + self.head_room;
        assert!(datagram.len() <= self.longest, "a datagram fits its slot");
        self.bytes[start..start + datagram.len()].copy_from_slice(datagram);
    }

    /// The bytes that a datagram to send consists of.
    pub fn part(&self, outgoing: &Outgoing) -> &[u8] {
        let slot = &self.bytes[outgoing.slot * self.stride..(outgoing.slot + 1) * self.stride];
        &slot[outgoing.range.clone()]
    }
}
