//! CPU time of a TURN server for each packet that it relays, ours against
//! Debian's coturn and a forwarder without TURN, or any other's on its own.
//!
//! `cargo bench --bench relay` compares; the servers run as processes of
//! their own, fresh for each run, on one core; the clients are on another.
//! Rounds take turns, and what counts is the median of the ratios within a
//! round: other load on the machine moves both. ROUNDS says how many,
//! `-- --case TEXT` which loads, COALESCE_US how long ours waits for others, WORKERS how
//! many threads it has, and CONNECT=0 that channels get no sockets of their own.
//!
//! `cargo bench --bench relay -- --server ADDR:PORT --user NAME --password PASSWORD
//! [--pid PID]` drives a server that is there already and may reach loopback;
//! with its process, its time is measured, too. Only loopback is used.

// Printing is what a bench is for.
#![allow(clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]

#[path = "../../tests/it/any_certificate.rs"]
#[allow(dead_code, reason = "made for the tests, which use all of it")]
mod any_certificate;
mod cases;
mod client;
mod floor;
mod load;
#[path = "../shared/process.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod process;
#[path = "../shared/rounds.rs"]
mod rounds;
mod server;
mod setup;

use std::collections::HashMap;

use load::{Load, Outcome, Way};
use process::Process;
use rounds::{in_turns, median};
use server::{Kind, Server};

fn main() {
    if let Some(mode) = server::child_mode() {
        return server::serve(&mode);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` builds and starts this, too.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let mut options: HashMap<&str, &str> = HashMap::new();
    for pair in arguments.windows(2).filter(|pair| pair[0].starts_with("--")) {
        options.insert(&pair[0], &pair[1]);
    }
    let wanted = options.get("--case").copied().unwrap_or("");
    let cases: Vec<_> =
        cases::cases().into_iter().filter(|load| load.name.contains(wanted)).collect();
    match options.get("--server") {
        Some(address) => drive(address, &options, &cases),
        None => compare_all(&cases, wanted),
    }
}

/// Drives a server that is there already.
fn drive(address: &str, options: &HashMap<&str, &str>, cases: &[Load]) {
    let text = |name| (*options.get(name).unwrap_or(&"")).to_owned();
    let process = options.get("--pid").map(|pid| pid.parse().expect("a number"));
    let address = address.parse().expect("an address and a port");
    let server = Server::given(address, (text("--user"), text("--password")), process);
    println!("{:42} {:>10} {:>8} {:>8}  lost damaged astray", "", "packets/s", "us each", "delay");
    for load in cases.iter().filter(|load| !load.tls) {
        let outcome = load.run(&server);
        let rate = outcome.delivered as f64 / outcome.time.as_secs_f64();
        let each = outcome.micros_per_packet().map_or("-".to_owned(), |us| format!("{us:.2}"));
        println!(
            "{:42} {rate:10.0} {each:>8} {:>8}  {} {} {}",
            load.name,
            format!("{} us", outcome.delay.as_micros()),
            outcome.lost,
            outcome.damaged,
            outcome.astray,
        );
    }
}

fn compare_all(cases: &[Load], wanted: &str) {
    if !server::coturn_is_there() {
        println!("turnserver is not installed: nothing to compare with");
        return;
    }
    Process(std::process::id()).pin_to_core(1);
    let rounds = rounds::count();
    println!("server CPU, us per relayed packet; {rounds} rounds, medians");
    println!(
        "{:42} {:>8} {:>8} {:>8} {:>6} {:>6} {:>14}  wrong",
        "", "floor", "coturn", "callbox", "ratio", "goal", "delay, us"
    );
    for load in cases {
        compare(load, rounds);
    }
    if "set-up".contains(wanted) {
        compare_setup(rounds);
    }
}

fn compare(load: &Load, rounds: usize) {
    let ours = if load.way == Way::Across { Kind::Closed } else { Kind::Open };
    let kinds = [Kind::Coturn, ours, Kind::Floor];
    let kinds = if load.is_plain() { &kinds } else { &kinds[..2] };
    let outcomes = in_turns(rounds, kinds, |kind| load.run(&Server::start(kind)));
    let cost = |outcome: &Outcome| outcome.micros_per_packet().unwrap_or(f64::NAN);
    let of = |which: usize, what: &dyn Fn(&Outcome) -> f64| {
        median(outcomes.iter().filter_map(|round| round.get(which)).map(what).collect())
    };
    let ratio = median(outcomes.iter().map(|round| cost(&round[1]) / cost(&round[0])).collect());
    let delay = |outcome: &Outcome| outcome.delay.as_secs_f64() * 1e6;
    let wrong = |which: usize| {
        let sum = |what: fn(&Outcome) -> u64| -> u64 {
            outcomes.iter().map(|round| what(&round[which])).sum()
        };
        let (lost, damaged) = (sum(|outcome| outcome.lost), sum(|outcome| outcome.damaged));
        format!("{lost}+{damaged}+{}", sum(|outcome| outcome.astray))
    };
    println!(
        "{:42} {:8.2} {:8.2} {:8.2} {ratio:6.2} {:6.2} {:>14}  {} / {}",
        load.name,
        of(2, &cost),
        of(0, &cost),
        of(1, &cost),
        load.most,
        format!("{:.0} / {:.0}", of(0, &delay), of(1, &delay)),
        wrong(0),
        wrong(1),
    );
}

fn compare_setup(rounds: usize) {
    let kinds = [Kind::Coturn, Kind::Open];
    let costs = in_turns(rounds, &kinds, |kind| setup::run(&Server::start(kind), ALLOCATIONS));
    let costs: Vec<Vec<_>> =
        costs.into_iter().map(|round| round.into_iter().flatten().collect()).collect();
    let micros = |cost: &setup::Cost| cost.cpu.as_secs_f64() * 1e6;
    let ratio = median(costs.iter().map(|round| micros(&round[1]) / micros(&round[0])).collect());
    let of = |which: usize| median(costs.iter().map(|pair| micros(&pair[which])).collect());
    let bytes = |which: usize| median(costs.iter().map(|pair| pair[which].bytes as f64).collect());
    println!(
        "{:42} {:>8} {:8.2} {:8.2} {ratio:6.2} {:6.2}",
        "set-up of an allocation",
        "",
        of(0),
        of(1),
        0.40
    );
    println!("{:42} {:>8} {:8.0} {:8.0}", "bytes of memory that it keeps", "", bytes(0), bytes(1));
}

/// Set up in one measurement: a multiple of those at once.
const ALLOCATIONS: u32 = 1008;
