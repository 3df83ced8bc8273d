//! One TURN stream, as it is handed over and as a worker holds it.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use mio::event::Source;
use rustls::ServerConnection;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::way::Way;
use super::wire::{Found, Waiting, Wire};
use crate::pure::turn::Client;

/// An accepted connection on which a client of TURN speaks.
pub struct Stream {
    socket: std::net::TcpStream,
    tls: Option<Box<ServerConnection>>,
    read_ahead: Vec<u8>,
    stay: Vec<Box<dyn Send>>,
}

impl Stream {
    /// A plain connection.
    pub fn tcp(socket: TcpStream) -> io::Result<Self> {
        let (read_ahead, stay) = (Vec::new(), Vec::new());
        Ok(Self { socket: socket.into_std()?, tls: None, read_ahead, stay })
    }

    /// One with TLS, whose handshake is over.
    pub fn tls(stream: TlsStream<TcpStream>) -> io::Result<Self> {
        let (socket, tls) = stream.into_inner();
        Ok(Self { tls: Some(Box::new(tls)), ..Self::tcp(socket)? })
    }

    /// Bytes of the client that were read already.
    pub fn read_ahead(self, bytes: &[u8]) -> Self {
        Self { read_ahead: bytes.to_vec(), ..self }
    }

    /// Holds on to something for as long as the connection lasts.
    pub fn keep(mut self, stay: impl Send + 'static) -> Self {
        self.stay.push(Box::new(stay));
        self
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("socket", &self.socket).finish_non_exhaustive()
    }
}

/// How long a stream may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For its first message.
    pub(super) first_message: Duration,
    /// When nothing moves in either direction.
    pub(super) idle: Duration,
}

/// Why a stream has ended.
#[derive(Debug)]
pub(super) enum Ended {
    ByClient,
    ByWorker,
    Deadline,
    Broken,
    Failed(#[expect(dead_code, reason = "shown by Debug, in the log")] io::Error),
}

/// The client does not read, and loses the message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slow;

/// A stream of a worker.
pub(super) struct Held {
    pub(super) client: Client,
    pub(super) way: Way,
    wire: Wire,
    /// The beginning of a message.
    rest: Vec<u8>,
    waiting: Waiting,
    moved: Moved,
    state: State,
    /// The other side will send nothing more: what is there is read to its end.
    hung_up: bool,
    _stay: Vec<Box<dyn Send>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// It ends once it has written what waits.
    Ending,
    Over,
}

/// When something last moved.
#[derive(Debug, Clone, Copy)]
struct Moved {
    /// The stream came, or a whole message, or bytes were written.
    last: Instant,
    /// Whether a whole message has come.
    met: bool,
    /// Since when nothing of what waits was taken.
    stuck: Option<Instant>,
}

/// Room for what is read from a stream, which all streams use in turns.
pub(super) struct Desk {
    raw: Box<[u8]>,
    /// What was read, after the beginning of its first message.
    pub(super) bytes: Vec<u8>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self { raw: vec![0; READ].into_boxed_slice(), bytes: Vec::with_capacity(2 * READ) }
    }
}

impl Held {
    /// A stream that has just come.
    pub(super) fn new(stream: Stream, client: Client, now: Instant) -> io::Result<Self> {
        let Stream { socket, tls, mut read_ahead, stay } = stream;
        let way = if tls.is_some() { Way::Tls } else { Way::Tcp };
        let mut wire = Wire::new(mio::net::TcpStream::from_std(socket), tls);
        wire.read_ahead(&mut read_ahead)?;
        Ok(Self {
            client,
            way,
            wire,
            rest: read_ahead,
            waiting: Waiting::default(),
            moved: Moved { last: now, met: false, stuck: None },
            state: State::Open,
            hung_up: false,
            _stay: stay,
        })
    }

    /// What the system tells of.
    pub(super) fn source(&mut self) -> &mut impl Source {
        self.wire.source()
    }

    /// Whether it is read.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// The other side will send nothing more.
    pub(super) fn hang_up(&mut self) {
        self.hung_up = true;
    }

