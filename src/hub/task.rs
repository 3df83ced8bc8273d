//! The task itself: one turn takes in all that is there, carries out what the
//! core decides, then wakes each outbox once.

use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};
use slab::Slab;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::alarm::Alarm;
use super::ended::Ended;
use super::handle::{Connection, Hub, Input, Refused};
use super::operations::{Operations, Reads};
use super::outbox::{Bounds, OutboxWriter, Pushed, outbox};
use crate::pure::auth::relay::{Grant, Keys, Revocation, TTL};
use crate::pure::rooms::{ConnectionId, Identity, Opening, Operation, Output, Recipients, Rooms};
use crate::pure::wire::{
    AccountId, Blob, CallId, CallState, CloseCode, Entry, EntryContent, Event, Millis, Relayed,
    Reply, SessionId, Waiting, limits,
};
use crate::store::{Controlled, Directory, Knocked, Store};

/// What the hub needs to give out and take back relay credentials.
#[derive(Debug)]
pub struct Relay {
    /// The newest signs.
    pub keys: watch::Receiver<Keys>,
    /// As clients get them, with `{host}` for the page's host name.
    pub urls: Vec<String>,
    pub revocations: mpsc::UnboundedSender<Revocation>,
    pub meter: Meter,
}

/// Tells what was relayed for a call.
#[derive(Clone, Default)]
pub struct Meter(Option<Arc<dyn Fn(CallId) -> Option<Relayed> + Send + Sync>>);

impl Meter {
    /// One that asks this.
    pub fn new(read: impl Fn(CallId) -> Option<Relayed> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(read)))
    }

    fn read(&self, call: CallId) -> Option<Relayed> {
        self.0.as_ref().and_then(|read| read(call))
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

/// The hub's bounds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Commands in the mailbox.
    pub commands: usize,
    pub connections_per_account: usize,
    /// Of one outbox: frames, bytes, and bytes from which on lossy frames are dropped.
    pub outbox_messages: usize,
    pub outbox_bytes: usize,
    pub lossy_bytes: usize,
    /// How long a call rings until it is missed.
    pub ring: Duration,
    /// The time between two hand-overs of messages to the store, while many come.
    pub pace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commands: 4_096,
            connections_per_account: 16,
            outbox_messages: 256,
            outbox_bytes: 1024 * 1024,
            lossy_bytes: 64 * 1024,
            ring: Duration::from_millis(limits::RING_MS),
            pace: PACE,
        }
    }
}

/// As long as a screen shows a picture or two: nobody sees it.
const PACE: Duration = Duration::from_millis(20);

/// Starts the hub on the current runtime.
pub fn start(store: Store, directory: Directory, relay: Relay, limits: Limits) -> Hub {
    let (hub, inputs, room) = Hub::new(limits.commands);
    let opening = Opening {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        epoch: directory.epoch,
        accounts: directory.accounts,
        conversations: directory.conversations,
        since: directory.since,
        former: directory.former,
        ways: directory.ways,
        knocks: directory.knocks,
        calls: directory.calls,
        ring: Millis(u64::try_from(limits.ring.as_millis()).unwrap_or(u64::MAX)),
    };
    let task = Task {
        rooms: Rooms::new(now(), opening),
        hub: hub.clone(),
        inputs,
        room,
        peers: Slab::new(),
        opened: 0,
        per_account: HashMap::new(),
        ended: Ended::default(),
        operations: Operations::new(store.clone(), limits.pace),
        reads: Reads::new(store),
        relay,
        bounds: Bounds {
            messages: limits.outbox_messages,
            bytes: limits.outbox_bytes,
            lossy_bytes: limits.lossy_bytes,
        },
        limits,
        dirty: Vec::new(),
        alarm: Alarm::default(),
        stopping: None,
    };
    tokio::spawn(task.run());
    hub
}

struct Task {
    rooms: Rooms,
    hub: Hub,
    inputs: mpsc::UnboundedReceiver<Input>,
    room: Arc<Semaphore>,
    peers: Slab<Peer>,
    /// Connections so far; makes a slab's key a name never given before.
    opened: u32,
    per_account: HashMap<AccountId, usize>,
    ended: Ended,
    operations: Operations,
    reads: Reads,
    relay: Relay,
    bounds: Bounds,
    limits: Limits,
    /// Outboxes to wake at the end of the turn.
    dirty: Vec<usize>,
    alarm: Alarm,
    /// Who waits for the end.
    stopping: Option<Vec<oneshot::Sender<()>>>,
}

/// A connection as the hub holds it.
struct Peer {
    id: ConnectionId,
    account: AccountId,
    outbox: OutboxWriter,
    dirty: bool,
}

/// Inputs taken in one turn at most, so that a flood cannot put off the flush.
const TURN: usize = 256;

