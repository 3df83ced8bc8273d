//! Buffers for a batch of datagrams.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

/// Most messages of one call; each may be many datagrams that the system has
/// put together.
pub const BATCH: usize = 128;

/// The longest header that can be put before a datagram.
pub const HEAD: usize = 48;

/// Room for a batch of received datagrams.
#[derive(Debug)]
pub struct Slots {
    pub(super) bytes: Box<[u8]>,
    /// From one message to the next.
    pub(super) stride: usize,
    longest: usize,
    received: Vec<Received>,
}

/// One received datagram.
#[derive(Debug, Clone, Copy)]
struct Received {
    start: usize,
    length: usize,
    from: SocketAddr,
    to: Option<IpAddr>,
}

/// A received datagram, as its receiver sees it.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    pub from: SocketAddr,
    /// Which of our addresses it came to, if the socket has more than one.
    pub to: Option<IpAddr>,
    /// Nothing if it was too long.
    pub bytes: Option<&'a [u8]>,
    /// Where in the buffer it is.
    pub start: usize,
}

/// A datagram to send: a header, and a part of a buffer.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub to: SocketAddr,
    /// Which of our addresses it leaves from, if not the system's choice.
    pub from: Option<IpAddr>,
    pub head: Head,
    pub range: Range<usize>,
    /// Zeros at the end, at most three.
    pub padding: usize,
}

/// A header on its own, so that what it stands before needs no room.
#[derive(Debug, Clone)]
pub struct Head {
    bytes: [u8; HEAD],
    length: u8,
}

impl Head {
    /// No header.
    pub const NONE: Self = Self { bytes: [0; HEAD], length: 0 };

    /// What `write` has written, of which it says how long it is.
    pub fn of(write: impl FnOnce(&mut [u8; HEAD]) -> usize) -> Self {
        let mut bytes = [0; HEAD];
        let length = write(&mut bytes).min(HEAD) as u8;
        Self { bytes, length }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Outgoing {
    /// How long the datagram is.
    pub(super) fn len(&self) -> usize {
        usize::from(self.head.length) + self.range.len() + self.padding
    }

    /// Whether it is a part of the buffer and nothing more, from where the system chooses.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux asks"))]
    pub(super) fn is_bare(&self) -> bool {
        self.head.length == 0 && self.padding == 0 && self.from.is_none()
    }

    /// The three parts that it consists of.
    pub fn parts<'a>(&'a self, buffer: &'a [u8]) -> [&'a [u8]; 3] {
        [self.head.as_bytes(), &buffer[self.range.clone()], &[0; 3][..self.padding]]
    }
}

impl Slots {
    /// Room for datagrams; those of more than `longest` bytes are only marked.
    pub fn new(longest: usize) -> Self {
        Self {
            bytes: vec![0; STRIDE * BATCH].into_boxed_slice(),
            stride: STRIDE,
            longest,
            received: Vec::with_capacity(BATCH * SEGMENTS),
        }
    }

    /// How many datagrams the last call received.
    pub fn len(&self) -> usize {
        self.received.len()
    }

    /// Whether it received none.
    pub fn is_empty(&self) -> bool {
        self.received.is_empty()
    }

    /// A datagram of the last call.
    pub fn datagram(&self, place: usize) -> Datagram<'_> {
        let Received { start, length, from, to } = self.received[place];
        let bytes = (length <= self.longest).then(|| &self.bytes[start..start + length]);
        Datagram { from, to, bytes, start }
    }

    /// What datagrams to send are parts of.
    pub fn buffer(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.received.clear();
    }

    /// Notes a message in a slot: datagrams of `segment` bytes each, the last
    /// of which may be shorter.
    pub(super) fn note(&mut self, slot: usize, message: Message) {
        let Message { length, segment, from, to } = message;
        let (begin, end) = (slot * self.stride, slot * self.stride + length);
        let mut start = begin;
        loop {
            let length = if segment == 0 { length } else { segment.min(end - start) };
            self.received.push(Received { start, length, from, to });
            start += length;
            if start >= end {
                break;
            }
        }
    }
}

/// What came in one slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    pub(super) length: usize,
    /// Of each datagram, if there are several; otherwise 0.
    pub(super) segment: usize,
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
}

/// All that one message may have; and a little more, so that the slots do
/// not all fall on the same lines of the processor's cache.
const STRIDE: usize = 65_536 + 192;
/// Datagrams that the system puts together in one message.
const SEGMENTS: usize = 64;
