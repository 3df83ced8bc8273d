//! A little world around the core: people, connections, a store, a clock.

use std::collections::{BTreeMap, VecDeque};

use super::super::*;
use super::shelf::Shelf;
use super::words::{event_in_words, n};
use crate::pure::wire::{
    Blob, Body, CallId, CallMedia, CloseCode, Command, CommandFrame, ConversationKind, Cursor,
    DeviceId, Member, MemberRole, MessageId, Name, PROTOCOL, Role, Seq, SessionId, limits,
};

pub(super) const ANNA: AccountId = AccountId::from_bytes([1; 16]);
pub(super) const BEN: AccountId = AccountId::from_bytes([2; 16]);
pub(super) const CLEO: AccountId = AccountId::from_bytes([3; 16]);
pub(super) const EVERYONE: ConversationId = ConversationId::from_bytes([100; 16]);
/// Anna's and Ben's.
pub(super) const DIRECT: ConversationId = ConversationId::from_bytes([101; 16]);
/// Anna's and Cleo's.
pub(super) const OTHER_DIRECT: ConversationId = ConversationId::from_bytes([102; 16]);
pub(super) const ROOM: ConversationId = ConversationId::from_bytes([103; 16]);
pub(super) const EPOCH: &str = "epoch";

pub(super) const fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 16])
}

pub(super) const fn call(n: u8) -> CallId {
    CallId::from_bytes([n; 16])
}

