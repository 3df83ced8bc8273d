//! Killing the store while many people send, again and again: nothing that
//! was acknowledged is lost, nothing is there twice, no number is missing.
//!
//! The victim is this test binary, started again with [`victim`] as its only
//! test; it prints a line for each acknowledgement, so that what the pipe
//! holds at its death is what its clients knew. `CALLBOX_CRASH_LOOPS` sets
//! how often it dies.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use callbox::pure::e2ee::{Envelope, Transcript, VerifyKey};
use callbox::pure::wire::{ConversationId, DeviceId, Entry, EntryContent, EnvelopeId, Seq, limits};
use callbox::store::{NewEnvelope, Range, Store};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;

use crate::e2ee_client::Pen;
use crate::store::{NOW, Person, TestStore, done, member, owner, room, verified};

const PEOPLE: usize = 10;
const SENDERS: usize = 50;
const ROOMS: usize = 40;

#[test]
fn h89_killed_while_many_send_nothing_acknowledged_is_lost() {
    let mut world = World::new();
    for round in 0..loops(10) {
        world.run_and_kill(500 + 300 * (round % 8), &[]);
        assert_eq!(world.check(), Found::default());
    }
}

/// The process that gets killed; does nothing as a test.
#[test]
#[ignore = "started by the crash tests"]
fn victim() {
    let Some(path) = std::env::var_os("CALLBOX_VICTIM") else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(send_for_ever(Path::new(&path)));
}

