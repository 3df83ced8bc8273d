//! The worker: a thread with a server core and its sockets.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::event::Event;
use mio::{Events, Poll};
use tokio::sync::watch;

use super::bell::Bell;
use super::config::{Config, Mode};
use super::counters::{Counters, Loss};
use super::crew::Others;
use super::handover::Post;
use super::mailbox::{Letters, Mail};
use super::outbound::{End, Outbound, Source};
use super::pace::Pace;
use super::relays::Relays;
use super::stream::{Desk, LONGEST as LONGEST_MESSAGE, Patience, Stream};
use super::streams::Streams;
use super::way::Way;
use crate::net::udp::{Slots, UdpSocket};
use crate::pure::auth::relay::Keys;
use crate::pure::stun::{Frame, next_frame};
use crate::pure::turn::{Client, Link, Now, Server};
use crate::pure::wire::Millis;

/// What a worker is made of.
pub(super) struct Parts {
    pub(super) sockets: Vec<UdpSocket>,
    pub(super) poll: Poll,
    pub(super) bell: Arc<Bell>,
    pub(super) letters: Letters,
    pub(super) post: Post,
    pub(super) others: Others,
    pub(super) server: Server,
    pub(super) counters: Counters,
    pub(super) keys: watch::Receiver<Keys>,
    /// The same for all: the cores' clock begins there.
    pub(super) started: Instant,
}

/// A socket that clients send to.
pub(super) struct Listener {
    pub(super) socket: UdpSocket,
    /// Whether it waits for its turn to be read.
    queued: bool,
}

pub(super) struct Worker {
    pub(super) poll: Poll,
    bell: Arc<Bell>,
    pub(super) listeners: Vec<Listener>,
    pub(super) relays: Relays,
    /// Sockets that may have something, in the order of their turns, so that
    /// a busy one cannot starve another.
    ready: VecDeque<Source>,
    pub(super) server: Server,
    keys: watch::Receiver<Keys>,
    letters: Letters,
    pub(super) post: Post,
    pub(super) others: Others,
    started: Instant,
    pub(super) streams: Streams,
    /// Our ends of UDP: a core's `Link::Udp` is a place in here. First each
    /// socket without an address, then those that have been met.
    pub(super) ends: Vec<End>,
    /// Empty between turns.
    pub(super) outgoing: Outbound,
    pub(super) counters: Counters,
    pub(super) pace: Pace,
    over: bool,
}

impl Worker {
    pub(super) fn new(config: &Config, parts: Parts) -> Self {
        let Parts { sockets, poll, bell, letters, post, others, server, counters, keys, started } =
            parts;
        let relayed = match &config.mode {
            Mode::Closed => None,
            Mode::Open(sockets) => Some(sockets.clone()),
        };
        let end = |socket| End { socket, ip: None };
        Self {
            poll,
            bell,
            ends: (0..sockets.len()).map(end).collect(),
            listeners: sockets
                .into_iter()
                .map(|socket| Listener { socket, queued: false })
                .collect(),
            relays: Relays::new(relayed, config.engine, most_connected(config)),
            ready: VecDeque::new(),
            outgoing: Outbound::default(),
            server,
            keys,
            letters,
            post,
            others,
            started,
            streams: Streams::new(Patience {
                first_message: config.first_message,
                idle: config.idle,
            }),
            counters,
            pace: Pace::new(config.coalesce, Instant::now()),
            over: false,
        }
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        let mut slots = Slots::new(LONGEST_DATAGRAM);
        let mut desk = Desk::new();
        let mut events = Events::with_capacity(EVENTS);
        while self.wait(&mut events) {
            for event in &events {
                self.note(event);
            }
            self.streams.send();
            for _ in 0..self.ready.len() {
                match self.ready.pop_front() {
                    Some(Source::Stream(place)) => self.read_stream(place, &mut desk),
                    Some(source) => self.read_socket(source, &mut slots),
                    None => break,
                }
            }
            self.read_letters();
            self.take_parcels();
            self.look_at_the_clock();
            self.take_leave();
            self.counters.show(self.server.allocations(), self.server.tally());
            if self.over {
                self.streams.finish();
                self.counters.show(0, self.server.tally());
                return;
            }
        }
    }

