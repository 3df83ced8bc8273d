//! Random scripts: whatever people do, and whenever the store answers, what
//! the core promises holds.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;

use super::super::ConnectionId;
use super::world::*;
use crate::pure::wire::{AccountId, CallState, Command, ConversationId, EntryContent, Event, Seq};

const PEOPLE: [AccountId; 3] = [ANNA, BEN, CLEO];
const PLACES: [ConversationId; 4] = [EVERYONE, DIRECT, OTHER_DIRECT, ROOM];

#[derive(Debug, Clone)]
enum Step {
    /// A person's device connects, with what the device has seen.
    Connect {
        person: usize,
        device: u8,
    },
    Leave {
        connection: usize,
    },
    Say {
        connection: usize,
        what: Say,
    },
    Pass {
        millis: u64,
    },
    Hold,
    StoreOne,
    Settle,
    Break(bool),
    Writable {
        connection: usize,
    },
    EndSession {
        device: u8,
    },
}

#[derive(Debug, Clone)]
enum Say {
    Send { place: usize, message: u8 },
    Receipt { place: usize, seq: u64 },
    Create { member: usize },
    Add { person: usize },
    Remove { person: usize },
    LeaveRoom,
    Grant { place: usize },
    Start { call: u8, place: usize },
    Accept { call: u8 },
    Decline { call: u8 },
    End { call: u8, failed: bool },
    Rejoin { call: u8 },
    Signal { call: u8, to: u8 },
    Relay { call: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let connection = 0..8usize;
    prop_oneof![
        3 => (0..3usize, 0..2u8).prop_map(|(person, device)| Step::Connect { person, device }),
        2 => connection.clone().prop_map(|connection| Step::Leave { connection }),
        20 => (connection.clone(), say()).prop_map(|(connection, what)| Step::Say { connection, what }),
        3 => prop_oneof![0..2_000u64, 15_000..50_000u64].prop_map(|millis| Step::Pass { millis }),
        1 => Just(Step::Hold),
        3 => Just(Step::StoreOne),
        2 => Just(Step::Settle),
        1 => any::<bool>().prop_map(Step::Break),
        3 => connection.prop_map(|connection| Step::Writable { connection }),
        1 => (0..6u8).prop_map(|device| Step::EndSession { device }),
    ]
}

fn say() -> impl Strategy<Value = Say> {
    let (place, person, call) = (0..4usize, 0..3usize, 0..6u8);
    prop_oneof![
        6 => (place.clone(), any::<u8>()).prop_map(|(place, message)| Say::Send { place, message }),
        2 => (place.clone(), 0..30u64).prop_map(|(place, seq)| Say::Receipt { place, seq }),
        1 => person.clone().prop_map(|member| Say::Create { member }),
        1 => person.clone().prop_map(|person| Say::Add { person }),
        1 => person.prop_map(|person| Say::Remove { person }),
        1 => Just(Say::LeaveRoom),
        1 => place.clone().prop_map(|place| Say::Grant { place }),
        3 => (call.clone(), place).prop_map(|(call, place)| Say::Start { call, place }),
        3 => call.clone().prop_map(|call| Say::Accept { call }),
        1 => call.clone().prop_map(|call| Say::Decline { call }),
        1 => (call.clone(), any::<bool>()).prop_map(|(call, failed)| Say::End { call, failed }),
        2 => call.clone().prop_map(|call| Say::Rejoin { call }),
        2 => (call.clone(), 0..6u8).prop_map(|(call, to)| Say::Signal { call, to }),
        1 => call.prop_map(|call| Say::Relay { call }),
    ]
}

/// Something to be asked over the connection, or done over HTTP.
enum Deed {
    Ask(Command),
    Control(serde_json::Value),
}

fn deed(say: &Say, by: AccountId) -> Deed {
    Deed::Ask(match *say {
        Say::Send { place, message } => send(PLACES[place], message),
        Say::Receipt { place, seq } => {
            let conversation = PLACES[place];
            Command::Receipt { conversation, delivered: None, read: Some(Seq(seq)) }
        }
        Say::Create { member } => {
            let others: Vec<_> =
                Some(PEOPLE[member]).filter(|other| *other != by).into_iter().collect();
            return Deed::Control(create(by, &others));
        }
        Say::Add { person } => return Deed::Control(add(PEOPLE[person])),
        Say::Remove { person } => return Deed::Control(remove(PEOPLE[person])),
        Say::LeaveRoom => return Deed::Control(serde_json::json!({"type": "leave"})),
        Say::Grant { place } => Command::RequestGrant { conversation: PLACES[place], epoch: 1 },
        Say::Start { call: n, place } => start(n, PLACES[place]),
        Say::Accept { call: n } => Command::AcceptCall { call: call(n) },
        Say::Decline { call: n } => Command::DeclineCall { call: call(n) },
        Say::End { call: n, failed } => Command::EndCall { call: call(n), failed },
        Say::Rejoin { call: n } => Command::RejoinCall { call: call(n) },
        Say::Signal { call: n, to } => signal(n, DIRECT, to),
        Say::Relay { call: n } => Command::RelayCredentials { call: call(n) },
    })
}

/// A world, and who is connected with what they began from.
struct Script {
    world: World,
    open: Vec<ConnectionId>,
    /// Where each connection's entries begin, by conversation.
    began: BTreeMap<ConnectionId, BTreeMap<ConversationId, u64>>,
    /// What each person's devices have seen.
    seen: BTreeMap<(usize, u8), BTreeMap<ConversationId, u64>>,
    of: BTreeMap<ConnectionId, (usize, u8)>,
    told: usize,
    started: BTreeSet<u8>,
}

impl Script {
    fn new() -> Self {
        let mut world = World::new();
        world.store.page = 3;
        Self {
            world,
            open: Vec::new(),
            began: BTreeMap::new(),
            seen: BTreeMap::new(),
            of: BTreeMap::new(),
            told: 0,
            started: BTreeSet::new(),
        }
    }