pub(super) const fn message(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub(super) fn text(text: &str) -> Body {
    Body { format: 0, data: Blob::from(text.as_bytes().to_vec()) }
}

pub(super) fn account(id: AccountId, shown: &str, role: Role) -> Account {
    Account { id, name: name(shown), avatar: None, role, disabled: false }
}

pub(super) struct World {
    pub(super) rooms: Rooms,
    pub(super) now: Millis,
    /// What each connection got, in words.
    got: BTreeMap<ConnectionId, Vec<String>>,
    /// The same as it was, and never forgotten.
    pub(super) events: Vec<(ConnectionId, Event)>,
    /// What came out beside deliveries, in words.
    pub(super) done: Vec<String>,
    pub(super) store: Shelf,
    /// While set, operations wait for `settle`.
    pub(super) hold: bool,
    /// While set, writes fail.
    pub(super) broken: bool,
    waiting: VecDeque<Operation>,
    pages: Vec<(ConnectionId, ConversationId, Seq)>,
    /// Connections whose writing is watched.
    pub(super) watched: Vec<ConnectionId>,
    next_connection: u64,
}

impl World {
    /// Anna owns the server; Ben and Cleo are members.
    pub(super) fn new() -> Self {
        Self::resumed(Vec::new())
    }

    /// The same, with calls that were in progress.
    pub(super) fn resumed(calls: Vec<Call>) -> Self {
        let now = Millis(1_000_000);
        let opening = Opening {
            version: "1".to_owned(),
            epoch: EPOCH.to_owned(),
            accounts: vec![
                account(ANNA, "Anna", Role::Owner),
                account(BEN, "Ben", Role::Member),
                account(CLEO, "Cleo", Role::Member),
            ],
            conversations: vec![
                conversation(EVERYONE, ConversationKind::Everyone, &[ANNA, BEN, CLEO]),
                conversation(DIRECT, ConversationKind::Direct, &[ANNA, BEN]),
                conversation(OTHER_DIRECT, ConversationKind::Direct, &[ANNA, CLEO]),
            ],
            calls,
            ring: Millis(limits::RING_MS),
        };
        Self {
            rooms: Rooms::new(now, opening),
            now,
            got: BTreeMap::new(),
            events: Vec::new(),
            done: Vec::new(),
            store: Shelf { page: 100, lasts: Millis(u64::MAX / 2), ..Shelf::default() },
            hold: false,
            broken: false,
            waiting: VecDeque::new(),
            pages: Vec::new(),
            watched: Vec::new(),
            next_connection: 0,
        }
    }

    /// A connection that has not said hello.
    pub(super) fn dial(&mut self, account: AccountId, on: u8) -> ConnectionId {
        self.next_connection += 1;
        let id = ConnectionId(self.next_connection);
        self.got.insert(id, Vec::new());
        let session = SessionId::from_bytes([on; 16]);
        self.store.used.insert(session, self.now);
        let expires = self.now.plus(self.store.lasts);
        self.rooms.handle_connect(id, Identity { account, device: device(on), session, expires });
        id
    }

    /// A connection after its hello, with everyone's news of it read.
    pub(super) fn join(&mut self, account: AccountId, on: u8) -> ConnectionId {
        self.join_with(account, on, &[])
    }

    pub(super) fn join_with(
        &mut self,
        account: AccountId,
        on: u8,
        cursors: &[(ConversationId, u64)],
    ) -> ConnectionId {
        let id = self.dial(account, on);
        self.ask(id, 0, hello(cursors));
        for got in self.got.iter_mut().filter(|(other, _)| **other != id) {
            got.1.clear();
        }
        id
    }

    /// A command with a number; what it causes happens, too, unless held.
    pub(super) fn ask(&mut self, connection: ConnectionId, id: u32, command: Command) {
        let frame = CommandFrame { id: Some(id), command };
        self.rooms.handle_command(self.now, connection, frame);
        self.settle_outputs();
    }

    pub(super) fn leave(&mut self, connection: ConnectionId) {
        self.rooms.handle_disconnect(self.now, connection);
        self.settle_outputs();
    }

    /// Lets time pass, deadline by deadline.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.now.plus(Millis(millis));
        while let Some(at) = self.rooms.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.rooms.handle_timeout(self.now);
            self.settle_outputs();
        }
        self.now = end;
    }

    /// Completes what was held.
    pub(super) fn settle(&mut self) {
        while !self.waiting.is_empty() || !self.pages.is_empty() {
            while let Some(operation) = self.waiting.pop_front() {
                self.complete(operation);
            }
            for (connection, conversation, after) in std::mem::take(&mut self.pages) {
                let page = self.store.page_after(conversation, after);
                self.rooms.handle_page(connection, conversation, Some(page));
                self.settle_outputs();
            }
        }
    }

    /// Completes the oldest held write.
    pub(super) fn settle_one(&mut self) {
        let operation = self.waiting.pop_front().expect("something is held");
        self.complete(operation);
    }

    pub(super) fn settle_one_if_any(&mut self) {
        if !self.waiting.is_empty() {
            self.settle_one();
        }
    }

    pub(super) fn writable(&mut self, connection: ConnectionId) {
        self.watched.retain(|other| *other != connection);
        self.rooms.handle_writable(connection);
        self.settle_outputs();
    }

    /// What a connection got since it was last asked.
    pub(super) fn got(&mut self, connection: ConnectionId) -> Vec<String> {
        std::mem::take(self.got.get_mut(&connection).expect("a connection"))
    }

    pub(super) fn forget(&mut self) {
        self.got.values_mut().for_each(Vec::clear);
        self.done.clear();
    }

    pub(super) fn settle_outputs(&mut self) {
        while let Some(output) = self.rooms.poll_output() {
            match output {
                Output::Deliver { to, event, .. } => {
                    let words = event_in_words(&event);
                    for connection in to.as_slice() {
                        self.got.entry(*connection).or_default().push(words.clone());
                        self.events.push((*connection, event.clone()));
                    }
                }
                Output::Store(operation) => self.waiting.push_back(operation),
                Output::ReadPage { connection, conversation, after } => {
                    self.pages.push((connection, conversation, after));
                }
                Output::Heal { conversation, after } => {
                    let page = self.store.page_after(conversation, after);
                    self.rooms.handle_healed(self.now, conversation, Some(page));
                }
                Output::Watch(connection) => self.watched.push(connection),
                Output::IssueRelay { connection, reply, .. } => {
                    self.got.entry(connection).or_default().push(format!("reply {reply} relay"));
                }
                Output::RevokeCall(id) => {
                    self.done.push(format!("revoke call {}", n(id.as_bytes())))
                }
                Output::RevokeSession(id) => {
                    self.done.push(format!("revoke session {}", n(id.as_bytes())));
                }
                Output::Close { connection, code } => {
                    let code = code.number();
                    self.got.entry(connection).or_default().push(format!("close {code}"));
                }
            }
        }
        if !self.hold {
            self.settle();
        }
    }

    fn complete(&mut self, operation: Operation) {
        let stored =
            if self.broken { Stored::Failed } else { self.store.carry_out(self.now, operation) };
        self.rooms.handle_stored(self.now, stored);
        self.settle_outputs();
    }
}

pub(super) fn hello(cursors: &[(ConversationId, u64)]) -> Command {
    let cursors = cursors
        .iter()
        .map(|(conversation, seq)| Cursor { conversation: *conversation, seq: Seq(*seq) });
    Command::Hello {
        protocol: PROTOCOL,
        client: "test".to_owned(),
        epoch: Some(EPOCH.to_owned()),
        cursors: cursors.collect(),
    }
}

pub(super) fn send(conversation: ConversationId, n: u8) -> Command {
    Command::Send { conversation, message: message(n), body: text("hi") }
}

pub(super) fn start(n: u8, conversation: ConversationId) -> Command {
    Command::StartCall { call: call(n), conversation, media: CallMedia::Video }
}

pub(super) fn conversation(
    id: ConversationId,
    kind: ConversationKind,
    members: &[AccountId],
) -> Conversation {
    let member = |account: &AccountId| Member {
        account: *account,
        role: MemberRole::Member,
        delivered: Seq(0),
        read: Seq(0),
    };
    Conversation {
        id,
        kind,
        name: None,
        members: members.iter().map(member).collect(),
        created: Millis(0),
        head: Seq(0),
        last: None,
    }
}

pub(super) const BODY_LIMIT: usize = limits::BODY_BYTES;
pub(super) const TRY_LATER: CloseCode = CloseCode::TryLater;
