//! The worker: a thread with a server core and its sockets.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use mio::{Events, Interest, Poll, Token, Waker};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::{mpsc, oneshot, watch};

use super::Error;
use super::config::{Config, Mode};
use super::control;
use super::counters::Counters;
use super::handle::{Letters, Mail, Mailbox};
use super::outbound::{BELL, End, Outbound, Source};
use super::pace::Pace;
use super::relays::Relays;
use super::stream::LONGEST as LONGEST_MESSAGE;
use crate::net::udp::{Head, Outgoing, Slots, UdpSocket};
use crate::pure::auth::relay::Keys;
use crate::pure::stun::{Frame, next_frame};
use crate::pure::turn::{AllocationId, Client, Family, Link, Now, Output, Server, Verdict};
use crate::pure::wire::Millis;

/// Starts the thread; it ends when it is told to stop.
pub(super) fn spawn(
    config: &Config,
    mut sockets: Vec<UdpSocket>,
    listening: &[SocketAddr],
    mut keys: watch::Receiver<Keys>,
) -> Result<control::Worker, Error> {
    let mut secret = [0; 64];
    SystemRandom::new().fill(&mut secret).map_err(|_| Error::Random)?;
    let setup = config.setup(listening, keys.borrow_and_update().clone());
    let failed = |source| Error::Worker { source };
    let poll = Poll::new().map_err(failed)?;
    for (place, socket) in sockets.iter_mut().enumerate() {
        let token = Source::Listener(place).token();
        poll.registry().register(socket, token, Interest::READABLE).map_err(failed)?;
    }
    let bell = Waker::new(poll.registry(), BELL).map_err(failed)?;
    let (mail, letters) = Mailbox::new(bell);
    let relayed = match &config.mode {
        Mode::Closed => None,
        Mode::Open(sockets) => Some(sockets.clone()),
    };
    let end = |socket| End { socket, ip: None };
    let worker = Worker {
        poll,
        ends: (0..sockets.len()).map(end).collect(),
        listeners: sockets.into_iter().map(|socket| Listener { socket, queued: false }).collect(),
        relays: Relays::new(relayed, config.engine),
        ready: VecDeque::new(),
        outgoing: Outbound::default(),
        server: Server::new(setup, &secret),
        keys,
        letters,
        started: Instant::now(),
        streams: HashMap::new(),
        counters: Counters::new(),
        pace: Pace::new(config.coalesce, Instant::now()),
    };
    let (said, ended) = oneshot::channel();
    let run = move || {
        worker.run();
        drop(said);
    };
    std::thread::Builder::new().name("relay".to_owned()).spawn(run).map_err(failed)?;
    Ok(control::Worker { mail, ended })
}

/// A socket that clients send to.
struct Listener {
    socket: UdpSocket,
    /// Whether it waits for its turn to be read.
    queued: bool,
}

struct Worker {
    poll: Poll,
    listeners: Vec<Listener>,
    relays: Relays,
    /// Sockets that may have something, in the order of their turns, so that
    /// a busy one cannot starve another.
    ready: VecDeque<Source>,
    server: Server,
    keys: watch::Receiver<Keys>,
    letters: Letters,
    started: Instant,
    streams: HashMap<Client, mpsc::Sender<Bytes>>,
    /// Our ends of UDP: a core's `Link::Udp` is a place in here. First each
    /// socket without an address, then those that have been met.
    ends: Vec<End>,
    /// Empty between turns.
    outgoing: Outbound,
    counters: Counters,
    pace: Pace,
}

impl Worker {
    fn run(mut self) {
        let mut slots = Slots::new(LONGEST_DATAGRAM);
        let mut events = Events::with_capacity(EVENTS);
        while self.wait(&mut events) {
            for event in &events {
                self.enqueue(event.token());
            }
            for _ in 0..self.ready.len() {
                self.read_next(&mut slots);
                if !self.read_letters() {
                    return;
                }
            }
            if !self.read_letters() {
                return;
            }
            self.look_at_the_clock();
            self.counters.flush(self.server.allocations());
        }
    }

