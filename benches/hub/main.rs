//! What a delivery costs, and what an idle connection holds: this program
//! against a Socket.IO server, both over TLS.
//!
//! `cargo bench --bench hub` (needs node and npm). 1,000 connections in rooms
//! of 50; messages of 100 bytes come at a steady rate, each is delivered to
//! the 50 of its room. Ours is stored durably before it is confirmed, the
//! other side's is not stored at all. The load comes from this process, the
//! servers are processes of their own: CPU time and memory are read from
//! /proc. Rounds alternate; believe the ratios more than the figures.
//! `CALLBOX_BENCH_SECONDS` is the length of a round, `CALLBOX_BENCH_RATE` the
//! messages in a second.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

#[path = "../../tests/it/e2ee_client/mod.rs"]
mod e2ee_client;
mod load;
mod process;
mod servers;

use std::time::Duration;

use self::load::Load;
use self::servers::Kind;

const CONNECTIONS: usize = 1_000;
const ROOM: usize = 50;
const ROUNDS: usize = 3;
const BODY_BYTES: usize = 100;

/// What a round measured.
#[derive(Clone, Copy)]
struct Round {
    cpu_us: f64,
    idle_kb: f64,
    connect_us: f64,
    p50_ms: f64,
    p99_ms: f64,
}

fn main() {
    let setting = |name| std::env::var(name).ok().and_then(|value| value.parse::<f64>().ok());
    let length = Duration::from_secs_f64(setting("CALLBOX_BENCH_SECONDS").unwrap_or(8.0));
    let rate = setting("CALLBOX_BENCH_RATE").unwrap_or(200.0);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!(
        "{CONNECTIONS} connections over TLS, rooms of {ROOM}, {BODY_BYTES}-byte messages, \
         {rate} a second, median of {ROUNDS} rounds"
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(runtime.block_on(round(Kind::Callbox, rate, length)));
        theirs.push(runtime.block_on(round(Kind::SocketIo, rate, length)));
    }
    println!(
        "| server | CPU µs/delivery | KB/idle connection | CPU µs/connect | p50 ms | p99 ms |"
    );
    println!("|---|---|---|---|---|---|");
    let (ours, theirs) = (median(&ours), median(&theirs));
    for (name, round) in [("Callbox, durable", ours), ("Socket.IO, not stored", theirs)] {
        println!(
            "| {name} | {:.1} | {:.1} | {:.0} | {:.1} | {:.1} |",
            round.cpu_us, round.idle_kb, round.connect_us, round.p50_ms, round.p99_ms
        );
    }
    println!(
        "\nCPU per delivery, ours over theirs: {:.2} (aim: at most 0.50)",
        ours.cpu_us / theirs.cpu_us
    );
    println!("memory of an idle connection: {:.1} KB (aim: at most 30)", ours.idle_kb);
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
    load.run(rate, Duration::from_secs(1)).await;
    load.forget();
    let cpu = process.cpu();
    let sent = load.run(rate, length).await;
    let used = process.cpu() - cpu;
    let (delivered, p50_ms, p99_ms) = load.delivered();
    assert_eq!(delivered, sent * ROOM, "each message reached its room, once");
    eprintln!("{kind:?}: {delivered} deliveries, {:.2} s of CPU", used.as_secs_f64());
    let connect_us = connect.as_secs_f64() * 1e6 / (CONNECTIONS - 1) as f64;
    Round {
        cpu_us: used.as_secs_f64() * 1e6 / delivered as f64,
        idle_kb,
        connect_us,
        p50_ms,
        p99_ms,
    }
}

/// The middle of each figure.
fn median(rounds: &[Round]) -> Round {
    let middle = |figure: fn(&Round) -> f64| {
        let mut figures: Vec<_> = rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Round {
        cpu_us: middle(|round| round.cpu_us),
        idle_kb: middle(|round| round.idle_kb),
        connect_us: middle(|round| round.connect_us),
        p50_ms: middle(|round| round.p50_ms),
        p99_ms: middle(|round| round.p99_ms),
    }
}