    /// Reads once; the desk then has that behind what was left of the last time.
    /// Gives whether there may be more.
    pub(super) fn read(&mut self, desk: &mut Desk) -> Result<bool, Ended> {
        desk.bytes.clear();
        desk.bytes.append(&mut self.rest);
        match self.wire.read(&mut desk.raw, &mut desk.bytes) {
            Ok(Found::End) => Err(Ended::ByClient),
            Ok(found) => Ok(found == Found::Some || self.hung_up),
            Err(error) => Err(Ended::Failed(error)),
        }
    }

    /// Keeps the beginning of a message for the next time, after `whole` messages.
    pub(super) fn heard(&mut self, whole: usize, rest: &[u8], now: Instant) {
        self.rest.extend_from_slice(rest);
        if whole > 0 {
            (self.moved.last, self.moved.met) = (now, true);
        }
    }

    /// Adds a message to what waits; says whether it is the first.
    pub(super) fn add(&mut self, parts: &[&[u8]]) -> Result<bool, Slow> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if self.waiting.len() + length > MOST {
            return Err(Slow);
        }
        let first = self.waiting.is_empty();
        self.waiting.add(parts);
        Ok(first)
    }

    /// Writes what is taken at once of what waits.
    pub(super) fn write(&mut self, now: Instant) -> Result<(), Ended> {
        if self.state == State::Over {
            return Ok(());
        }
        let waited = self.waiting.len();
        let all = self.wire.write(&mut self.waiting).map_err(Ended::Failed)?;
        if self.waiting.len() < waited {
            (self.moved.last, self.moved.stuck) = (now, None);
        }
        match (all, self.state) {
            (true, State::Open) => self.moved.stuck = None,
            (true, _) => return Err(Ended::ByWorker),
            (false, _) => self.moved.stuck = self.moved.stuck.or(Some(now)),
        }
        Ok(())
    }

    /// Whether something waits that was not taken.
    pub(super) fn is_stuck(&self) -> bool {
        self.moved.stuck.is_some()
    }

    /// It shall end, once what waits is written.
    pub(super) fn close(&mut self) {
        self.state = State::Ending;
    }

    /// It has ended; false if it had already.
    pub(super) fn end(&mut self) -> bool {
        std::mem::replace(&mut self.state, State::Over) != State::Over
    }

    /// Tells the other side, as far as that goes without waiting.
    pub(super) fn finish(&mut self) {
        self.wire.finish();
    }

    /// When our patience ends, if nothing moves until then.
    pub(super) fn deadline(&self, patience: Patience) -> Instant {
        self.moved.deadline(patience)
    }
}

impl Moved {
    fn deadline(&self, patience: Patience) -> Instant {
        // A client that only listens is not idle; one that does not read is let go sooner.
        let idle = self.last + if self.met { patience.idle } else { patience.first_message };
        self.stuck.map_or(idle, |since| idle.min(since + STUCK))
    }
}

/// The longest message of a stream: 1,500 bytes of data in a Send indication.
pub(super) const LONGEST: usize = 1536;
/// Room for one read.
const READ: usize = 16 * 1024;
/// Bytes that wait for a slow client; more are lost.
const MOST: usize = 384 * 1024;
/// How long a client may leave everything unread.
const STUCK: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_short_for_strangers_and_for_those_who_do_not_read() {
        let second = Duration::from_secs;
        let patience = Patience { first_message: second(10), idle: second(120) };
        let start = Instant::now();
        let moved = |met, stuck| Moved { last: start, met, stuck };
        assert_eq!(moved(false, None).deadline(patience), start + second(10));
        assert_eq!(moved(true, None).deadline(patience), start + second(120));
        let stuck = Some(start + second(3));
        assert_eq!(moved(true, stuck).deadline(patience), start + second(33));
        assert_eq!(moved(false, stuck).deadline(patience), start + second(10));
        let late = Some(start + second(100));
        assert_eq!(moved(true, late).deadline(patience), start + second(120));
    }
}