async fn send_for_ever(path: &Path) {
    let store = Store::open(path).expect("the database opens");
    let directory = store.directory().await.expect("reads");
    let rooms: Vec<_> = directory.conversations.iter().map(|room| room.id).collect();
    let mut people = Vec::new();
    for account in &directory.accounts {
        let device = store.devices(account.id, DeviceId::from_bytes([0; 16]));
        people.push((account.id, device.await.expect("reads")[0].id));
    }
    // The test harness has begun this line.
    tell("");
    let senders = (0..SENDERS).map(|n| {
        let (account, device) = people[n % people.len()];
        // Of the senders on one device each has rooms of its own, and so a chain of its own.
        let (lane, lanes) = (n / people.len(), SENDERS / people.len());
        let rooms: Vec<_> = rooms.iter().copied().skip(lane).step_by(lanes).collect();
        let store = store.clone();
        tokio::spawn(async move {
            let mut pens = Vec::new();
            for room in rooms {
                let chain = store.chain(room, device).await.expect("reads");
                let (room_id, device) = (*room.as_bytes(), *device.as_bytes());
                let pen = Pen::in_epoch(1, [7; 32], room_id, *account.as_bytes(), device, &key());
                pens.push((room, pen.goes_on(chain.n, *chain.prev.as_bytes())));
            }
            for round in n.. {
                let many = pens.len();
                let (conversation, pen) = &mut pens[round % many];
                let envelope = verified(pen.write(&vec![b'x'; 32 * (1 + round % 32)]));
                let id = envelope.id();
                let appended = done(store.append(NewEnvelope { envelope, now: NOW })).await;
                tell(&format!("ack {conversation} {id} {} .", appended.seq.0));
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.expect("sends until killed");
    }
}

/// A line to the test, in one piece.
fn tell(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the test listens");
}

/// What all devices of this test sign with.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// How often to kill.
pub(crate) fn loops(default: usize) -> usize {
    std::env::var("CALLBOX_CRASH_LOOPS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Starts this binary again with one of its tests alone, on a database.
pub(crate) fn start(test: &str, database: &Path, environment: &[(&str, &Path)]) -> Child {
    Command::new(std::env::current_exe().expect("this binary has a path"))
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("CALLBOX_VICTIM", database)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this binary starts")
}

/// A database that is killed, and what its clients were told.
pub(crate) struct World {
    pub(crate) path: PathBuf,
    pub(crate) acknowledged: HashMap<EnvelopeId, (ConversationId, Seq)>,
    _folder: TempDir,
}

/// What was found after a crash.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Acknowledged and not there, or under another number.
    pub(crate) lost: usize,
    /// Not what was sent.
    pub(crate) changed: usize,
    pub(crate) twice: usize,
    /// Places where the numbers do not follow each other.
    pub(crate) gaps: usize,
    /// What SQLite finds wrong with the file.
    pub(crate) damage: Option<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        let TestStore { store, path, _folder } = TestStore::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(populate(&store));
        Self { path, acknowledged: HashMap::new(), _folder }
    }

    /// Lets a victim send until it has acknowledged so many, and kills it.
    pub(crate) fn run_and_kill(&mut self, acknowledgements: usize, environment: &[(&str, &Path)]) {
        let mut victim = start("crash::victim", &self.path, environment);
        let output = victim.stdout.take().expect("is piped");
        let mut count = 0;
        for line in BufReader::new(output).lines() {
            // The last line may have been cut by the kill.
            let Some((id, place)) = acknowledgement(&line.expect("the pipe reads")) else {
                continue;
            };
            assert_eq!(self.acknowledged.insert(id, place), None, "acknowledged twice");
            count += 1;
            if count == acknowledgements {
                victim.kill().expect("it runs");
            }
        }
        let status = victim.wait().expect("it ends");
        assert!(count >= acknowledgements, "the victim ended by itself: {status}");
    }

    /// Opens the database, as a restart would, and compares it with what was acknowledged.
    pub(crate) fn check(&self) -> Found {
        let store = match Store::open(&self.path) {
            Ok(store) => store,
            Err(error) => return Found { damage: Some(error.to_string()), ..Found::default() },
        };
        let mut found = Found::default();
        let mut stored: Stored = HashMap::new();
        let signer = VerifyKey::new(*key().verifying_key().as_bytes()).expect("a key");
        let directory = store.directory().wait().expect("reads");
        for conversation in &directory.conversations {
            let entries = history(&store, conversation.id);
            let last = entries.last().map_or(Seq(0), |entry| entry.seq);
            found.gaps += usize::from(last != conversation.head);
            let mut transcript = Transcript::START;
            for (expected, entry) in (1..).zip(&entries) {
                found.gaps += usize::from(entry.seq != Seq(expected));
                let EntryContent::Envelope { envelope } = &entry.content else { continue };
                let envelope = Envelope::parse(envelope.0.clone()).expect("an envelope");
                let id = envelope.id();
                transcript = transcript.after(id, entry.seq);
                // Control events are signed by other keys.
                let place = (conversation.id, entry.seq);
                let bytes = envelope.bytes().clone();
                if envelope.header().kind == callbox::pure::e2ee::EnvelopeKind::Content {
                    found.changed += usize::from(envelope.verify(&signer).is_err());
                    found.twice += usize::from(stored.insert(id, (place, bytes)).is_some());
                }
            }
            let head = conversation.transcript.as_ref();
            found.changed += usize::from(head != transcript.0.as_bytes().as_slice());
        }
        let lost = |(id, place): &(&EnvelopeId, &_)| {
            stored.get(*id).map(|(place, _)| place) != Some(*place)
        };
        found.lost = self.acknowledged.iter().filter(lost).count();
        self.resend(&store, &stored);
        drop(store);
        let connection = rusqlite::Connection::open(&self.path).expect("the database opens");
        let integrity: String = connection
            .query_row("PRAGMA integrity_check", (), |row| row.get(0))
            .expect("the check runs");
        found.damage = (integrity != "ok").then_some(integrity);
        found
    }

    /// Clients resend what they have no answer for: they learn the place it has.
    fn resend(&self, store: &Store, stored: &Stored) {
        let unanswered = stored.iter().filter(|(id, _)| !self.acknowledged.contains_key(id));
        for (_, ((_, seq), bytes)) in unanswered.chain(stored.iter().take(20)) {
            let again = NewEnvelope { envelope: verified(bytes.to_vec()), now: NOW };
            let answer = store.append(again).wait().expect("works").expect("is allowed");
            assert_eq!((answer.seq, answer.duplicate), (*seq, true));
        }
    }
}

/// Messages with their places.
type Stored = HashMap<EnvelopeId, ((ConversationId, Seq), bytes::Bytes)>;

/// People in rooms that all of them are in.
async fn populate(store: &Store) {
    let mut people = vec![owner(store, "0").await];
    for n in 1..PEOPLE {
        let person = member(store, &people[0], &n.to_string()).await;
        people.push(person);
    }
    let members: Vec<&Person> = people[1..].iter().collect();
    for _ in 1..ROOMS {
        room(store, &people[0], "Room", &members).await;
    }
}

/// All entries, page by page as a client that reads everything.
fn history(store: &Store, conversation: ConversationId) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(Seq(0), |entry| entry.seq);
        let page = store.entries(conversation, Range::After(after), limits::PAGE_ENTRIES);
        let page = page.wait().expect("reads");
        entries.extend(page.entries);
        if !page.more {
            return entries;
        }
    }
}

/// The message and its place that a line of the victim tells of.
fn acknowledgement(line: &str) -> Option<(EnvelopeId, (ConversationId, Seq))> {
    let (told, end) = line.strip_prefix("ack ")?.rsplit_once(" .")?;
    if !end.is_empty() {
        return None;
    }
    let mut words = told.split(' ');
    let conversation = words.next()?.parse().ok()?;
    let id = words.next()?.parse().ok()?;
    Some((id, (conversation, Seq(words.next()?.parse().ok()?))))
}
