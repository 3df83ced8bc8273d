//! A little world around the core: people, connections, a store, a clock.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Value, json};

use super::super::*;
use super::shelf::Shelf;
use super::words::{event_in_words, n};
use crate::pure::e2ee::Verified;
use crate::pure::wire::{
    Blob, CallId, CallMedia, CloseCode, Command, CommandFrame, ConversationKind, Cursor, DeviceId,
    Entry, EntryContent, Member, MemberRole, Name, PROTOCOL, Role, Seq, SessionId, limits,
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

pub(super) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub(super) fn account(id: AccountId, shown: &str, role: Role) -> Account {
    Account { id, name: name(shown), avatar: None, role, disabled: false, record: 1 }
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
    who: HashMap<ConnectionId, (AccountId, DeviceId)>,
    /// The index of the next control event of each conversation.
    indexes: HashMap<ConversationId, u32>,
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
            since: Vec::new(),
            former: Vec::new(),
            ways: Vec::new(),
            knocks: Vec::new(),
            calls,
            ring: Millis(limits::RING_MS),
        };
        Self {
            rooms: Rooms::new(now, opening),
            now,
            got: BTreeMap::new(),
            events: Vec::new(),
            done: Vec::new(),
            store: Shelf::new(),
            hold: false,
            broken: false,
            waiting: VecDeque::new(),
            pages: Vec::new(),
            watched: Vec::new(),
            next_connection: 0,
            who: HashMap::new(),
            indexes: HashMap::new(),
        }
    }

    /// A connection that has not said hello.
    pub(super) fn dial(&mut self, account: AccountId, on: u8) -> ConnectionId {
        self.next_connection += 1;
        let id = ConnectionId(self.next_connection);
        self.got.insert(id, Vec::new());
        let session = SessionId::from_bytes([on; 16]);
        self.who.insert(id, (account, device(on)));
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
        let who = self.who[&connection];
        let envelope = match &command {
            Command::Send { envelope } => Some(filled(envelope, 0x01, who)),
            Command::Signal { envelope, .. } => Some(filled(envelope, 0x06, who)),
            _ => None,
        };
        self.ask_with(connection, id, command, envelope);
    }

    /// The same, with this envelope.
    pub(super) fn ask_with(
        &mut self,
        connection: ConnectionId,
        id: u32,
        command: Command,
        envelope: Option<Verified>,
    ) {
        let frame = CommandFrame { id: Some(id), command };
        self.rooms.handle_command(self.now, connection, frame, envelope);
        self.settle_outputs();
    }

    /// A control event is committed, and the core told of it.
    pub(super) fn control(&mut self, by: AccountId, conversation: ConversationId, op: Value) {
        let entry = self.commit(by, conversation, op);
        self.rooms.handle_control(self.now, conversation, entry);
        self.settle_outputs();
    }

    /// A control event is committed, and nobody told of it yet.
    pub(super) fn commit(
        &mut self,
        by: AccountId,
        conversation: ConversationId,
        op: Value,
    ) -> Entry {
        let index = self.indexes.entry(conversation).or_default();
        let rotates = ["remove", "rotate", "link_revoke"].map(Value::from).contains(&op["type"]);
        let epoch = self.store.epochs.entry(conversation).or_insert(1);
        *epoch += u32::from(rotates);
        let payload = json!({
            "v": 1, "index": *index, "prev": ZEROS, "epoch": *epoch, "commit": ZEROS,
            "state": ZEROS, "ts": 1, "op": op,
        });
        let (body, number) = (payload.to_string().into_bytes(), (*index as u8) | 128);
        let bytes = envelope(0x10, conversation, (by, device(0)), number, *epoch, &body);
        *index += 1;
        self.store.follow(conversation, by, &op);
        let content = EntryContent::Envelope { envelope: bytes };
        self.store.push(self.now, conversation, content)
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

/// A message; the connection that asks fills in who it is from.
pub(super) fn send(conversation: ConversationId, n: u8) -> Command {
    Command::Send { envelope: draft(conversation, n) }
}

pub(super) fn signal(n: u8, conversation: ConversationId, to: u8) -> Command {
    Command::Signal { call: call(n), to: device(to), envelope: draft(conversation, n) }
}

fn draft(conversation: ConversationId, n: u8) -> Blob {
    Blob::from([conversation.as_bytes().as_slice(), &[n]].concat())
}

fn filled(draft: &Blob, kind: u8, who: (AccountId, DeviceId)) -> Verified {
    let (conversation, n) = draft.as_ref().split_at(16);
    let conversation = ConversationId::try_from(conversation).expect("16 bytes");
    verified(&envelope(kind, conversation, who, n[0], 1, &[0; 80]))
}

/// An envelope that nobody has signed.
pub(super) fn envelope(
    kind: u8,
    conversation: ConversationId,
    (account, device): (AccountId, DeviceId),
    n: u8,
    epoch: u32,
    body: &[u8],
) -> Blob {
    let chained = kind != 0x06 && n > 0;
    let start = [1, kind, 0, 0];
    let (epoch, n, length) =
        (epoch.to_be_bytes(), u64::from(n).to_be_bytes(), (body.len() as u32).to_be_bytes());
    let prev = [u8::from(chained); 32];
    let bytes: [&[u8]; 12] = [
        &start,
        &epoch,
        conversation.as_bytes(),
        account.as_bytes(),
        device.as_bytes(),
        &n,
        &[0; 48],
        &prev,
        &[0; 16],
        &length,
        body,
        &[0; 64],
    ];
    Blob::from(bytes.concat())
}

pub(super) fn verified(bytes: &Blob) -> Verified {
    Verified::stored(bytes.0.clone()).expect("an envelope")
}

const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn member_json(account: AccountId, role: &str) -> Value {
    json!({"account": account, "as": ZEROS, "role": role})
}

pub(super) fn create(by: AccountId, members: &[AccountId]) -> Value {
    let mut all = vec![member_json(by, "manager")];
    all.extend(members.iter().map(|member| member_json(*member, "member")));
    json!({"type": "create", "kind": "room", "name": "Kitchen", "history": "all", "members": all})
}

pub(super) fn add(account: AccountId) -> Value {
    json!({"type": "add", "members": [member_json(account, "member")]})
}

pub(super) fn remove(account: AccountId) -> Value {
    json!({"type": "remove", "account": account})
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
        epoch: 1,
        control: 0,
        rotation_required: false,
        transcript: Blob::from(vec![0; 32]),
        knocks: Vec::new(),
    }
}

pub(super) const TRY_LATER: CloseCode = CloseCode::TryLater;