    /// Waits until there is something to do, and gives the sockets that have something.
    fn wait(&mut self, events: &mut Events) -> bool {
        if !self.is_busy()
            && let Some(nap) = self.pace.nap(Instant::now())
        {
            std::thread::sleep(nap);
        }
        self.bell.fall_asleep();
        let patience = if self.is_busy() { Some(Duration::ZERO) } else { self.patience() };
        let polled = self.poll.poll(events, patience);
        self.bell.stay_awake();
        match polled {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => {
                tracing::error!(%error, "the relay cannot wait for packets and ends");
                false
            }
        }
    }

    /// Whether there is something to do already.
    fn is_busy(&mut self) -> bool {
        !self.ready.is_empty() || !self.letters.is_empty() || self.post.has_arrived()
    }

    /// How long nothing is due.
    fn patience(&self) -> Option<Duration> {
        // A millisecond more: the core must find its moment passed.
        let core = self.server.poll_timeout();
        let core = core.map(|at| self.started + Duration::from_millis(at.0 + 1));
        let at = core.into_iter().chain(self.streams.deadline()).min()?;
        Some(at.saturating_duration_since(Instant::now()))
    }

    fn look_at_the_clock(&mut self) {
        let now = self.now();
        if self.server.poll_timeout().is_some_and(|at| at <= now.at) {
            self.server.handle_timeout(now);
            self.obey();
        }
        if self.streams.deadline().is_some() {
            self.streams.expire(Instant::now());
        }
    }

