//! The worker: a thread with a server core and its sockets.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, TcpListener, UdpSocket as StdUdpSocket};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Sleep, sleep};

use super::counters::Counters;
use super::handle::{Handle, Mail};
use super::stream::LONGEST as LONGEST_MESSAGE;
use super::{Error, REALM, listener};
use crate::net::udp::{BATCH, Outgoing, Slots, UdpSocket};
use crate::pure::auth::relay::{Keys, Revocation};
use crate::pure::stun::{Frame, next_frame};
use crate::pure::turn::{Client, HEAD_ROOM, Limits, Link, Now, Output, Server, TAIL_ROOM, Verdict};
use crate::pure::wire::Millis;

/// What a worker starts with.
pub(super) struct Setup {
    pub(super) sockets: Vec<StdUdpSocket>,
    pub(super) listeners: Vec<TcpListener>,
    pub(super) limits: Limits,
    pub(super) keys: watch::Receiver<Keys>,
    pub(super) revocations: mpsc::UnboundedReceiver<Revocation>,
    pub(super) mailbox: mpsc::Receiver<Mail>,
    pub(super) handle: Handle,
    pub(super) stopped: watch::Receiver<()>,
    pub(super) end: oneshot::Sender<()>,
}

/// Starts the thread; it is told to end by the other side of `stopped`.
pub(super) fn spawn(setup: Setup) -> Result<(), Error> {
    let mut secret = [0; 64];
    SystemRandom::new().fill(&mut secret).map_err(|_| Error::Random)?;
    let mut watched = setup.keys;
    let keys = watched.borrow_and_update().clone();
    let server = Server::new(setup.limits, REALM.to_owned(), keys, &secret);
    let failed = |source| Error::Worker { source };
    // A runtime of its own: media must not wait behind a busy hub.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().map_err(failed)?;
    let guard = runtime.enter();
    let end = |socket| End { socket, ip: None };
    let ends = (0..setup.sockets.len()).map(end).collect();
    let sockets: io::Result<Vec<_>> = setup.sockets.into_iter().map(UdpSocket::new).collect();
    let listeners: io::Result<Vec<_>> =
        setup.listeners.into_iter().map(tokio::net::TcpListener::from_std).collect();
    let (sockets, listeners) = (sockets.map_err(failed)?, listeners.map_err(failed)?);
    drop(guard);
    let worker = Worker {
        outgoing: vec![Vec::with_capacity(BATCH); sockets.len()],
        sockets,
        ends,
        next_socket: 0,
        server,
        keys: watched,
        started: Instant::now(),
        streams: HashMap::new(),
        counters: Counters::new(),
    };
    let (revocations, mailbox, stopped) = (setup.revocations, setup.mailbox, setup.stopped);
    let run = move || {
        runtime.block_on(async move {
            for listener in listeners {
                tokio::spawn(listener::accept(listener, setup.handle.clone()));
            }
            worker.run(revocations, mailbox, stopped).await;
        });
        drop(runtime);
        drop(setup.end);
    };
    std::thread::Builder::new().name("relay".to_owned()).spawn(run).map_err(failed)?;
    Ok(())
}

/// A socket, and for one that has all addresses, one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    socket: usize,
    ip: Option<IpAddr>,
}

struct Worker {
    sockets: Vec<UdpSocket>,
    /// Which socket is asked first, so that a busy one cannot starve another.
    next_socket: usize,
    server: Server,
    keys: watch::Receiver<Keys>,
    started: Instant,
    streams: HashMap<Client, mpsc::Sender<Bytes>>,
    /// Our ends of UDP: a core's `Link::Udp` is a place in here. First each
    /// socket without an address, then those that have been met.
    ends: Vec<End>,
    /// Packets to send, for each socket; empty between turns.
    outgoing: Vec<Vec<Outgoing>>,
    counters: Counters,
}

