//! The streams of a worker.

use std::collections::BTreeSet;
use std::io;
use std::time::Instant;

use mio::event::Event;
use mio::{Interest, Registry};
use slab::Slab;

use super::outbound::Source;
use super::stream::{Desk, Ended, Held, Patience, Slow, Stream};
use super::way::Way;
use crate::pure::turn::{Client, Link};

/// Those that are held, by place, which is their number in the core's `Link`.
pub(super) struct Streams {
    held: Slab<Entry>,
    /// Those that have gathered something.
    full: Vec<usize>,
    /// Those that have ended and are yet to be taken leave of.
    ended: Vec<usize>,
    deadlines: BTreeSet<(Instant, usize)>,
    patience: Patience,
}

struct Entry {
    stream: Held,
    /// Whether it waits for its turn to be read.
    queued: bool,
    /// Whether it is one of those that have gathered something.
    listed: bool,
    /// Its place among the deadlines. What moves later shows when that has come.
    due: Instant,
}

impl Streams {
    pub(super) fn new(patience: Patience) -> Self {
        let (held, full, ended) = (Slab::new(), Vec::new(), Vec::new());
        Self { held, full, ended, deadlines: BTreeSet::new(), patience }
    }

    /// Takes a stream and gives its place.
    pub(super) fn open(
        &mut self,
        stream: Stream,
        address: std::net::SocketAddr,
        registry: &Registry,
        now: Instant,
    ) -> io::Result<usize> {
        let place = self.held.vacant_key();
        let client = Client { link: Link::Stream(place as u32), address };
        let mut stream = Held::new(stream, client, now)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        registry.register(stream.source(), Source::Stream(place).token(), interest)?;
        let due = stream.deadline(self.patience);
        self.deadlines.insert((due, place));
        self.held.insert(Entry { stream, queued: false, listed: false, due });
        // TLS may have had more to say than its handshake.
        self.list(place);
        Ok(place)
    }

    /// Notes what the system says of a stream; whether it is to be read.
    pub(super) fn note(&mut self, place: usize, event: &Event) -> bool {
        let Some(entry) = self.held.get_mut(place) else { return false };
        if event.is_read_closed() || event.is_error() {
            entry.stream.hang_up();
        }
        if event.is_writable() && entry.stream.is_stuck() {
            self.list(place);
        }
        event.is_readable() || event.is_error()
    }

    /// The mark of those that wait for their turn to be read.
    pub(super) fn queued_mut(&mut self, place: usize) -> Option<&mut bool> {
        self.held.get_mut(place).map(|entry| &mut entry.queued)
    }

    /// Reads a stream once; gives whether there may be more, or nothing if it has ended.
    pub(super) fn read(&mut self, place: usize, desk: &mut Desk) -> Option<bool> {
        desk.bytes.clear();
        let stream = &mut self.held.get_mut(place)?.stream;
        if !stream.is_open() {
            return None;
        }
        // What came before the end is heard yet.
        let read = stream.read(desk);
        Some(read.unwrap_or_else(|why| {
            self.end(place, &why);
            false
        }))
    }

    /// Whose stream it is, and what carries it.
    pub(super) fn speaker(&self, place: usize) -> Option<(Client, Way)> {
        self.held.get(place).map(|entry| (entry.stream.client, entry.stream.way))
    }

    /// So many whole messages were heard, and the beginning of one.
    pub(super) fn heard(&mut self, place: usize, whole: usize, rest: &[u8], now: Instant) {
        if let Some(entry) = self.held.get_mut(place) {
            entry.stream.heard(whole, rest, now);
        }
    }

    /// Adds a message to what a stream will be sent; gives what it is carried by,
    /// unless it has ended.
    pub(super) fn add(&mut self, to: Client, parts: &[&[u8]]) -> Result<Option<Way>, Slow> {
        let Some(place) = self.place(to) else { return Ok(None) };
        let stream = &mut self.held[place].stream;
        if !stream.is_open() {
            return Ok(None);
        }
        let way = stream.way;
        if stream.add(parts)? {
            self.list(place);
        }
        Ok(Some(way))
    }

    /// Writes what has gathered; gives for how many.
    pub(super) fn send(&mut self) -> usize {
        let count = self.full.len();
        if count == 0 {
            return 0;
        }
        let now = Instant::now();
        while let Some(place) = self.full.pop() {
            let entry = &mut self.held[place];
            entry.listed = false;
            if let Err(why) = entry.stream.write(now) {
                self.end(place, &why);
            } else if self.held[place].stream.is_stuck() {
                self.watch(place);
            }
        }
        count
    }

    /// Ends a stream, once it has written what is for it.
    pub(super) fn close(&mut self, client: Client) {
        if let Some(place) = self.place(client) {
            self.held[place].stream.close();
            self.list(place);
        }
    }

    /// What came can be no message.
    pub(super) fn refuse(&mut self, place: usize) {
        self.end(place, &Ended::Broken);
    }

    /// When the next patience ends.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Ends those that have kept us waiting for too long.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((at, place)) = self.deadlines.first().copied()
            && at <= now
        {
            if self.watch(place) <= now {
                self.deadlines.remove(&(at, place));
                self.end(place, &Ended::Deadline);
            }
        }
    }

    /// Takes leave of one that has ended, and gives its client.
    pub(super) fn next_ended(&mut self, registry: &Registry) -> Option<Client> {
        let place = self.ended.pop()?;
        let Entry { mut stream, due, listed, .. } = self.held.remove(place);
        if listed {
            self.full.retain(|listed| *listed != place);
        }
        self.deadlines.remove(&(due, place));
        // Closing it would do, too.
        let _ = registry.deregister(stream.source());
        stream.finish();
        Some(stream.client)
    }

    /// Ends all of them.
    pub(super) fn finish(&mut self) {
        self.held.iter_mut().for_each(|(_, entry)| entry.stream.finish());
    }

    fn place(&self, client: Client) -> Option<usize> {
        let Link::Stream(number) = client.link else { return None };
        let place = number as usize;
        self.held.get(place).filter(|entry| entry.stream.client == client).map(|_| place)
    }

    fn list(&mut self, place: usize) {
        let entry = &mut self.held[place];
        if !entry.listed {
            entry.listed = true;
            self.full.push(place);
        }
    }

    fn end(&mut self, place: usize, why: &Ended) {
        if self.held[place].stream.end() {
            tracing::debug!(?why, "relay stream ended");
            self.ended.push(place);
        }
    }

    /// Puts a stream in its place among the deadlines, and gives it.
    fn watch(&mut self, place: usize) -> Instant {
        let entry = &mut self.held[place];
        let due = entry.stream.deadline(self.patience);
        if due != entry.due {
            self.deadlines.remove(&(entry.due, place));
            self.deadlines.insert((due, place));
            entry.due = due;
        }
        due
    }
}
