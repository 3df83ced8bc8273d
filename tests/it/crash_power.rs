//! Killing the store and taking what its disk had not yet been told to keep:
//! a simulated power cut, and disks that fail.
//!
//! `tests/powercut/powercut.c` is loaded into the victim and notes every
//! write between two syncs. After the kill each noted write is kept, dropped,
//! or torn into sectors of 512 bytes, by chance. A disk that lies about
//! syncs is the counter-check: there the same test must find losses.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use callbox::store::{Store, StoreError};
use tempfile::TempDir;

use crate::crash::{Found, World, loops, start};
use crate::store::{TestStore, done, message, owner};

/// What a disk writes in one piece.
const SECTOR: u64 = 512;

#[test]
fn h89_a_power_cut_takes_nothing_acknowledged() {
    let disk = Disk::new();
    let mut world = World::new();
    let mut dropped = 0;
    // Whether the power goes during a write is chance: it goes until it has.
    for round in 0.. {
        if round >= loops(10) && dropped > 0 {
            return;
        }
        assert!(round < 10 * loops(10), "no write was ever on its way when the power went");
        world.run_and_kill(300 + 300 * (round % 8), &disk.environment());
        dropped += disk.cut_power(&world.path, round as u64 + 1);
        assert_eq!(world.check(), Found::default(), "round {round}");
    }
}

#[test]
fn h89_on_a_disk_that_lies_the_same_test_finds_losses() {
    let disk = Disk::new();
    disk.now("lie");
    let mut world = World::new();
    world.run_and_kill(2000, &disk.environment());
    assert!(disk.cut_power(&world.path, 1) > 100);
    let found = world.check();
    assert!(found.lost > 0 || found.damage.is_some(), "{found:?}");
}

#[test]
fn h88_after_a_failed_sync_nothing_is_acknowledged_again() {
    run_in_victim("crash_power::victim_with_a_broken_disk");
}

#[test]
fn h88_a_full_disk_refuses_and_recovers() {
    run_in_victim("crash_power::victim_with_a_full_disk");
}

#[test]
#[ignore = "started by the crash tests"]
fn victim_with_a_broken_disk() {
    let Some((path, disk)) = told() else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(&path).expect("a new database");
        let anna = owner(&store, "Anna").await;
        let said = message(&anna, anna.everyone, "before");
        done(store.append(said.clone())).await;
        disk.now("broken");
        let lost = store.append(message(&anna, anna.everyone, "lost")).await;
        assert!(matches!(lost, Err(StoreError::Failed(_))), "{lost:?}");
        // The disk says it is well again, but what it forgot cannot be known.
        disk.no_longer("broken");
        store.broken().await;
        let refused = store.append(message(&anna, anna.everyone, "refused")).await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
        assert!(store.probe().await.is_err());
        drop(store);

        let store = Store::open(&path).expect("the database opens");
        let again = done(store.append(said)).await;
        assert!(again.duplicate, "what was acknowledged is there");
        store.probe().await.expect("ready after a restart");
    });
}

#[test]
#[ignore = "started by the crash tests"]
fn victim_with_a_full_disk() {
    let Some((path, disk)) = told() else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(&path).expect("a new database");
        let anna = owner(&store, "Anna").await;
        let first = done(store.append(message(&anna, anna.everyone, "before"))).await;
        disk.now("full");
        let before = anna.talk(anna.everyone);
        let refused = store.append(message(&anna, anna.everyone, "refused")).await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
        anna.settle(before);
        assert!(store.probe().await.is_err());
        let readable = store.is_member(anna.everyone, anna.id).await;
        assert!(readable.expect("history stays readable"));
        disk.no_longer("full");
        let next = done(store.append(message(&anna, anna.everyone, "after"))).await;
        assert_eq!(next.seq, first.seq.next());
        store.probe().await.expect("ready again");
    });
}

