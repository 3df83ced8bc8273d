//! The worker: a thread with a server core and its sockets.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Poll, Token};
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
use super::stream::LONGEST as LONGEST_MESSAGE;
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
    pace: Pace,
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
            streams: Streams::default(),
            counters,
            pace: Pace::new(config.coalesce, Instant::now()),
            over: false,
        }
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        let mut slots = Slots::new(LONGEST_DATAGRAM);
        let mut events = Events::with_capacity(EVENTS);
        while self.wait(&mut events) {
            for event in &events {
                self.enqueue(event.token());
            }
            for _ in 0..self.ready.len() {
                self.read_next(&mut slots);
            }
            for _ in 0..TURN {
                let Some(mail) = self.letters.media() else { break };
                self.read_letter(mail);
            }
            self.read_orders();
            self.take_parcels();
            self.look_at_the_clock();
            self.counters.show(self.server.allocations(), self.server.tally());
            if self.over {
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
        let at = self.server.poll_timeout()?;
        // A millisecond more: the core must find its moment passed.
        let at = self.started + Duration::from_millis(at.0 + 1);
        Some(at.saturating_duration_since(Instant::now()))
    }

    fn look_at_the_clock(&mut self) {
        let now = self.now();
        if self.server.poll_timeout().is_some_and(|at| at <= now.at) {
            self.server.handle_timeout(now);
            self.obey();
        }
    }

    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Now { at: Millis(self.started.elapsed().as_millis() as u64), unix }
    }

    fn enqueue(&mut self, token: Token) {
        let Some(source) = Source::of(token) else { return };
        let queued = match source {
            Source::Listener(place) => Some(&mut self.listeners[place].queued),
            source => self.relays.at_mut(source).map(|relay| &mut relay.queued),
        };
        if let Some(queued) = queued.filter(|queued| !**queued) {
            *queued = true;
            self.ready.push_back(source);
        }
    }

    /// Reads a batch from the socket whose turn it is.
    fn read_next(&mut self, slots: &mut Slots) {
        let Some(source) = self.ready.pop_front() else { return };
        let received = match source {
            Source::Listener(place) => self.listeners[place].socket.receive(slots),
            source => match self.relays.at(source) {
                Some(relay) => relay.socket.receive(slots),
                None => return,
            },
        };
        // Errors of a datagram that was sent before tell of that one only.
        let more = received.unwrap_or_else(|error| error.kind() != io::ErrorKind::WouldBlock);
        match source {
            Source::Listener(place) => self.listeners[place].queued = more,
            source => {
                if let Some(relay) = self.relays.at_mut(source) {
                    relay.queued = more;
                }
            }
        }
        if more {
            self.ready.push_back(source);
        }
        self.pace.count(slots.len());
        // What a packet here relies on was told before it was sent.
        self.read_orders();
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

    /// Reads what the hub and other workers say.
    fn read_orders(&mut self) {
        while let Some(mail) = self.letters.order() {
            self.read_letter(mail);
        }
    }

    fn read_letter(&mut self, mail: Mail) {
        match mail {
            Mail::Opened { client, carrier, outbox } => {
                self.streams.open(client, carrier.into(), outbox);
            }
            Mail::Closed { client } => {
                self.streams.close(client);
                self.server.handle_disconnect(client);
            }
            Mail::Messages { client, bytes } => {
                // A stream that was told to end may still have been sending.
                if let Some(way) = self.streams.way(client) {
                    self.read_orders();
                    self.handle_messages(client, way, &bytes);
                }
            }
            Mail::Revoked(revocation) => self.server.handle_revocation(self.now(), revocation),
            Mail::News(news) => self.server.handle_news(news),
            Mail::Stop => self.over = true,
        }
        self.obey();
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

    /// Messages of a stream, one behind the other.
    fn handle_messages(&mut self, client: Client, way: Way, bytes: &[u8]) {
        let now = self.now();
        self.take_keys();
        let mut start = 0;
        while let Frame::Whole { message, padded } = next_frame(&bytes[start..], LONGEST_MESSAGE) {
            let message = &bytes[start..start + message];
            let verdict = self.server.handle_datagram(now, client, message);
            self.carry_out(verdict, Some(way), bytes, start);
            start += padded;
        }
        self.send_packets(bytes);
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

/// Letters and parcels that are read before it is the sockets' turn.
const TURN: usize = 64;

/// Sockets that one call to the system names.
const EVENTS: usize = 256;

/// Media comes in packets that fit Ethernet; longer ones are an attack or a mistake.
const LONGEST_DATAGRAM: usize = 1500;
