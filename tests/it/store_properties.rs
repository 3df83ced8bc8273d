//! Random operations against a simple model: what is stored is what a list
//! would hold, numbers and chains have no gaps, and the transcript is that of
//! the list.
//!
//! All operations of a case are queued before the first is awaited, so this
//! also shows that the order of calls is the order of commits.

use std::collections::BTreeMap;

use callbox::pure::e2ee::Transcript;
use callbox::pure::wire::{ConversationId, EntryContent, EnvelopeId, Seq};
use callbox::store::{NewEnvelope, Outcome, Range, Refusal};
use futures_util::future::BoxFuture;
use proptest::prelude::*;

use crate::e2ee_client::envelope::CONTENT;
use crate::e2ee_client::{Chance, Talk};
use crate::store::{NOW, Person, TestStore, event, fresh, member, owner, text, verified};

const PEOPLE: usize = 4;
const ROOMS: usize = 3;

#[derive(Debug, Clone)]
enum Action {
    Send {
        by: usize,
        room: usize,
        text: u8,
        /// Sealed in an epoch that is not in force.
        stale: bool,
    },
    /// One of the envelopes sent so far once more, perhaps another one under its counter.
    Resend {
        which: prop::sample::Index,
        changed: bool,
    },
    Create {
        by: usize,
        room: usize,
    },
    Add {
        by: usize,
        room: usize,
        whom: usize,
    },
    Remove {
        by: usize,
        room: usize,
        whom: usize,
    },
    Leave {
        by: usize,
        room: usize,
    },
    Rotate {
        by: usize,
        room: usize,
    },
}

fn action() -> impl Strategy<Value = Action> {
    let (by, room) = (0..PEOPLE, 0..ROOMS);
    prop_oneof![
        6 => (by.clone(), room.clone(), any::<u8>(), prop::bool::weighted(0.1))
            .prop_map(|(by, room, text, stale)| Action::Send { by, room, text, stale }),
        2 => (any::<prop::sample::Index>(), prop::bool::weighted(0.3))
            .prop_map(|(which, changed)| Action::Resend { which, changed }),
        2 => (by.clone(), room.clone()).prop_map(|(by, room)| Action::Create { by, room }),
        3 => (by.clone(), room.clone(), 0..PEOPLE)
            .prop_map(|(by, room, whom)| Action::Add { by, room, whom }),
        1 => (by.clone(), room.clone(), 0..PEOPLE)
            .prop_map(|(by, room, whom)| Action::Remove { by, room, whom }),
        1 => (by.clone(), room.clone()).prop_map(|(by, room)| Action::Leave { by, room }),
        2 => (by, room).prop_map(|(by, room)| Action::Rotate { by, room }),
    ]
}

/// A room as the model has it.
struct Room {
    talk: Talk,
    rotation: bool,
    entries: Vec<EnvelopeId>,
}

impl Room {
    fn has(&self, person: &Person) -> bool {
        self.talk.state.members.iter().any(|member| member.account == *person.id.as_bytes())
    }

    fn is_managed_by(&self, person: &Person) -> bool {
        let mut members = self.talk.state.members.iter();
        members.any(|m| m.account == *person.id.as_bytes() && m.role == "manager")
    }

    /// Takes an entry in, as the last.
    fn take(&mut self, id: EnvelopeId, talk: Talk) -> Expected {
        self.entries.push(id);
        self.talk = talk;
        Ok((self.entries.len() as u64, false))
    }
}

/// What is expected of an operation: the number of its entry, and whether it was a resend.
type Expected = Result<(u64, bool), Refusal>;

/// What was queued, in the order of the calls.
type Queued = Vec<Pending>;

