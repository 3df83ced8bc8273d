//! Durable messages per second, and what one costs: the store as it is, and
//! the store given one message at a time, which makes a transaction of each.
//!
//! `cargo bench --bench store`. Each sender waits for its confirmation before
//! it sends the next message. Rounds alternate between the two, so that a
//! busy machine or disk treats both alike; believe the ratios and the CPU
//! time more than the rates. `CALLBOX_BENCH_SECONDS` is the length of a round.

// Printing is what a bench is for.
#![allow(clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use callbox::pure::e2ee::Verified;
use callbox::pure::wire::api::Ticket;
use callbox::pure::wire::{Blob, DeviceId, Millis, Name, SessionId};
use callbox::store::{NewEnvelope, NewSession, Store};
use tokio::sync::Mutex;

use self::e2ee_client::enrol::{event, new_account};
use self::e2ee_client::{Chance, Pen, Person, Talk};

#[path = "../../tests/it/e2ee_client/mod.rs"]
mod e2ee_client;

const ROUNDS: usize = 3;
const SENDERS: [usize; 4] = [1, 10, 100, 1000];
const CONVERSATIONS: usize = 2_000;
const BODY_BYTES: usize = 256;

/// One of the two that are compared.
#[derive(Clone)]
enum Engine {
    Group(Store),
    /// Whoever holds the lock is alone in the queue.
    Single(Store, Arc<Mutex<()>>),
}

impl Engine {
    async fn append(&self, message: NewEnvelope) {
        let outcome = match self {
            Engine::Group(store) => store.append(message).await,
            Engine::Single(store, alone) => {
                let _alone = alone.lock().await;
                store.append(message).await
            }
        };
        outcome.expect("the store works").expect("is allowed");
    }
}

/// Who sends where.
struct World {
    /// One for each room, of the same device.
    pens: Vec<Pen>,
}

/// What a round measured.
#[derive(Clone, Copy)]
struct Round {
    rate: f64,
    cpu_us: f64,
    p50_ms: f64,
    p99_ms: f64,
}

fn main() {
    let seconds = std::env::var("CALLBOX_BENCH_SECONDS").ok().and_then(|s| s.parse().ok());
    let length = Duration::from_secs_f64(seconds.unwrap_or(2.0));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!(
        "{BODY_BYTES}-byte messages, {CONVERSATIONS} conversations, median of {ROUNDS} rounds"
    );
    println!("| senders | commit | messages/s | CPU µs/message | p50 ms | p99 ms |");
    println!("|---|---|---|---|---|---|");
    for senders in SENDERS {
        let (mut group, mut single) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            group.push(runtime.block_on(round(senders, length, true)));
            single.push(runtime.block_on(round(senders, length, false)));
        }
        let (group, single) = (median(&group), median(&single));
        for (name, round) in [("group", group), ("single", single)] {
            println!(
                "| {senders} | {name} | {:.0} | {:.1} | {:.2} | {:.2} |",
                round.rate, round.cpu_us, round.p50_ms, round.p99_ms
            );
        }
        println!(
            "| {senders} | ratio | {:.1}x the rate | {:.2}x the CPU | | |",
            group.rate / single.rate,
            group.cpu_us / single.cpu_us
        );
    }
}

/// A closed loop of so many senders on a new database.
async fn round(senders: usize, length: Duration, group: bool) -> Round {
    // On the disk of the build, not in a folder that may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let path = folder.path().join("callbox.db");
    let (store, world) = populate(&path).await;
    let engine = if group { Engine::Group(store) } else { Engine::Single(store, Arc::default()) };
    let stop = Arc::new(AtomicBool::new(false));
    let (started, cpu) = (Instant::now(), cpu_us());
    let tasks: Vec<_> = (0..senders)
        .map(|n| tokio::spawn(send(engine.clone(), world.lane(n, senders), stop.clone())))
        .collect();
    tokio::time::sleep(length).await;
    stop.store(true, Ordering::Relaxed);
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("a sender ends"));
    }
    let (elapsed, cpu) = (started.elapsed(), cpu_us() - cpu);
    waits.sort_unstable();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    Round {
        rate: waits.len() as f64 / elapsed.as_secs_f64(),
        cpu_us: cpu / waits.len() as f64,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
    }
}

impl World {
    /// The rooms of one of so many senders: a chain has one writer.
    fn lane(&self, n: usize, senders: usize) -> Vec<Pen> {
        self.pens.iter().skip(n).step_by(senders).cloned().collect()
    }
}

/// One sender; returns how long each message took. Sealing is not counted: clients do that.
async fn send(engine: Engine, mut pens: Vec<Pen>, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let (mut waits, mut round) = (Vec::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        let many = pens.len();
        let bytes = pens[round % many].write(&[b'x'; BODY_BYTES]);
        round += 1;
        let envelope = Verified::stored(bytes.into()).expect("an envelope");
        let message = NewEnvelope { envelope, now: Millis(unique()) };
        let began = Instant::now();
        engine.append(message).await;
        waits.push(began.elapsed());
    }
    waits
}

/// An account in many rooms.
async fn populate(path: &Path) -> (Store, World) {
    let store = Store::open(path).expect("a new database");
    let name = || Name::new("Anna").expect("a name");
    let anna = Person::new(Chance::of("Anna"));
    let session = NewSession {
        id: SessionId::from_bytes(id()),
        token_hash: [0; 32],
        device: DeviceId::from_bytes(anna.device().id),
        device_name: name(),
        network: String::new(),
        now: Millis(0),
        proved: true,
    };
    let ticket = Ticket::Setup { token: Blob::default() };
    let account = new_account(&anna, name(), ticket, session);
    store.register(account).await.expect("the store works").expect("is allowed");
    let mut pens = Vec::new();
    let mut made = Vec::new();
    for n in 0..CONVERSATIONS {
        let mut talk = Talk::new(id(), "room", "all", "Anna", Chance::of(&n.to_string()));
        let created = talk.create(&[(&anna, "manager")]);
        made.push(store.post_control(event(created, Millis(0))));
        let (n, prev) = talk.chains[&anna.device().id];
        let pen = Pen::new(&talk, anna.account, anna.device().id, &anna.device().key);
        pens.push(pen.goes_on(n, prev));
    }
    for room in made {
        room.await.expect("the store works").expect("is allowed");
    }
    (store, World { pens })
}

/// CPU time of this process so far, user and system, to a hundredth of a second.
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    let after_name = stat.rsplit_once(") ").expect("the name is in brackets").1;
    let ticks: f64 = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<f64>().expect("a number"))
        .sum();
    ticks * 10_000.0
}

fn median(rounds: &[Round]) -> Round {
    let mut rounds = rounds.to_vec();
    rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    rounds[rounds.len() / 2]
}

/// Ids spread like random ones, the same in every run.
fn id() -> [u8; 16] {
    let number = u128::from(unique()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    number.to_le_bytes()
}

fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
