//! The front door against nginx: how soon it is ready, what it holds when idle, what a TLS handshake and an open
//! connection cost, and whether a restart loses requests.
//!
//! `cargo bench --bench door` (needs nginx and taskset). Both have the same certificate (ECDSA P-256), speak to the same
//! client (rustls) and are processes of their own on one core, with one worker; the client is on the other core. Rounds
//! alternate; what counts are the medians, and of ratios the median of those within a round. ROUNDS says how many
//! there are, five by itself; `-- start idle restarts signed-in connections handshakes` picks some of the parts.
//! Only loopback is used.

// Printing is what a bench is for.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

#[path = "../../tests/it/any_certificate.rs"]
mod any_certificate;
mod client;
mod connections;
mod doors;
#[path = "../../tests/it/e2ee_client/mod.rs"]
mod e2ee_client;
mod handshakes;
mod idle;
// Signed-in connections are those of the bench of the hub.
#[path = "../hub/load.rs"]
#[allow(dead_code, reason = "only its connections are used here")]
mod load;
#[path = "../shared/process.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod process;
mod restarts;
#[path = "../shared/rounds.rs"]
mod rounds;
#[path = "../hub/servers.rs"]
#[allow(dead_code, reason = "only its own server is used here")]
mod servers;
mod start;

use doors::{House, Kind};
use process::Process;

/// Of the bench of the hub.
const CONNECTIONS: usize = 1_000;
const ROOM: usize = 50;
const BODY_BYTES: usize = 100;

/// Measures both in so many rounds and prints a table.
type Compare = fn(&House, usize);

/// The last two keep to a core of their own, and stay there.
const PARTS: [(&str, Compare); 6] = [
    ("start", start::compare),
    ("idle", idle::compare),
    ("restarts", restarts::compare),
    ("signed-in", connections::signed_in),
    ("connections", connections::compare),
    ("handshakes", handshakes::compare),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` builds and starts this, too.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    if !doors::nginx_is_there() {
        println!("nginx is not installed: nothing to compare with");
        return;
    }
    let wanted = |part: &str| arguments.iter().any(|argument| argument == part);
    let all = !PARTS.iter().any(|(part, _)| wanted(part));
    let house = House::build();
    let rounds = rounds::count();
    println!("Callbox and {}, {rounds} rounds, medians", doors::nginx_version());
    for (_, compare) in PARTS.iter().filter(|(part, _)| all || wanted(part)) {
        println!();
        compare(&house, rounds);
    }
}

/// Leaves the other core to the server; what is started from now on stays here as well, unless it is told not to.
fn pin() {
    Process(std::process::id()).pin_to_core(1);
}

/// The median of a figure, of each kind.
fn medians<T>(results: &[Vec<T>], figure: impl Fn(&T) -> f64) -> [f64; 2] {
    [0, 1].map(|kind| rounds::median(results.iter().map(|round| figure(&round[kind])).collect()))
}

/// The median of a figure's ratio within a round, ours to theirs.
fn ratio<T>(results: &[Vec<T>], figure: impl Fn(&T) -> f64) -> f64 {
    rounds::median(results.iter().map(|round| figure(&round[0]) / figure(&round[1])).collect())
}

/// Ours comes first.
const KINDS: [Kind; 2] = [Kind::Callbox, Kind::Nginx];