    /// Waits until there is something to do, and gives the sockets that have something.
    fn wait(&mut self, events: &mut Events) -> bool {
        let busy = !self.ready.is_empty() || !self.letters.is_empty();
        if !busy && let Some(nap) = self.pace.nap(Instant::now()) {
            std::thread::sleep(nap);
        }
        let patience = if busy { Some(Duration::ZERO) } else { self.patience() };
        match self.poll.poll(events, patience) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => {
                tracing::error!(%error, "the relay cannot wait for packets and ends");
                false
            }
        }
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
        let Some(source) = Source::of(token, self.listeners.len()) else { return };
        let queued = match source {
            Source::Listener(place) => Some(&mut self.listeners[place].queued),
            Source::Relay(place) => self.relays.at_mut(place).map(|relay| &mut relay.queued),
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
            Source::Relay(place) => match self.relays.at(place) {
                Some(relay) => relay.socket.receive(slots),
                None => return,
            },
        };
        // Errors of a datagram that was sent before tell of that one only.
        let more = received.unwrap_or_else(|error| error.kind() != io::ErrorKind::WouldBlock);
        match source {
            Source::Listener(place) => self.listeners[place].queued = more,
            Source::Relay(place) => {
                if let Some(relay) = self.relays.at_mut(place) {
                    relay.queued = more;
                }
            }
        }
        if more {
            self.ready.push_back(source);
        }
        self.pace.count(slots.len());
        match source {
            Source::Listener(place) => self.handle_batch(place, slots),
            Source::Relay(place) => self.handle_peers(place, slots),
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
                self.counters.too_long();
                continue;
            };
            let link = self.link(End { socket, ip: datagram.to });
            let client = Client { link, address: datagram.from };
            let verdict = self.server.handle_datagram(now, client, bytes);
            self.carry_out(verdict, slots.buffer(), datagram.start);
        }
        self.send_packets(slots.buffer());
    }

    /// Datagrams of peers.
    fn handle_peers(&mut self, place: usize, slots: &mut Slots) {
        let Some(id) = self.relays.at(place).map(|relay| relay.id) else { return };
        let now = self.now();
        for place in 0..slots.len() {
            let datagram = slots.datagram(place);
            let Some(length) = datagram.bytes.map(<[u8]>::len) else {
                self.counters.too_long();
                continue;
            };
            let verdict = self.server.handle_peer_datagram(now, id, datagram.from, length);
            self.carry_out(verdict, slots.buffer(), datagram.start);
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

    /// Reads what streams and the hub say; false when it is over.
    fn read_letters(&mut self) -> bool {
        while let Some(mail) = self.letters.take() {
            match mail {
                Mail::Opened { client, outbox } => {
                    self.streams.insert(client, outbox);
                }
                Mail::Closed { client } => {
                    self.streams.remove(&client);
                    self.server.handle_disconnect(client);
                }
                // A stream that was told to end may still have been sending.
                Mail::Messages { client, bytes } if self.streams.contains_key(&client) => {
                    self.handle_messages(client, &bytes);
                }
                Mail::Messages { .. } => {}
                Mail::Revoked(revocation) => {
                    self.server.handle_revocation(self.now(), revocation);
                }
                Mail::Stop => {
                    self.counters.flush(0);
                    return false;
                }
            }
            self.obey();
        }
        true
    }

    /// Messages of a stream, one behind the other.
    fn handle_messages(&mut self, client: Client, bytes: &[u8]) {
        let now = self.now();
        self.take_keys();
        let mut start = 0;
        while let Frame::Whole { message, padded } = next_frame(&bytes[start..], LONGEST_MESSAGE) {
            let message = &bytes[start..start + message];
            let verdict = self.server.handle_datagram(now, client, message);
            self.carry_out(verdict, bytes, start);
            start += padded;
        }
        self.send_packets(bytes);
    }

    /// Does what the core said about the datagram that starts there.
    fn carry_out(&mut self, verdict: Verdict, buffer: &[u8], start: usize) {
        match verdict {
            Verdict::Relay(route) => {
                self.counters.relayed(route.data.len());
                let head = Head::of(|bytes| route.head(bytes));
                let range = start + route.data.start..start + route.data.end;
                let (to, padding) = (route.to.address, route.padding());
                let outgoing = Outgoing { to, from: None, head, range, padding };
                match route.to.link {
                    Link::Udp(place) => {
                        let End { socket, ip: from } = self.ends[usize::from(place)];
                        let outgoing = Outgoing { from, ..outgoing };
                        self.outgoing.push(Source::Listener(socket), outgoing);
                    }
                    Link::Stream(_) => {
                        let bytes = Bytes::from(outgoing.parts(buffer).concat());
                        self.send_to_stream(route.to, bytes);
                    }
                }
            }
            Verdict::Emit { allocation, to, data } => {
                self.counters.relayed(data.len());
                let range = start + data.start..start + data.end;
                let outgoing = Outgoing { to, from: None, head: Head::NONE, range, padding: 0 };
                self.outgoing.push(Source::Relay(allocation.index), outgoing);
            }
            Verdict::Handled => {}
            Verdict::Drop(reason) => self.counters.dropped(reason),
        }
    }

    /// Sends the packets that are parts of a buffer.
    fn send_packets(&mut self, buffer: &[u8]) {
        let (listeners, relays) = (&self.listeners, &self.relays);
        let unsent = self.outgoing.send(buffer, |source| match source {
            Source::Listener(place) => Some(&listeners[place].socket),
            Source::Relay(place) => relays.at(place).map(|relay| &relay.socket),
        });
        self.counters.unsent(unsent);
    }

    /// Does what the core has queued.
    fn obey(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { to, message } => match to.link {
                    Link::Udp(place) => {
                        let End { socket, ip } = self.ends[usize::from(place)];
                        let socket = &self.listeners[socket].socket;
                        let sent = socket.send_to(&message, to.address, ip);
                        self.counters.unsent(usize::from(!sent));
                    }
                    Link::Stream(_) => self.send_to_stream(to, message.into()),
                },
                // Without its outbox the stream's task ends.
                Output::Close(client) => {
                    self.streams.remove(&client);
                }
                Output::Open { allocation, family, entropy } => {
                    let port = self.open(allocation, family, entropy);
                    self.server.handle_opened(allocation, port);
                }
                Output::Shut(allocation) => self.relays.shut(allocation, self.poll.registry()),
            }
        }
    }

    /// Opens an allocation's socket and gives its port.
    fn open(&mut self, id: AllocationId, family: Family, entropy: u64) -> Option<u16> {
        let token = Source::Relay(id.index).token();
        let opened = self.relays.open(id, family, entropy, self.poll.registry(), token);
        // One line for each would be a way to fill the disk.
        opened.inspect_err(|error| tracing::debug!(%error, "no socket for an allocation")).ok()
    }

    fn send_to_stream(&mut self, to: Client, bytes: Bytes) {
        let sent = self.streams.get(&to).map(|outbox| outbox.try_send(bytes));
        if let Some(Err(mpsc::error::TrySendError::Full(_))) = sent {
            self.counters.slow_stream();
        }
    }
}

/// Ends that are told apart.
const MOST_ENDS: usize = 256;

/// Sockets that one call to the system names.
const EVENTS: usize = 256;

/// Media comes in packets that fit Ethernet; longer ones are an attack or a mistake.
const LONGEST_DATAGRAM: usize = 1500;
