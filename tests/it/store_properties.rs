//! Random operations against a simple model: what is stored is what a list
//! would hold, and numbers have no gaps.
//!
//! All operations of a case are queued before the first is awaited, so this
//! also shows that the order of calls is the order of commits.

use std::collections::BTreeMap;

use callbox::pure::wire::{ConversationId, EntryContent, MemberRole, MessageId, RoomChange, Seq};
use callbox::store::{Outcome, Range, Refusal, RoomOperation};
use futures_util::future::BoxFuture;
use proptest::prelude::*;

use crate::store::{NOW, Person, TestStore, body, fresh, member, message, name, owner};

const PEOPLE: usize = 4;
const ROOMS: usize = 3;
/// Of the server, who may also do what a manager may.
const OWNER: usize = 0;

#[derive(Debug, Clone)]
enum Action {
    Send {
        by: usize,
        room: usize,
        text: u8,
    },
    /// One of the messages sent so far once more, perhaps with another text.
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
}

fn action() -> impl Strategy<Value = Action> {
    let (by, room) = (0..PEOPLE, 0..ROOMS);
    prop_oneof![
        6 => (by.clone(), room.clone(), any::<u8>())
            .prop_map(|(by, room, text)| Action::Send { by, room, text }),
        2 => (any::<prop::sample::Index>(), prop::bool::weighted(0.2))
            .prop_map(|(which, changed)| Action::Resend { which, changed }),
        2 => (by.clone(), room.clone()).prop_map(|(by, room)| Action::Create { by, room }),
        2 => (by.clone(), room.clone(), 0..PEOPLE)
            .prop_map(|(by, room, whom)| Action::Add { by, room, whom }),
        1 => (by.clone(), room.clone(), 0..PEOPLE)
            .prop_map(|(by, room, whom)| Action::Remove { by, room, whom }),
        1 => (by, room).prop_map(|(by, room)| Action::Leave { by, room }),
    ]
}

/// A room as the model has it.
#[derive(Debug, Default)]
struct Room {
    creator: usize,
    /// The creator; when they go, who has been there longest.
    manager: Option<usize>,
    /// In the order in which they came.
    members: Vec<usize>,
    entries: Vec<Told>,
}

impl Room {
    fn drop_member(&mut self, whom: usize) {
        self.members.retain(|member| *member != whom);
        if self.manager == Some(whom) {
            self.manager = self.members.first().copied();
        }
    }
}

/// An entry as the model has it.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Message { id: MessageId, by: usize, text: u8 },
    Change { by: usize, change: RoomChange },
}

/// What is expected of an operation: the number of its entry, and whether it was a resend.
type Expected = Result<(u64, bool), Refusal>;