fn run_in_victim(test: &str) {
    let disk = Disk::new();
    let TestStore { store, path, _folder } = TestStore::new();
    drop(store);
    let victim = start(test, &path, &disk.environment());
    let output = victim.wait_with_output().expect("it ends");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

/// In a victim: its database and its disk.
fn told() -> Option<(PathBuf, Switches)> {
    let path = std::env::var_os("CALLBOX_VICTIM")?;
    let notes = std::env::var_os("POWERCUT_NOTES").expect("has a disk");
    Some((path.into(), Switches(notes.into())))
}

/// How the disk behaves.
struct Switches(PathBuf);

impl Switches {
    fn now(&self, what: &str) {
        File::create(self.0.join(what)).expect("the notes can be written");
    }

    fn no_longer(&self, what: &str) {
        std::fs::remove_file(self.0.join(what)).expect("it was on");
    }
}

/// A disk that can lose its power.
struct Disk {
    notes: TempDir,
}

impl Disk {
    fn new() -> Self {
        Self { notes: tempfile::tempdir().expect("a temporary folder") }
    }

    fn now(&self, what: &str) {
        Switches(self.notes.path().to_owned()).now(what);
    }

    fn environment(&self) -> [(&str, &Path); 2] {
        [("LD_PRELOAD", library()), ("POWERCUT_NOTES", self.notes.path())]
    }

    /// Does what a power cut may do to the unsynced writes; returns how many it dropped or tore.
    fn cut_power(&self, database: &Path, seed: u64) -> usize {
        let mut chance = Chance(seed);
        let mut dropped = 0;
        for (name, file) in [("db", "callbox.db"), ("wal", "callbox.db-wal")] {
            let file =
                OpenOptions::new().read(true).write(true).open(database.with_file_name(file));
            let file = file.expect("the database has its files");
            let notes = read_notes(&self.notes.path().join(name));
            for note in notes.iter().rev() {
                file.write_all_at(&note.old, note.offset).expect("writes");
                file.set_len(note.size).expect("cuts");
            }
            for note in &notes {
                dropped += usize::from(!note.redo(&file, &mut chance));
            }
            std::fs::write(self.notes.path().join(name), "").expect("forgets");
        }
        // Only memory, and rebuilt from the log; a machine that restarts does not have it.
        let index = database.with_file_name("callbox.db-shm");
        std::fs::remove_file(index).expect("the victim had one");
        dropped
    }
}

/// A write between two syncs.
struct Note {
    truncates: bool,
    offset: u64,
    /// The size of the file before it.
    size: u64,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Note {
    /// Perhaps does the write, whole or in part; false unless it did all of it.
    fn redo(&self, file: &File, chance: &mut Chance) -> bool {
        let fate = chance.below(4);
        if self.truncates {
            if fate > 0 {
                file.set_len(self.offset).expect("cuts");
            }
            return fate > 0;
        }
        let end = self.offset + self.new.len() as u64;
        let mut at = self.offset;
        let mut whole = true;
        while at < end {
            let next = end.min(at - at % SECTOR + SECTOR);
            // 0: dropped; 1: torn; else kept.
            if fate > 1 || (fate == 1 && chance.below(2) == 0) {
                let part = (at - self.offset) as usize..(next - self.offset) as usize;
                file.write_all_at(&self.new[part], at).expect("writes");
            } else {
                whole = false;
            }
            at = next;
        }
        whole
    }
}

fn read_notes(path: &Path) -> Vec<Note> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => panic!("the notes do not read: {error}"),
    };
    let mut rest = &bytes[..];
    let mut notes = Vec::new();
    while let Some((head, data)) = rest.split_first_chunk::<40>() {
        let number = |n: usize| {
            let (numbers, _) = head.as_chunks::<8>();
            u64::from_ne_bytes(numbers[n])
        };
        let (old, new) = (number(3) as usize, number(4) as usize);
        // The kill may have cut the last note: its write was not begun.
        let Some((data, next)) = data.split_at_checked(old + new) else { break };
        notes.push(Note {
            truncates: number(0) == 1,
            offset: number(1),
            size: number(2),
            old: data[..old].to_vec(),
            new: data[old..].to_vec(),
        });
        rest = next;
    }
    notes
}

/// Numbers that are the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// The compiled library; the compiler is the one that SQLite was built with.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/powercut/powercut.c");
        // One file for each process: tests of another run may be loading theirs.
        let library = format!("powercut-{}.so", std::process::id());
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(library);
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let status = Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .status()
            .expect("a C compiler");
        assert!(status.success(), "powercut.c compiles");
        library
    })
}