/// What is expected, and what comes.
type Pending = (Expected, BoxFuture<'static, Outcome<(u64, bool)>>);

/// An envelope that was stored: by whom, where, under which number.
type Sent = (usize, usize, u64, Vec<u8>);

#[derive(Default)]
struct Model {
    rooms: BTreeMap<usize, Room>,
    sent: Vec<Sent>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_holds_what_a_list_would(actions in prop::collection::vec(action(), 1..100)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(check(&actions))?;
    }
}

async fn check(actions: &[Action]) -> Result<(), TestCaseError> {
    let test = TestStore::new();
    let mut people = vec![owner(&test.store, "0").await];
    for n in 1..PEOPLE {
        let person = member(&test.store, &people[0], &n.to_string()).await;
        people.push(person);
    }
    let rooms: Vec<_> = (0..ROOMS).map(|_| ConversationId::from_bytes(fresh())).collect();
    let mut model = Model::default();
    let mut queued = Queued::new();
    for action in actions {
        queued.extend(model.queue(&test, action, &people, &rooms));
    }
    for (expected, pending) in queued {
        prop_assert_eq!(pending.await.expect("the store works"), expected);
    }
    let test = test.reopen();
    let directory = test.store.directory().await.expect("reads");
    for (number, room) in &model.rooms {
        let id = rooms[*number];
        let page = test.store.entries(id, Range::Newest, 200).await.expect("reads");
        prop_assert_eq!(page.entries.len(), room.entries.len());
        prop_assert_eq!(page.before, Transcript::START);
        let mut transcript = Transcript::START;
        for ((seq, entry), told) in (1..).zip(&page.entries).zip(&room.entries) {
            prop_assert_eq!(entry.seq, Seq(seq));
            let EntryContent::Envelope { envelope } = &entry.content else { unreachable!() };
            prop_assert_eq!(verified(envelope.as_ref().to_vec()).id(), *told);
            transcript = transcript.after(*told, entry.seq);
        }
        let stored = directory.conversations.iter().find(|c| c.id == id).expect("is there");
        prop_assert_eq!(stored.transcript.as_ref(), transcript.0.as_bytes().as_slice());
        prop_assert_eq!(
            (stored.epoch, stored.control, stored.rotation_required),
            (room.talk.epoch(), room.talk.index, room.rotation)
        );
        for person in &people {
            let is = test.store.is_member(id, person.id).await.expect("reads");
            prop_assert_eq!(is, room.has(person));
            let chain = test.store.chain(id, person.device).await.expect("reads");
            let device = person.device.as_bytes();
            let (n, prev) = room.talk.chains.get(device).copied().unwrap_or_default();
            prop_assert_eq!((chain.n, chain.prev.as_bytes()), (n, &prev));
        }
    }
    Ok(())
}

impl Model {
    /// Queues what the action asks for; rooms that do not exist are another test's.
    fn queue(
        &mut self,
        test: &TestStore,
        action: &Action,
        people: &[Person],
        rooms: &[ConversationId],
    ) -> Option<Pending> {
        let append = |bytes: Vec<u8>, expected| {
            let envelope = verified(bytes);
            let pending = test.store.append(NewEnvelope { envelope, now: NOW });
            let outcome = async { Ok(pending.await?.map(|done| (done.seq.0, done.duplicate))) };
            let outcome: BoxFuture<'static, _> = Box::pin(outcome);
            Some((expected, outcome))
        };
        match *action {
            Action::Send { by, room, text: n, stale } => {
                let person = &people[by];
                let known = self.rooms.get_mut(&room)?;
                let mut talk = known.talk.clone();
                if stale {
                    talk.secrets.push(([7; 32], Vec::new()));
                }
                let bytes = talk.say(&person.keys(), &text(&n.to_string()));
                let expected = if !known.has(person) {
                    Err(Refusal::NotMember)
                } else if known.rotation {
                    Err(Refusal::RotateFirst)
                } else if stale {
                    Err(Refusal::StaleEpoch)
                } else {
                    known.take(verified(bytes.clone()).id(), talk)
                };
                if let Ok((seq, _)) = expected {
                    self.sent.push((by, room, seq, bytes.clone()));
                }
                append(bytes, expected)
            }
            Action::Resend { which, changed } => {
                if self.sent.is_empty() {
                    return None;
                }
                let (by, room, seq, bytes) = which.get(&self.sent).clone();
                let known = &self.rooms[&room];
                if !changed {
                    return append(bytes, Ok((seq, true)));
                }
                let header = verified(bytes).header().clone();
                let mut draft = known.talk.clone().draft(&people[by].keys(), CONTENT);
                (draft.n, draft.prev) = (header.n, *header.prev.as_bytes());
                let key = people[by].keys().device().key.clone();
                let other = draft.seal(&[1; 32], b"another", &key);
                let is = known.has(&people[by]);
                append(other, Err(if is { Refusal::Conflict } else { Refusal::NotMember }))
            }
            Action::Create { .. }
            | Action::Add { .. }
            | Action::Remove { .. }
            | Action::Leave { .. }
            | Action::Rotate { .. } => {
                let (posted, expected) = self.change(action, people, rooms)?;
                let pending = test.store.post_control(event(posted));
                let outcome =
                    async { Ok(pending.await?.map(|done| (done.placed.seq.0, done.duplicate))) };
                Some((expected, Box::pin(outcome)))
            }
        }
    }

    fn change(
        &mut self,
        action: &Action,
        people: &[Person],
        rooms: &[ConversationId],
    ) -> Option<(crate::e2ee_client::Posted, Expected)> {
        let (by, room) = match *action {
            Action::Create { by, room } if !self.rooms.contains_key(&room) => {
                let id = *rooms[room].as_bytes();
                let mut talk = Talk::new(id, "room", "all", "Room", Chance::random());
                let posted = talk.create(&[(&people[by].keys(), "manager")]);
                let mut made = Room { talk: talk.clone(), rotation: false, entries: Vec::new() };
                let expected = made.take(verified(posted.envelope.clone()).id(), talk);
                self.rooms.insert(room, made);
                return Some((posted, expected));
            }
            Action::Create { by, room }
            | Action::Add { by, room, .. }
            | Action::Remove { by, room, .. }
            | Action::Leave { by, room }
            | Action::Rotate { by, room } => (&people[by], self.rooms.get_mut(&room)?),
            Action::Send { .. } | Action::Resend { .. } => return None,
        };
        let mut talk = room.talk.clone();
        let keys = by.keys();
        let posted = match *action {
            Action::Create { .. } => {
                (talk.index, talk.last) = (0, [0; 32]);
                talk.secrets.clear();
                talk.create(&[(&keys, "manager")])
            }
            // The keys of one person twice would be locked twice.
            Action::Add { whom, .. } if people[whom].id == by.id => {
                talk.add(&keys, &[(&keys, "member")])
            }
            Action::Add { whom, .. } => talk.add(&keys, &[(&people[whom].keys(), "member")]),
            Action::Remove { whom, .. } => talk.remove(&keys, *people[whom].id.as_bytes()),
            Action::Leave { .. } => talk.leave(&keys),
            Action::Rotate { .. } => talk.rotate(&keys),
            Action::Send { .. } | Action::Resend { .. } => return None,
        };
        let refusal = match *action {
            Action::Create { .. } => Some(Refusal::Conflict),
            _ if !room.has(by) => Some(Refusal::NotMember),
            Action::Add { whom, .. } if room.has(&people[whom]) => Some(Refusal::Conflict),
            Action::Add { .. } if room.rotation => Some(Refusal::RotateFirst),
            Action::Remove { .. } if !room.is_managed_by(by) => Some(Refusal::Forbidden),
            Action::Remove { whom, .. } if people[whom].id == by.id => Some(Refusal::Malformed),
            Action::Remove { whom, .. } if !room.has(&people[whom]) => Some(Refusal::Conflict),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return Some((posted, Err(refusal)));
        }
        match action {
            Action::Leave { .. } => room.rotation = true,
            Action::Remove { .. } | Action::Rotate { .. } => room.rotation = false,
            _ => {}
        }
        let expected = room.take(verified(posted.envelope.clone()).id(), talk);
        Some((posted, expected))
    }
}