    /// Frees what clients had whose streams have ended.
    fn take_leave(&mut self) {
        while let Some(client) = self.streams.next_ended(self.poll.registry()) {
            self.server.handle_disconnect(client);
            self.obey();
        }
    }

    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Now { at: Millis(self.started.elapsed().as_millis() as u64), unix }
    }

    /// Notes what the system says of a socket.
    fn note(&mut self, event: &Event) {
        let Some(source) = Source::of(event.token()) else { return };
        let readable = match source {
            Source::Stream(place) => self.streams.note(place, event),
            _ => true,
        };
        if readable {
            self.enqueue(source);
        }
    }

    /// Has a socket be read when it is its turn.
    fn enqueue(&mut self, source: Source) {
        if let Some(queued) = self.queued_mut(source).filter(|queued| !**queued) {
            *queued = true;
            self.ready.push_back(source);
        }
    }

    /// The mark of sockets that wait for their turn.
    fn queued_mut(&mut self, source: Source) -> Option<&mut bool> {
        match source {
            Source::Listener(place) => Some(&mut self.listeners[place].queued),
            Source::Stream(place) => self.streams.queued_mut(place),
            source => self.relays.at_mut(source).map(|relay| &mut relay.queued),
        }
    }

    /// Its turn is over; if there may be more, there will be another.
    fn requeue(&mut self, source: Source, more: bool) {
        if let Some(queued) = self.queued_mut(source) {
            *queued = more;
        }
        if more {
            self.ready.push_back(source);
        }
    }

    /// Reads a batch from a UDP socket.
    fn read_socket(&mut self, source: Source, slots: &mut Slots) {
        let received = match source {
            Source::Listener(place) => self.listeners[place].socket.receive(slots),
            source => match self.relays.at(source) {
                Some(relay) => relay.socket.receive(slots),
                None => return,
            },
        };
        // Errors of a datagram that was sent before tell of that one only.
        let more = received.unwrap_or_else(|error| error.kind() != io::ErrorKind::WouldBlock);
        self.requeue(source, more);
        self.pace.count(slots.len());
        // What a packet here relies on was told before it was sent.
        self.read_letters();
        match source {
            Source::Listener(place) => self.handle_batch(place, slots),
            source => self.handle_peers(source, slots),
        }
        self.obey();
    }

    /// Datagrams of clients.
    fn handle_batch(&mut self, socket: usize, slots: &mut Slots) {
        let now = self.now();
        self.take_keys();
        for place in 0..slots.len() {
            let datagram = slots.datagram(place);
            let Some(bytes) = datagram.bytes else {
                self.counters.lost(Loss::TooLong, 1);
                continue;
            };
            let link = self.link(End { socket, ip: datagram.to });
            let client = Client { link, address: datagram.from };
            let verdict = self.server.handle_datagram(now, client, bytes);
            self.carry_out(verdict, Some(Way::Udp), slots.buffer(), datagram.start);
        }
        self.send_packets(slots.buffer());
    }

    /// Datagrams of peers.
    fn handle_peers(&mut self, source: Source, slots: &mut Slots) {
        let Some(id) = self.relays.at(source).map(|relay| relay.id) else { return };
        let now = self.now();
        for place in 0..slots.len() {
            let datagram = slots.datagram(place);
            let Some(length) = datagram.bytes.map(<[u8]>::len) else {
                self.counters.lost(Loss::TooLong, 1);
                continue;
            };
            let verdict = self.server.handle_peer_datagram(now, id, datagram.from, length);
            self.carry_out(verdict, Some(Way::Peer), slots.buffer(), datagram.start);
        }
        self.send_packets(slots.buffer());
    }

    /// Looked at before every batch, so that no client is faster with credentials
    /// of a new key than the key itself.
    fn take_keys(&mut self) {
        if self.keys.has_changed().unwrap_or(false) {
            self.server.handle_keys(self.keys.borrow_and_update().clone());
        }
    }

    /// The core's name for an end. There are few: as many as addresses.
    fn link(&mut self, end: End) -> Link {
        let place = match self.ends.iter().position(|held| *held == end) {
            Some(place) => place,
            // Whole networks may be local; then the system chooses.
            None if self.ends.len() >= MOST_ENDS => end.socket,
            None => {
                self.ends.push(end);
                self.ends.len() - 1
            }
        };
        Link::Udp(place as u16)
    }

    /// Reads what others say.
    fn read_letters(&mut self) {
        while let Some(mail) = self.letters.next() {
            match mail {
                Mail::Stream(stream, address) => self.welcome(*stream, address),
                Mail::Revoked(revocation) => self.server.handle_revocation(self.now(), revocation),
                Mail::Own(addresses) => self.server.handle_own_addresses(&addresses),
                Mail::News(news) => self.server.handle_news(news),
                Mail::Stop => self.over = true,
            }
            self.obey();
        }
    }

    fn welcome(&mut self, stream: Stream, address: SocketAddr) {
        match self.streams.open(stream, address, self.poll.registry(), Instant::now()) {
            // Its first messages may have come with it.
            Ok(place) => self.enqueue(Source::Stream(place)),
            Err(error) => tracing::debug!(%error, "a stream ended before its first message"),
        }
    }

    /// Takes what other workers have for clients here.
    fn take_parcels(&mut self) {
        for _ in 0..TURN {
            let Some(parcel) = self.post.take() else { return };
            let now = self.now();
            self.pace.count(parcel.packets().len());
            for (passed, range) in parcel.packets() {
                let verdict = self.server.handle_passed(now, passed, range.len());
                // Who passed it on has counted it.
                self.carry_out(verdict, None, parcel.bytes(), range.start);
            }
            self.send_packets(parcel.bytes());
            self.post.give_back(parcel);
        }
    }

    /// Reads a stream once, and handles its whole messages.
    fn read_stream(&mut self, place: usize, desk: &mut Desk) {
        let Some(more) = self.streams.read(place, desk) else { return };
        let Some((client, way)) = self.streams.speaker(place) else { return };
        self.requeue(Source::Stream(place), more);
        self.read_letters();
        self.take_keys();
        let (now, mut start, mut whole) = (self.now(), 0, 0);
        let broken = loop {
            match next_frame(&desk.bytes[start..], LONGEST_MESSAGE) {
                Frame::Whole { message, padded } => {
                    let message = &desk.bytes[start..start + message];
                    let verdict = self.server.handle_datagram(now, client, message);
                    self.carry_out(verdict, Some(way), &desk.bytes, start);
                    (start, whole) = (start + padded, whole + 1);
                }
                Frame::Partial => break false,
                Frame::Broken => break true,
            }
        };
        self.pace.count(whole);
        self.send_packets(&desk.bytes);
        self.streams.heard(place, whole, &desk.bytes[start..], Instant::now());
        if broken {
            self.streams.refuse(place);
        }
        self.obey();
    }
}

/// How many sockets a worker connects: a quarter of all descriptors may go
/// that way.
fn most_connected(config: &Config) -> usize {
    if !config.connect {
        return 0;
    }
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| limit as usize) / 4 / config.workers.max(1)
}

/// Ends that are told apart.
const MOST_ENDS: usize = 256;

/// Parcels that are taken before it is the sockets' turn.
const TURN: usize = 64;

/// Sockets that one call to the system names.
const EVENTS: usize = 256;

/// Media comes in packets that fit Ethernet; longer ones are an attack or a mistake.
const LONGEST_DATAGRAM: usize = 1500;