    fn play(&mut self, step: &Step) {
        let pick = |open: &[ConnectionId], n: usize| open.get(n % open.len().max(1)).copied();
        match step {
            Step::Connect { person, device } => {
                let on = (*person as u8) * 2 + device;
                let seen = self.seen.entry((*person, on)).or_default().clone();
                let cursors: Vec<_> = seen.iter().map(|(place, seq)| (*place, *seq)).collect();
                let id = self.world.dial(PEOPLE[*person], on);
                self.began.insert(id, seen);
                self.of.insert(id, (*person, on));
                self.world.ask(id, 0, hello(&cursors));
                self.open.push(id);
            }
            Step::Leave { connection } => {
                if let Some(id) = pick(&self.open, *connection) {
                    self.open.retain(|other| *other != id);
                    self.world.leave(id);
                }
            }
            Step::Say { connection, what } => {
                if let Some(id) = pick(&self.open, *connection) {
                    let by = PEOPLE[self.of[&id].0];
                    match deed(what, by) {
                        Deed::Ask(command) => self.world.ask(id, 1, command),
                        Deed::Control(op) if self.is_allowed(by, &op) => {
                            self.world.control(by, ROOM, op);
                        }
                        Deed::Control(_) => {}
                    }
                }
            }
            Step::Pass { millis } => self.world.pass(*millis),
            Step::Hold => self.world.hold = true,
            Step::StoreOne => self.world.settle_one_if_any(),
            Step::Settle => {
                self.world.hold = false;
                self.world.settle();
            }
            Step::Break(broken) => self.world.broken = *broken,
            Step::Writable { connection } => {
                if let Some(id) = pick(&self.open, *connection) {
                    self.world.writable(id);
                }
            }
            Step::EndSession { device } => {
                let session = crate::pure::wire::SessionId::from_bytes([*device; 16]);
                self.world.rooms.handle_sessions_ended(self.world.now, &[session]);
                self.world.settle_outputs();
            }
        }
        self.look();
    }