impl Worker {
    async fn run(
        mut self,
        mut revocations: mpsc::UnboundedReceiver<Revocation>,
        mut mailbox: mpsc::Receiver<Mail>,
        mut stopped: watch::Receiver<()>,
    ) {
        let mut slots = Slots::new(LONGEST_DATAGRAM, HEAD_ROOM, TAIL_ROOM);
        let mut scratch = Slots::new(LONGEST_MESSAGE, HEAD_ROOM, TAIL_ROOM);
        let mut alarm = std::pin::pin!(sleep(Duration::ZERO));
        let mut alarm_at = None;
        loop {
            self.set_alarm(alarm.as_mut(), &mut alarm_at);
            tokio::select! {
                received = std::future::poll_fn(|cx| self.poll_sockets(cx, &mut slots)) => {
                    match received {
                        Ok(socket) => self.handle_batch(socket, &mut slots),
                        Err(error) => {
                            let error = &error as &dyn std::error::Error;
                            tracing::debug!(error, "receiving failed");
                        }
                    }
                }
                Some(mail) = mailbox.recv() => self.handle_mail(mail, &mut scratch),
                Some(revocation) = revocations.recv() => {
                    self.server.handle_revocation(self.now(), revocation);
                }
                () = alarm.as_mut(), if alarm_at.is_some() => {
                    alarm_at = None;
                    self.server.handle_timeout(self.now());
                }
                // Nobody sends: it is over when the other side is dropped.
                _ = stopped.changed() => break,
            }
            self.obey();
            self.counters.flush(self.server.allocations());
        }
        self.counters.flush(0);
    }

    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Now { at: Millis(self.started.elapsed().as_millis() as u64), unix }
    }

    fn set_alarm(&self, alarm: std::pin::Pin<&mut Sleep>, alarm_at: &mut Option<Millis>) {
        let wanted = self.server.poll_timeout();
        if wanted != *alarm_at
            && let Some(at) = wanted
        {
            // A millisecond more: the core must find its moment passed.
            let at = self.started + Duration::from_millis(at.0 + 1);
            alarm.reset(at.into());
        }
        *alarm_at = wanted;
    }

    /// Receives a batch on any socket and says on which.
    fn poll_sockets(&mut self, cx: &mut Context<'_>, slots: &mut Slots) -> Poll<io::Result<usize>> {
        let count = self.sockets.len();
        for turn in 0..count {
            let socket = (self.next_socket + turn) % count;
            if let Poll::Ready(result) = self.sockets[socket].poll_receive(cx, slots) {
                self.next_socket = (socket + 1) % count;
                return Poll::Ready(result.map(|()| socket));
            }
        }
        Poll::Pending
    }

    fn handle_batch(&mut self, socket: usize, slots: &mut Slots) {
        let now = self.now();
        self.take_keys();
        for slot in 0..slots.len() {
            let datagram = slots.datagram(slot);
            let Some(bytes) = datagram.bytes else {
                self.counters.too_long();
                continue;
            };
            let link = self.link(End { socket, ip: datagram.to });
            let client = Client { link, address: datagram.from };
            let verdict = self.server.handle_datagram(now, client, bytes);
            self.carry_out(verdict, slots, slot);
        }
        self.send_packets(slots);
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

    fn handle_mail(&mut self, mail: Mail, scratch: &mut Slots) {
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
                self.handle_messages(client, &bytes, scratch);
            }
            Mail::Messages { .. } => {}
        }
    }

    fn handle_messages(&mut self, client: Client, mut bytes: &[u8], scratch: &mut Slots) {
        let now = self.now();
        self.take_keys();
        let mut slot = 0;
        while let Frame::Whole { message, padded } = next_frame(bytes, LONGEST_MESSAGE) {
            scratch.put(slot, &bytes[..message]);
            let verdict = self.server.handle_datagram(now, client, &bytes[..message]);
            self.carry_out(verdict, scratch, slot);
            bytes = &bytes[padded..];
            slot += 1;
            if slot == BATCH {
                self.send_packets(scratch);
                slot = 0;
            }
        }
        self.send_packets(scratch);
    }

    /// Does what the core said about the datagram in a slot.
    fn carry_out(&mut self, verdict: Verdict, slots: &mut Slots, slot: usize) {
        match verdict {
            Verdict::Relay(route) => {
                self.counters.relayed(route.data.len());
                let range = route.wrap(slots.slot_mut(slot), HEAD_ROOM);
                let to = route.to.address;
                match route.to.link {
                    Link::Udp(place) => {
                        let End { socket, ip: from } = self.ends[usize::from(place)];
                        self.outgoing[socket].push(Outgoing { to, from, slot, range });
                    }
                    Link::Stream(_) => {
                        let outgoing = Outgoing { to, from: None, slot, range };
                        let bytes = Bytes::copy_from_slice(slots.part(&outgoing));
                        self.send_to_stream(route.to, bytes);
                    }
                }
            }
            Verdict::Handled => {}
            Verdict::Drop(reason) => self.counters.dropped(reason),
        }
    }

    /// Sends the packets that lie in the slots.
    fn send_packets(&mut self, slots: &Slots) {
        for (socket, batch) in self.sockets.iter().zip(&mut self.outgoing) {
            if !batch.is_empty() {
                self.counters.unsent(batch.len() - socket.send_batch(slots, batch));
                batch.clear();
            }
        }
    }

    /// Does what the core has queued.
    fn obey(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { to, message } => match to.link {
                    Link::Udp(place) => {
                        let End { socket, ip } = self.ends[usize::from(place)];
                        let sent = self.sockets[socket].send_to(&message, to.address, ip);
                        self.counters.unsent(usize::from(!sent));
                    }
                    Link::Stream(_) => self.send_to_stream(to, message.into()),
                },
                // Without its outbox the stream's task ends.
                Output::Close(client) => {
                    self.streams.remove(&client);
                }
            }
        }
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

/// Media comes in packets that fit Ethernet; longer ones are an attack or a mistake.
const LONGEST_DATAGRAM: usize = 1500;
