//! CPU time of the server for each packet that it relays from one client to
//! another, ours against Debian's coturn.
//!
//! `cargo bench --bench relay`. Both servers run as processes of their own,
//! fresh for each run, on one core; the clients are on another. Rounds take
//! turns, and what counts is the median of the ratios within a round: other
//! load on the machine moves both. Only loopback is used.

// Printing is what a bench is for.
#![allow(clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]

mod client;
mod load;
mod server;

use std::time::Duration;

use load::Load;
use server::{Kind, Server};

fn main() {
    if server::is_child() {
        return server::serve();
    }
    // `cargo test --benches` builds and starts this, too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if !server::coturn_is_there() {
        println!("turnserver is not installed: nothing to compare with");
        return;
    }
    server::pin_to_core(std::process::id(), 1);
    let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    println!("server CPU, us per relayed packet; {rounds} rounds, medians");
    println!("{:38} {:>8} {:>8} {:>8} {:>18}", "", "coturn", "callbox", "ratio", "lost");
    for load in CASES {
        compare(load, rounds);
    }
}

fn compare(load: &Load, rounds: usize) {
    let (mut theirs, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut their_loss, mut our_loss) = (0, 0);
    for round in 0..rounds {
        // Who goes first takes turns as well.
        let order = if round % 2 == 0 {
            [Kind::Coturn, Kind::Callbox]
        } else {
            [Kind::Callbox, Kind::Coturn]
        };
        let mut costs = [0.0; 2];
        for kind in order {
            let server = Server::start(kind);
            let result = load.run(&server);
            costs[usize::from(kind == Kind::Callbox)] = result.micros_per_packet();
            match kind {
                Kind::Coturn => their_loss += result.lost,
                Kind::Callbox => our_loss += result.lost,
            }
        }
        theirs.push(costs[0]);
        ours.push(costs[1]);
        ratios.push(costs[1] / costs[0]);
    }
    println!(
        "{:38} {:8.2} {:8.2} {:8.2} {:>18}",
        load.name,
        median(theirs),
        median(ours),
        median(ratios),
        format!("{their_loss} / {our_loss}"),
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const CASES: &[Load] = &[
    Load {
        name: "100 sessions x 160 B, saturated",
        sessions: 100,
        size: 160,
        burst: 1,
        wave: 100,
        ahead: 1,
        pause: Duration::ZERO,
        indications: false,
    },
    Load {
        name: "100 sessions, bursts 8 x 1100 B",
        sessions: 100,
        size: 1100,
        burst: 8,
        wave: 10,
        ahead: 1,
        pause: Duration::ZERO,
        indications: false,
    },
    Load {
        name: "100 sessions x 160 B, indications",
        sessions: 100,
        size: 160,
        burst: 1,
        wave: 100,
        ahead: 1,
        pause: Duration::ZERO,
        indications: true,
    },
    Load {
        name: "100 sessions x 160 B, 20,000/s",
        sessions: 100,
        size: 160,
        burst: 1,
        wave: 1,
        ahead: 20,
        pause: Duration::from_micros(50),
        indications: false,
    },
];