    /// What the store would let through, roughly.
    fn is_allowed(&self, by: AccountId, op: &serde_json::Value) -> bool {
        let members = self.world.store.members.get(&ROOM);
        let has = |account| members.is_some_and(|members| members.contains(&account));
        let named = |value: &serde_json::Value| -> AccountId {
            serde_json::from_value(value.clone()).expect("an account")
        };
        match op["type"].as_str().expect("a type") {
            "create" => members.is_none(),
            "add" => has(by) && !has(named(&op["members"][0]["account"])),
            "remove" => {
                let gone = named(&op["account"]);
                has(by) && has(gone) && gone != by
            }
            _ => has(by),
        }
    }

    /// Checks everything that was told since the last look.
    fn look(&mut self) {
        let events = self.world.events[self.told..].to_vec();
        self.told = self.world.events.len();
        for (connection, event) in events {
            let began = self.began.get_mut(&connection).expect("it was opened");
            let seen = self.seen.get_mut(&self.of[&connection]).expect("it was opened");
            match event {
                Event::Welcome(welcome) => {
                    let mine: HashSet<_> = welcome.conversations.iter().map(|c| c.id).collect();
                    began.retain(|place, _| mine.contains(place));
                    seen.retain(|place, _| mine.contains(place));
                    for conversation in welcome.conversations {
                        let head = conversation.head.0;
                        began.entry(conversation.id).or_insert(head);
                        seen.entry(conversation.id).or_insert(head);
                    }
                }
                Event::Conversation { conversation } => {
                    began.entry(conversation.id).or_insert(conversation.head.0);
                    seen.entry(conversation.id).or_insert(conversation.head.0);
                }
                Event::ConversationGone { conversation } => {
                    began.remove(&conversation);
                    seen.remove(&conversation);
                }
                Event::Entries { conversation, entries } => {
                    let last = began.get_mut(&conversation).expect("of a member's conversation");
                    for entry in entries {
                        assert_eq!(entry.seq.0, *last + 1, "gapless, in order, once");
                        *last = entry.seq.0;
                    }
                    let seen = seen.entry(conversation).or_default();
                    *seen = (*seen).max(*last);
                }
                Event::Call { call } if matches!(call.state, CallState::Ringing { .. }) => {
                    self.started.insert(call.id.as_bytes()[0]);
                }
                _ => {}
            }
        }
        let mut devices = HashSet::new();
        for call in self.world.rooms.calls.all() {
            for leg in call.legs {
                assert!(devices.insert((leg.account, leg.device)), "a device is in one call");
            }
        }
    }

    /// Everyone goes; nothing may be left open.
    fn end(&mut self) {
        self.world.broken = false;
        self.world.hold = false;
        self.world.settle();
        for id in std::mem::take(&mut self.open) {
            self.world.leave(id);
        }
        self.world.pass(120_000);
        self.look();
        assert!(self.world.rooms.calls.all().is_empty(), "every call ends");
        let mut kept = Vec::new();
        for place in PLACES {
            kept.extend(self.world.store.of(place).iter().filter_map(
                |entry| match entry.content {
                    EntryContent::Call { call, .. } => Some(call.as_bytes()[0]),
                    EntryContent::Envelope { .. } => None,
                },
            ));
        }
        let once: BTreeSet<_> = kept.iter().copied().collect();
        assert_eq!(once.len(), kept.len(), "each is kept once");
        assert!(self.started.is_subset(&once), "and none is forgotten");
        assert_eq!(self.world.rooms.poll_timeout(), None, "no timer is left behind");
    }

    /// Everyone comes back and reads on: nobody has missed anything.
    fn catch_up(&mut self) {
        let devices: Vec<_> = self.seen.keys().copied().collect();
        for (person, on) in devices {
            self.play(&Step::Connect { person, device: on % 2 });
            let id = *self.open.last().expect("just opened");
            for _ in 0..2_000 {
                if self.world.watched.is_empty() {
                    break;
                }
                self.world.writable(id);
                self.look();
            }
            for (place, seq) in &self.began[&id] {
                let head = self.world.store.of(*place).len() as u64;
                assert_eq!(*seq, head, "all of {place:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_script_keeps_the_promises(steps in proptest::collection::vec(step(), 1..120)) {
        let mut script = Script::new();
        for step in &steps {
            script.play(step);
        }
        script.end();
        script.world.watched.clear();
        script.catch_up();
    }
}