impl Task {
    async fn run(mut self) {
        let mut inputs = Vec::new();
        loop {
            poll_fn(|context| self.poll_turn(context, &mut inputs)).await;
            self.flush();
            if self.stopping.is_some() && self.operations.is_empty() {
                break;
            }
        }
        for (_, peer) in &self.peers {
            peer.outbox.close(CloseCode::stopping(self.peers.len(), chance()), false);
            peer.outbox.wake();
        }
        self.inputs.close();
        // Who waits to hand a command in has waited long enough.
        self.room.close();
        for waiting in self.stopping.into_iter().flatten() {
            let _ = waiting.send(());
        }
    }

    /// Takes in what is there; ready when there was something.
    fn poll_turn(&mut self, context: &mut Context<'_>, inputs: &mut Vec<Input>) -> Poll<()> {
        let mut busy = false;
        while let Poll::Ready(stored) = self.operations.poll_next(context) {
            self.rooms.handle_stored(now(), stored);
            self.carry_out();
            busy = true;
        }
        while let Poll::Ready(page) = self.reads.poll_next(context) {
            let (purpose, entries) = page;
            match purpose {
                super::operations::Purpose::Resume(connection, conversation) => {
                    self.rooms.handle_page(connection, conversation, entries);
                }
                super::operations::Purpose::Heal(conversation) => {
                    self.rooms.handle_healed(now(), conversation, entries);
                }
            }
            self.carry_out();
            busy = true;
        }
        if let Poll::Ready(count) = self.inputs.poll_recv_many(context, inputs, TURN) {
            debug_assert!(count > 0, "the task itself holds a handle");
            for input in inputs.drain(..) {
                self.take(input);
                self.carry_out();
            }
            busy = true;
        }
        if self.alarm.poll(context, self.rooms.poll_timeout()) {
            self.rooms.handle_timeout(now());
            self.carry_out();
            busy = true;
        }
        if busy { Poll::Ready(()) } else { Poll::Pending }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Connect { who, answer } => {
                // Given up: the dropped connection comes back as disconnected.
                let _ = answer.send(self.connect(who));
            }
            Input::Command { connection, frame, envelope } => {
                self.room.add_permits(1);
                if self.stopping.is_none() {
                    let envelope = envelope.map(|envelope| *envelope);
                    self.rooms.handle_command(now(), connection, frame, envelope);
                }
            }
            Input::Writable(connection) => self.rooms.handle_writable(connection),
            Input::Disconnected(connection) => self.disconnect(connection),
            Input::Controlled(controlled) => {
                let Controlled { conversation, placed, envelope, ended, .. } = *controlled;
                self.ended.add(&ended);
                self.rooms.handle_guests_ended(now(), &ended, CloseCode::LinkEnded);
                let envelope = Blob(envelope.bytes().clone());
                let content = EntryContent::Envelope { envelope };
                let entry = Entry { seq: placed.seq, time: placed.time, content };
                self.rooms.handle_control(now(), conversation, entry);
            }
            Input::Knocked(knocked) => {
                let Knocked { conversation, knock } = *knocked;
                self.rooms.handle_knock(conversation, knock);
            }
            Input::KnockGone { account, waiting, refused } => {
                self.rooms.handle_knock_gone(account, waiting, refused);
            }
            Input::LinkExpired(Waiting { conversation, link }) => {
                self.rooms.handle_link_expired(conversation, link);
            }
            Input::GuestsEnded { sessions, code } => {
                self.ended.add(&sessions);
                self.rooms.handle_guests_ended(now(), &sessions, code);
            }
            Input::Granted { conversation, accounts } => {
                self.rooms.handle_granted(conversation, &accounts);
            }
            Input::RotationRequired(conversations) => {
                self.rooms.handle_rotation_required(&conversations);
            }
            Input::AccountChanged(account) => {
                self.rooms.handle_account_changed(now(), *account);
            }
            Input::SessionsEnded(sessions) => {
                self.ended.add(&sessions);
                self.rooms.handle_sessions_ended(now(), &sessions);
            }
            Input::Count(answer) => {
                // Whoever asked may have lost patience.
                let _ = answer.send(self.rooms.summary());
            }
            Input::Calls(answer) => {
                // Whoever asked may have lost patience.
                let _ = answer.send(self.rooms.calls());
            }
            Input::Ring(ring) => self.rooms.set_ring(ring),
            Input::Stop(answer) => {
                self.rooms.handle_stop();
                self.stopping.get_or_insert_default().push(answer);
            }
        }
    }

    fn connect(&mut self, who: Identity) -> Result<Connection, Refused> {
        if self.stopping.is_some() {
            return Err(Refused::Stopping);
        }
        if self.ended.contains(who.session) {
            return Err(Refused::SessionEnded);
        }
        let open = self.per_account.entry(who.account).or_default();
        if *open >= self.limits.connections_per_account {
            return Err(Refused::TooMany);
        }
        *open += 1;
        let entry = self.peers.vacant_entry();
        self.opened = self.opened.wrapping_add(1);
        let key = u32::try_from(entry.key()).expect("fewer than 2^32 connections");
        let id = ConnectionId(u64::from(self.opened) << 32 | u64::from(key));
        let (writer, outbox) = outbox(self.hub.drained(id));
        entry.insert(Peer { id, account: who.account, outbox: writer, dirty: false });
        self.rooms.handle_connect(id, who);
        Ok(Connection { id, outbox })
    }

    fn disconnect(&mut self, connection: ConnectionId) {
        let Some(key) = self.key(connection) else { return };
        let peer = self.peers.remove(key);
        if let Some(open) = self.per_account.get_mut(&peer.account) {
            *open -= 1;
            if *open == 0 {
                self.per_account.remove(&peer.account);
            }
        }
        self.rooms.handle_disconnect(now(), connection);
    }

    /// Does everything that the core has decided.
    fn carry_out(&mut self) {
        while let Some(output) = self.rooms.poll_output() {
            match output {
                Output::Deliver { to, event, lossy } => self.deliver(&to, &event, lossy),
                Output::Store(operation) => {
                    let operation = self.with_usage(operation);
                    self.operations.start(operation, now());
                }
                Output::ReadPage { connection, conversation, after } => {
                    self.reads.page(connection, conversation, after);
                }
                Output::Heal { conversation, after } => self.reads.heal(conversation, after),
                Output::Watch(connection) => self.watch(connection),
                Output::IssueRelay { connection, reply, call, session } => {
                    self.issue(connection, reply, call, session);
                }
                Output::RevokeCall(call) => self.revoke(Revocation::Call(call)),
                Output::RevokeSession(session) => self.revoke(Revocation::Session(session)),
                Output::Close { connection, code } => self.close(connection, code),
            }
        }
    }

    /// Encodes an event once and queues it for each of them.
    fn deliver(&mut self, to: &Recipients, event: &Event, lossy: bool) {
        let text = serde_json::to_string(event).expect("events have a form in JSON");
        let frame = Utf8Bytes::from(text);
        for connection in to.as_slice() {
            let Some(key) = self.key(*connection) else { continue };
            let peer = &mut self.peers[key];
            let pushed = peer.outbox.push(frame.clone(), lossy, &self.bounds);
            if pushed != Pushed::Dropped && !std::mem::replace(&mut peer.dirty, true) {
                self.dirty.push(key);
            }
        }
    }

    fn issue(&mut self, connection: ConnectionId, id: u32, call: CallId, session: SessionId) {
        let expires = now().plus(TTL).0 / 1_000;
        let (username, credential) =
            self.relay.keys.borrow().issue(Grant { expires, call, session });
        let urls = self.relay.urls.clone();
        let reply = Reply::Relay { urls, username, credential, ttl: TTL };
        self.deliver(&Recipients::One(connection), &Event::Reply { id, reply }, false);
    }

    /// The entry of a call says how much of it was relayed.
    fn with_usage(&self, mut operation: Operation) -> Operation {
        if let Operation::AppendCall(call) = &mut operation
            && let CallState::Ended { end, .. } = &mut call.state
        {
            end.relayed = self.relay.meter.read(call.id);
        }
        operation
    }

    /// Without a relay there is nobody to tell.
    fn revoke(&self, revocation: Revocation) {
        let _ = self.relay.revocations.send(revocation);
    }

    fn watch(&mut self, connection: ConnectionId) {
        let Some(key) = self.key(connection) else { return };
        if self.peers[key].outbox.watch() {
            // Told through the mailbox, so that other work has its turn.
            self.hub.writable(connection);
        }
    }

    fn close(&mut self, connection: ConnectionId, code: CloseCode) {
        let Some(key) = self.key(connection) else { return };
        let peer = &mut self.peers[key];
        // What is queued is no longer for whoever has no session.
        peer.outbox.close(code, code.number() == CloseCode::SessionEnded.number());
        if !std::mem::replace(&mut peer.dirty, true) {
            self.dirty.push(key);
        }
    }

    /// Wakes the outboxes that got something in this turn.
    fn flush(&mut self) {
        for key in self.dirty.drain(..) {
            // It may have been disconnected in this turn, and its place taken.
            if let Some(peer) = self.peers.get_mut(key) {
                peer.dirty = false;
                peer.outbox.wake();
            }
        }
    }

    fn key(&self, connection: ConnectionId) -> Option<usize> {
        let key = usize::try_from(connection.0 & u64::from(u32::MAX)).ok()?;
        self.peers.get(key).filter(|peer| peer.id == connection).map(|_| key)
    }
}

/// So that clients do not all come back at once; it is no secret.
fn chance() -> u32 {
    let mut bytes = [0; 4];
    // Without randomness they come back together, which is no more than slow.
    let _ = SystemRandom::new().fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// The time that the core is told.
pub(super) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
