//! What a delivery costs, and what an idle connection holds: this program
//! against a Socket.IO server, both over TLS.
//!
//! `cargo bench --bench hub` (needs node and npm). 1,000 connections in rooms
//! of 50; messages of 100 bytes come at a steady rate, then as fast as they
//! are delivered; each reaches the 50 of its room. Ours is stored durably
//! before it is confirmed, the other side's is not stored at all. The load
//! comes from this process, the servers are processes of their own: CPU time
//! and memory are read from /proc. Rounds alternate; believe the ratios more
//! than the figures. `CALLBOX_BENCH_SECONDS` is how long each load lasts,
//! `CALLBOX_BENCH_RATE` the messages in a second of the steady one.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

#[path = "../../tests/it/any_certificate.rs"]
mod any_certificate;
#[path = "../../tests/it/e2ee_client/mod.rs"]
mod e2ee_client;
mod load;
#[path = "../shared/process.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod process;
mod servers;

use std::time::{Duration, Instant};

use self::load::{Load, Pace};
use self::process::Process;
use self::servers::Kind;

const CONNECTIONS: usize = 1_000;
const ROOM: usize = 50;
const ROUNDS: usize = 3;
const BODY_BYTES: usize = 100;

/// Messages under way at once when it goes as fast as it can: ten to a room.
const WINDOW: usize = 10 * CONNECTIONS / ROOM;

/// What a round measured.
#[derive(Clone, Copy)]
struct Round {
    idle_kb: f64,
    connect_us: f64,
    steady: Delivered,
    saturated: Delivered,
}

/// What deliveries cost and how long confirmations took at one pace.
#[derive(Clone, Copy)]
struct Delivered {
    cpu_us: f64,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// The figures of one pace.
type Figures = fn(&Round) -> Delivered;

fn main() {
    let setting = |name| std::env::var(name).ok().and_then(|value| value.parse::<f64>().ok());
    let length = Duration::from_secs_f64(setting("CALLBOX_BENCH_SECONDS").unwrap_or(6.0));
    let rate = setting("CALLBOX_BENCH_RATE").unwrap_or(200.0);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!(
        "{CONNECTIONS} connections over TLS, rooms of {ROOM}, {BODY_BYTES}-byte messages, \
         median of {ROUNDS} rounds"
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(runtime.block_on(round(Kind::Callbox, rate, length)));
        theirs.push(runtime.block_on(round(Kind::SocketIo, rate, length)));
    }
    let servers = [("Callbox, durable", &ours), ("Socket.IO, not stored", &theirs)];
    let paces: [(String, Figures); 2] = [
        (format!("{rate} messages a second"), |round| round.steady),
        (format!("as fast as it goes, {WINDOW} under way"), |round| round.saturated),
    ];
    println!("\n| load | server | CPU µs/delivery | deliveries/s | p50 ms | p99 ms |");
    println!("|---|---|---|---|---|---|");
    for (pace, figures) in &paces {
        for (name, rounds) in servers {
            println!(
                "| {pace} | {name} | {:.1} | {:.0} | {:.1} | {:.1} |",
                median(rounds, |round| figures(round).cpu_us),
                median(rounds, |round| figures(round).per_second),
                median(rounds, |round| figures(round).p50_ms),
                median(rounds, |round| figures(round).p99_ms),
            );
        }
    }
    println!("\n| server | KB/idle connection (aim: at most 30) | CPU µs/connect |\n|---|---|---|");
    for (name, rounds) in servers {
        let (idle, connect) =
            (median(rounds, |round| round.idle_kb), median(rounds, |round| round.connect_us));
        println!("| {name} | {idle:.1} | {connect:.0} |");
    }
    println!("\nCPU per delivery, ours over theirs (aim: at most 0.50)");
    for (pace, figures) in &paces {
        let cpu = |rounds| median(rounds, |round| figures(round).cpu_us);
        println!("- {pace}: {:.2}", cpu(&ours) / cpu(&theirs));
    }
}

async fn round(kind: Kind, rate: f64, length: Duration) -> Round {
    let server = servers::start(kind).await;
    let process = server.process();
    // One connection first: what is made once is not any connection's.
    let warm = load::connect(&server, 0..1).await;
    let (memory, cpu) = (process.memory_kb(), process.cpu());
    let mut connections = load::connect(&server, 1..CONNECTIONS).await;
    let connect = process.cpu() - cpu;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle_kb = (process.memory_kb() - memory) / (CONNECTIONS - 1) as f64;
    connections.extend(warm);
    connections.sort_by_key(|connection| connection.number);

    let mut load = Load::start(kind, connections);
    Round {
        idle_kb,
        connect_us: connect.as_secs_f64() * 1e6 / (CONNECTIONS - 1) as f64,
        steady: deliver(kind, process, &mut load, Pace::Steady(rate), length).await,
        saturated: deliver(kind, process, &mut load, Pace::Window(WINDOW), length).await,
    }
}

/// Measures deliveries at one pace, after a second of it that does not count.
async fn deliver(
    kind: Kind,
    process: Process,
    load: &mut Load,
    pace: Pace,
    length: Duration,
) -> Delivered {
    load.run(pace, Duration::from_secs(1)).await;
    load.forget();
    let (begun, cpu) = (Instant::now(), process.cpu());
    let sent = load.run(pace, length).await;
    let (took, used) = (begun.elapsed().as_secs_f64(), process.cpu() - cpu);
    let (delivered, p50_ms, p99_ms) = load.delivered();
    assert_eq!(delivered, sent * ROOM, "each message reached its room, once");
    eprintln!("{kind:?}, {pace:?}: {delivered} deliveries, {:.2} s of CPU", used.as_secs_f64());
    Delivered {
        cpu_us: used.as_secs_f64() * 1e6 / delivered as f64,
        per_second: delivered as f64 / took,
        p50_ms,
        p99_ms,
    }
}

/// The middle of a figure.
fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut figures: Vec<_> = rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