/// What was queued, in the order of the calls.
type Queued = Vec<(Expected, BoxFuture<'static, Outcome<(u64, bool)>>)>;

#[derive(Default)]
struct Model {
    rooms: BTreeMap<usize, Room>,
    sent: Vec<(MessageId, usize, usize, u8)>,
}

impl Model {
    fn apply(&mut self, action: &Action, people: &[Person]) -> Expected {
        match *action {
            Action::Send { .. } | Action::Resend { .. } => unreachable!("these have ids"),
            Action::Create { by, room } => {
                if let Some(known) = self.rooms.get(&room) {
                    return if known.creator == by {
                        Ok((1, false))
                    } else {
                        Err(Refusal::Conflict)
                    };
                }
                let created =
                    Room { creator: by, manager: Some(by), members: vec![by], entries: Vec::new() };
                self.rooms.insert(room, created);
                self.tell(room, by, RoomChange::Created { name: name("Room") })
            }
            Action::Add { by, room, whom } => {
                self.member(by, room)?;
                let members = &mut self.rooms.get_mut(&room).expect("has a member").members;
                if members.contains(&whom) {
                    return Err(Refusal::Conflict);
                }
                members.push(whom);
                self.tell(room, by, RoomChange::Added { accounts: vec![people[whom].id] })
            }
            Action::Remove { by, room, whom } => {
                let known = self.member(by, room)?;
                if known.manager != Some(by) && by != OWNER {
                    return Err(Refusal::Forbidden);
                }
                if by == whom {
                    return Err(Refusal::Conflict);
                }
                if !known.members.contains(&whom) {
                    return Err(Refusal::NotFound);
                }
                known.drop_member(whom);
                self.tell(room, by, RoomChange::Removed { account: people[whom].id })
            }
            Action::Leave { by, room } => {
                let known = self.member(by, room)?;
                known.drop_member(by);
                self.tell(room, by, RoomChange::Left)
            }
        }
    }

    fn send(&mut self, id: MessageId, by: usize, room: usize, text: u8) -> Expected {
        let entries = || self.rooms.values().flat_map(|room| &room.entries);
        let same_id = |told: &&Told| matches!(told, Told::Message { id: known, by: sender, .. } if *known == id && *sender == by);
        if entries().any(|told| same_id(&told)) {
            let told = Told::Message { id, by, text };
            let place =
                self.rooms.get(&room).and_then(|room| room.entries.iter().position(|e| *e == told));
            return place.map(|place| (place as u64 + 1, true)).ok_or(Refusal::Conflict);
        }
        let known = self.member(by, room)?;
        known.entries.push(Told::Message { id, by, text });
        Ok((known.entries.len() as u64, false))
    }

    fn member(&mut self, by: usize, room: usize) -> Result<&mut Room, Refusal> {
        self.rooms
            .get_mut(&room)
            .filter(|room| room.members.contains(&by))
            .ok_or(Refusal::NotMember)
    }

    fn tell(&mut self, room: usize, by: usize, change: RoomChange) -> Expected {
        let entries = &mut self.rooms.get_mut(&room).expect("the room exists").entries;
        entries.push(Told::Change { by, change });
        Ok((entries.len() as u64, false))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_holds_what_a_list_would(actions in prop::collection::vec(action(), 1..120)) {
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
    for (expected, pending) in queue(&test, &mut model, actions, &people, &rooms) {
        prop_assert_eq!(pending.await.expect("the store works"), expected);
    }
    let test = test.reopen();
    let kept = test.store.directory().await.expect("reads").conversations;
    for (number, room) in &model.rooms {
        let page = test.store.entries(rooms[*number], Range::Newest, 200).await.expect("reads");
        prop_assert_eq!(page.entries.len(), room.entries.len());
        for ((seq, entry), told) in (1..).zip(&page.entries).zip(&room.entries) {
            prop_assert_eq!(entry.seq, Seq(seq));
            prop_assert_eq!(&as_told(&entry.content, &people), told);
        }
        for (person, known) in people.iter().enumerate() {
            let is = test.store.is_member(rooms[*number], known.id).await.expect("reads");
            prop_assert_eq!(is, room.members.contains(&person));
        }
        let stored = kept.iter().find(|stored| stored.id == rooms[*number]).expect("is kept");
        let members: Vec<_> = stored.members.iter().map(|member| member.account).collect();
        let expected: Vec<_> = room.members.iter().map(|member| people[*member].id).collect();
        prop_assert_eq!(members, expected);
        let manager = stored.members.iter().find(|member| member.role == MemberRole::Manager);
        prop_assert_eq!(manager.map(|m| m.account), room.manager.map(|m| people[m].id));
    }
    Ok(())
}

fn queue(
    test: &TestStore,
    model: &mut Model,
    actions: &[Action],
    people: &[Person],
    rooms: &[ConversationId],
) -> Queued {
    let mut queued = Queued::new();
    for action in actions {
        let send = match action {
            Action::Send { by, room, text } => {
                let id = MessageId::from_bytes(fresh());
                model.sent.push((id, *by, *room, *text));
                model.sent.last().copied()
            }
            Action::Resend { which, changed } if !model.sent.is_empty() => {
                let (id, by, room, text) = *which.get(&model.sent);
                Some((id, by, room, text.wrapping_add(u8::from(*changed))))
            }
            _ => None,
        };
        if let Some((id, by, room, text)) = send {
            let mut new = message(&people[by], rooms[room], "");
            (new.id, new.body) = (id, body(&text.to_string()));
            let expected = model.send(id, by, room, text);
            let pending = test.store.append(new);
            let outcome = async { Ok(pending.await?.map(|done| (done.seq.0, done.duplicate))) };
            queued.push((expected, Box::pin(outcome)));
        } else if let Some((by, room, operation)) = operation(action, people) {
            let expected = model.apply(action, people);
            let pending = test.store.change_room(rooms[room], people[by].id, operation, NOW);
            let outcome = async { Ok(pending.await?.map(|room| (room.entry.seq.0, false))) };
            queued.push((expected, Box::pin(outcome)));
        }
    }
    queued
}

fn operation(action: &Action, people: &[Person]) -> Option<(usize, usize, RoomOperation)> {
    match *action {
        Action::Send { .. } | Action::Resend { .. } => None,
        Action::Create { by, room } => {
            Some((by, room, RoomOperation::Create { name: name("Room"), members: vec![] }))
        }
        Action::Add { by, room, whom } => {
            Some((by, room, RoomOperation::Add { accounts: vec![people[whom].id] }))
        }
        Action::Remove { by, room, whom } => {
            Some((by, room, RoomOperation::Remove { account: people[whom].id }))
        }
        Action::Leave { by, room } => Some((by, room, RoomOperation::Leave)),
    }
}

fn as_told(content: &EntryContent, people: &[Person]) -> Told {
    let person = |id| people.iter().position(|person| person.id == id).expect("a known person");
    match content {
        EntryContent::Message { id, sender, body, .. } => {
            let text = (0..=u8::MAX).find(|text| crate::store::body(&text.to_string()) == *body);
            Told::Message { id: *id, by: person(*sender), text: text.expect("a text of the model") }
        }
        EntryContent::Room { by, change } => {
            Told::Change { by: person(*by), change: change.clone() }
        }
        EntryContent::Call { .. } => unreachable!("the model makes no calls"),
    }
}
