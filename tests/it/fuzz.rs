//! The targets of `fuzz/`, played for the gate: the committed corpus, and a bounded
//! number of mutations of it, the same ones every time. `FUZZ_ROUNDS` asks for more of
//! them, `FUZZ_SEED` for others; `cargo fuzz` in `fuzz/` explores on its own.
//! `UPDATE_CORPUS=1 cargo test --test it fuzz` writes the corpus anew.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use targets::{corpus, play, stun};

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// What there is to begin with, in the order of the names.
fn corpus_of(target: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(folder(target))
        .expect("there is a corpus")
        .map(|entry| entry.expect("it is readable").path())
        .collect();
    files.sort();
    assert!(files.len() >= 7, "{target}");
    files.iter().map(|file| fs::read(file).expect("it is readable")).collect()
}

/// The corpus is what its generator makes, and what was found since.
fn keep(target: &str, generated: Vec<(String, Vec<u8>)>) {
    let folder = folder(target);
    for (name, bytes) in generated {
        let file = folder.join(name);
        if std::env::var_os("UPDATE_CORPUS").is_some() {
            fs::create_dir_all(&folder).expect("it can be made");
            fs::write(&file, &bytes).expect("it can be written");
        }
        let kept = fs::read(&file).unwrap_or_default();
        assert_eq!(kept, bytes, "{} has drifted: UPDATE_CORPUS=1", file.display());
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Small numbers without end (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }

    /// One of them with some changes: bytes, pieces left out or twice, the end of another.
    fn mutate(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len());
            let end = (at + self.below(24)).min(bytes.len());
            match self.below(5) {
                0 | 1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                2 => {
                    bytes.drain(at..end);
                }
                3 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let other = &corpus[self.below(corpus.len())];
                    let from = self.below(other.len());
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[from..]);
                }
            }
        }
        bytes
    }
}

/// Plays bytes, and says which they were when something was wrong.
fn play_and_tell(target: &str, run: fn(&[u8]), bytes: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(bytes))) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{target} fails with {hex}");
        resume_unwind(panic);
    }
}

fn explore(target: &str, run: fn(&[u8]), rounds: u64) {
    let corpus = corpus_of(target);
    for bytes in &corpus {
        play_and_tell(target, run, bytes);
    }
    let mut chance = Chance(setting("FUZZ_SEED", 0));
    for _ in 0..setting("FUZZ_ROUNDS", rounds) {
        play_and_tell(target, run, &chance.mutate(&corpus));
    }
}

#[test]
fn t72_the_relay_holds_to_its_rules_whatever_is_played() {
    keep("relay", corpus::scripts());
    let mut all = play::Seen::default();
    for bytes in corpus_of("relay") {
        let play::Seen { granted, refused, relayed, passed, emitted, dropped } = play::run(&bytes);
        all.granted += granted;
        all.refused += refused;
        all.relayed += relayed;
        all.passed += passed;
        all.emitted += emitted;
        all.dropped += dropped;
    }
    println!("{all:?}");
    let least = [all.granted, all.refused, all.relayed, all.dropped].into_iter().min();
    assert!(least >= Some(50) && all.passed >= 20 && all.emitted >= 5, "{all:?}");
    let run = |bytes: &[u8]| {
        play::run(bytes);
    };
    explore("relay", run, 400);
}

#[test]
fn t72_the_codec_reads_and_writes_alike_whatever_comes() {
    keep("stun", stun::seeds().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect());
    explore("stun", stun::run, 20_000);
}

#[test]
fn scripts_are_written_as_they_are_read() {
    for (name, bytes) in corpus::scripts() {
        let script = targets::script::Script::of(&bytes);
        assert_eq!(script.bytes(), bytes, "{name}");
    }
}
